"""Reduces the lake's rows to one short series for each cell."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from heapq import merge
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import narwhals as nw

from tocsin.analysis.engine.embedded import Embedded
from tocsin.analysis.engine.machine import Engine
from tocsin.analysis.series import Cell, Evidence, Part, Point, Stream

MOST_PARTS = 50
OTHERS = "others"
_AVERAGED = frozenset({Stream.LEVEL, Stream.CONNECTIVITY})


class By(StrEnum):
    """Which cells are wanted: a country's networks pooled, a cell for each network, or both in this order."""

    COUNTRY = "country"
    NETWORK = "network"
    BOTH = "both"


def points(
    files: Sequence[Path],
    *,
    kind: str | None = None,
    country: str | None = None,
    after: str | None = None,
    subject: str | None = None,
    network: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    step: timedelta,
    by: By = By.COUNTRY,
    engine: Engine | None = None,
) -> Iterator[tuple[Cell, list[Point]]]:
    """Each cell in the files with its points in order of time, one for each interval of ``step`` that has rows.

    The files hold each natural key once (those of one manifest do). Intervals are counted from 1970 UTC; ``since``
    is included, ``until`` is not; both are aware. A ``network`` that is named has a cell of its own, whatever ``by``
    says. A pooled count tells its ``parts``, a network each (the largest 50; the rest is one). Where rows for all
    networks (``network`` empty) and for single ones stand side by side, the pooled cell takes those for all and does
    not count twice.

    Counts, views and events add up over an interval, other levels are averaged. An interval with rows of which none
    was scored gives a point without numbers; one without rows gives no point. Views that were measured in a part of
    the interval only are discarded: half a day of views is not a quiet day. A row longer than ``step`` keeps its
    own length. Cells come in order of kind and country. ``after`` leaves out the countries up to this one.
    ``engine`` is the caller's, who closes it; by default a small one in this process.

    Raises:
        ValueError: for a step below a second or a naive time, or if a file is not of the lake.
        OSError: if a file is missing.
    """
    width = _width(step, since, until)
    if network is not None:
        by = By.NETWORK
    with nullcontext(engine) if engine is not None else closing(Embedded()) as machine:
        frame = _wanted(machine.scan(files), kind=kind, country=country, subject=subject, network=network)
        if after is not None:
            frame = frame.filter(nw.col("country") > after)
        if since is not None:
            frame = frame.filter(nw.col("epoch") >= _seconds(since))
        if until is not None:
            frame = frame.filter(nw.col("epoch") < _seconds(until))
        for portion in _portions(frame, machine):
            # Both at once, a country at a time: whoever stops after a country has had all of it.
            both = (machine.rows(_reduced(_of_views(portion, views), width, views)) for views in (False, True))
            streams = (_of_countries(map(_Sums._make, rows), by, width) for rows in both)
            yield from merge(*streams, key=lambda one: (one[0].kind, one[0].country))


def _of_countries(rows: Iterable["_Sums"], by: By, width: int) -> Iterator[tuple[Cell, list[Point]]]:
    for address, sums in groupby(rows, key=attrgetter("kind", "country", "subject", "stream")):
        yield from _cells(address, sums, by, width)


def sizes(
    files: Sequence[Path], *, kind: str, country: str | None = None, engine: Engine | None = None
) -> list[tuple[str, int]]:
    """The countries that the files hold of one kind, in the order in which ``points`` gives them, each with its rows;
    where a country is named, its subjects.

    Raises:
        ValueError: if a file is not of the lake.
        OSError: if a file is missing.
    """
    with nullcontext(engine) if engine is not None else closing(Embedded()) as machine:
        column = "country" if country is None else "subject"
        frame = _wanted(machine.scan(files), kind=kind, country=country).group_by(column).agg(nw.len().alias("rows"))
        return [(str(name), int(rows)) for name, rows in machine.rows(frame.sort(column))]


class _Sums(NamedTuple):
    """One interval of one network: sums over its rows that were scored. ``epochs`` counts the rows' distinct times."""

    kind: str
    country: str
    subject: str
    stream: str
    network: str
    bucket: int
    step: int
    discarded: int
    scored: int
    epochs: int
    n: float | None
    k: float | None
    value: float | None


_KEY = ("kind", "country", "subject", "stream", "network", "bucket")


def _width(step: timedelta, since: datetime | None, until: datetime | None) -> int:
    width = int(step.total_seconds())
    if width < 1 or step != timedelta(seconds=width):
        raise ValueError("a step is a whole number of seconds, at least one")
    if any(time is not None and time.tzinfo is None for time in (since, until)):
        raise ValueError("since and until must name their zone")
    return width


