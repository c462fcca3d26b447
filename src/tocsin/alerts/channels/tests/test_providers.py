"""Each channel speaks as its provider documents, and understands what the provider says of an address."""

import base64
import hmac
import json
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from defusedxml import ElementTree

from tocsin.alerts.channels import registry
from tocsin.alerts.channels.addresses import AddressError
from tocsin.alerts.channels.base import Message, Outcome, Result
from tocsin.alerts.channels.ntfy import Ntfy
from tocsin.alerts.channels.reasons import Why
from tocsin.alerts.channels.signal import Signal, is_private
from tocsin.alerts.channels.sms import Sms
from tocsin.alerts.channels.tests.conftest import Setting
from tocsin.alerts.channels.tests.servers import Server, Talk, answering, listening, page
from tocsin.alerts.channels.voice import Voice
from tocsin.alerts.channels.webhook import Webhook

LONG = 10.0
TO = "+41446681801"
QUEUED = answering(page("201 Created", b'{"sid": "SM1"}'))


def form(server: Server) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(server.heard[0][1].decode()).items()}


def changed(message: Message, **values: object) -> Message:
    return Message(**{name: getattr(message, name) for name in Message.__slots__} | values)


def test_a_text_message_is_posted_as_documented(setting: Setting, message: Message) -> None:
    with listening(QUEUED) as server:
        Sms(setting(server.url)).send(message, TO, LONG)
    head, _body = server.heard[0]
    assert head.startswith("POST /2010-04-01/Accounts/AC123/Messages.json HTTP/1.1")
    assert f"authorization: Basic {base64.b64encode(b'AC123:sms-s3cret').decode()}" in head
    assert form(server) == {
        "To": TO,
        "From": "+41446681800",
        "Body": message.text,
        "StatusCallback": "https://tocsin.example/alerts/doors/sms/status/k7m2pq9xw4htz3ab",
    }


def test_a_service_of_numbers_is_named_as_one(setting: Setting, message: Message) -> None:
    with listening(QUEUED) as server:
        Sms(setting(server.url, sms_from="MG" + "0" * 32)).send(message, TO, LONG)
    assert form(server)["MessagingServiceSid"] == "MG" + "0" * 32
    assert "From" not in form(server)


def test_a_call_says_the_code_and_asks_for_the_number(setting: Setting, message: Message) -> None:
    with listening(QUEUED) as server:
        Voice(setting(server.url)).send(message, TO, LONG)
    assert "/Calls.json" in server.heard[0][0]
    script = ElementTree.fromstring(form(server)["Twiml"])
    gather = script.find("Gather")
    assert gather is not None
    assert gather.get("numDigits") == "4"
    assert gather.get("action") == "https://tocsin.example/alerts/doors/voice/answer/k7m2pq9xw4htz3ab"
    said = " ".join(one.text or "" for one in gather.iter("Say"))
    assert "7. F. 3. K" in said
    assert "press these keys: 4. 7. 1. 1." in said
    assert "https" not in said


def test_what_is_said_can_not_become_an_instruction(setting: Setting, message: Message) -> None:
    evil = changed(message, text='</Say><Dial>+999</Dial>\x00\ud800 & "x"', code="<b>")
    with listening(QUEUED) as server:
        assert Voice(setting(server.url)).send(evil, TO, LONG).result is Result.TAKEN
    script = ElementTree.fromstring(form(server)["Twiml"])
    assert {one.tag for one in script.iter()} == {"Response", "Gather", "Say", "Pause"}


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (21211, Outcome(Result.REFUSED, Why.BAD_ADDRESS)),
        (21614, Outcome(Result.REFUSED, Why.BAD_ADDRESS)),
        (21610, Outcome(Result.REFUSED, Why.UNSUBSCRIBED)),
        (21408, Outcome(Result.FAILED, Why.NOT_ALLOWED)),
        (21606, Outcome(Result.FAILED, Why.NOT_ALLOWED)),
        (99999, Outcome(Result.FAILED, Why.REFUSED_MESSAGE)),
    ],
)
def test_what_the_provider_says_of_a_number_is_understood(
    setting: Setting, message: Message, code: int, outcome: Outcome
) -> None:
    with listening(answering(page("400 Bad Request", json.dumps({"code": code}).encode()))) as server:
        assert Sms(setting(server.url)).send(message, TO, LONG) == outcome


