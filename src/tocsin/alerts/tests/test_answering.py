"""Answers without sign-in: only from the person paged, only with the number, and only for fifteen minutes."""

from collections.abc import Callable

import pytest

from tocsin.alerts import actions, answering, clock
from tocsin.alerts.actions import UNCONFIRMED, New, accept
from tocsin.alerts.answering import Said
from tocsin.alerts.models import Alert, Lane, Notice, Page, Policy, Severity
from tocsin.alerts.secrets import number_of, token_of
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import Drums
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(policy: Policy, works: Callable[[], None], bob: Person) -> Page:
    """Bob's page by Signal about an alert."""
    accept(New(kind="source", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="x"))
    works()
    return Page.objects.get(channel="signal", notice__person=bob)


def _wrong(page: Page) -> str:
    return f"{(int(number_of(page.public_id)) + 1) % 10_000:04}"


def test_a_link_alone_answers_nothing(page: Page) -> None:
    found = answering.by_token(token_of(page.public_id))
    assert found == page
    assert answering.answer(page, "have", "", "link").said == Said.WRONG
    assert Alert.objects.get().state == Alert.State.OPEN


def test_link_and_number_give_it_to_the_person_for_fifteen_minutes(page: Page, bob: Person) -> None:
    assert answering.answer(page, "have", number_of(page.public_id), "link").said == Said.HAVE
    alert = Alert.objects.get()
    assert alert.answered_by == bob
    assert alert.answered_at is not None
    assert alert.unconfirmed_until == alert.answered_at + UNCONFIRMED


def test_an_answer_that_nobody_confirms_lapses_and_calls_again(
    page: Page, bob: Person, time: Time, works: Callable[[], None], drums: Drums
) -> None:
    answering.answer(page, "have", number_of(page.public_id), "link")
    time.passes(minutes=14)
    works()
    assert Alert.objects.get().state == Alert.State.ANSWERED
    time.passes(minutes=1, seconds=1)
    works()
    assert Alert.objects.get().state == Alert.State.OPEN
    assert Notice.objects.filter(person=bob, purpose=Notice.Purpose.ALERT).count() == 2


def test_confirmed_in_the_console_it_holds(page: Page, bob: Person, time: Time, works: Callable[[], None]) -> None:
    answering.answer(page, "have", number_of(page.public_id), "link")
    actions.confirm(Alert.objects.get(), bob)
    time.passes(minutes=30)
    works()
    assert Alert.objects.get().state == Alert.State.ANSWERED


def test_three_wrong_numbers_close_the_link_even_for_the_right_one(page: Page) -> None:
    said = [answering.answer(page, "have", _wrong(page), "link").said for _ in range(3)]
    assert said == [Said.WRONG, Said.WRONG, Said.SPENT]
    assert answering.answer(page, "have", number_of(page.public_id), "link").said == Said.SPENT
    assert Alert.objects.get().state == Alert.State.OPEN


def test_whoever_cannot_lets_the_next_person_be_called_at_once(
    page: Page, works: Callable[[], None], drums: Drums, alice: Person
) -> None:
    assert answering.answer(page, "pass", number_of(page.public_id), "link").said == Said.PASSED
    works()
    assert len(drums.heard_by(alice)) == 1


def test_the_others_who_were_called_hear_that_somebody_has_it(
    page: Page, works: Callable[[], None], time: Time, drums: Drums, alice: Person, bob: Person
) -> None:
    time.passes(minutes=6)
    works()
    answering.answer(page, "have", number_of(page.public_id), "link")
    works()
    told = Notice.objects.get(person=alice, purpose=Notice.Purpose.TOLD)
    assert told.words == "answered"
    assert not Notice.objects.filter(person=bob, purpose=Notice.Purpose.TOLD).exists()


def test_a_reply_counts_from_the_very_address_with_the_number_and_once(page: Page) -> None:
    number = number_of(page.public_id)
    assert page.address is not None
    assert answering.by_message("signal", "signal:Alice", f"{page.code} {number}", "m1").said == Said.UNKNOWN
    assert answering.by_message("sms", page.address.value, number, "m2").said == Said.UNKNOWN
    assert (
        answering.by_message("signal", page.address.value, f" {page.code.lower()}: {number}. ", "m3").said == Said.HAVE
    )
    assert answering.by_message("signal", page.address.value, number, "m3").said == Said.REPEATED


@pytest.mark.parametrize("text", ["", "yes", "12345678", "7F3K", "\x00", "1234; DROP TABLE", "9" * 5000, "٤٥٦٧"])
def test_other_words_answer_nothing(page: Page, text: str) -> None:
    assert page.address is not None
    answered = answering.by_message("signal", page.address.value, text, f"m:{text[:20]}")
    assert not answered.good
    assert Alert.objects.get().state == Alert.State.OPEN


def test_nobody_can_guess_for_ever_by_replies(page: Page) -> None:
    assert page.address is not None
    for number in range(3):
        answering.by_message("signal", page.address.value, _wrong(page), f"m{number}")
    page.refresh_from_db()
    assert page.tries_left == 0
    assert not answering.by_message("signal", page.address.value, number_of(page.public_id), "m9").good


def test_an_answer_to_what_somebody_else_has_takes_nothing_from_them(page: Page, alice: Person) -> None:
    actions.acknowledge(Alert.objects.get(), alice, "console", confirmed=True)
    page.notice.ended_at = None
    assert answering.answer(page, "have", number_of(page.public_id), "link").said == Said.TAKEN
    assert Alert.objects.get().answered_by == alice


def test_a_page_is_dead_after_a_day(page: Page, time: Time) -> None:
    time.passes(hours=25)
    assert answering.by_token(token_of(page.public_id)) is None
    assert answering.answer(page, "have", number_of(page.public_id), "link").said == Said.SPENT


def test_a_question_takes_only_its_own_answers(bob: Person, policy: Policy, works: Callable[[], None]) -> None:
    notice = actions.ask(bob, "rollcall:1", "safe", ["safe", "help"], clock.now() + UNCONFIRMED)
    works()
    page = notice.pages.order_by("position")[0]
    number = number_of(page.public_id)
    assert answering.answer(page, "have", number, "link").said == Said.UNKNOWN
    assert page.address is not None
    assert answering.by_message("signal", page.address.value, number, "m1").said == Said.UNKNOWN
    assert answering.by_message("signal", page.address.value, f"{number} help", "m2").said == Said.THANKS
    notice.refresh_from_db()
    assert (notice.answer, notice.answered_via) == ("help", "signal")
