"""What others might try with alerts and answers, and what comes of it: nobody is silenced, and nobody is shown more."""

from collections.abc import Callable

import pytest

from tocsin.alerts import actions, answering, clock
from tocsin.alerts.access import alerts_for
from tocsin.alerts.actions import New, accept
from tocsin.alerts.answering import MOST_WRONG, Said
from tocsin.alerts.models import Address, Alert, Knower, Lane, NoticeAlert, Page, Policy, Severity
from tocsin.alerts.secrets import number_of, token_of
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import Drums
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def new(dedupe: str = "x", lane: Lane = Lane.WAKE, *, exercise: bool = False, knowers: tuple[int, ...] = ()) -> New:
    return New(
        kind="webhook",
        severity=Severity.SEVERE,
        lane=lane,
        dedupe=dedupe,
        exercise=exercise,
        named=lane == Lane.LIFE,
        knowers=knowers,
    )


def page_of(person: Person, channel: str = "signal") -> Page:
    found = Page.objects.filter(notice__person=person, channel=channel, state=Page.State.SENT)
    return found.order_by("-pk")[0]


def test_an_exercise_under_the_same_key_does_not_hide_what_is_meant(
    policy: Policy, drums: Drums, works: Callable[[], None], bob: Person
) -> None:
    played = accept(new(exercise=True)).alert
    works()
    actions.acknowledge(played, bob, "console", confirmed=True)
    meant = accept(new())
    assert meant.raised
    meant.alert.refresh_from_db()
    assert (meant.alert.exercise, meant.alert.state) == (False, Alert.State.OPEN)
    again = accept(new(exercise=True))
    assert not again.raised
    again.alert.refresh_from_db()
    assert not again.alert.exercise


def test_what_turns_out_to_be_about_a_person_is_hidden_from_those_who_were_not_called(
    policy: Policy, drums: Drums, works: Callable[[], None], alice: Person, bob: Person, vera: Person
) -> None:
    alert = accept(new()).alert
    works()
    assert alerts_for(alice).filter(pk=alert.pk).exists()
    accept(new(lane=Lane.LIFE, knowers=(vera.pk,)))
    assert not alerts_for(alice).filter(pk=alert.pk).exists()
    assert set(Knower.objects.filter(alert=alert).values_list("person", flat=True)) == {bob.pk, vera.pk}


def test_two_keys_that_differ_only_at_their_ends_are_two_alerts(policy: Policy, drums: Drums) -> None:
    one, other = accept(new("k" * 300 + "1")), accept(new("k" * 300 + "2"))
    assert one.fresh
    assert other.fresh
    assert not accept(new("k" * 300 + "2")).fresh


def test_whoever_says_twice_that_they_have_it_and_never_comes_is_not_asked_alone_again(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time, alice: Person, bob: Person
) -> None:
    alert = accept(new(lane=Lane.LIFE)).alert
    for _ in range(2):
        works()
        page = page_of(bob)
        assert answering.answer(page, "have", number_of(page.public_id), "link").said is Said.HAVE
        assert not NoticeAlert.objects.filter(alert=alert, person=alice).exists()
        time.passes(minutes=15, seconds=1)
    works()
    assert drums.heard_by(alice)


def test_guessing_from_a_forged_sender_ends_after_few_tries_however_many_pages_there_are(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time, bob: Person
) -> None:
    Address.objects.filter(person=bob, channel="signal").delete()
    for key in "abcdef":
        accept(new(key, Lane.LIFE))
        works()
    right = {number_of(page.public_id) for page in Page.objects.all()}
    wrong = [f"{number:04}" for number in range(100) if f"{number:04}" not in right][:MOST_WRONG]
    for number in wrong:
        answering.by_message("sms", "sms:Bob", number, f"forged:{number}")
    untouched = Page.objects.filter(notice__person=bob, tries_left=3)[0]
    answered = answering.by_message("sms", "sms:Bob", number_of(untouched.public_id), "forged:right")
    assert answered.said is Said.SPENT
    # The link, which a forged sender does not have, still takes it.
    assert answering.answer(untouched, "have", number_of(untouched.public_id), "link").said is Said.HAVE


@pytest.mark.parametrize("ends", ["address", "account"])
def test_a_removed_address_and_an_ended_account_answer_nothing(
    policy: Policy, drums: Drums, works: Callable[[], None], bob: Person, ends: str
) -> None:
    alert = accept(new()).alert
    works()
    page = page_of(bob)
    if ends == "address":
        Address.objects.filter(person=bob).update(ended_at=clock.now())
    else:
        Person.objects.filter(pk=bob.pk).update(is_active=False)
    assert answering.by_token(str(token_of(page.public_id))) is None
    assert not answering.answer(page, "have", number_of(page.public_id), "voice").good
    assert not answering.by_message("signal", "signal:Bob", number_of(page.public_id), "m").good
    alert.refresh_from_db()
    assert alert.state == Alert.State.OPEN


def test_an_ended_account_answers_no_question(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time, bob: Person
) -> None:
    notice = actions.ask(
        bob, "rollcall:1", "safe", ["safe", "help"], clock.now().replace(year=2999), own_words="All well? 1 or 2"
    )
    works()
    Person.objects.filter(pk=bob.pk).update(is_active=False)
    assert not answering.by_message("signal", "signal:Bob", "1", "m").good
    notice.refresh_from_db()
    assert not notice.answer
