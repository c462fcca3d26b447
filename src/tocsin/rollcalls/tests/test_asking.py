"""A roll-call asks those who chose it, hears them, asks again, and turns silence into one alert."""

from datetime import timedelta

import pytest

from tocsin.alerts import answering, clock
from tocsin.alerts.models import Alert, Knower, Lane, Notice, Page
from tocsin.alerts.secrets import number_of
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import Drums
from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.rollcalls import asking, work
from tocsin.rollcalls.asking import Asked
from tocsin.rollcalls.models import Ask, Member, Question, RollCall
from tocsin.rollcalls.refusals import RefusedError
from tocsin.rollcalls.tests.conftest import CAKE, TEA, Works, last_page

pytestmark = pytest.mark.django_db


def hold(by: Person, question: Question = Question.SAFE, **more: object) -> RollCall:
    return asking.hold(by, Asked(question, once=f"once{RollCall.objects.count()}", **more))  # type: ignore[arg-type]


def test_only_those_who_chose_this_question_and_fit_are_asked(
    rosa: Person, dana: Person, emre: Person, bob: Person
) -> None:
    def found(question: Question = Question.SAFE, **filters: tuple[str, ...]) -> list[str]:
        return [one.person.name for one in asking.find(rosa, Asked(question, "x", **filters))]  # type: ignore[arg-type]

    assert found() == ["Dana", "Emre"]
    assert found(Question.HELP) == ["Dana"]
    assert found(languages=("ku", "fr")) == ["Dana"]
    assert found(skills=("medical",), countries=("TR",)) == ["Dana"]
    assert found(zones=("Africa/Lagos",), languages=("tr",)) == ["Dana", "Emre"]
    assert found(countries=("DE",)) == []
    assert asking.find(bob, Asked(Question.SAFE, "x")) == []


def test_a_phone_with_agreed_words_hears_these_words_and_nothing_else(
    rosa: Person, dana: Person, drums: Drums, runs: Works
) -> None:
    hold(rosa)
    runs()
    (message,) = drums.heard_by(dana)
    assert (message.text, message.subject, message.link) == (TEA, TEA, "")
    assert [value for value, _ in drums["sms"].heard] == ["sms:Dana"]
    assert drums["mail"].heard == []
    page = last_page(dana)
    for secret in (message.code, message.number, "Tocsin", "Rosa", "Dana", "http"):
        assert secret not in message.text
    assert page.address is not None


def test_the_digits_one_and_two_answer_and_the_phone_hears_nothing_back(
    rosa: Person, dana: Person, runs: Works
) -> None:
    from tocsin.alerts.doors.words import said

    hold(rosa)
    runs()
    answered = answering.by_message("sms", "sms:Dana", "1", "m1")
    assert answered.good
    assert said(answered) == ""
    runs()
    member = Member.objects.get()
    assert (member.answer, member.answered_via, member.needs_help) == ("safe", "sms", False)
    assert not Alert.objects.exists()
    assert said(answering.by_message("sms", "sms:Dana", "0000", "m2")) == ""


def test_a_question_for_help_has_words_and_digits_of_its_own(
    rosa: Person, dana: Person, drums: Drums, runs: Works
) -> None:
    hold(rosa, Question.HELP)
    runs()
    assert drums.heard_by(dana)[0].text == CAKE
    answering.by_message("sms", "sms:Dana", "2", "m1")
    runs()
    assert Member.objects.get().answer == "later"


def test_an_open_question_is_answered_with_its_number(rosa: Person, emre: Person, runs: Works) -> None:
    hold(rosa)
    runs()
    page = last_page(emre)
    assert answering.answer(page, "safe", number_of(page.public_id), "link").good
    runs()
    assert Member.objects.get().answer == "safe"


