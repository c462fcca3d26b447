"""Writes, reads and merges the lake's Parquet files."""

import hashlib
import heapq
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

import duckdb

from tocsin.analysis.engine.embedded import connect
from tocsin.analysis.engine.schema import COLUMNS, KEY, Row, check, natural_key

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written: its path, its number of rows and the SHA-256 of its bytes (hexadecimal)."""

    path: Path
    rows: int
    digest: str


class Ordered(Iterator[Row]):
    """Rows in the order of their natural key, each key once, to be read once."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows

    def __next__(self) -> Row:
        return next(self._rows)


def write(path: Path, rows: Iterable[Row]) -> Written:
    """Write rows to one Parquet file, sorted, once a natural key; the same rows always give the same digest.

    The file appears under ``path`` only when it is complete and on the disk; an earlier file there is replaced.
    Rows in order, as ``merge`` gives them, go through in batches; others are held in memory to be sorted.

    Raises:
        ValueError: if a row can't be kept (see ``schema.check``); nothing is written then.
        OSError: if the disk refuses; an earlier file stays as it was.
    """
    part = path.with_name(path.name + ".part")
    try:
        count = _write(part, map(check, rows) if isinstance(rows, Ordered) else sorted(map(check, rows), key=_order))
        digest = _settle(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return Written(path=path, rows=count, digest=digest)


def _write(part: Path, rows: Iterable[Row]) -> int:
    with closing(connect(threads=1)) as database:
        database.execute(f"CREATE TABLE rows ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
        count = _fill(database, _latest(rows))
        ordered = database.table("rows").order(", ".join(KEY))
        try:
            ordered.write_parquet(str(part), compression="zstd", row_group_size=100_000)
        except duckdb.IOException as error:
            raise OSError(f"{part.name} can't be written") from error
    return count


def read(path: Path) -> Iterator[Row]:
    """Rows of one file in the order of their natural key.

    Raises:
        OSError: if there is no such file.
        ValueError: if it is not a file of the lake.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    with closing(connect(threads=1)) as database:
        try:
            relation = database.read_parquet(str(path)).select(*COLUMNS)
        except duckdb.Error as error:
            raise ValueError(f"{path.name} is not a file of the lake") from error
        yield from map(Row._make, relation.iter_rows(BATCH))


def merge(paths: Sequence[Path], rows: Iterable[Row] = ()) -> Ordered:
    """Join files and new rows: one row for each natural key, the latest ``fetched`` holds, in the order of the key.

    The order in which files or rows are given changes nothing. The files are streamed; ``rows`` are held in memory.

    Raises:
        ValueError: if a row can't be kept.
    """
    streams = [*map(read, paths), iter(sorted(map(check, rows), key=_order))]
    return Ordered(_latest(heapq.merge(*streams, key=_order)))


def _latest(rows: Iterable[Row]) -> Iterator[Row]:
    for _, same in groupby(rows, key=natural_key):
        *_, last = same
        yield last


def _order(row: Row) -> tuple[object, ...]:
    """Sorts by natural key, then fetch; the rest settles what two fetches in one second should give."""
    rest = tuple((number is not None, number or 0.0) for number in (row.n, row.k, row.value))
    return (*natural_key(row), row.fetched, row.evidence, rest, row.stream, row.step, row.detail)


def _fill(database: duckdb.DuckDBPyConnection, rows: Iterator[Row]) -> int:
    count = 0
    with database.appender("rows") as appender:
        while batch := list(islice(rows, BATCH)):
            appender.append_rows(batch)
            count += len(batch)
    return count


def _settle(path: Path) -> str:
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest
