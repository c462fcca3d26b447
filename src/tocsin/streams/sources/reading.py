"""Reads what parsers hand out of the jail, as if a stranger had written it: one may have."""

import base64
import binascii
import math
from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.analysis.series import Evidence, Stream
from tocsin.streams.sources.base import NewItem, NewObservation
from tocsin.streams.sources.cleaning import clean, line, moment

_MOST = 20_000
_LARGEST_ORIGINAL = 30 * 1024 * 1024
_LATEST = 4_102_444_800  # the year 2100


def items_of(data: Any) -> list[NewItem]:
    """The items in a parser's answer.

    Raises:
        TypeError, ValueError: for another shape.
    """
    return [_item(one) for one in _rows(data, "items")]


def observations_of(data: Any) -> list[NewObservation]:
    """The observations in a parser's answer.

    Raises:
        TypeError, ValueError, KeyError: for another shape, or numbers that no observation can have.
    """
    return [_observation(one) for one in _rows(data, "observations")]


def lines_of(data: Any) -> list[str]:
    """Why parts of an answer were refused."""
    return [line(one, 300) for one in data.get("refused", [])[:100]]


def facts_of(facts: object) -> dict[str, Any]:
    """Facts with short names and plain values: texts, numbers, or lists of texts."""
    if not isinstance(facts, Mapping):
        return {}
    kept: dict[str, Any] = {}
    for name, value in list(facts.items())[:40]:
        if isinstance(value, str):
            kept[line(name, 40)] = clean(value, 500)
        elif isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            kept[line(name, 40)] = value
        elif isinstance(value, list):
            kept[line(name, 40)] = [line(one, 200) for one in value[:60] if isinstance(one, str)]
    return kept


def _rows(data: Any, name: str) -> Iterable[Mapping[str, Any]]:
    rows = data.get(name, [])
    if not isinstance(rows, list) or len(rows) > _MOST or not all(isinstance(one, dict) for one in rows):
        raise ValueError(name)
    return rows


def _item(row: Mapping[str, Any]) -> NewItem:
    return NewItem(
        key=clean(row.get("key")),
        url=_address(row.get("url")),
        title=line(row.get("title")),
        text=clean(row.get("text")),
        language=line(row.get("language"), 16),
        origin=line(row.get("origin"), 200),
        stated=moment(row.get("stated")),
        time_doubt=line(row.get("time_doubt"), 120),
        media_type=line(row.get("media_type"), 100),
        facts=facts_of(row.get("facts")),
        original=_original(row.get("original", "")),
    )


def _address(value: object) -> str:
    address = line(value, 2_000)
    return address if address.lower().startswith(("http://", "https://")) else ""


def _original(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > _LARGEST_ORIGINAL * 2:
        raise ValueError("original")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("original") from None


def _observation(row: Mapping[str, Any]) -> NewObservation:
    epoch, step = int(row["epoch"]), int(row["step"])
    if not 0 <= epoch < _LATEST or not 1 <= step <= 400 * 86_400:
        raise ValueError("epoch")
    country = line(row.get("country"), 2).upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise ValueError("country")
    n, k, value = _number(row.get("n")), _number(row.get("k")), _number(row.get("value"))
    evidence = Evidence(row.get("evidence", "scored"))
    if evidence is Evidence.SCORED and n is None and value is None:
        raise ValueError("numbers")
    if n is not None and not 0 <= (k or 0) <= n:
        raise ValueError("k")
    return NewObservation(
        stream=Stream(row["stream"]),
        kind=line(row["kind"], 40),
        subject=line(row["subject"], 200),
        epoch=epoch,
        step=step,
        country=country,
        network=line(row.get("network"), 20),
        n=n,
        k=k,
        value=value,
        evidence=evidence,
        detail=facts_of(row.get("detail")),
    )


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e15:
        raise ValueError("number")
    return float(value)
