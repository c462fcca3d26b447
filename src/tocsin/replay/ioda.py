"""Answers IODA's interface for signals by country. Shape: api.ioda.inetintel.cc.gatech.edu, /v2/signals/raw/country."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.replay.clock import Span
from tocsin.replay.world import Answer, Endpoint, Request, Suggestion, json_answer

ROOT = "/v2"
UNDER = f"{ROOT}/signals/raw/country/"
STEPS = {"bgp": 300, "ping-slash24": 600, "merit-nt": 300}
"""By signal, the seconds of an interval."""
_MOST_VALUES = 20_000
_LONGEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Levels:
    """Signals of some countries. ``level(signal, country, begin)`` is the value of the interval that begins then; None:
    it was not measured, which is no nought."""

    countries: Mapping[str, str]
    span: Span
    level: Callable[[str, str, datetime], float | None]


def connectivity_endpoint(levels: Levels, suggestions: tuple[Suggestion, ...], note: str = "") -> Endpoint:
    """``/v2/signals/raw/country/CODES?from&until&datasource`` over these levels, up to the interval that goes on."""

    def answer(request: Request) -> Answer:
        signal = request.first("datasource")
        codes = [code for code in request.path.removeprefix(UNDER).upper().split(",") if code in levels.countries]
        start, end = _moment(request, "from"), _moment(request, "until")
        if (
            start is None
            or end is None
            or not timedelta() < end - start <= _LONGEST
            or signal not in STEPS
            or not codes
        ):
            wrong = "Country, datasource, from and until are needed, and at most 90 days between these."
            return json_answer({"type": "signals", "error": wrong, "data": None}, status=400, note=note)
        last = min(end, request.clock.now(levels.span))
        data = [[_series(levels, signal, code, start, last)] for code in codes]
        return json_answer({"type": "signals", "error": None, "data": data}, note=note)

    return Endpoint(f"{UNDER}*", "ioda", "IODA's signals by country", answer, suggestions)


def _series(levels: Levels, signal: str, code: str, start: datetime, end: datetime) -> dict[str, Any]:
    step = STEPS[signal]
    first = int(start.timestamp()) // step * step
    wanted = max(0, (int(end.timestamp()) - first) // step)
    begins = (first + number * step for number in range(min(wanted, _MOST_VALUES)))
    values = [levels.level(signal, code, datetime.fromtimestamp(one, UTC)) for one in begins]
    return {
        "entityType": "country",
        "entityCode": code,
        "entityName": levels.countries[code],
        "datasource": signal,
        "from": first,
        "until": first + len(values) * step,
        "step": step,
        "nativeStep": step,
        "values": [None if value is None else round(value) for value in values],
    }


def _moment(request: Request, name: str) -> datetime | None:
    text = request.first(name)
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC)
