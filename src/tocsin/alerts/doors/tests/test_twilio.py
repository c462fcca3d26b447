"""Calls of the provider: only with its signature, only from the number that was paged, and each of them once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from tocsin.alerts import clock
from tocsin.alerts.channels import callbacks, here
from tocsin.alerts.doors.tests.conftest import PHONE, Call
from tocsin.alerts.doors.twilio import signature
from tocsin.alerts.models import Address, Alert, Attempt, Page
from tocsin.alerts.secrets import number_of
from tocsin.alerts.tests.drums import Drums
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

SITE = "https://tocsin.example"
TOKEN = "a token of an account"


@pytest.fixture(autouse=True)
def account(settings: LazySettings, drums: object) -> Iterator[None]:
    """An account whose token is known, behind the public address; the drums stay."""
    made = replace(settings.PAGING, secrets={"sms_token": TOKEN}, public_url=SITE + "/")
    before = here._made
    assert before is not None
    settings.PAGING = made
    here._made = (made, before[1])
    yield
    here._made = before


def post(path: str, token: str = TOKEN, **fields: str) -> HttpResponse:
    """A call of the provider, signed with this token."""
    signed = signature(token, SITE + path, list(fields.items()))
    body = urlencode(fields)
    kind = "application/x-www-form-urlencoded"
    answer = Client(enforce_csrf_checks=True).post(
        path, body, content_type=kind, headers={"X-Twilio-Signature": signed}
    )
    assert isinstance(answer, HttpResponse)
    return answer


def reply(page: Page, sender: str = PHONE, message: str = "SM1", words: str = "") -> HttpResponse:
    return post(
        callbacks.SMS_IN, From=sender, MessageSid=message, Body=words or f"{page.code} {number_of(page.public_id)}"
    )


def is_open() -> bool:
    return Alert.objects.get().state == Alert.State.OPEN


def test_the_providers_own_example_of_a_signature_fits() -> None:
    # https://www.twilio.com/docs/usage/security: the account's token is 12345.
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    made = signature("12345", "https://example.com/myapp.php?foo=1&bar=2", list(fields.items()))
    assert made == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_code_and_number_answer_and_the_reply_says_until_when(paged: Call, bob: Person) -> None:
    answer = reply(paged("sms"))
    assert Alert.objects.get().answered_by == bob
    assert b"<Message>You have it until " in answer.content
    assert answer["Content-Type"].startswith("text/xml")


def test_pass_calls_the_next(paged: Call) -> None:
    page = paged("sms")
    assert b"Passed on." in reply(page, words=f"{number_of(page.public_id)} pass").content
    assert is_open()


def test_a_wrong_number_is_told_and_three_of_them_end_it(paged: Call) -> None:
    page = paged("sms")
    wrong = f"{(int(number_of(page.public_id)) + 1) % 10_000:04}"
    said = [reply(page, message=f"SM{n}", words=wrong).content.decode() for n in range(4)]
    assert "Wrong number. 2 tries left." in said[0]
    assert "Sign in to the console" in said[2]
    assert is_open()
    reply(page, message="SM9")
    assert is_open()


def test_a_message_counts_once(paged: Call) -> None:
    page = paged("sms")
    reply(page, words=f"{number_of(page.public_id)} pass")
    assert b"<Message>" not in reply(page).content
    assert is_open()


def test_a_stranger_gets_no_answer(paged: Call) -> None:
    page = paged("sms")
    answer = reply(page, sender="+41446681801")
    assert answer.content.endswith(b"<Response></Response>")
    assert is_open()


@pytest.mark.parametrize("token", ["", "another token"])
def test_without_the_right_signature_nothing_happens(paged: Call, token: str) -> None:
    page = paged("sms")
    words = f"{page.code} {number_of(page.public_id)}"
    assert post(callbacks.SMS_IN, token, From=PHONE, MessageSid="SM1", Body=words).status_code == 403
    assert is_open()


def test_a_changed_field_breaks_the_signature(paged: Call) -> None:
    page = paged("sms")
    fields = {"From": PHONE, "MessageSid": "SM1", "Body": "hello"}
    signed = signature(TOKEN, SITE + callbacks.SMS_IN, list(fields.items()))
    fields["Body"] = f"{page.code} {number_of(page.public_id)}"
    answer = Client().post(callbacks.SMS_IN, fields, headers={"X-Twilio-Signature": signed})
    assert answer.status_code == 403
    assert is_open()


def test_without_a_token_no_signature_is_right(paged: Call, settings: LazySettings) -> None:
    page = paged("sms")
    settings.PAGING = replace(settings.PAGING, secrets={})
    assert post(callbacks.SMS_IN, "", From=PHONE, MessageSid="SM1", Body=number_of(page.public_id)).status_code == 403


def test_giant_bodies_and_other_methods_are_refused(paged: Call) -> None:
    assert post(callbacks.SMS_IN, From=PHONE, MessageSid="SM1", Body="x" * 16_001).status_code == 413
    assert Client().get(callbacks.SMS_IN).status_code == 405
    many = {f"f{n}": "" for n in range(200)}
    assert post(callbacks.SMS_IN, **many).status_code == 403


@pytest.mark.parametrize("words", ["\x00", "ü" * 200, "7F3K", "", "😀 1234", "1234 " * 60])
def test_ugly_words_are_borne(paged: Call, words: str) -> None:
    page = paged("sms")
    assert reply(page, words=words or " ").status_code == 200
    assert is_open()


def test_the_number_by_key_answers_in_a_call(paged: Call, bob: Person) -> None:
    page = paged("voice")
    path = callbacks.VOICE_ANSWER.format(page=page.public_id)
    answer = post(path, CallSid="CA1", To=PHONE, Digits=number_of(page.public_id))
    assert b"You have it until" in answer.content
    assert b"<Hangup/>" in answer.content
    assert Alert.objects.get().answered_by == bob


def test_a_wrong_number_by_key_may_be_tried_again_in_the_same_call(paged: Call, bob: Person) -> None:
    page = paged("voice")
    path = callbacks.VOICE_ANSWER.format(page=page.public_id)
    wrong = f"{(int(number_of(page.public_id)) + 1) % 10_000:04}"
    assert b"<Gather" in post(path, CallSid="CA1", To=PHONE, Digits=wrong).content
    # The provider says the same again when our answer was lost: it is not another try.
    post(path, CallSid="CA1", To=PHONE, Digits=wrong)
    page.refresh_from_db()
    assert page.tries_left == 2
    post(path, CallSid="CA1", To=PHONE, Digits=number_of(page.public_id))
    assert Alert.objects.get().answered_by == bob


def test_keys_pressed_in_another_call_answer_nothing(paged: Call) -> None:
    page = paged("voice")
    path = callbacks.VOICE_ANSWER.format(page=page.public_id)
    post(path, CallSid="CA1", To="+41446681801", Digits=number_of(page.public_id))
    post(callbacks.VOICE_ANSWER.format(page="unknown"), CallSid="CA1", To=PHONE, Digits=number_of(page.public_id))
    post(path, CallSid="CA1", To=PHONE)
    assert is_open()


def status(page: Page, **fields: str) -> int:
    path = callbacks.SMS_STATUS if page.channel == "sms" else callbacks.VOICE_STATUS
    return post(path.format(page=page.public_id), To=PHONE, **fields).status_code


def test_a_delivery_receipt_is_kept(paged: Call) -> None:
    page = paged("sms")
    assert status(page, MessageStatus="sent") == 204
    page.refresh_from_db()
    assert page.delivered_at is None
    status(page, MessageStatus="delivered")
    page.refresh_from_db()
    assert page.delivered_at is not None


def test_what_never_arrived_lets_the_next_address_go_at_once(
    paged: Call, bob: Person, works: Callable[[], None], drums: Drums
) -> None:
    now = clock.now()
    Address.objects.create(person=bob, channel="voice", value=PHONE, made_at=now, verified_at=now)
    page = paged("sms")
    assert drums["voice"].heard == []
    assert status(page, MessageStatus="undelivered", ErrorCode="30003") == 204
    works()
    assert [value for value, _message in drums["voice"].heard] == [PHONE]
    page.refresh_from_db()
    assert page.state == Page.State.FAILED
    last = Attempt.objects.get(page=page)
    assert (last.outcome, last.why) == (Attempt.Outcome.FAILED, "gave_up")
    assert not Address.objects.filter(failing_since__isnull=False).exists()


def test_when_no_address_is_left_the_next_person_is_called(
    paged: Call, alice: Person, works: Callable[[], None], drums: Drums
) -> None:
    page = paged("sms")
    status(page, MessageStatus="failed")
    works()
    assert drums.heard_by(alice)


def test_an_address_that_the_provider_refuses_is_marked(paged: Call) -> None:
    page = paged("sms")
    status(page, MessageStatus="undelivered", ErrorCode="30005")
    assert Address.objects.get(channel="sms", value=PHONE).failing_since is not None


def test_a_call_that_nobody_took_lets_the_next_address_go_and_not_the_next_person(
    paged: Call, bob: Person, alice: Person, works: Callable[[], None], drums: Drums
) -> None:
    now = clock.now()
    Address.objects.create(person=bob, channel="mail", value="bob@example.org", made_at=now, verified_at=now)
    page = paged("voice")
    assert status(page, CallStatus="no-answer") == 204
    works()
    assert len(drums["mail"].heard) == 1
    assert drums.heard_by(alice) == []


def test_what_a_device_has_stays_delivered(paged: Call) -> None:
    page = paged("sms")
    status(page, MessageStatus="delivered")
    status(page, MessageStatus="failed")
    page.refresh_from_db()
    assert page.state == Page.State.SENT


def test_a_receipt_for_another_number_counts_as_nothing(paged: Call) -> None:
    page = paged("sms")
    path = callbacks.SMS_STATUS.format(page=page.public_id)
    assert post(path, To="+41446681801", MessageStatus="failed").status_code == 204
    page.refresh_from_db()
    assert page.state == Page.State.SENT
