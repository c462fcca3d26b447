"""Whatever a provider does, each channel says in time, and precisely, whether the message may have been taken."""

import json
import logging
import ssl
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from tocsin.alerts.channels import calling, reasons
from tocsin.alerts.channels.base import Channel, Message, Outcome, Result
from tocsin.alerts.channels.ntfy import Ntfy
from tocsin.alerts.channels.reasons import Why
from tocsin.alerts.channels.signal import Signal
from tocsin.alerts.channels.sms import Sms
from tocsin.alerts.channels.tests.conftest import Setting
from tocsin.alerts.channels.tests.servers import (
    HOST,
    Talk,
    answering,
    closed_port,
    dripping,
    flooding,
    hanging,
    listening,
    page,
)
from tocsin.alerts.channels.voice import Voice
from tocsin.alerts.channels.webhook import Webhook

LONG, SHORT = 10.0, 0.3


@dataclass(frozen=True)
class Kind:
    """A channel, an address of it, and what its provider answers when all is well."""

    make: type[Sms] | type[Voice] | type[Signal] | type[Ntfy] | type[Webhook]
    address: str
    status: str
    good: bytes

    @property
    def needs_proof(self) -> bool:
        return self.make is not Webhook


KINDS = {
    "sms": Kind(Sms, "+41446681801", "201 Created", b'{"sid": "SM1", "status": "queued"}'),
    "voice": Kind(Voice, "+41446681801", "201 Created", b'{"sid": "CA1", "status": "queued"}'),
    "signal": Kind(Signal, "+41446681801", "201 Created", b'{"timestamp": "1763823600000"}'),
    "ntfy": Kind(Ntfy, "a-random-topic-1", "200 OK", b'{"id": "xE4qU2", "event": "message"}'),
    "webhook": Kind(Webhook, "", "200 OK", b""),
}
HTML = b"<html><h1>Please sign in</h1></html>"


class Case(NamedTuple):
    """What a provider does, what is known then, and what is known where a status is all the proof there is."""

    talk: Talk
    seconds: float
    outcome: tuple[Result, Why]
    without_proof: tuple[Result, str] | None = None


TAKEN = (Result.TAKEN, "")
UNKNOWN_TIME = (Result.UNKNOWN, Why.TIMEOUT)
UNKNOWN_CUT = (Result.UNKNOWN, Why.CUT_SHORT)
NOT_IT = (Result.FAILED, Why.NOT_THE_PROVIDER)
BEGUN = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
CASES = {
    "hangs before its answer": Case(hanging(), SHORT, UNKNOWN_TIME),
    "hangs within its headers": Case(hanging(BEGUN), SHORT, UNKNOWN_TIME),
    "hangs after its headers": Case(hanging(BEGUN + b"Content-Length: 9\r\n\r\n"), SHORT, UNKNOWN_TIME, TAKEN),
    "drips its headers": Case(dripping(BEGUN + b"X: " + b"y" * 10_000), SHORT, UNKNOWN_TIME),
    "drips its body": Case(dripping(b" " * 10_000, BEGUN + b"\r\n"), SHORT, UNKNOWN_TIME, TAKEN),
    "takes it and dies": Case(answering(), LONG, UNKNOWN_CUT),
    "dies within its headers": Case(answering(BEGUN), LONG, UNKNOWN_CUT),
    "dies within its body": Case(answering(BEGUN + b"Content-Length: 99\r\n\r\n{"), LONG, UNKNOWN_CUT, TAKEN),
    "speaks another protocol": Case(answering(b"220 ftp.example ready\r\n"), LONG, UNKNOWN_CUT),
    "sends a gigabyte": Case(
        flooding(BEGUN + b"Content-Length: 1073741824\r\n\r\n", b"x" * 65536), LONG, NOT_IT, TAKEN
    ),
    "sends headers without end": Case(flooding(BEGUN, b"X: " + b"y" * 1000 + b"\r\n"), LONG, UNKNOWN_CUT),
    "answers with a page": Case(answering(page("200 OK", HTML, "text/html")), LONG, NOT_IT, TAKEN),
    "answers with a nest": Case(answering(page("200 OK", b"[" * 60_000)), LONG, NOT_IT, TAKEN),
    "answers with a list": Case(answering(page("200 OK", b"[1]")), LONG, NOT_IT, TAKEN),
    "leads elsewhere": Case(
        answering(page("302 Found", more="Location: http://127.0.0.1:9/\r\n")), LONG, (Result.FAILED, Why.REDIRECTED)
    ),
    "has a fault": Case(answering(page("500 Oops", HTML)), LONG, (Result.UNKNOWN, Why.PROVIDER_ERROR)),
    "is behind a gateway": Case(answering(page("504 Late", HTML)), LONG, (Result.UNKNOWN, Why.PROVIDER_ERROR)),
    "is busy": Case(answering(page("503 Busy")), LONG, (Result.FAILED, Why.BUSY)),
    "refuses our account": Case(answering(page("401 No")), LONG, (Result.FAILED, Why.NOT_ALLOWED)),
    "is not there": Case(answering(page("404 What")), LONG, (Result.FAILED, Why.NOT_FOUND)),
    "refuses the message": Case(answering(page("400 No", b'{"code": 1}')), LONG, (Result.FAILED, Why.REFUSED_MESSAGE)),
}


