"""Letters go out whole, by a server that proves itself, and every end of the session is told apart."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tocsin.alerts.channels import calling
from tocsin.alerts.channels.base import Message, Outcome, Result
from tocsin.alerts.channels.mail import Mail
from tocsin.alerts.channels.reasons import Why
from tocsin.alerts.channels.tests.conftest import Setting
from tocsin.alerts.channels.tests.servers import HOST, Script, closed_port, listening, mailing

LONG, SHORT = 10.0, 0.3
TO = "alice@example.org"


class Box:
    """What a real mail server took."""

    def __init__(self) -> None:
        self.letters: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.letters.append(envelope)
        return "250 2.0.0 Taken"


@contextmanager
def real_server(box: Box, **options: Any) -> Iterator[int]:
    """An aiosmtpd server on a free port."""
    controller = Controller(box, hostname=HOST, port=closed_port(), server_hostname="mail.example", **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def read(envelope: Envelope) -> EmailMessage:
    assert isinstance(envelope.content, bytes)
    letter = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(letter, EmailMessage)
    return letter


def test_a_letter_arrives_as_it_was_meant(setting: Setting, message: Message) -> None:
    box = Box()
    with real_server(box) as port:
        assert Mail(setting(port=port)).send(message, TO, LONG) == Outcome(Result.TAKEN)
    (envelope,) = box.letters
    letter = read(envelope)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("pager@tocsin.example", [TO])
    assert letter["From"] == "Tocsin <pager@tocsin.example>"
    assert letter["Reply-To"] == "answer+s3cr3t-t0ken@tocsin.example"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Importance"] == "high"
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().strip() == message.text


def test_a_repeat_carries_the_same_id_and_its_own_number(setting: Setting, message: Message) -> None:
    mail = Mail(setting())
    again = Message(**{name: getattr(message, name) for name in Message.__slots__} | {"attempt": 2})
    first, second = mail.letter(message, TO), mail.letter(again, TO)
    assert first["Message-ID"] == second["Message-ID"] == "<k7m2pq9xw4htz3ab.page@tocsin.example>"
    assert (first["X-Tocsin-Attempt"], second["X-Tocsin-Attempt"]) == ("1", "2")


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org", "x\u2028Bcc: e", "x\x00y\x85z"]
)
def test_no_word_of_a_message_becomes_a_header(setting: Setting, message: Message, evil: str) -> None:
    box = Box()
    changed = {"subject": evil, "code": evil, "page": evil, "reply_token": evil}
    bad = Message(**{name: getattr(message, name) for name in Message.__slots__} | changed)
    with real_server(box) as port:
        assert Mail(setting(port=port)).send(bad, TO, LONG).result is Result.TAKEN
    letter = read(box.letters[0])
    assert letter["Bcc"] is None
    assert letter["Reply-To"] is None
    assert box.letters[0].rcpt_tos == [TO]


@pytest.mark.parametrize(
    "evil", ["a@b.org\r\nRCPT TO:<eve@c.org>", "a@b.org>, <eve@c.org", "a b@c.org", "@", "a@b", ""]
)
def test_an_address_that_is_more_than_one_is_never_sent_to(setting: Setting, message: Message, evil: str) -> None:
    script = Script()
    with listening(mailing(script)) as server:
        assert Mail(setting(port=server.port)).send(message, evil, LONG) == Outcome(Result.REFUSED, Why.BAD_ADDRESS)
    assert script.verbs == []


def test_every_script_and_every_dot_survives_the_way(setting: Setting, message: Message) -> None:
    text = ".\n..\nمرحبا 你好 🔔\r.\r\n.\n" + "long " * 500
    box = Box()
    odd = Message(
        **{name: getattr(message, name) for name in Message.__slots__} | {"text": text, "subject": "你好 · مرحبا"}
    )
    with real_server(box) as port:
        assert Mail(setting(port=port)).send(odd, TO, LONG).result is Result.TAKEN
    letter = read(box.letters[0])
    assert letter.get_content().split() == text.split()
    assert letter["Subject"] == "你好 · مرحبا"


def test_it_signs_in_behind_starttls_and_only_there(
    setting: Setting, message: Message, context: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    asked: list[tuple[bytes, bytes]] = []

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        asked.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    box = Box()
    options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": check}
    with real_server(box, **options) as port:
        for password, outcome in (("right", Outcome(Result.TAKEN)), ("wrong", Outcome(Result.FAILED, Why.NOT_ALLOWED))):
            chosen = setting(
                port=port, smtp_security="starttls", smtp_user="pager", secrets={"smtp_password": password}
            )
            assert Mail(chosen, calling.Line(trust=trust)).send(message, TO, LONG) == outcome
    assert asked[0] == (b"pager", b"right")
    assert set(asked[1:]) == {(b"pager", b"wrong")}
    assert len(box.letters) == 1


def test_a_server_that_can_not_prove_its_name_gets_nothing(
    setting: Setting, message: Message, context: ssl.SSLContext
) -> None:
    box = Box()
    with real_server(box, tls_context=context) as port:
        assert Mail(setting(port=port, smtp_security="starttls")).send(message, TO, LONG) == Outcome(
            Result.FAILED, Why.TLS
        )
    script = Script()
    with listening(mailing(script), context) as server:
        assert Mail(setting(port=server.port, smtp_security="tls")).send(message, TO, LONG) == Outcome(
            Result.FAILED, Why.TLS
        )
    assert (box.letters, script.verbs) == ([], [])


def test_tls_from_the_first_byte_works(
    setting: Setting, message: Message, context: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    script = Script()
    with listening(mailing(script), context) as server:
        mail = Mail(setting(port=server.port, smtp_security="tls"), calling.Line(trust=trust))
        assert mail.send(message, TO, LONG) == Outcome(Result.TAKEN)


def test_a_server_without_encryption_gets_nothing(setting: Setting, message: Message) -> None:
    script = Script()
    with listening(mailing(script)) as server:
        mail = Mail(setting(port=server.port, smtp_security="starttls"))
        assert mail.send(message, TO, LONG) == Outcome(Result.FAILED, Why.NO_ENCRYPTION)
    assert script.letters == []
    assert [verb for verb in script.verbs if verb.lower().startswith("mail")] == []


BEFORE = ["banner", "ehlo", "mail", "rcpt", "data"]


@pytest.mark.parametrize("at", BEFORE)
def test_a_server_that_dies_before_the_letter_has_none(setting: Setting, message: Message, at: str) -> None:
    with listening(mailing(Script(dies_at=at))) as server:
        outcome = Mail(setting(port=server.port)).send(message, TO, LONG)
    assert outcome == Outcome(Result.FAILED, Why.CUT_SHORT)


def test_a_server_that_dies_after_the_letter_may_have_it(setting: Setting, message: Message) -> None:
    script = Script(dies_at="end")
    with listening(mailing(script)) as server:
        outcome = Mail(setting(port=server.port)).send(message, TO, LONG)
    assert outcome == Outcome(Result.UNKNOWN, Why.CUT_SHORT)
    assert len(script.letters) == 1


@pytest.mark.parametrize(
    ("script", "result"),
    [
        (Script(hangs_at="banner"), Result.FAILED),
        (Script(hangs_at="rcpt"), Result.FAILED),
        (Script(drips_at="ehlo"), Result.FAILED),
        (Script(hangs_at="end"), Result.UNKNOWN),
        (Script(drips_at="end"), Result.UNKNOWN),
    ],
)
def test_a_server_that_hangs_or_drips_is_left_in_time(
    setting: Setting, message: Message, script: Script, result: Result
) -> None:
    with listening(mailing(script)) as server:
        outcome = Mail(setting(port=server.port)).send(message, TO, SHORT)
    assert outcome == Outcome(result, Why.TIMEOUT)


@pytest.mark.parametrize(("at", "result"), [("ehlo", Result.FAILED), ("end", Result.UNKNOWN)])
def test_a_server_that_never_stops_talking_is_cut(setting: Setting, message: Message, at: str, result: Result) -> None:
    with listening(mailing(Script(floods_at=at))) as server:
        outcome = Mail(setting(port=server.port)).send(message, TO, LONG)
    assert outcome == Outcome(result, Why.CUT_SHORT)


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        ({"banner": b"554 5.7.1 Go away\r\n"}, Outcome(Result.FAILED, Why.REFUSED_MESSAGE)),
        ({"banner": b"421 4.3.2 Later\r\n"}, Outcome(Result.FAILED, Why.BUSY)),
        ({"mail": b"530 5.7.0 Sign in first\r\n"}, Outcome(Result.FAILED, Why.NOT_ALLOWED)),
        ({"mail": b"452 4.3.1 Full\r\n"}, Outcome(Result.FAILED, Why.TOO_MANY)),
        ({"rcpt": b"550 5.1.1 No such person\r\n"}, Outcome(Result.REFUSED, Why.BAD_ADDRESS)),
        ({"rcpt": b"550 No such person\r\n"}, Outcome(Result.REFUSED, Why.BAD_ADDRESS)),
        ({"rcpt": b"550 5.7.1 You are on a block list\r\n"}, Outcome(Result.FAILED, Why.REFUSED_MESSAGE)),
        ({"rcpt": b"450 4.2.0 Greylisted\r\n"}, Outcome(Result.FAILED, Why.BUSY)),
        ({"data": b"451 4.3.0 Later\r\n"}, Outcome(Result.FAILED, Why.BUSY)),
        ({"end": b"554 5.6.0 Looks odd\r\n"}, Outcome(Result.FAILED, Why.REFUSED_MESSAGE)),
        ({"end": b"451 4.3.0 Later\r\n"}, Outcome(Result.FAILED, Why.BUSY)),
        ({"end": b"what?\r\n"}, Outcome(Result.UNKNOWN, Why.CUT_SHORT)),
        ({"banner": b"HTTP/1.1 400 Bad Request\r\n"}, Outcome(Result.FAILED, Why.NOT_THE_PROVIDER)),
    ],
)
def test_each_refusal_is_told_apart(
    setting: Setting, message: Message, replies: dict[str, bytes], outcome: Outcome
) -> None:
    with listening(mailing(Script(replies))) as server:
        assert Mail(setting(port=server.port)).send(message, TO, LONG) == outcome


def test_where_nobody_listens_nothing_was_taken(setting: Setting, message: Message) -> None:
    assert Mail(setting(port=closed_port())).send(message, TO, LONG) == Outcome(Result.FAILED, Why.CONNECT)


def test_a_name_that_is_unknown_took_nothing(setting: Setting, message: Message) -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise OSError

    mail = Mail(setting(smtp_host="mail.example", smtp_security="starttls"), calling.Line(resolver=nobody))
    assert mail.send(message, TO, LONG) == Outcome(Result.FAILED, Why.DNS)


def test_mail_in_the_clear_is_for_this_machine_alone(setting: Setting) -> None:
    assert Mail(setting(smtp_security="none")).ready().ready
    far = Mail(setting(smtp_security="none", smtp_host="mail.example.org")).ready()
    assert far.wrong
    assert "starttls" in far.why_not
    assert Mail(setting(smtp_host="")).ready().why_not == "Set smtp_host in tocsin.toml."
    assert not Mail(setting(smtp_user="pager")).ready().ready
