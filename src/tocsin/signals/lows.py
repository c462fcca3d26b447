"""Keeps few points of what is measured often: those of the last days whole, of each day before its lowest."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from tocsin.analysis.series import Evidence

WHOLE = timedelta(days=4)
_DAY = 86_400


def thinned(rows: Iterable[list[Any]], *, whole: timedelta = WHOLE) -> list[list[Any]]:
    """Rows as a cell keeps its newest points, in order of time; thinning them again changes nothing."""
    order = sorted(rows, key=lambda row: row[0])
    since = order[-1][0] // _DAY * _DAY - whole.total_seconds() if order else 0
    days: dict[int, list[Any]] = {}
    for row in order:
        if row[0] < since:
            day = row[0] // _DAY
            days[day] = min(days.get(day, row), row, key=_height)
    return [days[day] for day in sorted(days)] + [row for row in order if row[0] >= since]


def by_day(rows: Iterable[list[Any]]) -> list[list[Any]]:
    """The lowest point of each day, as if it were of the whole day."""
    order = list(rows)
    days: dict[int, list[Any]] = {}
    for row in order:
        day = row[0] // _DAY * _DAY
        days[day] = min(days.get(day, row), row, key=_height)
    return [[day, *days[day][1:]] for day in sorted(days)]


def _height(row: list[Any]) -> tuple[bool, float]:
    """What was not scored is no low."""
    scored = row[4] == Evidence.SCORED.value and row[3] is not None
    return not scored, row[3] if scored else 0.0
