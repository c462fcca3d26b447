"""A traveller is asked at set times; a missed one calls those whom the traveller chose, and nobody else."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.alerts import answering, clock
from tocsin.alerts.models import Alert, Knower, Lane, Notice
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import Drums
from tocsin.people.models import Person
from tocsin.rollcalls import travelling
from tocsin.rollcalls.models import CheckIn, Journey
from tocsin.rollcalls.refusals import RefusedError
from tocsin.rollcalls.tests.conftest import TEA, Works
from tocsin.rollcalls.travelling import Plan

pytestmark = pytest.mark.django_db


def plan(*watchers: Person, hours: float = 24, every: int = 6, **more: object) -> Plan:
    at = clock.now()
    numbers = tuple(one.pk for one in watchers)
    return Plan(at, at + timedelta(hours=hours), ZoneInfo("Africa/Lagos"), numbers, every, **more)  # type: ignore[arg-type]


@pytest.fixture
def journey(dana: Person, rosa: Person) -> Journey:
    """Dana's, for a day: every six hours, half an hour of grace, watched by Rosa."""
    return travelling.plan(dana, dana, plan(rosa))


def test_each_moment_asks_in_the_agreed_words(
    journey: Journey, dana: Person, runs: Works, time: Time, drums: Drums
) -> None:
    runs()
    assert drums.heard_by(dana) == []
    time.passes(hours=6, minutes=1)
    runs()
    assert [message.text for message in drums.heard_by(dana)] == [TEA]
    answering.by_message("sms", "sms:Dana", "1", "m1")
    time.passes(hours=1)
    runs()
    assert CheckIn.objects.get().answer == "safe"
    assert not Alert.objects.exists()
    time.passes(hours=5)
    runs()
    assert len(drums.heard_by(dana)) == 2


def test_a_missed_one_is_asked_again_and_then_calls_the_watchers(
    journey: Journey, dana: Person, rosa: Person, alice: Person, runs: Works, time: Time, drums: Drums
) -> None:
    time.passes(hours=6)
    runs()
    time.passes(minutes=16)
    runs()
    assert len(drums.heard_by(dana)) == 2
    assert not Alert.objects.exists()
    time.passes(minutes=15)
    runs()
    alert = Alert.objects.get()
    assert (alert.kind, alert.lane, alert.named) == ("journey", Lane.LIFE, True)
    assert [one.person for one in Knower.objects.all()] == [rosa]
    assert drums.heard_by(rosa)
    assert not drums.heard_by(alice)


def test_help_calls_at_once_and_arrival_silences_nobody(
    journey: Journey, dana: Person, runs: Works, time: Time
) -> None:
    time.passes(hours=6)
    runs()
    answering.by_message("sms", "sms:Dana", "2", "m1")
    runs()
    alert = Alert.objects.get()
    travelling.end(dana, journey, "arrived")
    alert.refresh_from_db()
    assert alert.state == Alert.State.OPEN
    assert alert.remote_resolved_at is not None
    with pytest.raises(RefusedError):
        travelling.well(journey)


def test_one_who_says_so_before_is_not_asked(
    journey: Journey, dana: Person, runs: Works, time: Time, drums: Drums
) -> None:
    time.passes(hours=5, minutes=45)
    runs()
    travelling.well(journey)
    time.passes(minutes=30)
    runs()
    assert drums.heard_by(dana) == []
    journey.refresh_from_db()
    assert journey.next_at == journey.starts_at + timedelta(hours=12)


def test_a_good_last_answer_ends_it_and_a_month_later_nothing_is_left(
    journey: Journey, dana: Person, runs: Works, time: Time
) -> None:
    for number in range(4):
        time.passes(hours=6, seconds=5)
        runs()
        answering.by_message("sms", "sms:Dana", "1", f"m{number}")
        runs()
    journey.refresh_from_db()
    assert journey.ended_how == "unproved", "its page says that only the phone number spoke"
    assert not Alert.objects.exists()
    time.passes(days=31)
    runs()
    assert not Journey.objects.exists()
    assert not Notice.objects.filter(person=dana).exists()


def test_nobody_answers_the_last_one_and_it_stays_open(journey: Journey, runs: Works, time: Time) -> None:
    time.passes(hours=25)
    runs()
    time.passes(minutes=31)
    runs()
    journey.refresh_from_db()
    assert journey.ended_at is None
    assert Alert.objects.count() == 1


def test_moments_slept_through_are_asked_for_once(
    journey: Journey, dana: Person, runs: Works, time: Time, drums: Drums
) -> None:
    time.passes(hours=19)
    runs()
    assert len(drums.heard_by(dana)) == 1
    assert CheckIn.objects.get().due_at == journey.starts_at + timedelta(hours=18)


def test_what_another_plans_begins_when_the_traveller_agrees(
    dana: Person, rosa: Person, runs: Works, time: Time, drums: Drums
) -> None:
    made = travelling.plan(rosa, dana, plan(rosa))
    time.passes(hours=7)
    runs()
    assert drums.heard_by(dana) == []
    with pytest.raises(RefusedError, match="Agree"):
        travelling.well(made)
    travelling.agree(made)
    time.passes(hours=5, minutes=1)
    runs()
    assert len(drums.heard_by(dana)) == 1
    other = travelling.plan(rosa, dana, plan(rosa))
    travelling.decline(other)
    assert list(Journey.objects.all()) == [made]


def test_what_makes_no_sense_is_refused_with_words(dana: Person, rosa: Person, bob: Person, emre: Person) -> None:
    now = clock.now()
    zone = ZoneInfo("UTC")
    wrong = [
        plan(),
        plan(dana),
        plan(emre),
        plan(rosa, hours=-1),
        plan(rosa, hours=24 * 61),
        plan(rosa, every=0),
        plan(rosa, every=6, times=(time(8),)),
        plan(rosa, grace_minutes=5),
        plan(rosa, every=2, grace_minutes=180),
        plan(rosa, hours=48, every=0, times=(time(8), time(8, 30))),
        plan(rosa, country="ZZ"),
        plan(rosa, contact=emre.pk),
        Plan(now - timedelta(days=2), now - timedelta(days=1), zone, (rosa.pk,), 6),
    ]
    for one in wrong:
        with pytest.raises(RefusedError, match=r".{20,}"):
            travelling.plan(dana, dana, one)
    for by, person in ((bob, dana), (rosa, bob), (bob, bob)):
        with pytest.raises(RefusedError):
            travelling.plan(by, person, plan(rosa))
    assert not Journey.objects.exists()


def test_local_times_are_those_of_the_traveller(dana: Person, rosa: Person) -> None:
    made = travelling.plan(dana, dana, plan(rosa, every=0, times=(time(8), time(20))))
    assert made.next_at is not None
    assert made.next_at.astimezone(ZoneInfo("Africa/Lagos")).hour in {8, 20}
    assert isinstance(made.next_at, datetime)
