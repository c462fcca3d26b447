"""Reads answers of IODA's interface. Runs in the jail; imports no Django.

An answer holds a list for each country that was asked for, and in it a series: when it begins (``from``), how long an
interval is (``step``, in seconds) and one value for each. A value of null was not measured: it becomes no row, which
differs from a value of 0. A value that no level can have is *discarded*. Values of shorter intervals than ten minutes
are averaged over ten; longer ones keep their length.
"""

import json
from collections.abc import Iterator
from typing import Any

from tocsin.lib.jail.results import UnreadableError

KINDS = {"bgp": "ioda.bgp", "ping-slash24": "ioda.probing", "merit-nt": "ioda.telescope"}
"""IODA's name of a signal → the kind of observation."""

_SUBJECTS = {"bgp": "routes", "ping-slash24": "answering networks", "merit-nt": "background traffic"}
_SHORTEST, _LONGEST = 600, 86_400
_MOST_VALUES = 20_000


def signals(body: bytes, *, signal: str, countries: list[str], until: int, since: int = 0) -> dict[str, Any]:
    """One row for each country and interval that was measured; intervals that end after ``until`` are not over yet.

    What lies before the interval into which ``since`` falls was not asked for: no answer may write the past anew. Of
    two series of one country the first is read.

    Raises:
        UnreadableError: for anything but an answer of this interface.
    """
    found = [one for one in _series(body) if one.get("datasource") == signal]
    rows: list[dict[str, Any]] = []
    odd = odd_values = 0
    read: set[str] = set()
    for one in found:
        country = str(one.get("entityCode", "")).upper()
        if country not in countries or country in read or not _is_sound(one):
            odd += 1
            continue
        read.add(country)
        made = [row for row in _rows(one, signal, country, until) if row["epoch"] > since - row["step"]]
        odd_values += sum(row["evidence"] == "discarded" for row in made)
        rows += made
    lines = [f"{odd} series have another country, time or step than was asked for; they were left out."] if odd else []
    lines += [f"{odd_values} values can't be a level; they were discarded."] if odd_values else []
    missing = sorted(set(countries) - {row["country"] for row in rows})
    lines += [f"Nothing was measured in: {', '.join(missing)}."] if missing else []
    return {"observations": rows, "entries": len(found), "refused": lines}


def _series(body: bytes) -> list[dict[str, Any]]:
    wrong = "This is JSON, but not an answer of IODA's interface. Check the address."
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableError("IODA's answer is not JSON. Check the address.") from None
    if not isinstance(data, dict):
        raise UnreadableError(wrong)
    if data.get("error"):
        raise UnreadableError("IODA refused what was asked for. Check the countries and signals of this source.")
    groups = data.get("data")
    if not isinstance(groups, list):
        raise UnreadableError(wrong)
    # Of a single country the series stand in a list of their own, or in none.
    series = [one for group in groups for one in (group if isinstance(group, list) else [group])]
    if not all(isinstance(one, dict) for one in series):
        raise UnreadableError(wrong)
    return series


def _is_sound(one: dict[str, Any]) -> bool:
    start, step, values = one.get("from"), one.get("step"), one.get("values")
    if not isinstance(start, int) or isinstance(start, bool) or not isinstance(step, int) or isinstance(step, bool):
        return False
    return start >= 0 and 1 <= step <= _LONGEST and isinstance(values, list) and len(values) <= _MOST_VALUES


def _rows(one: dict[str, Any], signal: str, country: str, until: int) -> Iterator[dict[str, Any]]:
    start, step = int(one["from"]), int(one["step"])
    width = max(step, _SHORTEST)
    pools: dict[int, list[float | None]] = {}
    for number, value in enumerate(one["values"]):
        epoch = start + number * step
        if value is not None and epoch + step <= until:
            pools.setdefault(epoch - epoch % width if step < width else epoch, []).append(_level(value))
    for epoch, values in sorted(pools.items()):
        row = {
            "stream": "connectivity",
            "kind": KINDS[signal],
            "subject": _SUBJECTS[signal],
            "country": country,
            "epoch": epoch,
            "step": width,
        }
        levels = [value for value in values if value is not None]
        if levels:
            yield {**row, "value": sum(levels) / len(levels), "evidence": "scored"}
        else:
            yield {**row, "evidence": "discarded", "detail": {"reason": "no level can have this value"}}


def _level(value: object) -> float | None:
    """The value as a level; None for what no level can be."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        return None
    return float(value)
