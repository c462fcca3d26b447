"""The exercise's phone takes what a pager sends, shows it, and answers as a person and a provider would."""

import base64
import hmac
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from re import findall, search
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from tocsin.replay import World, serve
from tocsin.replay.phone import Console, MailBox, Phone
from tocsin.replay.phone.screen import MOST_ADDRESSES, MOST_OF_ONE, Screen, Shown, Way

TOKEN, PUSH_TOKEN, OURS, THEIRS = "account-token", "push-token", "+10000000000", "+10000000001"
PUBLIC = "http://localhost:8500"
STATUS = f"{PUBLIC}/alerts/doors/sms/status/p1"
AGAIN = '<Response><Gather input="dtmf"><Say>Wrong number.</Say></Gather></Response>'


@dataclass
class Desk:
    """A console that writes down what it is called with, and answers as it is told to."""

    port: int = 0
    says: str = "<Response/>"
    status: int = 200
    heard: "Queue[tuple[str, dict[str, str], str]]" = field(default_factory=Queue)

    def next(self) -> tuple[str, dict[str, str], str]:
        return self.heard.get(timeout=60)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
            said = made.says.encode()
            self.send_response(made.status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)
            made.heard.put((self.path, fields, self.headers["X-Twilio-Signature"]))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Takes) as server:
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield made
        server.shutdown()


@contextmanager
def ringing(desk: Desk) -> Iterator[tuple[Phone, str]]:
    phone = Phone(Console(PUBLIC, "127.0.0.1", desk.port, TOKEN), "AC1", OURS, PUSH_TOKEN, THEIRS)
    with serve(world=World("x", phone.endpoints())) as base:
        yield phone, base
    phone.end()


@pytest.fixture
def phone(desk: Desk) -> Iterator[tuple[Phone, str]]:
    with ringing(desk) as made:
        yield made


@pytest.fixture
def base(phone: tuple[Phone, str]) -> str:
    return phone[1]


def provider(base: str, what: str, token: str = TOKEN, **form: str) -> httpx.Response:
    return httpx.post(f"{base}/2010-04-01/Accounts/AC1/{what}.json", data=form, auth=("AC1", token))


def text(base: str, body: str = "Tocsin 7F3K: Please look. http://localhost:8500/a/abc Number: 4711") -> httpx.Response:
    return provider(base, "Messages", To=THEIRS, From=OURS, Body=body, StatusCallback=STATUS)


def seen(base: str, path: str = "/phone") -> str:
    return httpx.get(base + path).text


def send(base: str, page: str, **fields: str) -> httpx.Response:
    token = search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    headers = {"Origin": base}
    return httpx.post(f"{base}/phone/reply", data={"token": token[1], **fields}, headers=headers)


def signed(path: str, fields: dict[str, str]) -> str:
    whole = PUBLIC + path + "".join(name + value for name, value in sorted(fields.items()))
    return base64.b64encode(hmac.new(TOKEN.encode(), whole.encode(), sha1).digest()).decode()


def test_a_text_message_is_taken_shown_and_reported_as_delivered(base: str, desk: Desk) -> None:
    answer = text(base)
    assert (answer.status_code, answer.json()["status"]) == (201, "queued")
    page = seen(base)
    assert THEIRS in page
    assert 'href="http://localhost:8500/a/abc"' in page
    assert "<strong>4711</strong>" in page
    assert 'http-equiv="refresh"' in page
    assert "<script" not in page
    for status in ("sent", "delivered"):
        path, fields, signature = desk.next()
        assert path == "/alerts/doors/sms/status/p1"
        assert (fields["MessageStatus"], fields["To"]) == (status, THEIRS)
        assert fields["MessageSid"] == answer.json()["sid"]
        assert signature == signed(path, fields)


def test_a_receipt_that_was_not_taken_is_handed_in_again(base: str, desk: Desk) -> None:
    desk.status = 503
    text(base)
    assert desk.next()[1]["MessageStatus"] == "sent"
    desk.status = 200
    assert sorted(desk.next()[1]["MessageStatus"] for _again in range(2)) == ["delivered", "sent"]


def test_only_the_exercises_own_pager_is_taken(base: str) -> None:
    assert provider(base, "Messages", token="guess", To=THEIRS, Body="x").status_code == 401
    assert provider(base, "Calls", token="guess", To=THEIRS).status_code == 401
    note = {"topic": "secret-topic-1", "message": "x"}
    assert httpx.post(f"{base}/ntfy/", json=note, headers={"Authorization": "Bearer guess"}).status_code == 401
    assert "Nothing came yet" in seen(base)


