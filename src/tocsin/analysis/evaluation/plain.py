"""Reads series, and other systems' flags on them, from plain forms; bad rows are discarded with their reason."""

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from io import TextIOWrapper
from math import isfinite
from pathlib import Path
from typing import Final, TextIO

from tocsin.analysis.series import Direction, Evidence, Point

INDEX = ("series", "set", "country", "subject", "stream", "kind", "step_seconds", "trouble", "points", "first", "last")
ROWS = ("series", "time", "n", "k", "value")
FLAGS = ("series", "time", "system", "direction")
_OUTSIDE = "a time before 1990 or after 2099"
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LONGEST = 366 * 86_400
_LONGEST_LINE: Final = 65_536
WAYS = {"rise": Direction.RISE, "up": Direction.RISE, "drop": Direction.DROP, "down": Direction.DROP}


class PlainError(ValueError):
    """A file is not in its plain form; the message names the file and what is wrong with it."""


class RowError(ValueError):
    """A row can't be taken as it stands; the message is the reason, in words that can be counted."""


class Kind(StrEnum):
    """What a series holds: n trials with k anomalous, or a value."""

    COUNTS = "counts"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Series:
    """One series with its points in order of time, each time once.

    ``step`` None: irregular; its points have a step of zero and are pooled before they are judged. ``trouble`` are
    the directions in which harm shows. A row with a good time and bad numbers is a point of evidence ``discarded``.
    """

    name: str
    set: str
    country: str
    subject: str
    stream: str
    kind: Kind
    step: timedelta | None
    trouble: frozenset[Direction]
    points: tuple[Point, ...] = ()

    @property
    def years(self) -> float:
        """How many years were measured, in years of 365.25 days; irregular points count by the days that have one."""
        scored = [point for point in self.points if point.evidence is Evidence.SCORED]
        if self.step is None:
            return len({point.time.date() for point in scored}) / 365.25
        return len(scored) * self.step.total_seconds() / (365.25 * 86_400)


@dataclass(frozen=True, slots=True)
class Flag:
    """One interval in which another system, whose output is given, raised its flag on a series."""

    series: str
    time: datetime
    system: str
    direction: Direction


@dataclass(slots=True)
class Notes:
    """What could not be taken as it stood: how many rows, by file and reason; and files that are not there."""

    discarded: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)

    def discard(self, file: str, reason: str, rows: int = 1) -> None:
        """Count rows of a file that were left out, or changed, for a reason."""
        self.discarded[(file, reason)] += rows


def read_series(folder: Path, notes: Notes, *, wanted: Callable[[str, str], bool] | None = None) -> list[Series]:
    """All series of ``folder`` (it holds ``index.csv`` and one file a set), in the order of the index.

    ``wanted`` takes a set's and a series' name. A set whose file is not there is noted as missing.

    Raises:
        PlainError: if a file has other columns than its plain form.
    """
    index = folder / "index.csv"
    if not index.exists():
        notes.missing.append("series/index.csv")
        return []
    found: dict[str, Series] = {}
    for row in rows_of(index, INDEX):
        try:
            series = _series(row)
        except RowError as error:
            notes.discard("series/index.csv", str(error))
            continue
        if series.name in found:
            notes.discard("series/index.csv", "the series is listed twice")
        elif wanted is None or wanted(series.set, series.name):
            found[series.name] = series
    points: dict[str, list[Point]] = {name: [] for name in found}
    for name in dict.fromkeys(series.set for series in found.values()):
        path = folder / f"{name}.csv.gz"
        if path.exists():
            _read_points(path, found, points, notes)
        else:
            notes.missing.append(f"series/{path.name}")
    made = [replace(series, points=tuple(points[name])) for name, series in found.items()]
    return [series for series in made if series.points]


def read_flags(folder: Path, notes: Notes, names: Mapping[str, object]) -> list[Flag]:
    """The flags in ``rivals.csv.gz`` on the series in ``names``; none if it isn't there.

    Raises:
        PlainError: if the file has other columns than its plain form.
    """
    path = folder / "rivals.csv.gz"
    if not path.exists():
        notes.missing.append("series/rivals.csv.gz")
        return []
    flags = []
    for row in rows_of(path, FLAGS):
        if row["series"] not in names:
            continue
        way = WAYS.get(row["direction"])
        try:
            time = moment(row["time"])
        except RowError as error:
            notes.discard("series/rivals.csv.gz", str(error))
            continue
        if way is None or not row["system"]:
            notes.discard("series/rivals.csv.gz", "no system, or a direction that is neither up nor down")
            continue
        flags.append(Flag(row["series"], time, row["system"], way))
    return sorted(set(flags), key=lambda flag: (flag.series, flag.system, flag.time, flag.direction))


