"""What one web measurement says: the site was fine, blocked and on which layer, down for everybody, or nobody can tell.

Follows the order in which a connection is made, and names the first layer that failed where the control did not: a
false DNS answer leads to a false address, so what comes after it proves nothing. The probe's own comparison with the
control (``blocking``, ``accessible``) is taken where it made one; which layer "http-failure" means is read from the
single steps. Throttled: the site answered and then did not finish in time. Imports no Django.

Source: OONI's specification of Web Connectivity, ts-017.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class State(StrEnum):
    """Whether the site could be reached."""

    OK = "ok"
    BLOCKED = "blocked"
    DOWN = "down"
    UNUSABLE = "unusable"


class Layer(StrEnum):
    """Where a blocked connection failed first; part of the name of a kind of observation."""

    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    HTTP = "http"
    THROTTLED = "throttled"


class Verdict(NamedTuple):
    """``layer`` only where it was blocked; ``why`` in a few words."""

    state: State
    layer: Layer | None
    why: str


_NOT_FINISHED = ("generic_timeout_error", "timeout")
_SIMPLE = {"dns": Layer.DNS, "tcp_ip": Layer.TCP, "http-diff": Layer.HTTP}
_FAILURES = {
    "dns_": Layer.DNS,
    "ssl_": Layer.TLS,
    "connection_refused": Layer.TCP,
    "host_unreachable": Layer.TCP,
    "network_unreachable": Layer.TCP,
}


def judge(measurement: Mapping[str, Any]) -> Verdict:
    """The verdict on a whole measurement of the test ``web_connectivity``, as a probe submitted it."""
    keys = measurement.get("test_keys")
    if not isinstance(keys, dict):
        return Verdict(State.UNUSABLE, None, "the measurement is empty")
    blocking, accessible = keys.get("blocking"), keys.get("accessible")
    if keys.get("control_failure"):
        return Verdict(State.UNUSABLE, None, "the control failed")
    if isinstance(blocking, str) and blocking:
        return Verdict(State.BLOCKED, _layer(blocking, keys, str(measurement.get("input") or "")), blocking)
    if accessible is True:
        return Verdict(State.OK, None, "reached")
    if blocking is False and accessible is False:
        return Verdict(State.DOWN, None, "the control could not reach it either")
    return Verdict(State.UNUSABLE, None, "the probe made no comparison")


def listed(row: Mapping[str, Any]) -> Verdict:
    """The verdict on one row of OONI's list of measurements, which tells less: no single steps.

    There a failed connection counts as TLS if the address begins with https, and as HTTP otherwise.
    """
    if row.get("failure") is True:
        return Verdict(State.UNUSABLE, None, "the measurement failed")
    if row.get("confirmed") is not True and row.get("anomaly") is not True:
        return Verdict(State.OK, None, "nothing unusual")
    if isinstance(row.get("test_keys"), dict):
        verdict = judge(row)
        if verdict.layer is not None:
            return verdict
    scores = row.get("scores")
    analysis = scores.get("analysis") if isinstance(scores, dict) else None
    said = analysis.get("blocking_type") if isinstance(analysis, dict) else None
    said = said if isinstance(said, str) else ""
    layer = _layer(said, {}, str(row.get("input") or "")) if said else None
    if layer is None and row.get("confirmed") is True:
        layer = Layer.HTTP
    return Verdict(State.BLOCKED, layer, said or "unusual")


def _layer(blocking: str, keys: Mapping[str, Any], address: str) -> Layer:
    if blocking in _SIMPLE:
        return _SIMPLE[blocking]
    request = next(iter(_dicts(keys.get("requests"))), {})
    failure = request.get("failure")
    if isinstance(failure, str) and failure:
        asked = _inner(request, "request").get("url")
        return _of_request(
            failure, _inner(request, "response").get("code"), asked if isinstance(asked, str) else address
        )
    if any(step.get("failure") for step in _dicts(keys.get("tls_handshakes"))):
        return Layer.TLS
    if any(_inner(step, "status").get("failure") for step in _dicts(keys.get("tcp_connect"))):
        return Layer.TCP
    said = keys.get("http_experiment_failure")
    return _of_request(said if isinstance(said, str) else "", None, address)


def _of_request(failure: str, code: object, address: str) -> Layer:
    if isinstance(code, int) and code > 0 and failure in _NOT_FINISHED:
        return Layer.THROTTLED
    for beginning, layer in _FAILURES.items():
        if failure.startswith(beginning):
            return layer
    # Older probes told the handshake and what follows it as one step.
    return Layer.TLS if address.lower().startswith("https:") and not code else Layer.HTTP


def _dicts(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _inner(step: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = step.get(name)
    return found if isinstance(found, dict) else {}
