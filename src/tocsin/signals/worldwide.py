"""How the rest of the world moved in the days that changed, for what moves world-wide."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.analysis.baselines import movements
from tocsin.analysis.engine import Engine, points
from tocsin.analysis.series import Cell, Evidence, Point, Stream
from tocsin.signals.models import STEP, CellState
from tocsin.signals.tracks import Tracks

MOVING = frozenset({Stream.VIEWS, Stream.LEVEL, Stream.BLOCKING})
_FIELDS = 9  # epoch, n, k, value, evidence, usual level, low, high, elsewhere
_NEAR = 0.05
_A_PIECE = 200

Moved = Mapping[str, Mapping[datetime, float]]
"""By country and the start of the interval."""


class World:
    """The movements of one kind of observation, by subject; nothing is read until a subject is asked for.

    Of each country it holds the values of the changed days and, of the subject in question, the newest points that
    its cell keeps for drawing: a few hundred. Movements that were told before stay as they were, so a day of new data
    moves no day of the past. A replay of everything needs the movements of everything: they are made once for a kind,
    from all its files, and lie in a temporary file, since they may be more than memory holds (``tracks``). A cell of
    one network moves with the world of its country.
    """

    def __init__(
        self,
        kind: str,
        files: Sequence[Path],
        everything: Sequence[Path],
        since: datetime,
        engine: Engine | None = None,
    ) -> None:
        self._engine = engine
        self._kind = kind
        self._files = files
        self._everything = everything
        self._since = since
        self._changed: dict[tuple[Stream, str], dict[str, list[Point]]] | None = None
        self._recent: dict[tuple[Stream, str], Moved] = {}
        self._whole: Tracks | None = None

    @staticmethod
    def moves(cell: Cell) -> bool:
        """Whether what is measured so moves with the rest of the world."""
        return cell.stream in MOVING and bool(cell.country)

    def told(self, cell: Cell, found: Sequence[Point]) -> list[Point]:
        """The points of the changed days, each with the movement of the other countries, where it is known."""
        if not World.moves(cell):
            return list(found)
        key = cell.stream, cell.subject
        if key not in self._recent:
            self._recent = {key: movements(self._near(cell))}
        return _with(found, self._recent[key].get(cell.country, {}))

    def told_all(self, cell: Cell, found: Sequence[Point]) -> list[Point]:
        """The same for all points that there ever were of a cell."""
        if not World.moves(cell):
            return list(found)
        for _ in self.prepare():
            pass
        return _with(found, self._whole.of(cell) if self._whole is not None else {})

    def prepare(self) -> Iterator[None]:
        """Make the movements of everything, unless they are made, in pieces of a moment each."""
        if self._whole is not None:
            return
        tracks = Tracks()
        found = points(self._everything, kind=self._kind, step=STEP, engine=self._engine)
        for number, (cell, series) in enumerate(found):
            if World.moves(cell):
                tracks.add(cell, series)
            if number % _A_PIECE == 0:
                yield
        for _ in tracks.move():
            yield
        self._whole = tracks

    def _near(self, cell: Cell) -> dict[str, list[Point]]:
        """The changed days of each country, after the newest points that its cell keeps."""
        if self._changed is None:
            self._changed = _by_subject(self._kind, self._files, self._since)
        changed = self._changed.get((cell.stream, cell.subject), {})
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


def _by_subject(kind: str, files: Sequence[Path], since: datetime) -> dict[tuple[Stream, str], dict[str, list[Point]]]:
    found: dict[tuple[Stream, str], dict[str, list[Point]]] = {}
    for cell, series in points(files, kind=kind, since=since, step=STEP):
        if World.moves(cell):
            measured = [replace(point, parts=()) for point in series if point.evidence is Evidence.SCORED]
            found.setdefault((cell.stream, cell.subject), {})[cell.country] = measured
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
