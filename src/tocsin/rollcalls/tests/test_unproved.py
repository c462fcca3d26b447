"""An answer that nothing but a phone number stands for: a sender can be forged, so it calms nobody by itself."""

import pytest

from tocsin.alerts import answering
from tocsin.alerts.models import Alert, Notice
from tocsin.alerts.secrets import number_of
from tocsin.alerts.tests.conftest import Time
from tocsin.oncall.tests.test_api import Program
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls import asking, shown, travelling
from tocsin.rollcalls.models import SILENT, CheckIn, Journey, Member, RollCall
from tocsin.rollcalls.tests.conftest import Works, last_page
from tocsin.rollcalls.tests.test_asking import hold
from tocsin.rollcalls.tests.test_pages import Browse, text
from tocsin.rollcalls.tests.test_travelling import plan

pytestmark = pytest.mark.django_db


def says(digit: str, number: str) -> None:
    assert answering.by_message("sms", "sms:Dana", digit, number).good


@pytest.fixture
def asked(rosa: Person, dana: Person, runs: Works) -> RollCall:
    """Dana was asked whether she is safe, in words of her own."""
    made = hold(rosa)
    runs()
    return made


def state() -> str:
    return shown.state_of(Member.objects.get()).name


def test_safe_in_time_holds_the_alarm_off_and_is_shown_as_not_proved(
    asked: RollCall, rosa: Person, browse: Browse, runs: Works, time: Time
) -> None:
    says("1", "m1")
    time.passes(minutes=40)
    runs()
    assert not Alert.objects.exists()
    assert (Member.objects.get().answer, Member.objects.get().is_proved, state()) == ("safe", False, "unproved")
    page = text(browse(rosa), f"/rollcalls/{asked.public_id}/")
    assert "from the phone number alone" in page
    assert "✓ 1 safe" not in page


def test_safe_after_silence_ends_nothing_until_a_person_heard_from_them(
    asked: RollCall, rosa: Person, browse: Browse, runs: Works, time: Time
) -> None:
    time.passes(minutes=31)
    runs()
    says("1", "m1")
    runs()
    member = Member.objects.get()
    assert (member.is_silent, state(), Alert.objects.get().state) == (True, "claimed", Alert.State.OPEN)
    client, start = browse(rosa), f"/rollcalls/{asked.public_id}"
    assert "silent, then “safe” from the phone number alone" in text(client, f"{start}/")
    assert "Noted" in client.post(f"{start}/heard/{member.pk}", follow=True).content.decode()
    assert (Member.objects.get().is_silent, state()) == (False, "safe")
    client.post(f"{start}/heard/{member.pk}", {"undo": "1"})
    assert state() == "claimed"


def test_a_call_for_help_counts_at_once_whoever_sent_it(asked: RollCall, runs: Works) -> None:
    says("2", "m1")
    runs()
    assert Alert.objects.exists()
    assert Member.objects.get().needs_help


def test_the_number_of_the_page_or_a_sign_in_proves_it(asked: RollCall, dana: Person, runs: Works) -> None:
    page = last_page(dana)
    says(f"{page.code} {number_of(page.public_id)} SAFE", "m1")
    runs()
    assert state() == "safe"
    asking.answer(Member.objects.get(), "safe")
    assert Member.objects.get().is_proved


def test_a_forged_answer_takes_no_proved_ones_place(asked: RollCall, dana: Person, runs: Works) -> None:
    asking.answer(Member.objects.get(), "help")
    asking.answer(Member.objects.get(), "safe")
    before = Member.objects.get()
    says("1", "m1")
    runs()
    assert (Member.objects.get().is_proved, Member.objects.get().answered_at) == (True, before.answered_at)
    assert Member.objects.get().needs_help


def test_the_rows_that_are_silent_are_the_same_by_query_and_by_property(
    asked: RollCall, runs: Works, time: Time
) -> None:
    def agree() -> None:
        by_query = set(Member.objects.filter(SILENT).values_list("pk", flat=True))
        assert by_query == {row.pk for row in Member.objects.all() if row.is_silent}

    agree()
    time.passes(minutes=31)
    runs()
    agree()
    says("1", "m1")
    runs()
    agree()
    Member.objects.update(confirmed_at=Member.objects.get().answered_at)
    agree()


def test_a_forged_safe_ends_no_journey_on_which_somebody_is_silent(
    dana: Person, rosa: Person, browse: Browse, runs: Works, time: Time
) -> None:
    journey = travelling.plan(dana, dana, plan(rosa, hours=6))
    time.passes(hours=6, seconds=5)
    runs()
    time.passes(minutes=31)
    runs()
    assert Alert.objects.count() == 1
    says("1", "m1")
    runs()
    journey.refresh_from_db()
    assert journey.ended_at is None
    checkin = CheckIn.objects.get()
    start = f"/rollcalls/journeys/{journey.public_id}"
    assert "silent, then “safe”" in text(browse(rosa), f"{start}/")
    browse(dana).post(f"{start}/heard/{checkin.pk}")
    assert CheckIn.objects.get().is_silent, "the traveller's own phone proves nothing about itself"
    browse(rosa).post(f"{start}/heard/{checkin.pk}")
    assert not CheckIn.objects.get().is_silent


def test_a_traveller_who_signs_in_ends_what_the_number_alone_could_not(
    dana: Person, rosa: Person, runs: Works, time: Time
) -> None:
    journey = travelling.plan(dana, dana, plan(rosa, hours=6))
    time.passes(hours=6, seconds=5)
    runs()
    time.passes(minutes=31)
    runs()
    says("1", "m1")
    runs()
    travelling.well(journey)
    assert Journey.objects.get().ended_how == "over"


def test_programs_see_it_and_may_note_that_somebody_was_heard_from(asked: RollCall, rosa: Person, runs: Works) -> None:
    says("1", "m1")
    runs()
    call = Program(rosa, Right.ROLLCALLS)
    (member,) = call("GET", f"rollcalls/{asked.public_id}")["members"]
    assert (member["proved"], member["state"]) == (False, "unproved")
    noted = call("POST", f"rollcalls/{asked.public_id}/members/{member['number']}/heard")
    assert noted["members"][0]["proved"] is True


def test_the_notice_remembers_which_answers_had_nothing_but_a_sender(asked: RollCall, dana: Person) -> None:
    says("1", "m1")
    assert Notice.objects.get(person=dana).by_sender
