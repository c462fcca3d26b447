"""How the rest of the world moved in the days that changed, for what moves world-wide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.analysis.baselines import movements
from tocsin.analysis.engine import points
from tocsin.analysis.series import Cell, Evidence, Point, Stream
from tocsin.signals.models import STEP, CellState

MOVING = frozenset({Stream.VIEWS, Stream.LEVEL, Stream.BLOCKING})
_FIELDS = 9  # epoch, n, k, value, evidence, usual level, low, high, elsewhere
_NEAR = 0.05

Moved = Mapping[str, Mapping[datetime, float]]
"""By country and the start of the interval."""


class World:
    """The movements of one kind of observation, by subject; nothing is read until a subject is asked for.

    Of each country it holds the values of the changed days and, of the subject in question, the newest points that
    its cell keeps for drawing: a few hundred. Movements that were told before stay as they were, so a day of new data
    moves no day of the past. A replay of everything needs the movements of everything: they are made once for a kind,
    from all its files, and hold one number for each country, subject and interval. A cell of one network moves with
    the world of its country.
    """

    def __init__(self, kind: str, files: Sequence[Path], everything: Sequence[Path], since: datetime) -> None:
        self._kind = kind
        self._files = files
        self._everything = everything
        self._since = since
        self._changed: dict[str, dict[str, list[Point]]] | None = None
        self._recent: dict[str, Moved] = {}
        self._whole: dict[str, Moved] | None = None

    def told(self, cell: Cell, found: Sequence[Point]) -> list[Point]:
        """The points of the changed days, each with the movement of the other countries, where it is known."""
        if not _moves(cell):
            return list(found)
        if cell.subject not in self._recent:
            self._recent = {cell.subject: movements(self._near(cell))}
        return _with(found, self._recent[cell.subject].get(cell.country, {}))

    def told_all(self, cell: Cell, found: Sequence[Point]) -> list[Point]:
        """The same for all points that there ever were of a cell."""
        if not _moves(cell):
            return list(found)
        if self._whole is None:
            series = _by_subject(self._kind, self._everything, None)
            self._whole = {subject: movements(countries) for subject, countries in series.items()}
        return _with(found, self._whole.get(cell.subject, {}).get(cell.country, {}))

    def _near(self, cell: Cell) -> dict[str, list[Point]]:
        """The changed days of each country, after the newest points that its cell keeps."""
        if self._changed is None:
            self._changed = _by_subject(self._kind, self._files, self._since)
        changed = self._changed.get(cell.subject, {})
        kept = CellState.objects.filter(kind=self._kind, subject=cell.subject, network="", stream=cell.stream.value)
        past = {
            country: [_point(row) for row in recent if _is_past(row, self._since)]
            for country, recent in kept.exclude(country="").values_list("country", "recent")
        }
        return {country: past.get(country, []) + changed.get(country, []) for country in past.keys() | changed.keys()}


def is_news(point: Point, known: Sequence[object]) -> bool:
    """Whether the rest of the world stands elsewhere than a kept row says, by more than a detector need care for."""
    if point.elsewhere is None:
        return False
    before = known[_FIELDS - 1] if len(known) >= _FIELDS else None
    return abs(point.elsewhere - (before if isinstance(before, float | int) else 0.0)) > _NEAR


def _moves(cell: Cell) -> bool:
    return cell.stream in MOVING and bool(cell.country)


def _by_subject(kind: str, files: Sequence[Path], since: datetime | None) -> dict[str, dict[str, list[Point]]]:
    found: dict[str, dict[str, list[Point]]] = {}
    for cell, series in points(files, kind=kind, since=since, step=STEP):
        if _moves(cell):
            measured = [replace(point, parts=()) for point in series if point.evidence is Evidence.SCORED]
            found.setdefault(cell.subject, {})[cell.country] = measured
        elif cell.stream not in MOVING:
            break
    return found


def _is_past(row: Sequence[Any], since: datetime) -> bool:
    return bool(row[0] < since.timestamp() and row[4] == Evidence.SCORED.value)


def _point(row: Sequence[Any]) -> Point:
    epoch, n, k, value = row[:4]
    elsewhere = row[_FIELDS - 1] if len(row) >= _FIELDS else None
    return Point(datetime.fromtimestamp(epoch, UTC), STEP, n=n, k=k, value=value, elsewhere=elsewhere)


def _with(found: Iterable[Point], moved: Mapping[datetime, float]) -> list[Point]:
    return [
        replace(point, elsewhere=moved[point.time])
        if point.evidence is Evidence.SCORED and point.time in moved
        else point
        for point in found
    ]
