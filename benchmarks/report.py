"""What leaves in reports: whether counts of people can be worked out from a year of issues, and the time of a PDF.

A simulated year of cases is counted month by month, by what threatened and by what helped first, both tables together;
every month, quarter, year and running year is drafted for every audience by the real code. An attacker holds all of it,
knows that both tables count the same people, and has with suppression every kept block besides. Recovered is a cell
that is not shown by itself and that elimination and bounds give, or for which no second year can be found that would
have been issued alike. With suppression off, each cell is kept as it is; the same attacker must find nearly all.

The PDF is a quarter's report with 40 charts, drawn by the real forms, median of some rounds.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from _rounds import load, spread

BUDGET_SECONDS = 10.0
_OF_HELP = ("recovered_of_help", "recovered_of_help_unsuppressed")


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench report", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often the PDF is drawn")
    parser.add_argument("--charts", type=int, default=40)
    parser.add_argument("--years", type=int, default=1, help="simulated years, each with a seed of its own")
    parser.add_argument("--data", type=Path, help="not needed: the cases are made up")
    given = parser.parse_args(argv)
    drawn = _child("_report_pdf", given.charts, given.rounds)
    years = [_child("_report_year", seed) for seed in range(given.years)]
    seconds = spread(drawn["seconds"])
    total = {name: sum(one[name] for one in years) for name in years[0] if isinstance(years[0][name], int)}
    kept = 100 * total["recovered"] / total["cells"]
    naive = 100 * total["recovered_unsuppressed"] / total["cells"]

    print(f"\n{given.years} year(s): {total['issues']} issues, {total['cells']} cells; load {load():.1f}.")
    print(f"{'':34} {'suppressed':>12} {'not':>12}")
    print(f"{'numbers that were issued':34} {total['numbers']:>12,} {total['numbers_unsuppressed']:>12,}")
    print(f"{'cells worked out, percent':34} {kept:>12.1f} {naive:>12.1f}")
    sums = 100 * total["recovered_from_sums_unsuppressed"] / total["cells"]
    print(f"{'  from issues of several months':34} {'':>12} {sums:>12.1f}")
    helped = [f"{100 * total[name] / total['cells_of_help']:.1f}" for name in _OF_HELP]
    print(f"{'  of help by country':34} {helped[0]:>12} {helped[1]:>12}")
    print(f"{'cells shown by themselves':34} {total['shown']:>12,} {total['cells']:>12,}")
    print(f"{'blocks kept':34} {total['blocks']:>12,} {'':>12}")
    words = f"a PDF of {given.charts} charts, seconds"
    print(f"\n{words:34} {seconds.words(1):>24}   {drawn['pages']} pages, {drawn['bytes']:,} bytes")
    line = {
        "bench": "report",
        "seconds": round(seconds.median, 2),
        "seconds_rounds": seconds.rounded(2),
        "pages": drawn["pages"],
        "recovered_cells_percent": round(kept, 2),
        "recovered_cells_percent_unsuppressed": round(naive, 2),
        **total,
        "beyond_budget": seconds.median >= BUDGET_SECONDS,
        "load": round(load(), 1),
    }
    print(json.dumps(line))
    return 0


def _child(module: str, *words: int) -> Any:
    """Run one part in a process and a home of its own; its last line is its answer."""
    from tocsin.config.home import prepare

    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        home = Path(folder)
        prepare(home)
        beside = str(Path(__file__).parent)
        code = f"import sys; sys.path.insert(0, {beside!r}); import {module}; {module}.run(*map(int, sys.argv[1:]))"
        command = [sys.executable, "-c", code, *map(str, words)]
        done = subprocess.run(
            command, env={**os.environ, "TOCSIN_HOME": folder}, stdout=subprocess.PIPE, text=True, cwd=home, check=False
        )
    if done.returncode:
        raise SystemExit("A part of the benchmark ended early; what it said stands above.")
    return json.loads(done.stdout.splitlines()[-1])