def test_who_asks_for_help_raises_an_alert_about_life_at_once_known_to_few(
    rosa: Person, dana: Person, runs: Works, drums: Drums, alice: Person
) -> None:
    rollcall = hold(rosa)
    runs()
    answering.by_message("sms", "sms:Dana", "2", "m1")
    work.step()
    alert = Alert.objects.get()
    assert (alert.lane, alert.named, alert.reference) == (Lane.LIFE, True, f"rollcall:{rollcall.public_id}")
    assert [one.person for one in Knower.objects.all()] == [rosa]
    runs()
    assert len(drums.heard_by(rosa)) == 1
    assert not drums.heard_by(alice), "those who hold the roll-call are called first"


def test_a_later_safe_does_not_take_back_a_call_for_help(rosa: Person, dana: Person, runs: Works) -> None:
    hold(rosa)
    runs()
    answering.by_message("sms", "sms:Dana", "2", "m1")
    runs()
    answering.by_message("sms", "sms:Dana", "1", "m2")
    runs()
    member = Member.objects.get()
    assert member.answer == "safe"
    assert member.needs_help
    assert Alert.objects.get().state != Alert.State.RESOLVED
    asking.helped(rosa, member)
    assert not Member.objects.get().needs_help
    asking.not_helped(rosa, member)
    assert Member.objects.get().needs_help


def test_the_quiet_digit_means_help_and_the_person_sees_an_ordinary_answer(
    rosa: Person, dana: Person, runs: Works
) -> None:
    from tocsin.rollcalls import taking_part

    taking_part.set_quiet_digit(dana, 5)
    hold(rosa)
    runs()
    assert not answering.by_message("sms", "sms:Dana", "4", "m1").good, "a digit between means nothing"
    assert answering.by_message("sms", "sms:Dana", "5", "m2").good
    runs()
    member = Member.objects.get()
    assert (member.answer, member.quiet) == ("help", True)
    assert Alert.objects.get().lane == Lane.LIFE


def test_silence_is_asked_again_by_the_next_way_and_then_becomes_one_alert(
    rosa: Person, dana: Person, emre: Person, runs: Works, time: Time, drums: Drums, alice: Person
) -> None:
    hold(rosa)
    runs()
    time.passes(minutes=9)
    runs()
    assert len(drums.heard_by(dana)) == 1
    time.passes(minutes=2)
    runs()
    assert [value for value, _ in drums["signal"].heard if value == "signal:Dana"] == ["signal:Dana"]
    assert len(drums.heard_by(dana)) == 2
    time.passes(minutes=20)
    runs()
    alert = Alert.objects.get()
    assert (alert.lane, alert.named) == (Lane.LIFE, True)
    assert Member.objects.filter(silent_at__isnull=False).count() == 2
    assert drums.heard_by(rosa)
    time.passes(minutes=6)
    runs()
    assert drums.heard_by(alice), "when no holder answers, the policy goes on"


def test_who_answered_is_neither_asked_again_nor_silent(
    rosa: Person, dana: Person, runs: Works, time: Time, drums: Drums
) -> None:
    hold(rosa)
    runs()
    answering.by_message("sms", "sms:Dana", "1", "m1")
    time.passes(minutes=40)
    runs()
    assert len(drums.heard_by(dana)) == 1
    assert not Alert.objects.exists()


def test_an_answer_that_waits_beside_the_clock_is_heard_before_silence_is_called(
    rosa: Person, dana: Person, runs: Works, time: Time
) -> None:
    hold(rosa)
    runs()
    time.passes(minutes=31)
    answering.by_message("sms", "sms:Dana", "1", "m1")
    work.step()
    assert not Alert.objects.exists()
    assert Member.objects.get().silent_at is None


def test_whoever_is_asked_to_help_and_says_nothing_raises_nothing(
    rosa: Person, dana: Person, runs: Works, time: Time
) -> None:
    hold(rosa, Question.HELP)
    runs()
    time.passes(minutes=40)
    runs()
    assert Member.objects.get().silent_at is not None
    assert not Alert.objects.exists()


