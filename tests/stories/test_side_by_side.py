"""Several workers that each believe to hold every lease, while items expire and sources change under their hands."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F

from tests.stories.deaths import lives, side_by_side, time_passes
from tests.stories.every_write import NOW, TODAY, until_idle
from tests.stories.membership_log import replayed
from tocsin.analysis.text import Text, read
from tocsin.lib.claims import in_order
from tocsin.signals import measuring
from tocsin.signals import work as reading
from tocsin.signals.models import CellState, Signal
from tocsin.situations import work as grouping
from tocsin.streams import lake, storing
from tocsin.streams import work as collecting
from tocsin.streams.models import Item, Observation, ReadersChange, Source
from tocsin.streams.sources.base import NewItem

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROUNDS = 16
PLACES, EVENTS = ("Turkey", "Peru", "Kenya", "Nepal"), ("was arrested by police", "was beaten by officers", "fled")


# With small batches, so that the others come in between.
STEPS: tuple[Callable[[], object], ...] = (
    lambda: reading.read_items(3),
    reading.follow_readers,
    lake.step,
    measuring.step,
    grouping.follow_changes,
    lambda: grouping.group(3),
    collecting.expire,
)


def work() -> None:
    """A worker that does each of its steps again and again, and may fail at none."""
    for _ in range(ROUNDS):
        for step in STEPS:
            step()


def disturb(seed: int) -> Callable[[], None]:
    """Texts and measurements come, texts expire, sources are restricted and opened, leases lapse."""
    chance = random.Random(seed)

    def acts() -> None:
        sources = list(Source.objects.order_by("pk"))
        for number in range(ROUNDS * 3):
            one = chance.choice(sources)
            _print(one, f"{seed}.{number}", chance)
            if number % 3 == 0:
                Item.objects.filter(pk__in=_some(chance)).update(expires_at=TODAY)
            if number % 4 == 0:
                _restrict(one, chance.choice([0, 1]))
            if number % 5 == 0:
                _measure(sources[0], number)
            time_passes()

    return acts


def _print(source: Source, key: str, chance: random.Random) -> None:
    place, event = chance.choice(PLACES), chance.choice(EVENTS)
    text = f"A volunteer editor of Wikipedia in {place} {event} on Monday, her lawyer said."
    source.refresh_from_db()
    new = NewItem(key=key, title=" ".join(text.split()[:8]), text=text, stated=NOW, url="")
    storing.add_items(source, [storing.item_row(source, new, NOW)])


def _some(chance: random.Random) -> list[int]:
    known = list(Item.objects.values_list("pk", flat=True))
    return chance.sample(known, min(2, len(known)))


def _restrict(source: Source, readers: int) -> None:
    """As a lead does it."""
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(readers=readers)
        Item.objects.filter(source=source).update(readers=readers)
        in_order("streams.readers")
        ReadersChange.objects.create(source=source)


def _measure(source: Source, number: int) -> None:
    epoch = int(TODAY.timestamp()) - 86_400 * (30 - number % 30)
    rows = [
        Observation(
            source=source, stream="blocking", kind="ooni.web", country="XS", subject="wiki.example",
            network=f"AS{network}", epoch=epoch, step=86_400, n=30, k=1 if number < 60 else 29, evidence="scored",
            day=TODAY.fromtimestamp(epoch, TODAY.tzinfo).date(), fetched=epoch + 90_000 + number, landing=number,
        )
        for network in range(3)
    ]  # fmt: skip
    storing.land(rows)


def swept() -> bool:
    """Look again at once, not when the next look is due: an item may have expired since the last one."""
    grouping.forget()
    return grouping.sweep()


def test_workers_that_overtake_each_other_lose_nothing_and_fail_at_nothing() -> None:
    read(Text(title="Wikipedia editor arrested in Turkey", body="Police in Ankara arrested an editor."))
    for name in ("Daily", "Herald", "Gazette"):
        Source.objects.create(
            name=name, kind="feeds", url=f"https://{name.lower()}.example/", reliability="B",
            expected_every=timedelta(hours=1), next_fetch_at=TODAY,
        )  # fmt: skip
    side_by_side(work, work, disturb(1), disturb(2))
    time_passes()
    lives(
        lambda: until_idle(reading.step, lake.step, grouping.follow_changes, grouping.group, collecting.expire, swept)
    )
    assert Item.objects.count() == Signal.objects.filter(item__isnull=False).count() > 20
    assert not Signal.objects.exclude(item=None).exclude(readers=F("item__readers")).exists()
    assert not Observation.objects.exists()
    assert CellState.objects.values("network").distinct().count() == CellState.objects.count() == 4
    assert replayed().keys() == set(Signal.objects.values_list("pk", flat=True))
