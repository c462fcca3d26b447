"""Silences inside a measured shutdown form one event; nobody in it is hidden, and a person can take one out."""

from datetime import timedelta

import pytest

from tocsin.alerts import actions as alerts
from tocsin.alerts import answering, clock
from tocsin.alerts.models import Alert, Knower
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import Drums
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.rollcalls import asking, silences, travelling
from tocsin.rollcalls.access import parts_for, silences_for
from tocsin.rollcalls.models import Journey, Member, Silence, Silent
from tocsin.rollcalls.tests.conftest import Works, cut_off
from tocsin.rollcalls.tests.test_asking import hold
from tocsin.rollcalls.tests.test_travelling import plan
from tocsin.signals.models import Finding
from tocsin.situations.models import Situation

pytestmark = pytest.mark.django_db


@pytest.fixture
def journey(emre: Person, alice: Person) -> Journey:
    """Emre's in TR, watched by Alice."""
    return travelling.plan(emre, emre, plan(alice, every=1, country="TR"))


def test_silences_of_a_roll_call_and_a_journey_become_one_alert(
    dana: Person, rosa: Person, alice: Person, journey: Journey, runs: Works, time: Time, drums: Drums
) -> None:
    situation = cut_off()
    hold(rosa, languages=("ku",))
    runs()
    time.passes(hours=1, seconds=5)
    runs()
    time.passes(minutes=31)
    runs()
    event = Silence.objects.get()
    assert (event.country, event.situation) == ("TR", situation.public_id)
    assert event.silent.count() == 2
    alert = Alert.objects.get()
    assert (alert.kind, alert.lane, alert.named) == ("silence", "life", True)
    assert {one.person.name for one in Knower.objects.filter(alert=alert)} == {"Alice", "Rosa"}
    assert drums.heard_by(rosa)
    assert drums.heard_by(alice)


def test_each_watcher_sees_their_own_and_others_see_nothing(
    dana: Person, rosa: Person, alice: Person, bob: Person, journey: Journey, runs: Works, time: Time
) -> None:
    cut_off()
    hold(rosa, languages=("ku",))
    runs()
    time.passes(hours=1, seconds=5)
    runs()
    time.passes(minutes=31)
    runs()
    assert [part.member is not None for part in parts_for(rosa)] == [True]
    assert [part.checkin is not None for part in parts_for(alice)] == [True]
    assert not silences_for(bob).exists()
    assert not silences_for(dana).exists()


def test_whoever_is_called_because_no_watcher_answered_sees_the_whole_event(
    dana: Person, rosa: Person, emre: Person, alice: Person, runs: Works, time: Time
) -> None:
    lea = Person.objects.create(email="lea@example.org", name="Lea", roles=int(Role.LEAD))
    cut_off()
    hold(rosa)
    runs()
    time.passes(minutes=31)
    runs()
    assert not parts_for(lea).exists()
    time.passes(minutes=6)
    runs()
    assert parts_for(lea).count() == 2


def test_a_silence_with_its_own_alert_is_attached_and_not_doubled(
    dana: Person, rosa: Person, runs: Works, time: Time
) -> None:
    hold(rosa)
    runs()
    time.passes(minutes=31)
    runs()
    assert Alert.objects.get().kind == "rollcall"
    cut_off(hours=1)
    runs()
    assert Silent.objects.count() == 1
    assert Alert.objects.count() == 1


def test_taken_out_it_raises_its_own_alert_and_can_be_put_back(
    dana: Person, rosa: Person, runs: Works, time: Time
) -> None:
    cut_off()
    hold(rosa)
    runs()
    time.passes(minutes=31)
    runs()
    part = Silent.objects.get()
    silences.take_out(rosa, part)
    assert sorted(Alert.objects.values_list("kind", flat=True)) == ["rollcall", "silence"]
    runs()
    part.refresh_from_db()
    assert part.apart_by == rosa, "the machine does not put it back"
    silences.put_back(rosa, part)
    part.refresh_from_db()
    assert part.apart_at is None


def test_a_later_silence_of_another_watcher_calls_anew(
    dana: Person, rosa: Person, alice: Person, journey: Journey, runs: Works, time: Time, drums: Drums
) -> None:
    cut_off()
    hold(rosa, languages=("ku",))
    runs()
    time.passes(minutes=31)
    runs()
    alert = Alert.objects.get()
    alerts.acknowledge(alert, rosa, "console", confirmed=True)
    time.passes(minutes=30)
    runs()
    time.passes(minutes=31)
    runs()
    alert.refresh_from_db()
    assert alert.state == Alert.State.OPEN
    assert drums.heard_by(alice)
    assert Alert.objects.count() == 1


@pytest.mark.parametrize("how", ["elsewhere", "restricted", "over", "exercise", "another harm", "later"])
def test_what_does_not_explain_a_silence_groups_nothing(
    how: str, dana: Person, rosa: Person, runs: Works, time: Time
) -> None:
    made = cut_off(
        "DE" if how == "elsewhere" else "TR",
        readers=int(Role.LEAD) if how == "restricted" else 0,
        harm="arrest" if how == "another harm" else "shutdown",
    )
    if how == "over":
        Finding.objects.update(closed_at=clock.now())
    if how == "exercise":
        Situation.objects.filter(pk=made.pk).update(exercise=True)
    if how == "later":
        Finding.objects.update(opened_at=clock.now() + timedelta(hours=3))
    hold(rosa)
    runs()
    time.passes(minutes=31)
    runs()
    assert not Silence.objects.exists()
    assert Alert.objects.get().kind == "rollcall"


def test_the_event_ends_with_the_measurement_and_a_new_silence_stands_alone(
    dana: Person, rosa: Person, emre: Person, runs: Works, time: Time
) -> None:
    cut_off()
    hold(rosa, languages=("ku",))
    runs()
    time.passes(minutes=31)
    runs()
    Finding.objects.update(closed_at=clock.now())
    runs()
    assert Silence.objects.get().ended_at is not None
    answering.by_message("sms", "sms:Dana", "1", "late")
    runs()
    assert silences.subject(Silent.objects.get()).is_silent, "a number can be forged"
    asking.answer(Member.objects.get(), "safe")
    assert not silences.subject(Silent.objects.get()).is_silent
    hold(rosa)
    runs()
    time.passes(minutes=31)
    runs()
    assert sorted(Alert.objects.values_list("kind", flat=True)) == ["rollcall", "silence"]
