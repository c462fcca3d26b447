"""Reduces the lake's rows to one short series for each cell."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import duckdb
import narwhals as nw

from tocsin.analysis.engine.embedded import MEMORY, THREADS, connect
from tocsin.analysis.engine.schema import COLUMNS
from tocsin.analysis.series import Cell, Evidence, Point, Stream

BATCH = 10_000
PORTION = 1_000_000  # rows that are grouped at once; one country of one kind is never cut


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of some of the lake's files as one lazy table; close it, or use it in a ``with``."""

    frame: nw.LazyFrame[Any]
    database: duckdb.DuckDBPyConnection

    def close(self) -> None:
        """Give back the memory."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def scan(files: Sequence[Path], *, memory: str = MEMORY, threads: int = THREADS) -> Table:
    """Open files of the lake; no file at all gives an empty table.

    Raises:
        OSError: if a file is missing.
        ValueError: if one is not a file of the lake.
    """
    for file in files:
        if not file.is_file():
            raise FileNotFoundError(file)
    database = connect(memory=memory, threads=threads)
    try:
        if files:
            relation = database.read_parquet([str(file) for file in files]).select(*COLUMNS)
        else:
            columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
            relation = database.sql(f"SELECT {columns} WHERE false")
    except duckdb.Error as error:
        database.close()
        raise ValueError("not every file is a file of the lake") from error
    return Table(frame=nw.from_native(relation), database=database)


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
) -> Iterator[tuple[Cell, list[Point]]]:
    """Each cell in the files with its points in order of time, one for each interval of ``step`` that has rows.

    The files hold each natural key once (those of one manifest do). Intervals are counted from 1970 UTC; ``since``
    is included, ``until`` is not; both are aware. ``network=None`` pools the networks of a country, unless
    ``each_network`` asks for a cell for each. Where rows for all networks (``network`` empty) and for single ones
    stand side by side, the pooled cell takes those for all and does not count twice.

    Counts, views and events add up over an interval, other levels are averaged. An interval with rows of which none
    was scored gives a point without numbers; one without rows gives no point. Views that were measured in a part of
    the interval only are discarded: half a day of views is not a quiet day. A row longer than ``step`` keeps its
    own length.

    Raises:
        ValueError: for a step below a second or a naive time.
        OSError, ValueError: see ``scan``.
    """
    width = _width(step, since, until)
    with closing(scan(files)) as table:
        frame = _wanted(table.frame, kind=kind, country=country, subject=subject, network=network)
        if since is not None:
            frame = frame.filter(nw.col("epoch") >= _seconds(since))
        if until is not None:
            frame = frame.filter(nw.col("epoch") < _seconds(until))
        pooled = network is None and not each_network
        for portion in _portions(frame):
            for cell, sums in groupby(_sums(_reduced(portion, width, pooled)), key=_cell):
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


def _portions(frame: nw.LazyFrame[Any]) -> Iterator[nw.LazyFrame[Any]]:
    """Parts of the frame that are small enough to be grouped in memory, in the order of kind and country."""
    counts = frame.group_by("kind", "country").agg(nw.len().alias("rows")).sort("kind", "country").to_native()
    portion: list[tuple[str, str]] = []
    held = 0
    for kind, country, rows in counts.fetchall():
        if portion and (kind != portion[0][0] or held + rows > PORTION):
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


def _sums(frame: nw.LazyFrame[Any]) -> Iterator[_Sums]:
    relation: duckdb.DuckDBPyRelation = frame.to_native()
    yield from map(_Sums._make, relation.iter_rows(BATCH))


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