def test_the_number_is_sent_back_with_one_tap_and_signed_as_the_provider_signs(base: str, desk: Desk) -> None:
    text(base)
    desk.says = "<Response><Message>You have it until 12:00.</Message></Response>"
    page = seen(base)
    assert findall(r">Reply ([^<]+)<", page) == ["4711"]
    assert send(base, page, to=THEIRS, text="4711").status_code == 303
    replies = [one for one in (desk.next() for _each in range(3)) if one[0] == "/alerts/doors/sms/in"]
    ((path, fields, signature),) = replies
    assert (fields["From"], fields["To"], fields["Body"]) == (THEIRS, OURS, "4711")
    assert signature == signed(path, fields)
    assert "You have it until 12:00." in seen(base)


def test_a_question_offers_each_of_its_answers(base: str) -> None:
    text(base, "Tocsin 1234: Are you safe? http://localhost:8500/a/abc Or reply: 4711 SAFE / 4711 HELP")
    assert findall(r">Reply ([^<]+)<", seen(base)) == ["4711 SAFE", "4711 HELP"]


def test_a_reply_that_nobody_took_is_said(base: str, desk: Desk) -> None:
    text(base)
    desk.status = 403
    page = seen(base, "/phone/reply?to=%2B10000000001")
    assert "http-equiv" not in page
    send(base, page, to=THEIRS, text="4711")
    assert "Not delivered" in seen(base)


@pytest.mark.parametrize(
    "asked",
    [
        lambda base, page: httpx.post(f"{base}/phone/reply", data={"to": THEIRS, "text": "4711"}),
        lambda base, page: httpx.post(f"{base}/phone/reply", data={"to": THEIRS, "text": "4711", "token": "guess"}),
        lambda base, page: httpx.post(
            f"{base}/phone/reply",
            data={"to": THEIRS, "text": "4711", "token": search(r'name="token" value="([^"]+)"', page)[1]},  # type: ignore[index]
            headers={"Origin": "http://elsewhere.example"},
        ),
    ],
    ids=["no token", "wrong token", "another site"],
)
def test_no_other_site_answers_in_somebodys_place(base: str, asked: Callable[[str, str], httpx.Response]) -> None:
    text(base)
    answer = asked(base, seen(base))
    assert answer.status_code == 403
    assert "you" not in findall(r"</b> (\w+)", seen(base))


