"""A real mail server for answers, on loopback: it takes what counts, bears what does not, and loses nothing."""

import smtplib
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from email import policy
from email.message import EmailMessage

import pytest
from django.db import OperationalError

from tocsin.alerts import answering, clock
from tocsin.alerts.doors import mail_in
from tocsin.alerts.doors.mail_in import MailIn, address_of, token_of
from tocsin.alerts.doors.tests.conftest import Call
from tocsin.alerts.models import Alert, Heard, Lane, Notice, Page, Pulse
from tocsin.alerts.secrets import token_of as page_token
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)

HOST = "example.org"


@pytest.fixture
def door() -> Iterator[MailIn]:
    opened = MailIn("127.0.0.1", 0)
    opened.start()
    yield opened
    opened.stop()


@pytest.fixture
def page(paged: Call) -> Page:
    return paged("mail")


def to(page: Page, name: str = "reply") -> str:
    return f"{name}+{page_token(page.public_id)}@{HOST}"


def letter(text: str = "I HAVE IT", sender: str = "bob@example.org", **more: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = sender
    made["Message-ID"] = more.pop("number", "<1@example.org>")
    for name, value in more.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def post(door: MailIn, content: EmailMessage | bytes, *recipients: str, sender: str = "bob@example.org") -> int:
    """Send a letter as a mail server would; the status that it was answered with."""
    whole = content if isinstance(content, bytes) else content.as_bytes(policy=policy.SMTP)
    with smtplib.SMTP("127.0.0.1", door.port, timeout=20) as line:
        line.ehlo("mail.example.org")
        line.mail(sender)
        for recipient in recipients:
            assert line.rcpt(recipient)[0] == 250
        return line.data(whole)[0]


def is_open() -> bool:
    return Alert.objects.get().state == Alert.State.OPEN


def test_an_exact_first_line_from_the_address_that_was_paged_answers(door: MailIn, page: Page, bob: Person) -> None:
    assert post(door, letter("i have it.\n\n> On Sunday the pager wrote …"), to(page)) == 250
    alert = Alert.objects.get()
    assert alert.answered_by == bob
    assert alert.unconfirmed_until is not None


def test_pass_on_calls_the_next_person(door: MailIn, page: Page, alice: Person) -> None:
    post(door, letter("PASS ON"), to(page))
    assert is_open()
    assert Notice.objects.get(person__name="Bob", purpose=Notice.Purpose.ALERT).answer == "pass"


@pytest.mark.parametrize(
    "wrong",
    [
        letter("I have it, but I am on a train"),
        letter("> I HAVE IT"),
        letter('"I HAVE IT"'),
        letter("Thanks!\nI HAVE IT"),
        letter(sender="eve@example.org"),
        letter(sender='"bob@example.org" <eve@example.org>'),
        letter(Auto_Submitted="auto-replied"),
        letter(Precedence="bulk"),
        letter(X_Autoreply="yes"),
        b"From: bob@example.org\r\nFrom: eve@example.org\r\nMessage-ID: <1@x>\r\n\r\nI HAVE IT\r\n",
        b"From: bob@example.org\r\n\r\nI HAVE IT\r\n",
        b"From: bob@example.org\r\nMessage-ID: <1@x>\r\n\r\nI HAVE\x00 IT\r\n",
        b"\xff\xfe\x80",
        b"",
    ],
)
def test_anything_else_is_taken_and_counts_as_nothing(door: MailIn, page: Page, wrong: EmailMessage | bytes) -> None:
    assert post(door, wrong, to(page)) == 250
    assert is_open()


def test_a_bounce_counts_as_nothing(door: MailIn, page: Page) -> None:
    assert post(door, letter(), to(page), sender="") == 250
    assert is_open()


def test_a_letter_counts_once(door: MailIn, page: Page, bob: Person) -> None:
    post(door, letter("PASS ON"), to(page))
    post(door, letter("I HAVE IT"), to(page))
    assert is_open()
    assert Heard.objects.filter(channel="mail").count() == 1
    post(door, letter("I HAVE IT", number="<2@example.org>"), to(page))
    assert Alert.objects.get().answered_by == bob


def test_the_token_of_another_channel_answers_nothing_by_mail(door: MailIn, paged: Call) -> None:
    page = paged("sms")
    assert post(door, letter(), to(page)) == 250
    assert is_open()


def test_only_addresses_with_a_token_exist_and_few_at_once(door: MailIn) -> None:
    with smtplib.SMTP("127.0.0.1", door.port, timeout=20) as line:
        line.ehlo()
        line.mail("bob@example.org")
        for nobody in (
            "reply@example.org",
            "+@example.org",
            "a+b c@example.org",
            "a+" + "x" * 81 + "@example.org",
            "a",
        ):
            assert line.rcpt(nobody)[0] in {501, 550, 553}
        answers = [line.rcpt(f"reply+token{number}@example.org")[0] for number in range(6)]
        assert answers == [250] * 5 + [452]


def test_header_injection_through_recipients_is_refused(door: MailIn, page: Page) -> None:
    with closing(socket.create_connection(("127.0.0.1", door.port), 20)) as line:
        lines = line.makefile("rb")
        lines.readline()
        line.sendall(b"EHLO x\r\nMAIL FROM:<bob@example.org>\r\nRCPT TO:<a+b@example.org\nBcc: eve@x.org>\r\n")
        while (answer := lines.readline())[3:4] == b"-" or answer.startswith(b"250 "):
            pass
        assert answer.startswith(b"5")


def test_when_nothing_can_be_stored_the_mail_server_tries_again(
    door: MailIn, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_given: object) -> None:
        raise OperationalError("the database is locked")

    with monkeypatch.context() as broken:
        broken.setattr(answering, "by_mail_token", down)
        assert post(door, letter(), to(page)) == 451
    assert post(door, letter(), to(page)) == 250
    assert not is_open()


def test_a_fault_of_ours_tells_nothing_and_is_tried_again(
    door: MailIn, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise ValueError("bob@example.org said too much")

    monkeypatch.setattr(answering, "by_mail_token", broken)
    with smtplib.SMTP("127.0.0.1", door.port, timeout=20) as line:
        line.ehlo()
        line.mail("bob@example.org")
        line.rcpt(to(page))
        assert line.data(letter().as_bytes(policy=policy.SMTP)) == (451, b"4.3.0 Not now, try again")


def test_the_heartbeat_comes_back_although_it_is_automatic(door: MailIn, drums: object) -> None:
    now = clock.now()
    notice = Notice.objects.create(purpose=Notice.Purpose.PULSE, lane=Lane.WAKE, made_at=now, leaves_at=now)
    beat = Page.objects.create(
        public_id="beat", notice=notice, channel="mail", code="7F3K", token_hash=page_token("beat").digest, due_at=now
    )
    pulse = Pulse.objects.create(page=beat, channel="mail", sent_at=now)
    own = letter("anything", sender="pager@example.org", Auto_Submitted="auto-generated")
    assert post(door, own, to(beat, "pulse"), sender="") == 250
    pulse.refresh_from_db()
    assert pulse.returned_at is None, "a bounce is no heartbeat"
    assert post(door, own, to(beat, "pulse"), sender="pager@example.org") == 250
    pulse.refresh_from_db()
    assert pulse.returned_at is not None


def test_a_mail_bomb_is_refused_by_its_size(door: MailIn, page: Page) -> None:
    assert post(door, letter("x\n" * 150_000), to(page)) == 552
    with smtplib.SMTP("127.0.0.1", door.port, timeout=20) as line:
        line.ehlo()
        assert line.mail("bob@example.org", ["SIZE=100000000"])[0] == 552


def test_a_line_without_an_end_is_cut_off(door: MailIn, page: Page) -> None:
    with closing(socket.create_connection(("127.0.0.1", door.port), 20)) as line:
        lines = line.makefile("rb")
        line.sendall(f"EHLO x\r\nMAIL FROM:<bob@example.org>\r\nRCPT TO:<{to(page)}>\r\nDATA\r\n".encode())
        while not lines.readline().startswith(b"354"):
            pass
        with suppress(OSError):  # reset or broken, as the system likes
            for _ in range(200):
                line.sendall(b"x" * 100_000)
        with suppress(OSError):
            assert lines.read() == b"", "it is closed"
    assert post(door, letter(), to(page)) == 250


def test_a_letter_a_thousand_parts_deep_is_borne(door: MailIn, page: Page) -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(1_000))
    whole = b"From: bob@example.org\r\nMessage-ID: <1@x>\r\n" + deep + b"\r\nI HAVE IT\r\n"
    assert post(door, whole, to(page)) == 250
    assert is_open()


def test_a_crowd_is_told_to_come_again(door: MailIn, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_in, "MOST_CONNECTIONS", 3)
    with ExitStack() as open_ones:
        for _ in range(3):
            open_ones.enter_context(smtplib.SMTP("127.0.0.1", door.port, timeout=20)).ehlo()
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            smtplib.SMTP("127.0.0.1", door.port, timeout=20)
        assert refused.value.smtp_code == 421
    assert post(door, letter(), to(page)) == 250


def test_a_slow_client_is_let_go(page: Page) -> None:
    door = MailIn("127.0.0.1", 0, idle_seconds=20, whole_seconds=0.2)
    door.start()
    try:
        with closing(socket.create_connection(("127.0.0.1", door.port), 20)) as line:
            line.sendall(b"EHLO x\r\nMAIL FR")
            received = b""
            with suppress(ConnectionResetError):
                while more := line.recv(1_000):
                    received += more
            assert received.startswith(b"220")
    finally:
        door.stop()


def test_it_stops_listening(door: MailIn) -> None:
    port = door.port
    door.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 20)


def test_addresses_with_tokens_are_read() -> None:
    assert token_of("<Reply+aB-_9@example.org>") == ("reply", "aB-_9")
    assert token_of("a+b+c@example.org") == ("a+b", "c")
    assert token_of("reply@example.org") is None
    assert address_of("127.0.0.1:8525") == ("127.0.0.1", 8525)
    assert address_of("[::1]:25") == ("::1", 25)
    assert address_of("") is None
