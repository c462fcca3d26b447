"""``tocsin backfill``: judges all measurements of the past by the detectors in force."""

import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

from tocsin.config import options
from tocsin.config.refusal import RefusalError
from tocsin.config.starting import start

if TYPE_CHECKING:
    from tocsin.analysis.engine import Engine
    from tocsin.signals.backfilling import Progress

_WIDTH = 30
_PATIENCE = 5.0


def main(arguments: list[str]) -> int:
    """Replay what is due, or what was named; goes on where it was ended."""
    about = "Judge all measurements of the past by the detectors in force. Ended at any moment, it goes on there."
    parser = options.parser("backfill", about, options.where())
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help="what reads the lake")
    parser.add_argument("--master", default="local[2]", metavar="URL", help="the cluster, such as spark://host:7077")
    parser.add_argument(
        "--only", metavar="KIND[/COUNTRY]", help="only what was measured so, such as ooni.web_connectivity/TR"
    )
    parser.add_argument("--again", action="store_true", help="also what the detectors in force have judged already")
    parser.add_argument("--dry-run", action="store_true", help="say what would be replayed, and why")
    given = parser.parse_args(arguments)
    options.apply(given)
    start()
    kind, _, country = (given.only or "").partition("/")
    kinds = _kinds(kind)
    if given.dry_run:
        return _told(kinds, again=given.again or bool(country))
    engine = _engine(given)
    with closing(engine) if engine is not None else nullcontext():
        return _replay(kinds, country.upper(), engine, again=given.again)


def _kinds(name: str) -> list[str]:
    from tocsin.streams import lake

    known = lake.kinds()
    found = [one for one in known if not name or one == name or one.startswith(f"{name}.")]
    if name and not found:
        raise RefusalError(f"The lake holds nothing of “{name}”. It holds: {', '.join(known) or 'nothing yet'}.")
    return found


def _engine(given: Namespace) -> "Engine | None":
    if given.engine != "spark":
        return None
    from tocsin.analysis.engine import NoSparkError, Spark

    try:
        return Spark(given.master)
    except (NoSparkError, ValueError) as error:
        raise RefusalError(error.args[0]) from error


def _told(kinds: list[str], *, again: bool) -> int:
    from tocsin.signals import backfilling, replaying

    waiting = {row.kind: row for row in replaying.needed(kinds)}
    for kind in kinds:
        rows, days = backfilling.extent(kind)
        asked = "asked for" if again else ""
        reason = backfilling.why(waiting[kind]) if kind in waiting else asked
        told = f"would be replayed: {reason}" if reason else "stays: judged by the detectors in force"
        print(f"{kind}: {rows:,} rows of {days:,} days; {told}")
    return 0


def _replay(kinds: list[str], country: str, engine: "Engine | None", *, again: bool) -> int:
    from tocsin.signals import actions, backfilling, replaying
    from tocsin.signals.measuring import OvertakenError

    # A cluster may take its time for one answer; whoever dies meanwhile is followed when this is over.
    seconds = backfilling.SECONDS if engine is None else backfilling.LONG
    if country:
        _wait(seconds)
        try:
            for kind in kinds:
                _show(f"{kind}/{country}", backfilling.one_country(kind, country, engine, seconds))
                print(f"{kind}: {country} done")
        except OvertakenError as error:
            raise RefusalError("Another process judges these measurements. Run it again later.") from error
        finally:
            backfilling.release()
        return 0
    waiting = {row.kind for row in replaying.needed(kinds)}
    if again:
        for kind in set(kinds) - waiting:
            actions.judge_again(None, kind)
    kinds = kinds if again else [kind for kind in kinds if kind in waiting]
    if not kinds:
        print("Nothing to do: the detectors in force have judged all that the lake holds. --again does it once more.")
    for kind in kinds:
        _wait(seconds)
        try:
            actions.resume_replay(None, kind)
            run = backfilling.Run(kind, engine, seconds)
            _show(kind, iter(run.advance, None))
        except OvertakenError as error:
            raise RefusalError("Another process or a person stopped this replay. Run it again to go on.") from error
        finally:
            backfilling.release()
        print(f"{kind}: done. {backfilling.outcome(kind)}")
    return 0


def _wait(seconds: float) -> None:
    from tocsin.signals import backfilling

    told = False
    while not backfilling.take(seconds):
        if not told:
            print("A worker is replaying; waiting until it is done …", file=sys.stderr)
            told = True
        time.sleep(_PATIENCE)


def _show(name: str, steps: "Iterator[Progress | None]") -> None:
    begun = time.monotonic()
    first: int | None = None
    terminal = sys.stderr.isatty()
    before: Progress | None = None
    for at in steps:
        if at is None:
            break
        if at == before and not terminal:
            continue
        before = at
        first = at.rows_done if first is None else first
        line = f"{name}: {at.countries_done} of {at.countries} countries, {at.rows_done:,} of {at.rows:,} rows"
        line += _left(time.monotonic() - begun, at.rows_done - first, at.rows - at.rows_done)
        if terminal:
            full = _WIDTH * at.rows_done // max(1, at.rows)
            print(f"\r\033[K[{'#' * full}{'.' * (_WIDTH - full)}] {line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)
    if terminal:
        print(file=sys.stderr)


def _left(seconds: float, done: int, rest: int) -> str:
    if done <= 0 or rest <= 0:
        return ""
    minutes, left = divmod(round(seconds * rest / done), 60)
    return f", {minutes} min {left} s left" if minutes else f", {left} s left"
