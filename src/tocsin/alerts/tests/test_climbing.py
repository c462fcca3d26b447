"""An alert climbs until somebody answers, whatever the clock does meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.alerts import actions, clock, escalating
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import Alert, Escalation, Knower, Lane, Notice, Page, Policy, Severity, Target
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import Drums
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db


def raise_alert(lane: Lane = Lane.WAKE, dedupe: str = "x", severity: Severity = Severity.SEVERE) -> Alert:
    return accept(New(kind="source", severity=severity, lane=lane, dedupe=dedupe, named=lane == Lane.LIFE)).alert


def _alerts_heard(drums: Drums, person: Person) -> int:
    return (
        Notice.objects.filter(person=person, purpose=Notice.Purpose.ALERT, pages__attempts_made__gt=0)
        .distinct()
        .count()
    )


def test_the_first_rung_is_called_at_once_and_the_second_when_nobody_answers(
    policy: Policy, works: Callable[[], None], drums: Drums, alice: Person, bob: Person, time: Time
) -> None:
    raise_alert()
    works()
    assert (_alerts_heard(drums, bob), _alerts_heard(drums, alice)) == (1, 0)
    time.passes(minutes=5, seconds=1)
    works()
    assert (_alerts_heard(drums, bob), _alerts_heard(drums, alice)) == (1, 1)


def test_after_the_last_rung_it_begins_again_until_somebody_answers(
    policy: Policy, works: Callable[[], None], drums: Drums, bob: Person, time: Time
) -> None:
    alert = raise_alert()
    for _ in range(40):
        works()
        time.passes(minutes=31)
    heard = _alerts_heard(drums, bob)
    assert heard >= 19
    actions.acknowledge(alert, bob, "console", confirmed=True)
    works()
    time.passes(minutes=31)
    works()
    assert _alerts_heard(drums, bob) == heard


def test_the_wider_circle_is_called_after_the_policys_rounds(
    policy: Policy, works: Callable[[], None], drums: Drums, vera: Person, time: Time
) -> None:
    Target.objects.create(policy=policy, kind=Target.Kind.ROLE, role=int(Role.APPROVER))
    raise_alert()
    for _ in range(4):
        works()
        assert _alerts_heard(drums, vera) == 0
        time.passes(minutes=6)
    works()
    time.passes(minutes=11)
    works()
    assert _alerts_heard(drums, vera) == 1, "by the address of the account, having no other"


def test_about_a_life_the_wider_circle_comes_after_the_first_round(
    policy: Policy, works: Callable[[], None], drums: Drums, vera: Person, time: Time
) -> None:
    Target.objects.create(policy=policy, kind=Target.Kind.ROLE, role=int(Role.APPROVER))
    alert = raise_alert(Lane.LIFE)
    for _ in range(4):
        works()
        time.passes(minutes=5, seconds=1)
    assert _alerts_heard(drums, vera) == 1
    assert Knower.objects.filter(alert=alert, person=vera).exists()


def test_a_rung_without_anybody_costs_no_time(
    policy: Policy, works: Callable[[], None], drums: Drums, alice: Person, bob: Person
) -> None:
    bob.is_active = False
    bob.save()
    raise_alert()
    works()
    assert _alerts_heard(drums, alice) == 1


def test_when_nobody_is_named_whoever_leads_is_called(
    policy: Policy, works: Callable[[], None], drums: Drums, alice: Person
) -> None:
    Target.objects.filter(policy=policy).delete()
    alert = raise_alert()
    works()
    assert _alerts_heard(drums, alice) == 1
    assert alert.events.filter(verb="nobody").exists()


def test_when_nobody_can_be_reached_it_waits_and_calls_whoever_sets_an_address_up(
    policy: Policy, works: Callable[[], None], alice: Person, time: Time
) -> None:
    from tocsin.alerts.models import Address

    without = Drums("signal")
    Address.objects.all().update(ended_at=clock.now())
    raise_alert()
    escalating.climb()
    assert not Page.objects.exists()
    Address.objects.filter(person=alice, channel="signal").update(ended_at=None)
    time.passes(minutes=1, seconds=1)
    escalating.climb()
    assert Page.objects.filter(notice__person=alice, channel="signal").exists()
    assert without.of


def test_a_machine_that_slept_six_hours_catches_up_once(
    policy: Policy, works: Callable[[], None], drums: Drums, alice: Person, bob: Person, time: Time
) -> None:
    for number in range(3):
        raise_alert(dedupe=f"x:{number}", lane=Lane.LIFE)
    works()
    time.passes(hours=6)
    works()
    counts = drums.counts()
    assert set(counts.values()) == {1}
    assert _alerts_heard(drums, alice) == 3, "the second rung was overdue: once for each alert"
    works()
    assert drums.counts() == counts


def test_a_clock_set_back_makes_nobody_wait(
    policy: Policy, works: Callable[[], None], drums: Drums, alice: Person, time: Time
) -> None:
    clock.watch()
    raise_alert()
    works()
    clock.watch()
    time.passes(hours=-3)
    assert clock.watch() > timedelta(hours=2, minutes=59)
    assert clock.watch() == timedelta(0)
    time.passes(minutes=5, seconds=2)
    works()
    assert _alerts_heard(drums, alice) == 1


def test_by_day_means_that_nobody_is_woken(
    policy: Policy, works: Callable[[], None], drums: Drums, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    bob.time_zone = "UTC"
    bob.save()
    alert = raise_alert(Lane.QUIET)
    works()
    assert not drums.counts()
    assert Escalation.objects.get(alert=alert).due_at == datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 10, 8, 0, tzinfo=UTC))
    works()
    assert _alerts_heard(drums, bob) == 1


def test_what_was_put_off_comes_back_by_itself(
    policy: Policy, works: Callable[[], None], drums: Drums, bob: Person, time: Time
) -> None:
    alert = raise_alert()
    works()
    actions.snooze(alert, bob, clock.now() + timedelta(hours=2), "waiting for the court")
    works()
    before = _alerts_heard(drums, bob)
    time.passes(hours=2, seconds=1)
    works()
    alert.refresh_from_db()
    assert alert.state == Alert.State.OPEN
    assert _alerts_heard(drums, bob) == before + 1


def test_an_answer_without_an_outcome_comes_back_to_whoever_has_it_and_then_to_all(
    policy: Policy, works: Callable[[], None], drums: Drums, alice: Person, bob: Person, time: Time
) -> None:
    alert = raise_alert()
    works()
    actions.acknowledge(alert, bob, "console", confirmed=True)
    for asked in (2, 3):
        time.passes(minutes=policy.remind_minutes, seconds=1)
        works()
        assert (_alerts_heard(drums, bob), _alerts_heard(drums, alice)) == (asked, 0)
    time.passes(minutes=policy.remind_minutes, seconds=1)
    works()
    alert.refresh_from_db()
    assert alert.state == Alert.State.OPEN
    time.passes(minutes=6)
    works()
    assert _alerts_heard(drums, alice) == 1
