"""Mail to the emergency address is sealed at once, whatever it holds; only its desk reads it, in an open vault."""

import base64
import smtplib
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tocsin.alerts.channels.base import Settings
from tocsin.alerts.doors.mail_in import MailIn
from tocsin.alerts.models import Alert, Lane
from tocsin.keys import safes
from tocsin.keys.models import Epoch
from tocsin.keys.tests.conftest import Open
from tocsin.mailbox import actions, desks, letters, phrases, standing, work
from tocsin.mailbox.letters import Opened
from tocsin.mailbox.mail import openpgp, reading, receiving, sending, taking
from tocsin.mailbox.mail.taking import Taken
from tocsin.mailbox.models import Canary, Desk, Letter
from tocsin.mailbox.refusals import RefusedError, UnsentError
from tocsin.mailbox.tests.imap import certificate
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
BODY = "qzxmailbodycanary They arrested my brother tonight. Please help me."
SUBJECT, SENDER = "qzxsubjectcanary", "qzxsender@mail.example"


@pytest.fixture
def post(desk: Desk, opened: Open, alice: Person) -> Desk:
    """The desk that the emergency address ends at."""
    desks.take_mail(opened(alice), desk)
    return Desk.objects.get(pk=desk.pk)


@pytest.fixture
def newest(opened: Open, alice: Person) -> Callable[[], Opened]:
    """The only letter, as Alice reads it."""
    return lambda: letters.one(opened(alice), Letter.objects.get().pk)


def mail(body: str = BODY, subject: str = SUBJECT, sender: str = SENDER, **headers: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "help@tocsin.example", subject
    made["Message-ID"] = "<one@mail.example>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(body)
    made.add_attachment(b"\x00picture", maintype="image", subtype="png", filename="../qzxname.png")
    return made.as_bytes()


def test_mail_is_sealed_and_read_at_the_desk(post: Desk, newest: Callable[[], Opened]) -> None:
    assert taking.take(mail()) is Taken.KEPT
    one = newest()
    assert (one.content.subject, one.content.sender) == (SUBJECT, SENDER)
    assert one.content.text == BODY
    (file,) = one.content.files
    assert (file.data, "/" in file.name) == (b"\x00picture", False)
    assert (one.letter.language, one.letter.urgency) == ("en", "now")
    alert = Alert.objects.get()
    assert (alert.lane, alert.urgency, alert.language) == (Lane.LIFE, "immediate", "en")


def test_the_same_mail_is_kept_once(post: Desk) -> None:
    same = mail()
    assert [taking.take(same), taking.take(same)] == [Taken.KEPT, Taken.KEPT]
    assert Letter.objects.count() == 1


def test_without_a_desk_or_its_key_mail_must_come_again_and_nothing_is_kept(desk: Desk) -> None:
    assert taking.take(mail()) is Taken.LATER
    Desk.objects.update(takes_mail=True)
    Epoch.objects.filter(compartment="letters").delete()
    assert taking.take(mail()) is Taken.LATER
    assert receiving.said_of(mail()).startswith("451")
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("text", "headers", "urgency", "lane"),
    [
        ("Weekly news about gardens.", {"List_Id": "<a.b>"}, "bulk", Lane.QUIET),
        ("Hello, may I ask you something?", {}, "", Lane.LIFE),
        ("Вчера его арестовали, помогите!", {}, "now", Lane.LIFE),
        ("救命，他们今晚来抓我", {"Precedence": "bulk"}, "now", Lane.LIFE),
        ("اعتقلوا أخي الليلة، ساعدوني", {}, "now", Lane.LIFE),
    ],
)
def test_a_person_never_waits_for_the_day_and_a_machine_does(
    post: Desk, text: str, headers: dict[str, str], urgency: str, lane: Lane
) -> None:
    taking.take(mail(text, "Hello", **headers))
    assert (Letter.objects.get().urgency, Alert.objects.get().lane) == (urgency, lane)


def test_a_flood_calls_by_one_alert_and_every_letter_keeps_its_clocks(post: Desk, opened: Open, alice: Person) -> None:
    for number in range(30):
        taking.take(mail(f"May I ask you something? {number}", "Hello"))
    assert Alert.objects.filter(kind="letter").count() == 20
    (many,) = Alert.objects.filter(kind="letters")
    assert (many.lane, many.seen_count) == (Lane.LIFE, 10)
    taking.take(mail("They arrested him tonight, help me"))
    assert Alert.objects.filter(kind="letter", urgency="immediate").count() == 1
    assert len(letters.heads(desks.open_safe(opened(alice), post), letters.waiting(post))) == 31


