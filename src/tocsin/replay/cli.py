"""The command ``tocsin replay``."""

import argparse
import sys
from pathlib import Path

from tocsin.replay import exercise
from tocsin.replay.clock import Dates, parse_moment
from tocsin.replay.directory import rows
from tocsin.replay.faults import Faults
from tocsin.replay.recordings import world_from
from tocsin.replay.server import NotLoopbackError, serve, stop_signal
from tocsin.replay.world import World


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = argparse.ArgumentParser(
        prog="tocsin replay",
        description="Serve recorded data on this machine as its real upstreams would. Stop it with Ctrl-C.",
    )
    made.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="folder of recordings")
    made.add_argument("--exercise", action="store_true", help="serve the built-in exercise instead of a folder")
    made.add_argument("--speed", type=float, metavar="N", help="recorded seconds a second; 0 (default): all at once")
    made.add_argument("--port", type=int, default=8765, metavar="P", help="port (default 8765; 0: any free one)")
    made.add_argument("--host", default="127.0.0.1", help="loopback address to bind (default 127.0.0.1)")
    made.add_argument("--start", metavar="ISO", help="recorded moment to start at (default: each set's own first)")
    made.add_argument(
        "--dates",
        choices=[each.value for each in Dates],
        default=Dates.NOW.value,
        help="now (default): dates moved by whole weeks so that a set ends this week; recorded: as they were",
    )
    made.add_argument("--faults", type=float, nargs="?", const=0.2, metavar="RATE", help="share of answers to spoil")
    made.add_argument("--fault-seed", type=int, default=1, metavar="SEED", help="seed of the faults (default 1)")
    made.add_argument("--log", action="store_true", help="print the path of each request, nothing else")
    made.add_argument("--list", action="store_true", help="print what would be served, then end")
    return made


def main(argv: list[str]) -> int:
    """Run the command; gives the exit status: 0 well, 2 for arguments that can't be used."""
    given = parser().parse_args(argv)
    if given.exercise == (given.folder is not None):
        return _refuse("Give a folder of recordings, or --exercise.")
    start = parse_moment(given.start) if given.start else None
    if given.start and start is None:
        return _refuse("--start is not a date. Write it as 2020-01-31 or 2020-01-31T12:00:00Z.")
    if given.faults is not None and not 0 <= given.faults <= 1:
        return _refuse("--faults is a share between 0 and 1.")
    if given.speed is not None and given.speed < 0:
        return _refuse("--speed can't be negative. 0 shows everything at once.")
    if given.folder is not None and not given.folder.is_dir():
        return _refuse("There is no such folder. Give one with the layout that docs/replay.md describes.")
    world = exercise.world() if given.exercise else world_from(given.folder)
    if not world.endpoints:
        return _refuse("Nothing in this folder has a shape that replay knows. See docs/replay.md.")
    if given.list:
        return _list(world)
    faults = Faults(rate=given.faults, seed=given.fault_seed) if given.faults else None
    stop = stop_signal()
    try:
        with serve(
            world=world,
            host=given.host,
            port=given.port,
            speed=given.speed,
            start=start,
            dates=Dates(given.dates),
            faults=faults,
            log=given.log,
        ) as base_url:
            print(f"Replay of {world.name}: {base_url}/  (sources: {base_url}/sources.json)", flush=True)
            stop.wait()
    except NotLoopbackError as refusal:
        return _refuse(refusal.advice)
    except OSError:
        return _refuse(f"Port {given.port} can't be used. Choose another with --port, or 0 for any free one.")
    return 0


def _list(world: World) -> int:
    for row in rows(world, ""):
        print(f"{row['kind']:<12} {row['path']:<60} {row['about']}")
    return 0


def _refuse(advice: str) -> int:
    print(advice, file=sys.stderr)
    return 2