def _seconds(time: datetime) -> int:
    """The first whole second at or after ``time``."""
    return -int(-time.timestamp() // 1)


def _wanted(frame: nw.LazyFrame[Any], **wanted: str | None) -> nw.LazyFrame[Any]:
    for column, value in wanted.items():
        if value is not None:
            frame = frame.filter(nw.col(column) == value)
    return frame


def _of_views(frame: nw.LazyFrame[Any], views: bool) -> nw.LazyFrame[Any]:
    """Views or all but views: only views need the times of their rows counted, which is dear."""
    are = nw.col("stream") == Stream.VIEWS.value
    return frame.filter(are if views else ~are)


def _portions(frame: nw.LazyFrame[Any], engine: Engine) -> Iterator[nw.LazyFrame[Any]]:
    """Parts of the frame that the engine can group at once, in the order of kind and country."""
    if engine.portion is None:
        yield frame
        return
    counts = frame.group_by("kind", "country").agg(nw.len().alias("rows")).sort("kind", "country")
    portion: list[tuple[str, str]] = []
    held = 0
    for kind, country, rows in engine.rows(counts):
        if portion and (kind != portion[0][0] or held + rows > engine.portion):
            yield _between(frame, portion)
            portion, held = [], 0
        portion.append((kind, country))
        held += rows
    if portion:
        yield _between(frame, portion)


def _between(frame: nw.LazyFrame[Any], portion: list[tuple[str, str]]) -> nw.LazyFrame[Any]:
    (kind, first), (_, last) = portion[0], portion[-1]
    return frame.filter(nw.col("kind") == kind, nw.col("country") >= first, nw.col("country") <= last)


def _reduced(frame: nw.LazyFrame[Any], width: int, views: bool) -> nw.LazyFrame[Any]:
    counted = (nw.col("stream") == Stream.BLOCKING.value) & ~nw.col("n").is_null() & ~nw.col("k").is_null()
    valued = (nw.col("stream") != Stream.BLOCKING.value) & ~nw.col("value").is_null()
    scored = (nw.col("evidence") == Evidence.SCORED.value) & (counted | valued)
    frame = frame.with_columns(
        nw.when(scored).then(1).otherwise(0).alias("scored"),
        nw.when(~scored & (nw.col("evidence") != Evidence.NONE.value)).then(1).otherwise(0).alias("discarded"),
        *(nw.when(scored).then(nw.col(number)).alias(number) for number in ("n", "k", "value")),
        nw.when(scored).then(nw.col("epoch")).otherwise(-1).alias("at"),
        bucket=nw.col("epoch") - nw.col("epoch") % width,
    )
    sums = [nw.col(column).sum() for column in ("discarded", "scored", "n", "k", "value")]
    # All rows that were not scored share one more time, -1.
    times = nw.col("at").n_unique() - nw.col("at").min().is_in([-1]).cast(nw.Int64) if views else nw.col("at").max()
    grouped = frame.group_by(*_KEY).agg(nw.col("step").max(), *sums, times.alias("epochs"))
    return grouped.sort(*_KEY).select(*_Sums._fields)


def _cells(
    address: tuple[str, str, str, str], sums: Iterable[_Sums], by: By, width: int
) -> Iterator[tuple[Cell, list[Point]]]:
    """The cells of one subject in one country."""
    kind, country, subject, stream = address
    networks = {network: list(rows) for network, rows in groupby(sums, key=attrgetter("network"))}
    cell = Cell(stream=Stream(stream), kind=kind, country=country, subject=subject)
    if by is not By.NETWORK:
        yield cell, _pooled(cell.stream, networks, width)
    if by is not By.COUNTRY:
        for network, rows in networks.items():
            # Rows that are of no network in particular are of the country: whoever wants both has had them.
            if network or by is By.NETWORK:
                own = Cell(stream=cell.stream, kind=kind, country=country, subject=subject, network=network)
                yield own, [_single(cell.stream, row, width) for row in rows]


def _pooled(stream: Stream, networks: dict[str, list[_Sums]], width: int) -> list[Point]:
    intervals: defaultdict[int, list[_Sums]] = defaultdict(list)
    for rows in networks.values():
        for row in rows:
            intervals[row.bucket].append(row)
    return [_point(stream, intervals[bucket], width) for bucket in sorted(intervals)]


def _point(stream: Stream, networks: list[_Sums], width: int) -> Point:
    """One interval of a country from the sums of its networks."""
    scored = [row for row in networks if row.scored]
    taken = [row for row in scored if not row.network] or scored
    if len(networks) == 1 or not taken:
        found = _single(stream, max(networks, key=lambda row: (row.discarded, row.step)), width)
        return replace(found, parts=_parts(taken)) if stream is Stream.BLOCKING and taken else found
    first = networks[0]
    whole = _Sums(
        *first[:6],
        step=max(row.step for row in networks),
        discarded=0,
        scored=sum(row.scored for row in taken),
        # Of views each network's own times are known alone: one that was measured all day makes the day whole.
        epochs=max(row.epochs for row in taken),
        n=sum(row.n or 0.0 for row in taken),
        k=sum(row.k or 0.0 for row in taken),
        value=sum(row.value or 0.0 for row in taken),
    )
    found = _single(stream, whole, width)
    return replace(found, parts=_parts(taken)) if stream is Stream.BLOCKING else found


def _single(stream: Stream, row: _Sums, width: int) -> Point:
    """One interval from the sums of one network, or of all. Threads add in any order: the last digits are cut off."""
    time, step = datetime.fromtimestamp(row.bucket, UTC), timedelta(seconds=max(width, row.step))
    if not row.scored:
        evidence = Evidence.DISCARDED if row.discarded else Evidence.NONE
        return Point(time=time, step=step, evidence=evidence)
    if stream is Stream.BLOCKING:
        return Point(time=time, step=step, n=round(row.n or 0.0, 6), k=round(row.k or 0.0, 6))
    if stream is Stream.VIEWS and row.epochs * row.step < width:
        return Point(time=time, step=step, evidence=Evidence.DISCARDED)
    averaged = row.scored if stream in _AVERAGED else 1
    return Point(time=time, step=step, value=round((row.value or 0.0) / averaged, 6))


def _parts(taken: list[_Sums]) -> tuple[Part, ...]:
    """What each network gave; of very many, the smallest are one."""
    parts = [Part(row.network, round(row.n or 0.0, 6), round(row.k or 0.0, 6)) for row in taken if row.network]
    if len(parts) <= MOST_PARTS:
        return tuple(parts)
    parts.sort(key=lambda part: (-part.n, part.name))
    small = parts[MOST_PARTS:]
    others = Part(OTHERS, round(sum(part.n for part in small), 6), round(sum(part.k for part in small), 6))
    return (*sorted(parts[:MOST_PARTS], key=attrgetter("name")), others)