_NEST = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(5_000))
UGLY = [
    b"",
    b"\x00\xff\xfe",
    b"no headers at all, only words",
    b"From: a@b.example\r\n" + _NEST + b"\r\nwords",
    b"From: a@b.example, c@d.example\r\nSubject: =?utf-8?q?=ZZ?=\r\n\r\nwords",
    b"From: " + b"(" * 20_000 + b"\r\n\r\nwords",
    b"Content-Type: text/plain; charset=zlib_codec\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\x00\\ud800 \xed\xa0\x80",
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n' + b"--x\r\n\r\na\r\n" * 20_000,
    b"Content-Type: text/html\r\n\r\n" + b"<b>" * 50_000 + b"<script>alert(1)</script>words",
    b"Subject: a\r\n" * 20_000 + b"\r\nwords",
    b"-----BEGIN PGP MESSAGE-----\r\nnot at all\r\n-----END PGP MESSAGE-----",
]


@pytest.mark.parametrize("content", UGLY)
def test_an_ugly_letter_is_kept_and_shown(post: Desk, newest: Callable[[], Opened], content: bytes) -> None:
    assert taking.take(content) is Taken.KEPT
    one = newest()
    assert len(one.content.text) <= 200_000
    assert "<script" not in one.content.text
    assert len(one.content.files) <= 60


def test_a_forged_or_missing_sender_is_never_written_to(post: Desk, opened: Open, alice: Person) -> None:
    for sender in ("", "a@b.example, c@d.example", "a@b.example\nBcc: x@y.example", "<<>>", "a b@c.example"):
        Letter.objects.all().delete()
        taking.take(f"From: {sender}\r\nSubject: x\r\n\r\nwords".encode())
        one = letters.one(opened(alice), Letter.objects.get().pk)
        with pytest.raises(RefusedError):
            actions.reply(opened(alice), one, "s", "words", send=True)
        assert Letter.objects.get().state == Letter.State.NEW


def test_an_answer_quotes_nothing_and_takes_no_header_from_its_words() -> None:
    content = letters.Content(text=BODY, subject=SUBJECT, sender=SENDER, number="<a@b>\r\nBcc: x@y.example")
    made = sending.letter("help@tocsin.example", SENDER, "Your message\r\nBcc: z@y.example", "Hello\n.\nBye", content)
    raw = made.as_bytes()
    assert SUBJECT.encode() not in raw
    assert b"qzxmailbody" not in raw
    assert made["Bcc"] is None
    assert made["In-Reply-To"] is None
    assert made["Subject"] == "Your message Bcc: z@y.example"
    assert made["From"] == "help@tocsin.example"


