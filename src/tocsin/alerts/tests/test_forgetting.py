"""What nobody needs any more is forgotten; nothing of an alert that is not resolved, and how many were called stays."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tocsin.alerts import actions, clock, work
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import (
    Address,
    Alert,
    Attempt,
    Event,
    Heard,
    Lane,
    Notice,
    NoticeAlert,
    Page,
    Policy,
    Severity,
)
from tocsin.alerts.tests.conftest import Time
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Callable[[], None]:
    def until_done() -> None:
        for _ in range(100):
            if not work.step():
                return
        raise AssertionError("it finds no end")

    return until_done


def alert(dedupe: str, lane: Lane = Lane.WAKE) -> Alert:
    return accept(New(kind="source", severity=Severity.SEVERE, lane=lane, dedupe=dedupe)).alert


def test_calls_of_an_alert_that_was_resolved_long_ago_go_and_their_count_stays(
    policy: Policy, works: Callable[[], None], bob: Person, time: Time, run: Callable[[], None]
) -> None:
    old, still = alert("old", Lane.LIFE), alert("still", Lane.LIFE)
    works()
    actions.resolve(old, bob, Alert.Outcome.TRUE)
    works()
    run()
    pages = Page.objects.filter(notice__alerts__alert=old).count()
    assert pages == 2
    time.passes(days=401)
    run()
    assert not NoticeAlert.objects.filter(alert=old).exists()
    assert Event.objects.get(alert=old, verb="forgotten").facts == {"pages": 2, "people": 1, "attempts": 1}
    assert NoticeAlert.objects.filter(alert=still).count() == 1
    assert Attempt.objects.filter(page__notice__alerts__alert=still).count() == 1
    old.refresh_from_db()
    assert old.outcome == Alert.Outcome.TRUE
    run()
    assert Event.objects.filter(verb="forgotten").count() == 1


def test_what_was_also_about_an_alert_that_still_stands_is_kept(
    policy: Policy, works: Callable[[], None], bob: Person, time: Time, run: Callable[[], None]
) -> None:
    old, still = alert("a"), alert("b")
    third = alert("c")
    works()
    time.passes(seconds=31)
    works()
    shared = NoticeAlert.objects.filter(alert=third).values("notice")
    assert NoticeAlert.objects.filter(notice__in=shared).count() > 1, "the storm was bundled"
    for one in (old, third):
        actions.resolve(one, bob, Alert.Outcome.TRUE)
    time.passes(days=401)
    run()
    assert Notice.objects.filter(alerts__alert=still).exists()
    assert not NoticeAlert.objects.filter(alert=old).exists()


def test_messages_heard_unproved_addresses_and_heartbeats_go_after_their_time(
    bob: Person, time: Time, run: Callable[[], None]
) -> None:
    now = clock.now()
    Heard.objects.create(channel="sms", external_id="1", at=now)
    Address.objects.create(person=bob, channel="sms", value="+1", made_at=now)
    Address.objects.create(person=bob, channel="sms", value="+2", made_at=now, verified_at=now)
    Notice.objects.create(purpose=Notice.Purpose.PULSE, lane=Lane.WAKE, made_at=now, leaves_at=now)
    time.passes(days=6)
    run()
    assert (Heard.objects.count(), Address.objects.count(), Notice.objects.count()) == (1, 2, 1)
    time.passes(days=9)
    run()
    assert [one.value for one in Address.objects.all()] == ["+2"]
    assert not Notice.objects.exists()
    time.passes(days=16)
    run()
    assert not Heard.objects.exists()


def test_it_looks_once_an_hour(bob: Person, time: Time, run: Callable[[], None]) -> None:
    run()
    Heard.objects.create(channel="sms", external_id="1", at=clock.now() - timedelta(days=31))
    run()
    assert Heard.objects.exists()
    time.passes(hours=1)
    run()
    assert not Heard.objects.exists()