@pytest.mark.parametrize("host", ["evil.example", "evil.localhost", "phone.test", "192.0.2.1", "localhost.evil.org"])
def test_only_localhost_opens_the_phone(base: str, host: str) -> None:
    for path in ("/phone", "/phone/reply?to=x"):
        assert httpx.get(base + path, headers={"Host": host}).status_code == 421
    answer = httpx.get(f"{base}/phone", headers={"Host": "localhost:1"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_what_is_sent_is_never_markup(phone: tuple[Phone, str]) -> None:
    text(phone[1], '<script>alert(1)</script> http://x/"onclick=y <b>')
    page = seen(phone[1])
    assert "<script>" not in page
    assert '"onclick' not in page
    assert "<b>&" not in page
    phone[0].screen.add(Shown(Way.PUSH, "topic", "<i>", "x", "javascript:alert(1)"))
    assert 'href="javascript' not in seen(phone[1])


@pytest.mark.parametrize(
    "url",
    ["http://elsewhere.example/alerts/doors/sms/status/p1", f"{PUBLIC}/people/", f"{PUBLIC}.evil.org/alerts/doors/x"],
)
def test_nothing_but_the_doors_of_its_console_is_called(base: str, desk: Desk, url: str) -> None:
    provider(base, "Messages", To=THEIRS, From=OURS, Body="x", StatusCallback=url)
    text(base)
    assert [desk.next()[0] for _each in range(2)] == ["/alerts/doors/sms/status/p1"] * 2


def call(base: str, seconds: str = "40") -> httpx.Response:
    action = f"{PUBLIC}/alerts/doors/voice/answer/p2"
    words = "Please look. Press these keys: 4. 7. 1. 1."
    twiml = f'<Response><Gather action="{action}"><Say>{words}</Say><Say>{words}</Say></Gather></Response>'
    status = f"{PUBLIC}/alerts/doors/voice/status/p2"
    return provider(base, "Calls", To=THEIRS, From=OURS, Twiml=twiml, Timeout=seconds, StatusCallback=status)


def test_a_call_is_answered_by_its_keys_and_ends_when_the_voice_hangs_up(base: str, desk: Desk) -> None:
    sid = call(base).json()["sid"]
    assert seen(base).count("Press these keys") == 1
    page = seen(base, "/phone/reply?to=%2B10000000001")
    number = search(r'name="call" value="(\d+)"', page)
    assert number is not None
    desk.says = AGAIN
    send(base, page, call=number[1], keys="0000")
    path, fields, signature = desk.next()
    assert path == "/alerts/doors/voice/answer/p2"
    assert (fields["Digits"], fields["CallSid"], fields["To"]) == ("0000", sid, THEIRS)
    assert signature == signed(path, fields)
    assert "Wrong number." in seen(base)
    desk.says = "<Response><Say>You have it.</Say><Hangup/></Response>"
    send(base, page, call=number[1], keys="4711")
    desk.next()
    path, fields, _signature = desk.next()
    assert (path, fields["CallStatus"]) == ("/alerts/doors/voice/status/p2", "completed")
    assert "call · ended" in seen(base)
    send(base, page, call=number[1], keys="4711")
    assert desk.heard.empty()


def test_a_call_that_is_refused_or_rings_out_says_so(base: str, desk: Desk) -> None:
    call(base)
    page = seen(base, "/phone/reply?to=%2B10000000001")
    send(base, page, call="1", do="reject")
    assert desk.next()[1]["CallStatus"] == "busy"
    call(base, seconds="0")
    assert desk.next()[1]["CallStatus"] == "no-answer"
    assert "call · missed" in seen(base)


def test_a_push_is_taken_by_its_topic(base: str) -> None:
    note = {
        "topic": "secret-topic-1",
        "title": "Tocsin",
        "message": "Please look.",
        "click": "http://localhost:8500/a/b",
    }
    answer = httpx.post(f"{base}/ntfy/", json=note, headers={"Authorization": f"Bearer {PUSH_TOKEN}"})
    assert answer.json()["id"]
    page = seen(base)
    assert "secret-topic-1" in page
    assert 'href="http://localhost:8500/a/b"' in page
    bad = httpx.post(f"{base}/ntfy/", content=b"[" * 50_000, headers={"Authorization": f"Bearer {PUSH_TOKEN}"})
    assert bad.status_code == 400


def test_a_letter_of_the_exercise_is_shown_and_no_other() -> None:
    screen = Screen()
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = MailBox(screen, "pager@exercise.invalid", port)
    letter = EmailMessage()
    letter["Subject"] = "Tocsin · 7F3K"
    letter.set_content("Please look. Grüße", cte="quoted-printable")
    try:
        with smtplib.SMTP("127.0.0.1", port) as line:
            line.sendmail("pager@exercise.invalid", ["nadia@example.org"], letter.as_bytes())
            with pytest.raises(smtplib.SMTPSenderRefused):
                line.sendmail("pager@tocsin.example", ["nadia@example.org"], letter.as_bytes())
    finally:
        box.end()
    (face,) = screen.faces()
    assert (face.address, face.messages[0].text, len(face.messages)) == ("nadia@example.org", "Please look. Grüße", 1)


def test_what_is_kept_is_bounded_and_the_newest_stand_first() -> None:
    screen = Screen()
    for number in range(MOST_ADDRESSES + 5):
        screen.add(Shown(Way.SMS, f"+1{number}", "", "x" * 100_000))
    for number in range(MOST_OF_ONE + 5):
        screen.add(Shown(Way.SMS, "+1", "", str(number)))
    faces = screen.faces()
    assert (len(faces), len(faces[0].messages)) == (MOST_ADDRESSES, MOST_OF_ONE)
    assert faces[0].messages[0].text == str(MOST_OF_ONE + 4)
    assert len(faces[1].messages[0].text) < 10_000
    assert screen.face("+10") is None


def test_what_is_too_long_or_posted_to_what_takes_nothing_is_refused(base: str) -> None:
    assert httpx.post(f"{base}/phone", data={"x": "y"}).status_code == 405
    assert httpx.post(f"{base}/nowhere", data={"x": "y"}).status_code == 404
    assert httpx.post(f"{base}/ntfy/", content=b"x" * 70_000).status_code == 413
    assert httpx.get(f"{base}/ntfy/").status_code == 405