def test_a_message_that_the_provider_gave_up_at_once_has_failed(setting: Setting, message: Message) -> None:
    with listening(answering(page("201 Created", b'{"sid": "SM1", "status": "failed"}'))) as server:
        assert Sms(setting(server.url)).send(message, TO, LONG) == Outcome(Result.FAILED, Why.GAVE_UP)


def test_an_odd_id_is_not_kept(setting: Setting, message: Message) -> None:
    with listening(answering(page("201 Created", b'{"sid": "<script>"}'))) as server:
        assert Sms(setting(server.url)).send(message, TO, LONG) == Outcome(Result.TAKEN)


def test_a_signal_message_goes_through_a_unix_socket(setting: Setting, message: Message, tmp_path: Path) -> None:
    path = tmp_path / "s"
    talk = answering(page("201 Created", b'{"timestamp": "17"}'))
    with listening(talk, path=path) as server:
        outcome = Signal(setting(signal_url=f"unix:{path}")).send(message, TO, LONG)
    assert outcome == Outcome(Result.TAKEN, provider_id="17")
    head, body = server.heard[0]
    assert head.startswith("POST /v2/send ")
    assert json.loads(body) == {"message": message.text, "number": "+41446681800", "recipients": [TO]}


def test_a_socket_that_is_not_there_took_nothing(setting: Setting, message: Message, tmp_path: Path) -> None:
    channel = Signal(setting(signal_url=f"unix:{tmp_path / 'none'}"))
    assert channel.send(message, TO, LONG) == Outcome(Result.FAILED, Why.CONNECT)


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("http://[::1]:8080", True),
        ("unix:/run/signal/api.sock", True),
        ("http://10.0.0.5:8080", False),
        ("https://signal.example", False),
        ("http://0.0.0.0:8080", False),
        ("http://localhost.example:8080", False),
        ("http://127.0.0.1@signal.example", False),
        ("unix:relative", False),
        ("unix:", False),
    ],
)
def test_only_this_machine_may_reach_signal(setting: Setting, message: Message, url: str, private: bool) -> None:
    assert is_private(url) is private
    ready = Signal(setting(signal_url=url)).ready()
    assert (ready.ready, ready.wrong) == (private, not private)
    if not private:
        assert Signal(setting(signal_url=url)).send(message, TO, LONG) == Outcome(Result.FAILED, Why.NOT_SET_UP)


@pytest.mark.parametrize(
    ("talk", "outcome"),
    [
        (
            answering(page("400 Bad Request", b'{"error": "Unregistered user \\"+41446681801\\""}')),
            Outcome(Result.REFUSED, Why.BAD_ADDRESS),
        ),
        (
            answering(page("400 Bad Request", b'{"error": "Rate limit exceeded: 429"}')),
            Outcome(Result.UNKNOWN, Why.TOO_MANY),
        ),
        (
            answering(page("429 Too Many", b'{"error": "x", "challenge_tokens": [""]}')),
            Outcome(Result.UNKNOWN, Why.TOO_MANY),
        ),
        (answering(page("400 Bad Request", b'{"error": "x"}')), Outcome(Result.FAILED, Why.REFUSED_MESSAGE)),
    ],
)
def test_what_signal_says_is_understood(setting: Setting, message: Message, talk: Talk, outcome: Outcome) -> None:
    with listening(talk) as server:
        assert Signal(setting(server.url)).send(message, TO, LONG) == outcome


