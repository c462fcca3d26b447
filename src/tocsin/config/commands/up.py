"""``tocsin up``: starts everything on this machine."""

import argparse
import sys
from pathlib import Path

from tocsin.config import exercise, home, options
from tocsin.config.configuration import home_folder, load


def main(arguments: list[str]) -> int:
    """Run until Ctrl-C."""
    about = "Start everything on this machine: console, collectors and worker. Ctrl-C ends it."
    parser = options.parser("up", about, options.where(), options.address())
    parser.add_argument("--example", action="store_true", help="an exercise about an invented country, in its own home")
    parser.add_argument("--watch", metavar="URL", help="subscribe to every source that URL/sources.json lists")
    parser.add_argument("--no-backup", action="store_true", help="migrate without a backup of one's own")
    given = parser.parse_args(arguments)
    options.apply(given)
    folder = _home(given)
    with home.only_one(folder):
        # Settings are read only now that the home is there.
        from tocsin.config.starting import load as load_django

        load_django()
        from tocsin.config.upstart import Start

        return Start(folder, say, backup=not given.no_backup, watch=given.watch).run()


def say(line: str) -> None:
    """One line to the person at the console."""
    print(line, file=sys.stdout, flush=True)


def _home(given: argparse.Namespace) -> Path:
    folder = home_folder()
    if given.example:
        folder = exercise.folder_beside(folder)
        options.apply(argparse.Namespace(home=str(folder)))
        exercise.prepare(folder)
    else:
        home.prepare(folder)
    load(folder)
    return folder