def rows_of(path: Path, columns: Sequence[str], *, more: bool = False) -> Iterator[dict[str, str]]:
    """The rows of a CSV file, packed or not, as text by column; with ``more`` it may have other columns, too.

    Raises:
        PlainError: if columns are missing or unknown, or it isn't UTF-8 text or a whole gzip file.
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as raw:
            reader = csv.DictReader(_lines(TextIOWrapper(raw, "utf-8-sig", newline=""), path.name))
            names = reader.fieldnames or []
            lacking, unknown = set(columns) - set(names), set(names) - set(columns)
            if lacking or (unknown and not more) or len(set(names)) < len(names):
                raise PlainError(f"{path.name}: columns must be {', '.join(columns)}; it has {', '.join(names)}")
            for row in reader:
                yield {name: (row.get(name) or "").strip() for name in columns}
    except (EOFError, OSError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise PlainError(f"{path.name} can't be read to its end: is it whole, and UTF-8?") from error


def _lines(text: TextIO, name: str) -> Iterator[str]:
    """The lines of a text; a packed file may hold one that no memory could."""
    while line := text.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise PlainError(f"{name} has a line of more than {_LONGEST_LINE:,} signs")
        yield line


def moment(text: str) -> datetime:
    """An aware time of the years 1990 to 2099, in UTC.

    Raises:
        RowError: with the reason, in words that can be counted.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise RowError("a time that can't be read") from error
    if time.tzinfo is None:
        raise RowError("a time without a zone")
    try:
        time = time.astimezone(UTC)
    except OverflowError as error:
        raise RowError(_OUTSIDE) from error
    if not _FIRST <= time < _LAST:
        raise RowError(_OUTSIDE)
    return time


def _series(row: Mapping[str, str]) -> Series:
    if not row["series"] or not row["set"] or "/" in row["set"]:
        raise RowError("no name, or no set")
    if row["kind"] not in set(Kind):
        raise RowError("a kind that is neither counts nor level")
    ways = frozenset(Direction) if row["trouble"] == "both" else frozenset({WAYS.get(row["trouble"])} - {None})
    if not ways:
        raise RowError("a trouble that is neither rise, drop nor both")
    seconds = row["step_seconds"]
    if seconds and not (seconds.isascii() and seconds.isdecimal() and 0 < int(seconds) <= _LONGEST):
        raise RowError("a step that is not a number of seconds up to a year")
    return Series(
        name=row["series"],
        set=row["set"],
        country=row["country"],
        subject=row["subject"],
        stream=row["stream"],
        kind=Kind(row["kind"]),
        step=timedelta(seconds=int(seconds)) if seconds else None,
        trouble=frozenset(way for way in ways if way is not None),
    )


def _read_points(path: Path, found: Mapping[str, Series], points: dict[str, list[Point]], notes: Notes) -> None:
    file = f"series/{path.name}"
    seen: set[tuple[str, datetime]] = set()
    unordered: set[str] = set()
    newest: dict[str, datetime] = {}
    for row in rows_of(path, ROWS):
        series = found.get(row["series"])
        if series is None:
            continue
        try:
            time = moment(row["time"])
        except RowError as error:
            notes.discard(file, str(error))
            continue
        key = (series.name, time)
        if series.step is not None:
            if key in seen:
                notes.discard(file, "a time that the series already has")
                continue
            seen.add(key)
        if time < newest.get(series.name, time):
            notes.discard(file, "out of order (put in its place)")
            unordered.add(series.name)
        else:
            newest[series.name] = time
        points[series.name].append(_point(series, time, row, file, notes))
    for name in unordered:
        points[name].sort(key=lambda point: point.time)


def _point(series: Series, time: datetime, row: Mapping[str, str], file: str, notes: Notes) -> Point:
    step = series.step or timedelta(0)
    try:
        if series.kind is Kind.LEVEL:
            value = _number(row["value"])
            if value < 0:
                raise RowError("a negative value")
            return Point(time, step, value=value)
        n, k = _number(row["n"]), _number(row["k"])
        if n < 0 or k < 0:
            raise RowError("a negative count")
        if k > n:
            raise RowError("more anomalous than measured")
        return Point(time, step, n=n, k=k)
    except RowError as error:
        notes.discard(file, str(error))
        return Point(time, step, evidence=Evidence.DISCARDED)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise RowError("a number that can't be read" if text else "a number that is not there") from error
    if not isfinite(number):
        raise RowError("a number that is not finite")
    return number