def test_a_phone_that_no_longer_works_is_never_asked_openly_instead(
    rosa: Person, dana: Person, drums: Drums, runs: Works, time: Time
) -> None:
    from tocsin.alerts.models import Address

    Address.objects.filter(person=dana).update(ended_at=clock.now())
    hold(rosa)
    runs()
    assert drums.heard_by(dana) == []
    assert not Notice.objects.filter(person=dana).exists()
    time.passes(minutes=31)
    runs()
    assert Alert.objects.get().kind == "rollcall", "who can't be reached is silent"


def test_a_second_tap_makes_no_second_roll_call(rosa: Person, dana: Person) -> None:
    asked = Asked(Question.SAFE, once="tap")
    assert asking.hold(rosa, asked) == asking.hold(rosa, asked)
    assert Member.objects.count() == 1


def test_everything_done_twice_asks_once(rosa: Person, dana: Person, runs: Works) -> None:
    hold(rosa)
    runs()
    Member.objects.update(asks=0)
    Ask.objects.all().delete()
    runs()
    assert Notice.objects.filter(person=dana).count() == 1
    assert Page.objects.filter(notice__person=dana).count() == 1


def test_a_worker_that_slept_for_hours_asks_once_and_gives_the_whole_time(
    rosa: Person, dana: Person, runs: Works, time: Time, drums: Drums
) -> None:
    hold(rosa, minutes=24 * 60)
    time.passes(hours=6)
    runs()
    assert len(drums.heard_by(dana)) == 1
    assert not Alert.objects.exists()
    time.passes(minutes=31)
    runs()
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 4},
        {"minutes": 6000},
        {"again_minutes": 30, "silence_minutes": 20},
        {"silence_minutes": 200},
        {"again_minutes": 0},
        {"countries": ("DE",)},
        {"situation": "nothere"},
    ],
)
def test_what_makes_no_sense_is_refused_with_words(wrong: dict[str, object], rosa: Person, dana: Person) -> None:
    with pytest.raises(RefusedError, match=r".{20,}"):
        hold(rosa, **wrong)  # type: ignore[arg-type]
    assert not RollCall.objects.exists()


def test_nobody_without_the_right_asks_and_nobody_asks_all_day(rosa: Person, bob: Person, dana: Person) -> None:
    with pytest.raises(RefusedError):
        hold(bob)
    for _ in range(asking.MOST_AN_HOUR):
        hold(rosa)
    with pytest.raises(RefusedError):
        hold(rosa)


def test_close_stops_messages_extend_and_again_send_one_more(
    rosa: Person, dana: Person, runs: Works, time: Time, drums: Drums
) -> None:
    rollcall = hold(rosa)
    runs()
    with pytest.raises(RefusedError, match="a moment ago"):
        asking.ask_again(rosa, rollcall)
    time.passes(minutes=4)
    assert asking.ask_again(rosa, rollcall) == 1
    runs()
    assert len(drums.heard_by(dana)) == 2
    asking.extend(rosa, rollcall, 60)
    runs()
    assert len(drums.heard_by(dana)) == 3
    asking.close(rosa, rollcall)
    time.passes(hours=2)
    runs()
    assert len(drums.heard_by(dana)) == 3
    assert not Alert.objects.exists()
    with pytest.raises(RefusedError):
        asking.extend(rosa, rollcall, 60)
    asking.open_again(rosa, rollcall)
    runs()
    assert Alert.objects.count() == 1


def test_it_closes_by_itself_and_is_erased_a_month_later(rosa: Person, dana: Person, runs: Works, time: Time) -> None:
    hold(rosa)
    runs()
    answering.by_message("sms", "sms:Dana", "1", "m1")
    runs()
    time.passes(hours=3)
    runs()
    assert RollCall.objects.get().closed_at is not None
    time.ahead += timedelta(days=31)
    runs()
    assert not RollCall.objects.exists()
    assert not Notice.objects.filter(person=dana).exists()


def test_the_record_names_nobody(rosa: Person, dana: Person, runs: Works) -> None:
    asking.close(rosa, hold(rosa))
    runs()
    assert set(Entry.objects.filter(verb="private").values_list("actor", "target")) == {(None, "private:0")}
    assert not Entry.objects.exclude(verb="private").exists()
