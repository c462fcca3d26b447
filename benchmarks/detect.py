"""Delay, false alarms and traps of the detectors and of their rivals, on recorded series in plain forms.

FOLDER holds ``series/``, ``episodes.csv``, ``blocking-events/`` and ``shutdown-events/``, any of them; what is not
there is said. Each series is replayed as production feeds it, and each rival reads the same rows. An alarm's time is
the end of the interval that opened it. Alarms within six days of a known event of the country are neither true nor
false, and those days leave the years watched.
"""

import argparse
import io
import json
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

from _detect_pictures import draw_all
from _detect_runs import run_all
from _detect_simulated import SPARSE, TRAPS, simulated_traps, sparse_cells
from _detect_tables import show

from tocsin.analysis.evaluation import PlainError, read_folder
from tocsin.analysis.evaluation.replaying import with_the_world

MADE_UP = {SPARSE: sparse_cells, TRAPS: simulated_traps}


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
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="draw each episode there")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1, help="for the series that are made up")
    given = parser.parse_args(argv)
    if not given.data.is_dir():
        print(f"There is no folder {given.data}: give the one that holds series/.", file=sys.stderr)
        return 2
    only = tuple(given.only or ())

    def wanted(name: str, series: str) -> bool:
        return not only or name in only or series.startswith(only)

    try:
        recorded = read_folder(given.data, wanted=wanted)
    except PlainError as error:
        print(f"A file is not in its plain form. {error}", file=sys.stderr)
        return 2
    made = [(name, make(given.seed)) for name, make in MADE_UP.items() if not only or name in only]
    if not recorded.series and not made:
        print("No series to try: the folder has no series/, or none that --only names.", file=sys.stderr)
        return 2
    recorded = replace(recorded, series=tuple(with_the_world(recorded.series)))
    processes = max(given.processes, 1)
    outcome = run_all(recorded, quick=given.quick, processes=processes)
    simulated = {name: run_all(one, quick=given.quick or name == TRAPS, processes=processes) for name, one in made}
    with redirect_stdout(io.StringIO() if given.json else sys.stdout):
        line = show(outcome, made_up=simulated.get(TRAPS), sparse=simulated.get(SPARSE), quick=given.quick)
    if given.pictures is not None:
        print(f"{draw_all(outcome, given.pictures)} pictures drawn.", file=sys.stderr)
    print(json.dumps(line))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
