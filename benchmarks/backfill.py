"""How long a replay of the past takes, and with how much memory: a made-up lake, judged anew into an empty database.

The lake is that of ``bench engine``: ``--years`` of hourly rows of four sites on three networks, of as many countries
as the rows make. Measured is all that the worker does: reduce, take out how the rest of the world moved, judge, and
store what detectors remember and found. ``rest_mb`` is what the process needs before it opens the lake.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from _rounds import load
from engine import write


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench backfill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--years", type=int, default=1, help="over how many years the rows are spread")
    parser.add_argument("--data", type=Path, help="not needed: the rows are made up")
    given = parser.parse_args(argv)
    if min(given.rows, given.years) < 1:
        parser.error("rows and years are at least 1")
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        home = Path(name)
        lake = home / "lake"
        lake.mkdir()
        print(f"Writing {given.rows:,} rows …", file=sys.stderr)
        rows = write(lake, given.rows, given.years)
        print("Judging them …", file=sys.stderr)
        command = [sys.executable, str(Path(__file__)), str(rows)]
        environment = {**os.environ, "TOCSIN_HOME": name, "TOCSIN_MINIMUM_FREE_MB": "64"}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise SystemExit("The measured process ended early; what it said stands above.")
        told = json.loads(done.stdout.splitlines()[-1])
    print(f"\n{rows:,} rows, {told['countries']} countries, {told['cells']:,} cells; load {load():.1f}")
    for words, key in (("seconds", "seconds"), ("peak memory, MB", "peak_mb"), ("of these before it, MB", "rest_mb")):
        print(f"{words:40} {told[key]:>26,.0f}")
    print(json.dumps({"bench": "backfill", "rows": rows, "years": given.years, **told, "load": round(load(), 1)}))
    return 0


def measured() -> dict[str, float]:
    """Judge the lake of this home; in a process of its own."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from tocsin.signals import backfilling
    from tocsin.signals.models import CellState, Replay
    from tocsin.streams.models import LakeFile

    call_command("migrate", verbosity=0)
    # One file stands for a day in the manifest; that these hold a month each changes nothing for who reads all.
    for number, path in enumerate(sorted(settings.LAKE.glob("past-*.parquet"))):
        day = date(2020, 1, 1) + timedelta(days=number)
        LakeFile.objects.create(
            kind="web", day=day, path=path.name, rows=0, digest=path.name, written_at=timezone.now()
        )
    rest = _peak()
    begun = time.perf_counter()
    backfilling.take()
    run = backfilling.Run("web")
    while run.advance() is not None:
        pass
    row = Replay.objects.get()
    seconds = time.perf_counter() - begun
    return {
        "countries": row.countries_done,
        "cells": CellState.objects.count(),
        "opened": row.opened,
        "seconds": round(seconds, 1),
        "peak_mb": round(_peak()),
        "rest_mb": round(rest),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(measured()))
