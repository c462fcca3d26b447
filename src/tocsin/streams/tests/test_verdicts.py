"""One measurement of a web site tells whether it was blocked, on which layer, or just down."""

import json
from typing import Any

import pytest

from tocsin.streams.sources.ooni.parse import measurements
from tocsin.streams.sources.ooni.verdicts import Layer, State, judge, listed

SITE = "https://en.wikipedia.example/"


def measured(blocking: object, *, accessible: bool | None = False, address: str = SITE, **keys: Any) -> dict[str, Any]:
    return {
        "test_name": "web_connectivity",
        "input": address,
        "test_keys": {"blocking": blocking, "accessible": accessible, "control_failure": None, **keys},
    }


def asked(failure: str | None, *, address: str = SITE, code: int = 0) -> dict[str, Any]:
    return {"failure": failure, "request": {"url": address}, "response": {"code": code}}


RESET = {"failure": "connection_reset", "server_name": "en.wikipedia.example"}
REFUSED = {"ip": "192.0.2.9", "port": 443, "status": {"failure": "connection_refused", "success": False}}
PLAIN = "http://en.wikipedia.example/"


@pytest.mark.parametrize(
    ("measurement", "layer"),
    [
        (measured("dns", dns_consistency="inconsistent"), Layer.DNS),
        (measured("dns", tls_handshakes=[RESET]), Layer.DNS),
        (measured("tcp_ip", tcp_connect=[REFUSED]), Layer.TCP),
        (measured("http-diff", requests=[asked(None, code=200)]), Layer.HTTP),
        (measured("http-failure", tls_handshakes=[RESET], requests=[]), Layer.TLS),
        (measured("http-failure", tcp_connect=[REFUSED], requests=[asked(None, code=308)]), Layer.TCP),
        (measured("http-failure", requests=[asked("connection_reset", address=PLAIN)]), Layer.HTTP),
        (measured("http-failure", requests=[asked("ssl_invalid_hostname")]), Layer.TLS),
        (measured("http-failure", requests=[asked("dns_nxdomain_error")]), Layer.DNS),
        (measured("http-failure", requests=[asked("generic_timeout_error", code=200)]), Layer.THROTTLED),
        (measured("http-failure", http_experiment_failure="generic_timeout_error"), Layer.TLS),
        (measured("http-failure", address=PLAIN, http_experiment_failure="eof_error"), Layer.HTTP),
    ],
)
def test_a_block_is_put_down_to_the_first_layer_that_failed(measurement: dict[str, Any], layer: Layer) -> None:
    verdict = judge(measurement)
    assert (verdict.state, verdict.layer) == (State.BLOCKED, layer)


def test_down_fine_and_unusable_are_three_things() -> None:
    assert judge(measured(False, accessible=True)).state is State.OK
    assert judge(measured(False)).state is State.DOWN
    assert judge(measured("dns", control_failure="generic_timeout_error")).state is State.UNUSABLE
    assert judge(measured(None, accessible=None)).state is State.UNUSABLE
    nothing: list[dict[str, Any]] = [{}, {"test_keys": None}, {"test_keys": []}, {"test_keys": {}}]
    for empty in nothing:
        assert judge(empty).state is State.UNUSABLE


def test_odd_steps_do_no_harm() -> None:
    odd: list[Any] = [None, 3, "x", [], {}, [None, 3, {"request": 4, "response": [], "failure": 7, "status": "no"}]]
    for steps in odd:
        verdict = judge(measured("http-failure", requests=steps, tls_handshakes=steps, tcp_connect=steps))
        assert verdict.layer in {Layer.HTTP, Layer.TLS}


def row(number: int, **changes: Any) -> dict[str, Any]:
    base = {
        "measurement_uid": f"m{number}",
        "measurement_start_time": "2024-05-01T03:10:00Z",
        "probe_cc": "XS",
        "probe_asn": "AS64500",
        "test_name": "web_connectivity",
        "input": SITE,
        "anomaly": False,
        "confirmed": False,
        "failure": False,
        "scores": {},
    }
    return base | changes


def blocked(number: int, kind: str) -> dict[str, Any]:
    return row(number, anomaly=True, scores={"analysis": {"blocking_type": kind}})


def test_a_listed_row_tells_its_layer_too() -> None:
    assert listed(blocked(1, "dns")).layer is Layer.DNS
    assert listed(blocked(1, "http-failure")).layer is Layer.TLS
    assert listed(blocked(1, "http-failure") | {"input": PLAIN}).layer is Layer.HTTP
    assert listed(row(1, confirmed=True)).layer is Layer.HTTP
    assert listed(row(1, anomaly=True)) == (State.BLOCKED, None, "unusual")
    assert listed(row(1)).state is State.OK
    assert listed(row(1, failure=True)).state is State.UNUSABLE
    raw = measured("http-failure", requests=[asked("generic_timeout_error", code=200)])
    assert listed(blocked(1, "http-failure") | {"test_keys": raw["test_keys"]}).layer is Layer.THROTTLED


def test_each_layer_has_rows_of_its_own_over_the_same_measurements() -> None:
    results = [row(1), blocked(2, "dns"), blocked(3, "dns"), blocked(4, "tcp_ip"), row(5, failure=True)]
    found = measurements(json.dumps({"results": results}).encode(), subject="a.example", limit=100)
    counts = {one["kind"]: (one["n"], one["k"], one["evidence"]) for one in found["observations"]}
    assert counts == {
        "ooni.measurements": (4, 3, "scored"),
        "ooni.web.dns": (4, 2, "scored"),
        "ooni.web.tcp": (4, 1, "scored"),
        "ooni.web.tls": (4, 0, "scored"),
        "ooni.web.http": (4, 0, "scored"),
        "ooni.web.throttled": (4, 0, "scored"),
    }


def test_other_tests_and_hours_in_which_all_failed_have_no_layers() -> None:
    apps = [row(1, test_name="telegram", anomaly=True)]
    failed = [row(1, failure=True)]
    for results in (apps, failed):
        found = measurements(json.dumps({"results": results}).encode(), subject="a.example", limit=100)
        assert [one["kind"] for one in found["observations"]] == ["ooni.measurements"]


def test_a_measurement_that_is_listed_twice_counts_once_and_is_told() -> None:
    results = [row(1), row(1), row(2)]
    found = measurements(json.dumps({"results": results}).encode(), subject="a.example", limit=100)
    assert found["observations"][0]["n"] == 2
    assert found["refused"] == ["1 measurements were listed twice; each was counted once."]
