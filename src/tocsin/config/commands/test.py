"""``tocsin test``: checks the code and runs every test, on SQLite and on a throwaway PostgreSQL."""

import json
import os
import sys
import tempfile
from pathlib import Path

from tocsin.config import checkout, options, throwaway
from tocsin.config.commands import lint

_OURS = ("TOCSIN_", "DJANGO_")
_UNSTEADY = 4
"""More tests than this that fail are no matter of a full machine."""


def main(arguments: list[str]) -> int:
    """Run them; what is not an option here goes to pytest. 0 when everything passed."""
    about = "Check the code and run every test, on SQLite and on PostgreSQL. Other words go to pytest."
    parser = options.parser("test", about)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="on this database alone")
    parser.add_argument("--no-lint", action="store_true", help="run the tests alone")
    given, words = parser.parse_known_args(arguments)
    wanted = [given.database] if given.database else ["sqlite", "postgresql"]
    if "postgresql" in wanted and throwaway.programs() is None:
        if os.environ.get("CI") == "true" or given.database:
            print("No PostgreSQL server can be had here, and the tests need one: apt-get install postgresql")
            return 1
        wanted.remove("postgresql")
        print(
            "!" * 100 + "\nNOT TESTED ON POSTGRESQL: there is no server here. apt-get install postgresql\n" + "!" * 100
        )
    failed = 0 if given.no_lint else sum(map(bool, lint.checks()))
    for database in wanted:
        failed += bool(_sqlite(words) if database == "sqlite" else _postgresql(words, again=len(wanted) > 1))
    sys.stdout.flush()
    return int(bool(failed))


def _sqlite(words: list[str]) -> int:
    return _pytest("tests on SQLite", words, "")


def _postgresql(words: list[str], *, again: bool) -> int:
    # Arithmetic, parsers and what a page looks like do not hang on the database: they need one run.
    words = [*words, "--again"] if again else words
    with throwaway.postgresql() as address:
        return _pytest("tests on PostgreSQL", words, address)


def _pytest(title: str, words: list[str], database: str) -> int:
    # What the operator set for a real home must not reach the tests.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    if database:
        environment |= {"TOCSIN_DATABASE": database, "TOCSIN_INTAKE_DATABASE": database}
    with tempfile.TemporaryDirectory(prefix="tocsin-test-") as home:
        environment["TOCSIN_HOME"] = home
        cache = Path(home) / "cache"
        pytest = ["pytest", "-o", f"cache_dir={cache}", *words]
        # Tests of one file stay together, as far as they can, and share what is costly to make.
        side_by_side = [] if any(word.startswith("-n") for word in words) else ["-n", "2", "--dist", "worksteal"]
        failed = checkout.run(title, *pytest, *side_by_side, environment=environment)
        return _again(title, pytest, cache, environment) if failed == 1 else failed


def _again(title: str, pytest: list[str], cache: Path, environment: dict[str, str]) -> int:
    # Journeys with browsers and killed processes can miss a beat on a machine that is full. A few that fail are run
    # once more with the machine to themselves; what passes then is named: an unsteady test is a defect still.
    try:
        names = sorted(json.loads((cache / "v/cache/lastfailed").read_text(encoding="utf-8")))
    except OSError:
        return 1
    if not 0 < len(names) <= _UNSTEADY:
        return 1
    alone = [*pytest, "-n", "0", "--last-failed", "--last-failed-no-failures", "none"]
    failed = checkout.run(f"{title}: once more, alone", *alone, environment=environment)
    if not failed:
        print("UNSTEADY, failed beside others and passed alone:", *names, sep="\n  ")
    return failed
