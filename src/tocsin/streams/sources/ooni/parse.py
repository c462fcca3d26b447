"""Reads answers of OONI's interfaces. Runs in the jail; imports no Django.

OONI splits its measurements into four: ok, anomaly, confirmed (a known block page) and failure (the measurement
itself failed). ``n = ok + anomaly + confirmed``: a failed measurement says nothing about the site, so it is not
counted as a trial; ``k = anomaly + confirmed``. Where nothing but failures came, the row is *discarded*, which differs
from no row (nothing measured) and from ``k = 0`` (measured, and fine). All four counts are kept in the detail.
"""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

from tocsin.analysis.series.networks import network as network_name
from tocsin.lib.jail.results import UnreadableError
from tocsin.streams.sources.ooni.verdicts import Layer, listed

_COUNTS = ("ok", "anomaly", "confirmed", "failure")
_DAY = 86_400
_HOUR = 3_600


def counts(
    body: bytes, *, subject: str, kind: str, country: str = "", countries: list[str] | None = None
) -> dict[str, Any]:
    """Counts by day and country, or by day and network of one ``country``; only ``countries`` where any are given.

    Raises:
        UnreadableError: for anything but an answer of the aggregation interface.
    """
    result = _answer(body, "result")
    rows, refused, unnamed = [], 0, 0
    for row in result:
        place = country or str(row.get("probe_cc", ""))
        if countries and place not in countries:
            continue
        network = network_name(row.get("probe_asn")) if country else ""
        if "probe_asn" in row and country and not network:
            unnamed += 1
            continue
        made = _row(row, subject, kind, place, network)
        if made is None:
            refused += 1
        else:
            rows.append(made)
    lines = [f"{refused} rows have no usable day, country or counts; they were left out."] if refused else []
    # Under no name they would pass for the count of the whole country.
    lines += [f"{unnamed} rows name no network; they were left out."] if unnamed else []
    return {"observations": rows, "entries": len(result), "refused": lines}


def measurements(body: bytes, *, subject: str, limit: int) -> dict[str, Any]:
    """Single measurements, pooled by country, network and hour.

    Tests of web sites have a row more for each layer on which a connection can be blocked, as kinds of their own
    (``ooni.web.dns``): of the same n measurements, k failed there. ``more``: the answer is full, so hours at its end
    may not be whole. A measurement that is listed twice counts once.

    Raises:
        UnreadableError: for anything but a list of measurements.
    """
    results = _answer(body, "results")
    pools: dict[tuple[str, str, int], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTS, 0))
    layers: dict[tuple[str, str, int], Counter[Layer]] = defaultdict(Counter)
    seen: set[str] = set()
    refused = twice = 0
    for one in results:
        uid = str(one.get("measurement_uid") or "")
        if uid in seen:
            twice += 1
            continue
        try:
            hour = _epoch(str(one["measurement_start_time"])) // _HOUR * _HOUR
            place, network = str(one["probe_cc"]), str(one["probe_asn"])
        except (KeyError, ValueError, TypeError):
            refused += 1
            continue
        seen |= {uid} - {""}
        address = (place, network_name(network), hour)
        pools[address][_said(one)] += 1
        if one.get("test_name") == "web_connectivity":
            layer = listed(one).layer
            layers[address] += Counter([layer] if layer is not None else [])
    rows = []
    for address, pool in sorted(pools.items()):
        made = _made(pool, subject, "ooni.measurements", *address, _HOUR)
        if made is None:
            refused += sum(pool.values())
        else:
            rows.append(made)
            rows += _by_layer(made, layers[address]) if address in layers else []
    lines = [f"{refused} measurements have no usable time, country or network."] if refused else []
    lines += [f"{twice} measurements were listed twice; each was counted once."] if twice else []
    return {"observations": rows, "entries": len(results), "refused": lines, "more": len(results) >= limit}


def _answer(body: bytes, name: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableError("OONI's answer is not JSON. Check the address.") from None
    rows = data.get(name) if isinstance(data, dict) else None
    if isinstance(rows, dict):
        rows = [rows]  # without an axis there is one sum
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableError("This is JSON, but not an answer of OONI's interface. Check the address.")
    return rows


def _row(row: dict[str, Any], subject: str, kind: str, place: str, network: str) -> dict[str, Any] | None:
    try:
        pool = {name: _count(row[f"{name}_count"]) for name in _COUNTS}
        epoch = _epoch(str(row["measurement_start_day"]))
    except (KeyError, ValueError, TypeError):
        return None
    return _made(pool, subject, kind, place, network, epoch, _DAY)


def _made(
    pool: dict[str, int], subject: str, kind: str, place: str, network: str, epoch: int, step: int
) -> dict[str, Any] | None:
    if not (len(place) == 2 and place.isascii() and place.isalpha()) or epoch < 0:
        return None
    if place == "ZZ":  # OONI's word for an unknown country
        place = ""
    n = pool["ok"] + pool["anomaly"] + pool["confirmed"]
    row: dict[str, Any] = {
        "stream": "blocking",
        "kind": kind,
        "subject": subject,
        "country": place,
        "network": network,
        "epoch": epoch,
        "step": step,
        "detail": dict(pool),
    }
    if n:
        return {**row, "n": n, "k": pool["anomaly"] + pool["confirmed"], "evidence": "scored"}
    if pool["failure"]:
        return {**row, "evidence": "discarded", "detail": {**pool, "reason": "every measurement failed"}}
    return {**row, "evidence": "none"}


def _by_layer(row: dict[str, Any], failed: Counter[Layer]) -> list[dict[str, Any]]:
    """The same measurements once for each layer; where all failed to run, nothing is said of any layer."""
    if row["evidence"] != "scored":
        return []
    return [{**row, "kind": f"ooni.web.{layer}", "k": failed[layer], "detail": {}} for layer in Layer]


def _said(one: dict[str, Any]) -> str:
    return next((name for name in ("failure", "confirmed", "anomaly") if one.get(name) is True), "ok")


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**12:
        raise ValueError
    return value


def _epoch(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
