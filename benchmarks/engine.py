"""How long the analysis of N rows of the lake takes, with how much memory, on one machine or on a Spark cluster.

A made-up lake: a year (``--years``) of hourly rows of four sites on three networks, of as many countries as the rows
make. Reduced to daily cells, pooled and for each network, and judged by the detectors that watch them. Then one more
day is taken into detectors that are restored from what they kept. Writing the lake is not counted.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from _rounds import load, spread

HOURS, SITES, NETWORKS = 8_760, 4, 3
A_COUNTRY = HOURS * SITES * NETWORKS
MONTH = 730


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench engine", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    parser.add_argument("--master", default="local[2]", help="the cluster, such as spark://host:7077")
    parser.add_argument("--workers", type=int, default=2, help="processes that judge")
    parser.add_argument("--years", type=int, default=1, help="over how many years the rows are spread")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, help="not needed: the rows are made up")
    given = parser.parse_args(argv)
    if min(given.rows, given.workers, given.years, given.rounds) < 1:
        parser.error("rows, workers, years and rounds are at least 1")
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        folder = Path(name)
        print(f"Writing {given.rows:,} rows …", file=sys.stderr)
        rows = write(folder, given.rows, given.years)
        rounds = []
        for number in range(given.rounds):
            print(f"Round {number + 1} of {given.rounds} …", file=sys.stderr)
            words = [str(folder), given.engine, given.master, str(given.workers)]
            command = [sys.executable, str(Path(__file__).with_name("_engine_run.py")), *words]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                raise SystemExit("The measured process ended early; what it said stands above.")
            rounds.append(json.loads(done.stdout.splitlines()[-1]))
    report(given.engine, rows, given.years, rounds)
    return 0


def report(engine: str, rows: int, years: int, rounds: list[dict[str, float]]) -> None:
    """The table and the line."""
    seconds, reducing, day, megabytes = (
        spread([one[name] for one in rounds]) for name in ("seconds", "reducing", "one_day", "megabytes")
    )
    first = rounds[0]
    over = f"{rows:,} rows over {years} year{'' if years == 1 else 's'}"
    print(f"\n{over} on {engine}: {first['cells']:,} cells, {first['points']:,} points; load {load():.1f}")
    print(f"{'reduced and judged, seconds':40} {seconds.words(1):>26}")
    print(f"{'  of these waiting for the engine':40} {reducing.words(1):>26}")
    print(f"{'rows a second':40} {rows / seconds.median:>26,.0f}")
    print(f"{'one more day, seconds':40} {day.words(2):>26}")
    print(f"{'peak memory, MB':40} {megabytes.words():>26}")
    line = {
        "bench": "engine",
        "engine": engine,
        "rows": rows,
        "cells": first["cells"],
        "points": first["points"],
        "findings": first["findings"],
        "years": years,
        "seconds": round(seconds.median, 2),
        "seconds_rounds": seconds.rounded(2),
        "rows_a_second": round(rows / seconds.median),
        "one_day_seconds": round(day.median, 2),
        "one_day_seconds_rounds": day.rounded(2),
        "peak_mb": round(megabytes.median),
        "load": round(load(), 1),
    }
    print(json.dumps(line))


def write(folder: Path, rows: int, years: int) -> int:
    """Write a lake of about that many rows, a file for each month and one for the day after; the rows of the past."""
    countries = max(1, math.ceil(rows / (A_COUNTRY * years)))
    hours = HOURS * years if rows >= A_COUNTRY * years else max(24, rows // (SITES * NETWORKS))
    with duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "2GB"}) as database:
        written = 0
        for month, begin in enumerate(range(0, hours, MONTH)):
            path = folder / f"past-{month:03}.parquet"
            written += _copy(database, path, countries, begin, min(begin + MONTH, hours), hours - MONTH)
        _copy(database, folder / "last.parquet", countries, hours, hours + 24, hours - MONTH)
    return written


def _copy(database: duckdb.DuckDBPyConnection, path: Path, countries: int, begin: int, end: int, worse: int) -> int:
    # Two letters of a country that no standard gives; a third of the cells fails more in their last month.
    database.execute(
        f"""
        COPY (
            SELECT 'blocking' AS stream, 'web' AS kind,
                   chr(65 + (c // 26)::INTEGER) || chr(65 + (c % 26)::INTEGER) AS country,
                   's' || s || '.example' AS subject, 'AS' || w AS network,
                   (1577836800 + h * 3600)::BIGINT AS epoch, 3600::INTEGER AS step,
                   (1 + hash(c, s, w, h) % 5)::DOUBLE AS n,
                   CASE WHEN hash(h, w, c, s) % 100 < CASE WHEN c % 3 = 0 AND h > {worse} THEN 60 ELSE 4 END
                        THEN 1 ELSE 0 END::DOUBLE AS k,
                   NULL::DOUBLE AS value, 'scored' AS evidence, 1::INTEGER AS source, 9::BIGINT AS fetched, '' AS detail
            FROM range({countries}) AS a(c), range({SITES}) AS b(s), range({NETWORKS}) AS d(w),
                 range({begin}, {end}) AS e(h)
        ) TO '{path}' (FORMAT parquet)
        """
    )
    return countries * SITES * NETWORKS * (end - begin)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
