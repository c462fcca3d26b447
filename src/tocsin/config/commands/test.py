"""``tocsin test``: checks the code and runs every test, on SQLite and on a throwaway PostgreSQL."""

import os
import sys
import tempfile

from tocsin.config import checkout, options, throwaway
from tocsin.config.commands import lint

_OURS = ("TOCSIN_", "DJANGO_")


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
        failed += bool(_sqlite(words) if database == "sqlite" else _postgresql(words))
    sys.stdout.flush()
    return int(bool(failed))


def _sqlite(words: list[str]) -> int:
    return _pytest("tests on SQLite", words, "")


def _postgresql(words: list[str]) -> int:
    with throwaway.postgresql() as address:
        return _pytest("tests on PostgreSQL", words, address)


def _pytest(title: str, words: list[str], database: str) -> int:
    # What the operator set for a real home must not reach the tests.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    if database:
        environment |= {"TOCSIN_DATABASE": database, "TOCSIN_INTAKE_DATABASE": database}
    with tempfile.TemporaryDirectory(prefix="tocsin-test-") as home:
        environment["TOCSIN_HOME"] = home
        # Tests of one file stay together, as far as they can, and share what is costly to make.
        side_by_side = [] if any(word.startswith("-n") for word in words) else ["-n", "2", "--dist", "worksteal"]
        return checkout.run(title, "pytest", *side_by_side, *words, environment=environment)
