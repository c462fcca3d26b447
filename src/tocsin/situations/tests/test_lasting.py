"""A block that lasts and lets up now and then, read a few times a day: one finding, one situation, one call."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tocsin.alerts.models import Alert
from tocsin.people.models import Person
from tocsin.signals import measuring
from tocsin.signals.models import Finding, Signal
from tocsin.situations import actions, paging
from tocsin.situations.models import Situation
from tocsin.situations.tests.arriving import NOW, arrive, run
from tocsin.situations.tests.test_rivals import BAN
from tocsin.streams import lake
from tocsin.streams.models import Observation, Source

QUIET, CUT, EASED, DAYS = 30, 10, 20, 75


def day(number: int) -> datetime:
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=number - DAYS)


def land(source: Source, days: Iterable[int], share: float) -> None:
    """One to three readings a day on each of two networks; where half fail, every second day all do."""
    for number in days:
        for place, network in enumerate(("AS64500", "AS64501")):
            n = 1 + (number + place) % 3
            failed = n if share == 1 or (share and (number + place) % 2) else 0
            epoch = int(day(number).timestamp())
            Observation.objects.create(
                source=source, stream="blocking", kind="ooni.web", country="TR", subject="en.wikipedia.org",
                network=network, epoch=epoch, step=86_400, n=n, k=failed, evidence="scored",
                fetched=epoch + 90_000, day=day(number).date(),
            )  # fmt: skip
    while lake.step():
        pass
    while measuring.step():
        pass
    run()


@pytest.mark.django_db
def test_a_block_that_lasts_calls_once_and_its_end_leaves_the_alert_to_a_person(
    source: Callable[..., Source], alice: Person, settings: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings.LAKE = tmp_path / "lake"  # type: ignore[attr-defined]
    probes = source("OONI", kind="ooni")
    land(probes, range(QUIET), 0)
    assert not Finding.objects.exists()
    arrive(source("Daily", reliability="A"), *BAN, hours=int((day(QUIET + 2) - NOW) / timedelta(hours=1)))
    land(probes, range(QUIET, QUIET + CUT), 1)
    pooled = Finding.objects.get(network="")
    home = Situation.objects.get(members__signal=Signal.objects.get(finding=pooled))
    judged = actions.Judgement(0.8, 4, "high", "Readers there say so, too.", "-", day(DAYS + 30).date())
    actions.assess(alice, home, judged)
    assert paging.step()
    called = Alert.objects.get()
    assert called.reference == f"situation:{home.public_id}"
    known = set(Situation.objects.values_list("pk", flat=True))

    eased = QUIET + CUT
    for since in range(eased, eased + EASED, 5):
        land(probes, range(since, since + 5), 0.5)
        assert not paging.step()
    assert Finding.objects.get(network="").opened_at == pooled.opened_at
    assert Finding.objects.get(network="").closed_at is None
    assert set(Situation.objects.values_list("pk", flat=True)) == known
    assert Situation.objects.get(members__signal=Signal.objects.get(finding=pooled)) == home
    home.refresh_from_db()
    assert home.state == Situation.State.OPEN

    land(probes, range(eased + EASED, DAYS), 0)
    assert Finding.objects.get(network="").closed_at is not None
    assert not paging.step()
    assert list(Alert.objects.values_list("pk", "resolved_at")) == [(called.pk, None)]
