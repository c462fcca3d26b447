"""Delay, false alarms and traps of the detectors and of their rivals, on recorded series in plain forms.

FOLDER holds ``series/``, ``episodes.csv``, ``blocking-events/`` and ``shutdown-events/``, any of them; what is not
there is said. Each series is replayed as production feeds it, and each rival reads the same rows. An alarm's time is
the end of the interval that opened it. Alarms within six days of a known event of the country are neither true nor
false, and those days leave the years watched.
"""

import argparse
import json
import sys
from pathlib import Path

from _detect_runs import run_all
from _detect_tables import show

from tocsin.analysis.evaluation import PlainError, read_folder


def main(argv: list[str]) -> int:
    """Run the benchmark; prints tables and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench detect", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--only", action="append", metavar="SET", help="a set, or series that begin so; may be repeated"
    )
    parser.add_argument("--quick", action="store_true", help="published thresholds only, no curves")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args(argv)
    if not given.data.is_dir():
        print(f"There is no folder {given.data}: give the one that holds series/.", file=sys.stderr)
        return 2
    only = tuple(given.only or ())
    try:
        recorded = read_folder(
            given.data, wanted=lambda name, series: not only or name in only or series.startswith(only)
        )
    except PlainError as error:
        print(f"A file is not in its plain form. {error}", file=sys.stderr)
        return 2
    if not recorded.series:
        print("No series to try: the folder has no series/, or none that --only names.", file=sys.stderr)
        return 2
    outcome = run_all(recorded, quick=given.quick, processes=max(given.processes, 1))
    line = show(outcome, quick=given.quick)
    print(json.dumps(line))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