def test_a_push_message_rings_and_leads_to_the_page(setting: Setting, message: Message) -> None:
    with listening(answering(page("200 OK", b'{"id": "a1"}'))) as server:
        Ntfy(setting(server.url + "/base/", ntfy_url=server.url + "/base/")).send(message, "kX7-mQ2_pZ9w", LONG)
    head, body = server.heard[0]
    note = json.loads(body)
    assert head.startswith("POST /base/ ")
    assert "authorization: Bearer ntfy-s3cret" in head
    assert (note["topic"], note["priority"], note["click"]) == ("kX7-mQ2_pZ9w", 5, message.link)
    assert note["sequence_id"] == message.page


def test_a_quiet_message_does_not_ring_and_a_long_one_is_cut_between_letters(
    setting: Setting, message: Message
) -> None:
    with listening(answering(page("200 OK", b'{"id": "a1"}'))) as server:
        quiet = changed(message, urgent=False, link="", text="你" * 5000)
        Ntfy(setting(server.url)).send(quiet, "kX7-mQ2_pZ9w", LONG)
    note = json.loads(server.heard[0][1])
    assert note["priority"] == 3
    assert "click" not in note
    assert set(note["message"]) == {"你"}


def test_a_webhook_is_signed_so_that_its_receiver_can_tell(setting: Setting, message: Message) -> None:
    with listening(answering(page("204 No Content"))) as server:
        channel = Webhook(setting(server.url))
        address = channel.clean(f"{server.url}/hook")
        assert channel.send(message, address, LONG) == Outcome(Result.TAKEN)
    head, body = server.heard[0]
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    assert fields["idempotency-key"] == fields["webhook-id"] == message.page
    key = base64.b64decode(channel.signing_key(address).removeprefix("whsec_"))
    signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
    assert fields["webhook-signature"] == f"v1,{right}"
    assert json.loads(body)["page"] == message.page
    assert channel.signing_key(address) != channel.signing_key(address + "2")


@pytest.mark.parametrize(
    "address",
    [
        "http://hook.example/",
        "https://127.0.0.1/",
        "https://10.0.0.5/x",
        "https://localhost/",
        "https://[::1]/",
        "https://169.254.169.254/",
        "https://user:pass@hook.example/",
        "javascript:alert(1)",
        "https://0x7f000001/",
        "",
    ],
)
def test_a_webhook_inside_or_in_the_clear_is_refused(setting: Setting, address: str) -> None:
    with pytest.raises(AddressError):
        Webhook(setting()).clean(address)


def test_a_name_that_leads_inside_is_refused_when_it_is_called(setting: Setting, message: Message) -> None:
    channel = Webhook(setting(inside_hosts=""))
    assert channel.clean("https://hook.example/x") == "https://hook.example/x"
    with listening(answering(page("200 OK"))) as server:
        assert channel.send(message, f"{server.url}/x", LONG) == Outcome(Result.REFUSED, Why.INSIDE)
        secured = server.url.replace("http:", "https:")
        assert channel.send(message, secured, LONG) == Outcome(Result.FAILED, Why.INSIDE)
    assert server.heard == []


def test_a_receiver_that_is_gone_is_not_called_again(setting: Setting, message: Message) -> None:
    with listening(answering(page("410 Gone"))) as server:
        outcome = Webhook(setting(server.url)).send(message, f"{server.url}/x", LONG)
    assert outcome == Outcome(Result.REFUSED, Why.UNSUBSCRIBED)


def test_every_channel_is_in_the_list_under_its_own_key(setting: Setting) -> None:
    loaded = registry.load(setting())
    assert set(loaded) == {"mail", "sms", "voice", "signal", "ntfy", "webhook", "apprise"}
    assert [key for key, one in loaded.items() if one.key != key or not str(one.title)] == []
    assert set(registry.usable_channels(setting())) == set(loaded)


def test_without_settings_no_channel_is_used_and_each_says_what_to_set(message: Message) -> None:
    from tocsin.alerts.channels.base import Settings

    loaded = registry.load(Settings())
    assert registry.usable_channels(Settings()) == ()
    assert [key for key, one in loaded.items() if not one.ready().why_not.startswith("Set ") or one.ready().wrong] == []
    outcomes = {one.send(message, TO, LONG) for one in loaded.values()}
    assert outcomes == {Outcome(Result.FAILED, Why.NOT_SET_UP)}
