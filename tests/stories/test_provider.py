"""The provider that judges the pager writes down what each channel really sends."""

import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.stories.provider import Provider, provider
from tocsin.alerts.channels import registry
from tocsin.alerts.channels.base import Channel, Message, Outcome, Result, Settings
from tocsin.alerts.channels.reasons import Why

LINK = "https://tocsin.example/a/s3cr3t-t0ken"
MESSAGE = Message(
    "k7m2pq9xw4htz3ab", 1, "7F3K", "Tocsin", f"Tocsin 7F3K: Please look. {LINK} Number: 4711", LINK, "4711"
)
ADDRESSES = {
    "mail": "alice@example.org",
    "sms": "+41446681801",
    "voice": "+41446681802",
    "signal": "+41446681803",
    "ntfy": "kX7-mQ2_pZ9w",
}


def channels(running: Provider) -> dict[str, Channel]:
    values = running.settings() | {"webhook": True}
    return registry.load(Settings(values, {"sms_token": "x", "webhook_key": "x"}, "https://tocsin.example"))


def test_each_channel_is_written_down_with_its_page(tmp_path: Path) -> None:
    with provider(tmp_path / "log") as running:
        loaded = channels(running)
        addresses = ADDRESSES | {"webhook": f"{running.url}/hook/alice"}
        outcomes = {key: loaded[key].send(MESSAGE, value, 10).result for key, value in addresses.items()}
        calls = {call["channel"]: call for call in running.calls()}
    assert set(outcomes.values()) == {Result.TAKEN}
    assert {key: call["to"] for key, call in calls.items()} == addresses | {"webhook": "/hook/alice"}
    assert {key for key, call in calls.items() if call["page"] != MESSAGE.page} == {"signal"}
    assert {key for key, call in calls.items() if call["link"] != "s3cr3t-t0ken"} == {"voice"}
    assert all(call["taken"] for call in calls.values())


@pytest.mark.parametrize(
    ("fault", "by_http", "by_mail"),
    [
        ("die", Outcome(Result.UNKNOWN, Why.CUT_SHORT), Outcome(Result.UNKNOWN, Why.CUT_SHORT)),
        ("half", Outcome(Result.UNKNOWN, Why.CUT_SHORT), Outcome(Result.UNKNOWN, Why.CUT_SHORT)),
        ("fail", Outcome(Result.UNKNOWN, Why.PROVIDER_ERROR), Outcome(Result.FAILED, Why.BUSY)),
        ("down", Outcome(Result.FAILED, Why.BUSY), Outcome(Result.FAILED, Why.BUSY)),
        ("busy", Outcome(Result.FAILED, Why.TOO_MANY, retry_after=1.0), Outcome(Result.FAILED, Why.BUSY)),
        ("refuse", Outcome(Result.REFUSED, Why.BAD_ADDRESS), Outcome(Result.REFUSED, Why.BAD_ADDRESS)),
        ("html", Outcome(Result.FAILED, Why.NOT_THE_PROVIDER), Outcome(Result.FAILED, Why.REFUSED_MESSAGE)),
        ("redirect", Outcome(Result.FAILED, Why.REDIRECTED), Outcome(Result.FAILED, Why.REFUSED_MESSAGE)),
        ("flood", Outcome(Result.FAILED, Why.NOT_THE_PROVIDER), Outcome(Result.FAILED, Why.BUSY)),
    ],
)
def test_each_fault_is_what_it_says_and_no_message_is_both_taken_and_failed(
    tmp_path: Path, fault: str, by_http: Outcome, by_mail: Outcome
) -> None:
    with provider(tmp_path / "log", "--faults", fault) as running:
        loaded = channels(running)
        assert loaded["sms"].send(MESSAGE, ADDRESSES["sms"], 10) == by_http
        assert loaded["mail"].send(MESSAGE, ADDRESSES["mail"], 10) == by_mail
        calls = running.calls()
    assert [call["fault"] for call in calls] == [fault, fault]
    for call, outcome in zip(calls, (by_http, by_mail), strict=True):
        assert outcome.result is Result.UNKNOWN or not call["taken"]


def test_it_goes_on_with_its_log_and_takes_another_plan(tmp_path: Path) -> None:
    with provider(tmp_path / "log") as running:
        channels(running)["sms"].send(MESSAGE, ADDRESSES["sms"], 10)
        order = Request(f"{running.url}/-/faults", json.dumps({"plan": "hang"}).encode(), method="POST")
        urlopen(order).close()
        assert channels(running)["sms"].send(MESSAGE, ADDRESSES["sms"], 0.3).result is Result.UNKNOWN
    with provider(tmp_path / "log", "--port", str(running.http)) as again:
        assert channels(again)["sms"].send(MESSAGE, ADDRESSES["sms"], 10).result is Result.TAKEN
        assert [call["fault"] for call in again.calls()] == ["", "hang", ""]
