"""Many people and the worker move the same signals at once: nobody waits for ever, and the log tells where all stand.

Runs on PostgreSQL alone: SQLite lets one write at a time, so there is nothing to race.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.stories.membership_log import replayed
from tocsin.analysis.text import Text, read
from tocsin.people.models import Person
from tocsin.signals.models import Signal
from tocsin.situations import actions, membership
from tocsin.situations import work as grouping
from tocsin.situations.models import MembershipEvent, Situation
from tocsin.situations.standing import refresh
from tocsin.streams import work as collecting
from tocsin.streams.models import Item, Source

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SITUATIONS, SIGNALS, PEOPLE, MOVES = 5, 6, 7, 25
NOW = timezone.now()
WORDS = ("dam", "court", "ministry", "border", "harvest", "bridge", "forest", "school")


def _signal(source: Source, number: int) -> Signal:
    title = f"Editor arrested over the {WORDS[number % len(WORDS)]}"
    item = Item.objects.create(
        source=source, key=f"{number}", digest=f"{number}", title=title, text=f"{title}, her lawyer said.",
        published_at=NOW, fetched_at=NOW, expires_at=NOW + timedelta(days=400),
    )  # fmt: skip
    return Signal.objects.create(
        item=item, at=NOW, title=title, origin="Daily", country="TR", harm="arrest", rule="text-reading/1",
        terms=[[WORDS[number % len(WORDS)], 2.0], ["editor", 1.0]],
    )  # fmt: skip


@pytest.fixture
def source() -> Source:
    """A source, and situations made of its signals."""
    read(Text(title="", body=""))
    source = Source.objects.create(
        name="Daily", kind="feeds", url="https://daily.example/", reliability="B", expected_every=timedelta(hours=1),
        next_fetch_at=NOW,
    )  # fmt: skip
    for number in range(SITUATIONS):
        signals = [_signal(source, number * SIGNALS + one) for one in range(SIGNALS)]
        row = membership.begin(signals[0])
        membership.join([membership.Joining(one.pk, row, "a test") for one in signals], "test/1")
        refresh(row)
    return source


class Hands:
    """Moves of one person, chosen at random; what is refused is refused in words."""

    def __init__(self, person: Person, seed: int) -> None:
        self.person, self._chance = person, random.Random(seed)
        self.did: Counter[str] = Counter()

    def move(self) -> None:
        verbs: dict[str, Callable[[], object]] = {
            "merge": lambda: actions.merge(self.person, self._situation(), self._situation()),
            "split": lambda: actions.split(self.person, row := self._situation(), self._some_of(row)),
            "take out": lambda: actions.take_out(self.person, row := self._situation(), self._some_of(row)[0]),
            "put in": lambda: actions.put_in(self.person, self._situation(), self._signal()),
            "undo": lambda: actions.undo(self.person, self._line()),
            "undo again": lambda: actions.undo(self.person, self._line()),
            "close": lambda: actions.close(self.person, self._situation(), self._chance.random() < 0.5),
        }
        verb = self._chance.choice(list(verbs))
        try:
            verbs[verb]()
        except actions.RefusedError:
            self.did["refused"] += 1
        else:
            self.did[verb] += 1

    def _situation(self) -> Situation:
        standing = Situation.objects.exclude(state=Situation.State.MERGED).order_by("-signals", "pk")[:SITUATIONS]
        return self._chance.choice(list(standing))

    def _signal(self) -> Signal:
        return self._chance.choice(list(Signal.objects.order_by("pk")))

    def _some_of(self, row: Situation) -> list[int]:
        mine = list(row.members.order_by("pk").values_list("signal", flat=True))
        return self._chance.sample(mine, min(2, len(mine))) or [0]

    def _line(self) -> MembershipEvent:
        return self._chance.choice(list(MembershipEvent.objects.order_by("-pk")[:30]))


def test_everybody_moves_the_same_signals_and_the_log_tells_where_they_stand(source: Source, alice: Person) -> None:
    assert connection.vendor == "postgresql"
    start = threading.Barrier(PEOPLE + 1)
    faults: list[BaseException] = []
    hands = [Hands(alice, seed) for seed in range(PEOPLE)]

    def run(act: Callable[[int], object]) -> None:
        try:
            start.wait()
            for turn in range(MOVES):
                act(turn)
        except BaseException as fault:  # a deadlock, or a row that says something else
            faults.append(fault)
        finally:
            connection.close()

    def work(turn: int) -> None:
        _signal(source, 1000 + turn)
        Item.objects.filter(pk=Item.objects.order_by("pk").values("pk")[:1]).update(expires_at=NOW)
        collecting.expire()
        grouping.group()
        grouping.forget()
        grouping.sweep()

    acts: list[Callable[[int], object]] = [lambda _, one=one: one.move() for one in hands]  # type: ignore[misc]
    threads = [threading.Thread(target=run, args=(act,)) for act in [work, *acts]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    while collecting.expire() or grouping.sweep():
        pass
    did = sum((one.did for one in hands), Counter[str]())
    assert {"merge", "split", "take out", "put in", "undo"} <= did.keys(), did
    assert replayed().keys() == set(Signal.objects.values_list("pk", flat=True))
    assert Signal.objects.count() == Item.objects.count() == SITUATIONS * SIGNALS
