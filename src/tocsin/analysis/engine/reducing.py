"""Reduces the lake's rows to one short series for each cell."""

from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import narwhals as nw

from tocsin.analysis.engine.embedded import Embedded
from tocsin.analysis.engine.machine import Engine
from tocsin.analysis.series import Cell, Evidence, Point, Stream


def points(
    files: Sequence[Path],
    *,
    kind: str | None = None,
    country: str | None = None,
    subject: str | None = None,
    network: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    step: timedelta,
    each_network: bool = False,
    engine: Engine | None = None,
) -> Iterator[tuple[Cell, list[Point]]]:
    """Each cell in the files with its points in order of time, one for each interval of ``step`` that has rows.

    The files hold each natural key once (those of one manifest do). Intervals are counted from 1970 UTC; ``since``
    is included, ``until`` is not; both are aware. ``network=None`` pools the networks of a country, unless
    ``each_network`` asks for a cell for each. Where rows for all networks (``network`` empty) and for single ones
    stand side by side, the pooled cell takes those for all and does not count twice.

    Counts, views and events add up over an interval, other levels are averaged. An interval with rows of which none
    was scored gives a point without numbers; one without rows gives no point. Views that were measured in a part of
    the interval only are discarded: half a day of views is not a quiet day. A row longer than ``step`` keeps its
    own length. ``engine`` is the caller's, who closes it; by default a small one in this process.

    Raises:
        ValueError: for a step below a second or a naive time, or if a file is not of the lake.
        OSError: if a file is missing.
    """
    width = _width(step, since, until)
    with nullcontext(engine) if engine is not None else closing(Embedded()) as machine:
        frame = _wanted(machine.scan(files), kind=kind, country=country, subject=subject, network=network)
        if since is not None:
            frame = frame.filter(nw.col("epoch") >= _seconds(since))
        if until is not None:
            frame = frame.filter(nw.col("epoch") < _seconds(until))
        pooled = network is None and not each_network
        for portion in _portions(frame, machine):
            for cell, sums in groupby(map(_Sums._make, machine.rows(_reduced(portion, width, pooled))), key=_cell):
                yield cell, [_point(cell.stream, part, width) for part in sums]


class _Sums(NamedTuple):
    """One interval of one cell: sums over rows for all networks (``_all``) and over rows for one (``_each``)."""

    kind: str
    country: str
    subject: str
    network: str
    stream: str
    bucket: int
    step: int
    rows: int
    discarded: int
    scored_all: int
    scored_each: int
    epochs_all: int
    epochs_each: int
    n_all: float | None
    n_each: float | None
    k_all: float | None
    k_each: float | None
    value_all: float | None
    value_each: float | None


_CELL = ("kind", "country", "subject", "network", "stream", "bucket")


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


def _reduced(frame: nw.LazyFrame[Any], width: int, pooled: bool) -> nw.LazyFrame[Any]:
    every = nw.col("network") == "" if pooled else nw.lit(True)
    counted = (nw.col("stream") == Stream.BLOCKING.value) & ~nw.col("n").is_null() & ~nw.col("k").is_null()
    valued = (nw.col("stream") != Stream.BLOCKING.value) & ~nw.col("value").is_null()
    scored = (nw.col("evidence") == Evidence.SCORED.value) & (counted | valued)
    frame = frame.with_columns(
        bucket=nw.col("epoch") - nw.col("epoch") % width,
        discarded=nw.when(~scored & (nw.col("evidence") != Evidence.NONE.value)).then(1).otherwise(0),
    )
    sums: list[nw.Expr] = [nw.col("step").max(), nw.len().alias("rows"), nw.col("discarded").sum()]
    for name, side in (("all", every), ("each", ~every)):
        taken = scored & side
        frame = frame.with_columns(
            nw.when(taken).then(1).otherwise(0).alias(f"scored_{name}"),
            nw.when(taken).then(nw.col("epoch")).otherwise(-1).alias(f"epochs_{name}"),
            *(nw.when(taken).then(nw.col(number)).alias(f"{number}_{name}") for number in ("n", "k", "value")),
        )
        sums += [nw.col(f"{column}_{name}").sum() for column in ("scored", "n", "k", "value")]
        sums.append(nw.col(f"epochs_{name}").n_unique())
    if pooled:
        frame = frame.with_columns(network=nw.lit(""))
    return frame.group_by(*_CELL).agg(*sums).sort(*_CELL).select(*_Sums._fields)


def _cell(sums: _Sums) -> Cell:
    return Cell(
        stream=Stream(sums.stream),
        kind=sums.kind,
        country=sums.country,
        subject=sums.subject,
        network=sums.network,
    )


def _point(stream: Stream, sums: _Sums, width: int) -> Point:
    time = datetime.fromtimestamp(sums.bucket, UTC)
    step = timedelta(seconds=max(width, sums.step))
    side = "all" if sums.scored_all else "each"
    rows = sums.scored_all or sums.scored_each
    if not rows:
        evidence = Evidence.DISCARDED if sums.discarded else Evidence.NONE
        return Point(time=time, step=step, evidence=evidence)
    if stream is Stream.VIEWS and _measured(sums, side) < width:
        return Point(time=time, step=step, evidence=Evidence.DISCARDED)
    n, k, value = (getattr(sums, f"{number}_{side}") for number in ("n", "k", "value"))
    if stream is Stream.BLOCKING:
        return Point(time=time, step=step, n=_steady(n), k=_steady(k))
    return Point(time=time, step=step, value=_steady(value / rows if stream is Stream.LEVEL else value))


def _steady(total: float) -> float:
    """Threads add in any order; without the last digits the sum is the same each time."""
    return round(total, 6)


def _measured(sums: _Sums, side: str) -> int:
    """Seconds of the interval that have a scored row; all rows that don't count share one more epoch, -1."""
    epochs, scored = getattr(sums, f"epochs_{side}"), getattr(sums, f"scored_{side}")
    others = int(sums.rows > scored)
    return int(epochs - others) * sums.step
