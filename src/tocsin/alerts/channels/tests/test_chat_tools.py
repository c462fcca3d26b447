"""Chat tools are off until they are switched on, and a call of theirs ends as any other does."""

import pytest

from tocsin.alerts.channels.addresses import AddressError
from tocsin.alerts.channels.apprise import ChatTools
from tocsin.alerts.channels.base import Message, Outcome, Result
from tocsin.alerts.channels.reasons import Why
from tocsin.alerts.channels.tests.conftest import Setting
from tocsin.alerts.channels.tests.servers import HOST, Server, answering, closed_port, hanging, listening, page

LONG = 30.0
TOKEN = "a" * 24


def address(server: Server) -> str:
    return f"mmost://{server.name}/{TOKEN}"


def test_only_what_is_switched_on_can_be_chosen(setting: Setting) -> None:
    channel = ChatTools(setting())
    assert channel.clean(f" mmost://chat.example/{TOKEN} ") == f"mmost://chat.example/{TOKEN}"
    for bad in (
        "mmost://",
        "mmost://chat.example",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "file:///etc/passwd",
        "json://10.0.0.5",
        f"mmost://chat.example/{TOKEN}\r\nX: y",
        f"mmost://chat.example/{TOKEN}?template=/etc/passwd",
        "",
    ):
        with pytest.raises(AddressError):
            channel.clean(bad)


def test_it_is_off_until_kinds_are_named_and_some_are_never_used(setting: Setting, message: Message) -> None:
    assert not ChatTools(setting(apprise_schemes="")).ready().ready
    wrong = ChatTools(setting(apprise_schemes="mmost, json")).ready()
    assert wrong.wrong
    assert "json" in wrong.why_not
    off = ChatTools(setting(apprise_schemes="zulip"))
    assert off.send(message, f"mmost://chat.example/{TOKEN}", LONG) == Outcome(Result.FAILED, Why.NOT_SET_UP)


def test_a_message_reaches_the_tool(setting: Setting, message: Message) -> None:
    with listening(answering(page("200 OK", b"ok", "text/plain"))) as server:
        outcome = ChatTools(setting(server.url)).send(message, address(server), LONG)
    assert outcome == Outcome(Result.TAKEN)
    head, body = server.heard[0]
    assert head.startswith(f"POST /hooks/{TOKEN} ")
    assert message.link.encode() in body


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (page("302 Found", more="Location: http://127.0.0.1:9/\r\n"), Outcome(Result.FAILED, Why.REDIRECTED)),
        (b"", Outcome(Result.UNKNOWN, Why.CUT_SHORT)),
    ],
)
def test_what_a_tool_answers_is_told_apart(setting: Setting, message: Message, answer: bytes, outcome: Outcome) -> None:
    with listening(answering(answer)) as server:
        assert ChatTools(setting(server.url)).send(message, address(server), LONG) == outcome
    assert len(server.heard) == 1


def test_a_tool_that_hangs_is_left_in_time(setting: Setting, message: Message) -> None:
    with listening(hanging()) as server:
        outcome = ChatTools(setting(server.url)).send(message, address(server), 2.5)
    assert outcome.why == Why.TIMEOUT
    # On a machine that is busy the process may not even have begun.
    assert outcome.result is (Result.UNKNOWN if server.heard else Result.FAILED)


def test_a_tool_that_is_not_there_or_inside_took_nothing(setting: Setting, message: Message) -> None:
    name = f"{HOST}:{closed_port()}"
    channel = ChatTools(setting(f"http://{name}"))
    assert channel.send(message, f"mmost://{name}/{TOKEN}", LONG) == Outcome(Result.FAILED, Why.CONNECT)
    with listening(answering(page("200 OK"))) as server:
        closed = ChatTools(setting(server.url, inside_hosts=""))
        assert closed.send(message, address(server), LONG) == Outcome(Result.FAILED, Why.CONNECT)
    assert server.heard == []
