"""A DuckDB that lives in memory: bounded, without a file of its own, without extensions from elsewhere."""

import duckdb

MEMORY = "1GB"
THREADS = 2


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
