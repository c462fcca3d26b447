"""Homes with real processes in them, on a database of their own, that a test may kill, stop and start again."""

import json
import os
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.stories.forge import Forge, Forged
from tocsin.config.throwaway import postgresql

STALLED = 120  # seconds without anything done, after which a test gives up instead of waiting for ever
_DONE = ("streams_item", "signals_signal", "situations_member", "streams_lakefile", "audit_seal")


class House:
    """One home, its database and the processes that run for it."""

    def __init__(self, home: Path, database: str) -> None:
        self.home, self._database = home, database
        own = {
            "TOCSIN_HOME": str(home),
            "TOCSIN_MINIMUM_FREE_MB": "64",
            "DJANGO_SETTINGS_MODULE": "tocsin.config.settings",
        }
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "DJANGO_"))}
        self._forge = Forge({**outside, **own} | ({"TOCSIN_DATABASE": database} if database else {}))
        self.running: list[tuple[str, Forged]] = []

    def run(self, *words: str, given: str = "") -> str:
        """Run a module to its end; gives what it prints."""
        with tempfile.NamedTemporaryFile() as out:
            code = self._forge.start(words[0], words[1:], given, Path(out.name)).wait()
            said = Path(out.name).read_text()
        assert code == 0, said
        return said

    def start(self, command: str) -> None:
        """Start ``tocsin COMMAND``."""
        log = self.home / "logs" / f"{command}.log"
        self.running.append((command, self._forge.start("tocsin.config.cli", [command], "", log)))

    def kill(self, number: int) -> str:
        """kill -9; gives the name of what died."""
        command, process = self.running.pop(number)
        process.kill()
        process.wait()
        return command

    def end(self) -> None:
        """Ask every process to end, and see that each does so cleanly."""
        for _, process in self.running:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait() for _, process in self.running]
        self.running.clear()
        # One that was started a moment ago may not listen yet: the signal itself ends it then.
        assert {0, -signal.SIGTERM}.issuperset(codes), codes

    def end_at_once(self) -> None:
        """Leave nothing behind, whatever happened."""
        while self.running:
            self.kill(0)
        self._forge.end()

    def time_passes(self) -> None:
        """Leases and claims lapse, as they do some minutes after their holder died."""
        self.sql("UPDATE lib_lease SET until = '2001-01-01 00:00:00+00:00'")
        past = "UPDATE streams_source SET claimed_until = '2001-01-01 00:00:00+00:00' WHERE claimed_until IS NOT NULL"
        self.sql(past)

    def sql(self, statement: str) -> Sequence[Any]:
        """Run one statement beside the processes; gives its rows."""
        if self._database:
            with psycopg.connect(self._database, autocommit=True) as connection:
                found = connection.execute(statement)
                return found.fetchall() if found.description else []
        with closing(sqlite3.connect(self.home / "tocsin.sqlite3", timeout=60, isolation_level=None)) as database:
            return database.execute(statement).fetchall()

    def done(self) -> int:
        """How much was done so far, as a number that grows."""
        (row,) = self.sql("SELECT " + " + ".join(f"(SELECT count(*) FROM {table})" for table in _DONE))
        return int(row[0])

    def wait(self, reached: Callable[[], bool]) -> None:
        """Wait until something is so, for as long as anything is done at all."""
        moved, seen = time.monotonic(), -1
        while not reached():
            if (now := self.done()) != seen:
                moved, seen = time.monotonic(), now
            assert all(process.poll() is None for _, process in self.running), f"a process ended\n{self.log()}"
            assert time.monotonic() < moved + STALLED, f"nothing moves any more, at {seen}\n{self.log()}"
            time.sleep(0.02)

    def log(self) -> str:
        """What the processes complained of: lines that are not merely information."""
        lines = [line for path in (self.home / "logs").iterdir() for line in path.read_text().splitlines()]
        return "\n".join(line for line in lines if _complains(line))

    def tell(self) -> dict[str, Any]:
        """Everything that must be the same, whatever died."""
        told: dict[str, Any] = json.loads(self.run("tests.stories.house_program", "tell"))
        return told


def _complains(line: str) -> bool:
    try:
        return str(json.loads(line).get("level", "")).lower() not in {"info", "debug"}
    except ValueError:
        return bool(line.strip())


@contextmanager
def house(home: Path, on_postgresql: bool, sources: Sequence[dict[str, Any]]) -> Iterator[House]:
    """A home that watches these sources, on SQLite or on a PostgreSQL server of its own."""
    with ExitStack() as stack:
        # One that keeps what it was given: without that the processes refuse to start.
        database = stack.enter_context(postgresql(safe=True)) if on_postgresql else ""
        made = House(home, database)
        stack.callback(made.end_at_once)
        made.run("tocsin.config.cli", "migrate")
        made.run("tests.stories.house_program", "watch", given=json.dumps(list(sources)))
        yield made
