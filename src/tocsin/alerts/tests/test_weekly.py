"""The weekly drill: begun once, at its hour, ended by the first answer, an incident when it reached nobody."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.alerts import actions, clock, drills, weekly
from tocsin.alerts.models import Alert, Escalation, Event, Lane, NoticeAlert, Policy, Severity
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import Drums
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Europe/Zurich")
# A Monday in winter, and the one after the clocks were put forward there.
MONDAY = datetime(2026, 3, 2, 10, tzinfo=ZONE)


@pytest.fixture
def drilled(policy: Policy) -> Policy:
    """A drill every Monday at ten, where the policy is."""
    Policy.objects.filter(pk=policy.pk).update(drill_weekday=0, drill_hour=10, time_zone="Europe/Zurich")
    policy.refresh_from_db()
    return policy


def at(moment: datetime, time: Time) -> None:
    time.ahead += moment - clock.now()


def step_at(moment: datetime, time: Time) -> int:
    """Let the pager look at that moment; gives how many drills there were by then."""
    at(moment, time)
    weekly.step()
    return Alert.objects.filter(drill=True).count()


def test_it_begins_once_a_week_however_often_and_by_whomever_is_looked(drilled: Policy, time: Time) -> None:
    assert step_at(MONDAY - timedelta(minutes=1), time) == 0
    assert step_at(MONDAY, time) == 1
    for minutes in (0, 1, 119, 24 * 60 + 1, 6 * 24 * 60):
        assert step_at(MONDAY + timedelta(minutes=minutes), time) == 1
    assert step_at(MONDAY + timedelta(weeks=1, minutes=3), time) == 2
    drill = Alert.objects.order_by("pk")[0]
    assert (drill.dedupe, drill.lane, drill.rule) == (f"drill:{drilled.public_id}:2026-W10", Lane.WAKE, None)


def test_one_that_was_resolved_is_not_begun_again_in_its_week(drilled: Policy, time: Time, bob: Person) -> None:
    step_at(MONDAY, time)
    actions.resolve(Alert.objects.get(), bob, Alert.Outcome.DRILL)
    assert step_at(MONDAY + timedelta(minutes=5), time) == 1


def test_it_keeps_its_local_hour_when_clocks_are_put_forward(drilled: Policy, time: Time) -> None:
    after = datetime(2026, 3, 30, 10, tzinfo=ZONE)
    assert after.astimezone(UTC).hour == MONDAY.astimezone(UTC).hour - 1
    assert step_at(after - timedelta(minutes=1), time) == 0
    assert step_at(after, time) == 1


def test_one_that_was_slept_over_is_made_up_for_at_the_same_hour_and_never_at_night(
    drilled: Policy, time: Time
) -> None:
    assert step_at(MONDAY, time) == 1
    awake = MONDAY + timedelta(weeks=1, hours=6)  # from before ten until four in the afternoon it was asleep
    assert step_at(awake, time) == 1
    assert step_at(awake + timedelta(hours=11), time) == 1
    assert step_at(MONDAY + timedelta(weeks=1, days=1), time) == 2
    assert step_at(MONDAY + timedelta(weeks=1, days=2), time) == 2
    assert step_at(MONDAY + timedelta(weeks=2), time) == 3


def test_a_policy_that_never_had_one_waits_for_its_day(drilled: Policy, time: Time) -> None:
    assert step_at(MONDAY + timedelta(days=1), time) == 0
    assert step_at(MONDAY + timedelta(weeks=1), time) == 1


def test_a_policy_without_a_day_or_one_that_ended_has_none(policy: Policy, time: Time) -> None:
    assert step_at(MONDAY, time) == 0
    Policy.objects.filter(pk=policy.pk).update(drill_weekday=0, drill_hour=10, ended_at=clock.now())
    assert step_at(MONDAY.replace(tzinfo=UTC), time) == 0


def test_the_first_answer_ends_it_as_a_drill_and_nobody_is_called_further(
    drilled: Policy, time: Time, works: Callable[[], None], drums: Drums, bob: Person, alice: Person
) -> None:
    step_at(MONDAY, time)
    works()
    drill = Alert.objects.get()
    actions.acknowledge(drill, bob, "link", confirmed=False)
    weekly.step()
    drill.refresh_from_db()
    assert (drill.state, drill.outcome, drill.resolved_by) == (Alert.State.RESOLVED, Alert.Outcome.DRILL, bob)
    time.passes(minutes=30)
    works()
    weekly.step()
    assert not drums.heard_by(alice)
    assert not Alert.objects.filter(kind="pager").exists()
    (shown,) = drills.history([drill])
    assert (shown.who, shown.nobody) == ("Bob", False)


def test_one_that_nobody_answers_in_its_first_round_is_an_incident_for_whoever_leads(
    drilled: Policy, time: Time, works: Callable[[], None], bob: Person, alice: Person
) -> None:
    step_at(MONDAY, time)
    works()
    time.passes(minutes=9, seconds=50)
    works()
    weekly.step()
    assert not Alert.objects.filter(kind="pager").exists(), "Alice still has her five minutes"
    time.passes(seconds=11)
    weekly.step()
    weekly.step()
    drill, incident = Alert.objects.order_by("pk")
    assert (incident.kind, incident.lane, incident.drill) == ("pager", Lane.WAKE, False)
    assert drill.state == Alert.State.RESOLVED
    assert Event.objects.filter(alert=drill, verb="unheard").count() == 1
    assert Escalation.objects.get(alert=drill).due_at is None
    works()
    assert [one.person for one in NoticeAlert.objects.filter(alert=incident)] == [alice]
    (shown,) = drills.history([drill])
    assert shown.nobody


def test_one_that_was_passed_on_goes_on_to_the_next(
    drilled: Policy, time: Time, works: Callable[[], None], bob: Person, drums: Drums, alice: Person
) -> None:
    step_at(MONDAY, time)
    works()
    actions.pass_on(Alert.objects.get(), bob, "link")
    weekly.step()
    works()
    assert len(drums.heard_by(alice)) == 1


def test_a_drill_by_hand_is_judged_as_well(policy: Policy, time: Time, bob: Person) -> None:
    drills.start(bob, policy)
    time.passes(minutes=10, seconds=1)
    weekly.step()
    assert Alert.objects.filter(kind="pager").count() == 1


def test_what_a_drill_of_a_plan_calls_for_is_no_drill_of_the_pager(time: Time, bob: Person) -> None:
    called = actions.New(
        "plan_overdue", Severity.MODERATE, Lane.QUIET, "plan:abc234:overdue", reference="plan:abc234", drill=True,
        inside=(bob.pk,),
    )  # fmt: skip
    alert = actions.accept(called).alert
    time.passes(hours=3)
    weekly.step()
    alert.refresh_from_db()
    assert alert.state == Alert.State.OPEN, "the plan ends it, or whoever answers"
    assert not Alert.objects.filter(kind="pager").exists(), "nobody is woken over it"
    assert not drills.drills_for(bob).exists()
