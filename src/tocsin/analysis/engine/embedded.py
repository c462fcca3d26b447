"""A DuckDB that lives in memory: bounded, without a file of its own, without extensions from elsewhere."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw

from tocsin.analysis.engine.schema import COLUMNS

MEMORY = "1GB"
THREADS = 2
BATCH = 10_000
PORTION = 1_000_000  # one country of one kind is never cut


def connect(*, memory: str = MEMORY, threads: int = THREADS) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that keeps to ``memory`` and ``threads`` and writes nothing to disk by itself."""
    return duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
        },
    )


class Embedded:
    """An engine in this process, for one machine."""

    def __init__(self, *, memory: str = MEMORY, threads: int = THREADS, portion: int = PORTION) -> None:
        self.portion = portion
        self._database = connect(memory=memory, threads=threads)

    def scan(self, files: Sequence[Path]) -> nw.LazyFrame[Any]:
        """See ``Engine.scan``."""
        check_there(files)
        try:
            if files:
                return nw.from_native(self._database.read_parquet([str(file) for file in files]).select(*COLUMNS))
            columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
            return nw.from_native(self._database.sql(f"SELECT {columns} WHERE false"))
        except duckdb.Error as error:
            raise ValueError(NOT_OURS) from error

    def rows(self, frame: nw.LazyFrame[Any]) -> Iterator[tuple[Any, ...]]:
        """See ``Engine.rows``."""
        relation: duckdb.DuckDBPyRelation = frame.to_native()
        return relation.iter_rows(BATCH)

    def close(self) -> None:
        """See ``Engine.close``."""
        self._database.close()


NOT_OURS = "not every file is a file of the lake"


def check_there(files: Sequence[Path]) -> None:
    """Raise FileNotFoundError for the first file that is missing."""
    for file in files:
        if not file.is_file():
            raise FileNotFoundError(file)