class _Post:
    """A mail server's handler that keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.threads = ThreadPoolExecutor(1)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def outside(settings: Any) -> Iterator[_Post]:
    """A mail server outside that takes what is sent."""
    post = _Post()
    server = MailIn("127.0.0.1", 0, answers=post)
    server.start()
    values: dict[str, Any] = {
        "smtp_host": "127.0.0.1",
        "smtp_port": server.port,
        "smtp_security": "none",
        "mail_from": "pager@a.example",
    }
    settings.PAGING = Settings({**settings.PAGING.values, **values}, {}, "http://localhost", "Tocsin")
    yield post
    server.stop()


def test_the_acknowledgement_goes_out_in_the_senders_language_and_stops_the_clock(
    post: Desk, newest: Callable[[], Opened], outside: _Post, opened: Open, alice: Person
) -> None:
    taking.take(mail("Моего брата арестовали сегодня ночью, помогите нам пожалуйста"))
    one = newest()
    assert one.letter.language == "ru"
    phrase = phrases.of(one.letter.language).acknowledge[0]
    actions.acknowledge(opened(alice), one, phrase.subject, phrase.text, send=True)
    (sent,) = outside.taken
    read = reading.read(sent)
    assert (read.subject, read.text, read.sender) == (phrase.subject, phrase.text.strip(), "help@tocsin.example")
    assert b"ocsin" not in sent.replace(b"help@tocsin.example", b"").replace(b"@tocsin.example>", b"")
    assert [each.clock for each in newest().head.clocks] == ["reply"]


def test_a_mail_server_that_is_away_stops_no_clock(
    post: Desk, newest: Callable[[], Opened], opened: Open, alice: Person, settings: Any
) -> None:
    values: dict[str, Any] = {
        "smtp_host": "127.0.0.1",
        "smtp_port": 9,
        "smtp_security": "none",
        "mail_from": "p@tocsin.example",
    }
    settings.PAGING = Settings({**settings.PAGING.values, **values}, {}, "http://localhost", "Tocsin")
    taking.take(mail())
    with pytest.raises(RefusedError):
        actions.acknowledge(opened(alice), newest(), "s", "words", send=True)
    assert len(newest().head.clocks) == 2


def test_encrypted_mail_opens_in_the_desks_vault_and_the_answer_is_encrypted(
    post: Desk, newest: Callable[[], Opened], outside: _Post, opened: Open, alice: Person
) -> None:
    ours, theirs = openpgp.make("help@tocsin.example"), openpgp.make(SENDER)
    inner = (
        b"Content-Type: text/plain; charset=utf-8\r\nSubject: inside\r\n\r\nqzxencrypted words\r\n\r\n"
        + theirs.public.encode()
    )
    sealed = openpgp.encrypt(ours.public.encode(), inner)
    assert sealed is not None
    content = (
        b"From: "
        + SENDER.encode()
        + b'\r\nSubject: ...\r\nContent-Type: multipart/encrypted; boundary="x"\r\n\r\n--x\r\n'
        b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        b"--x\r\nContent-Type: application/octet-stream\r\n\r\n" + sealed + b"\r\n--x--\r\n"
    )
    taking.take(content)
    assert newest().content.unreadable
    body = {"kind": "openpgp", "private": ours.private, "public": ours.public}
    safes.changing(opened(alice), post.safe, lambda safe: safe.add(desks.NOTES, body))
    one = newest()
    assert (one.content.unreadable, one.content.encrypted, one.content.subject) == (False, True, "inside")
    assert one.content.text.startswith("qzxencrypted words")
    actions.reply(opened(alice), one, "a subject", "qzxanswer", send=True)
    (sent,) = outside.taken
    assert b"qzxanswer" not in sent
    assert b"a subject" not in sent
    found = reading.read(sent)
    clear = openpgp.decrypt(theirs.private, found.encrypted)
    assert clear is not None
    assert b"qzxanswer" in clear


def test_a_key_that_is_none_never_lets_an_answer_go_in_clear() -> None:
    content = letters.Content(text="", sender=SENDER, sender_key=b"-----BEGIN PGP PUBLIC KEY BLOCK-----\nnonsense")
    with pytest.raises(UnsentError):
        sending.letter("help@tocsin.example", SENDER, "s", "words", content)


def test_the_hourly_mail_is_noted_never_kept_and_missed_when_it_stays_away(
    post: Desk, opened: Open, alice: Person
) -> None:
    word = desks.set_canary(opened(alice), post)
    lag = standing.canary_of(post)
    assert lag is not None
    assert not lag.absent
    assert not work.watch_canary()
    assert taking.take(mail(f"tocsin-canary {word}")) is Taken.CANARY
    assert not Letter.objects.exists()
    assert taking.take(mail("tocsin-canary 22222222222222222222")) is Taken.KEPT
    assert word.encode() not in bytes(Canary.objects.get().hashed)
    Canary.objects.update(seen_at=timezone.now() - timedelta(minutes=91))
    assert work.watch_canary()
    assert not work.watch_canary()
    assert Alert.objects.get(kind="mail_silent").reference == f"desk:{post.public_id}"


@contextmanager
def _listening(**options: Any) -> Iterator[smtplib.SMTP]:
    server = receiving.listening("127.0.0.1:0", "help@tocsin.example", **options)
    assert server is not None
    server.start()
    try:
        with smtplib.SMTP("localhost", server.port, timeout=20) as client:
            yield client
    finally:
        server.stop()


@pytest.mark.django_db(transaction=True)
def test_mail_by_smtp_is_taken_once_it_is_stored_and_bounded(
    post: Desk, newest: Callable[[], Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_BYTES", 100_000)
    with _listening() as client:
        assert client.sendmail(SENDER, ["HELP@tocsin.example"], mail()) == {}
        assert newest().content.text == BODY
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(SENDER, ["other@tocsin.example"], mail())
        with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused)) as refused:
            client.sendmail(SENDER, ["help@tocsin.example"], mail("x" * 70 + "\n" + ("y" * 70 + "\n") * 2_000))
        assert refused.value.smtp_code == 552
        Epoch.objects.filter(compartment="letters").delete()
        with pytest.raises(smtplib.SMTPDataError) as later:
            client.sendmail(SENDER, ["help@tocsin.example"], mail("another"))
        assert later.value.smtp_code == 451


@pytest.mark.django_db(transaction=True)
def test_mail_by_smtp_travels_sealed_where_a_certificate_is_set(
    post: Desk, newest: Callable[[], Opened], tmp_path: Path
) -> None:
    pem = certificate(tmp_path)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(pem)
    with _listening(tls=trust) as client:
        client.starttls(context=ssl.create_default_context(cafile=pem))
        client.sendmail(SENDER, ["help@tocsin.example"], mail())
    assert newest().content.text == BODY


def test_base64_is_of_no_use_to_hide_a_word_on_the_disk(post: Desk) -> None:
    taking.take(mail())
    blob = bytes(Letter.objects.get().blob)
    for word in (BODY, SUBJECT, SENDER):
        assert word.encode() not in blob
        assert base64.b64encode(word.encode())[:20] not in blob