def made(kind: Kind, setting: Setting, url: str, line: calling.Line = calling.PLAIN_LINE) -> tuple[Channel, str]:
    return kind.make(setting(url), line), kind.address or f"{url}/hook"


# These cost time, and every channel goes the same way through them.
SLOW_ONES = {"hangs within its headers", "drips its headers"}


@pytest.mark.parametrize(
    ("kind", "case"), [(kind, case) for kind in KINDS for case in CASES if kind == "sms" or case not in SLOW_ONES]
)
def test_a_provider_that(kind: str, case: str, setting: Setting, message: Message) -> None:
    tried, known = CASES[case], KINDS[kind]
    with listening(tried.talk) as server:
        channel, address = made(known, setting, server.url)
        outcome = channel.send(message, address, tried.seconds)
    wanted = tried.outcome if known.needs_proof else tried.without_proof or tried.outcome
    assert (outcome.result, outcome.why) == wanted
    assert len(server.heard) == 1  # never tried twice by itself: the pager decides


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_answers_well_has_it(kind: str, setting: Setting, message: Message) -> None:
    known = KINDS[kind]
    with listening(answering(page(known.status, known.good))) as server:
        channel, address = made(known, setting, server.url)
        outcome = channel.send(message, address, LONG)
    given = next(iter(json.loads(known.good or b'{"": ""}').values()))
    assert outcome == Outcome(Result.TAKEN, provider_id=given)


@pytest.mark.parametrize("kind", KINDS)
def test_where_nobody_listens_nothing_was_taken(kind: str, setting: Setting, message: Message) -> None:
    channel, address = made(KINDS[kind], setting, f"http://{HOST}:{closed_port()}")
    assert channel.send(message, address, LONG) == Outcome(Result.FAILED, Why.CONNECT)


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "signal"])
def test_a_name_that_is_unknown_took_nothing(kind: str, setting: Setting, message: Message) -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise OSError

    channel, address = made(KINDS[kind], setting, "https://provider.example", calling.Line(resolver=nobody))
    assert channel.send(message, address, LONG) == Outcome(Result.FAILED, Why.DNS)


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "signal"])
def test_a_provider_that_can_not_prove_its_name_gets_nothing(
    kind: str, setting: Setting, message: Message, context: ssl.SSLContext
) -> None:
    with listening(answering(page("200 OK")), context) as server:
        channel, address = made(KINDS[kind], setting, server.url.replace("http:", "https:"))
        assert channel.send(message, address, LONG) == Outcome(Result.FAILED, Why.TLS)
    assert server.heard == []


def test_a_provider_with_the_right_certificate_is_trusted(
    setting: Setting, message: Message, context: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    with listening(answering(page("201 Created", KINDS["sms"].good)), context) as server:
        url = server.url.replace("http:", "https:")
        channel, address = made(KINDS["sms"], setting, url, calling.Line(trust=trust))
        assert channel.send(message, address, LONG).result is Result.TAKEN


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "signal"])
def test_a_provider_that_has_too_much_says_when_to_come_back(kind: str, setting: Setting, message: Message) -> None:
    with listening(answering(page("429 Too Many", b'{"code": 20429}', more="Retry-After: 7\r\n"))) as server:
        channel, address = made(KINDS[kind], setting, server.url)
        assert channel.send(message, address, LONG) == Outcome(Result.FAILED, Why.TOO_MANY, retry_after=7.0)


def test_proxies_of_the_environment_are_not_used(
    setting: Setting, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{HOST}:{closed_port()}")
    with listening(answering(page("201 Created", KINDS["sms"].good))) as server:
        channel, address = made(KINDS["sms"], setting, server.url)
        assert channel.send(message, address, LONG).result is Result.TAKEN


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_logged_and_no_foreign_text_is_kept(
    kind: str, setting: Setting, message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    foreign = json.dumps({"error": "+41446681801 is at home", "message": "+41446681801", "code": 0}).encode()
    with listening(answering(page("400 +41446681801", foreign))) as server:
        channel, address = made(KINDS[kind], setting, server.url)
        outcome = channel.send(message, address, LONG)
    assert caplog.text == ""
    assert outcome.why in set(Why)
    assert outcome.provider_id == ""


def test_every_reason_has_words_for_people_and_an_unknown_one_has_none() -> None:
    assert [why for why in Why if not str(reasons.words(why)).endswith(".")] == []
    assert reasons.words("a text that somebody wrote") == ""
