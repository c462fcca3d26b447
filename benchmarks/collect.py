"""Items a second from a socket to a stored signal and situation, on SQLite and PostgreSQL, beside a plain script.

Feeds of made-up texts are served on several loopback addresses, so that politeness per host is kept as in real use.
Real ``collect`` and ``work`` processes run; the clock stops when the last item has its place in a situation.

The rival is the script that one would write without this house: requests, feedparser and one INSERT per item into
SQLite, a transaction a feed, as durable as ours (WAL, ``synchronous=FULL``). It stops at the stored item. It has no
sandbox and no limits around the parser, no politeness, no conditional requests, no comparing with what is stored, no
plain text, and no reading, measuring or grouping after; so it bounds from above what storing alone could reach, and
says nothing about the rest. All run in turn, round after round: ratios hold whatever else the machine does.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from _rounds import Spread, load, spread

HOSTS = 8
ITEMS = 250
_PLACES = "Turkey France Peru Kenya Japan Egypt Brazil Poland Canada Ghana Nepal Norway".split()  # noqa: SIM905
_WORDS = (  # noqa: SIM905
    "editor arrested court ministry network blocked throttled Wikipedia volunteer police regulator bill protest "
    "capital lawyer release trial charge order provider domain region journalist photographer archive library the a "
    "of in and said that after before while under new old public local national early late people city river school"
).split()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one system: items a second, and processor milliseconds an item; None where it has no such part."""

    stored: float
    placed: float | None
    collect_ms: float
    work_ms: float | None


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench collect", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--db", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--data", type=Path, help="not needed: the texts are made up")
    given = parser.parse_args(argv)
    wanted = ["sqlite", "postgres"] if given.db == "both" else [given.db]
    runs: dict[str, list[Run]] = {name: [] for name in [*wanted, "rival"]}
    with _servers(given.items) as addresses:
        for number in range(given.rounds):
            for name, rows in runs.items():
                rows.append(_rival(addresses, given.items) if name == "rival" else _ours(name, addresses, given.items))
            print(f"round {number + 1} of {given.rounds}, load {load():.1f}", file=sys.stderr)
    _print(runs, given)
    print(json.dumps(_line(runs, given)))
    return 0


def _print(runs: dict[str, list[Run]], given: argparse.Namespace) -> None:
    print(f"{given.items} items, {given.rounds} rounds; median (lowest to highest); load {load():.1f}")
    print(
        f"{'':9} {'placed/s':>18} {'stored/s':>24} {'stored, of the rival':>24} "
        f"{'CPU ms collect':>18} {'times the rival':>18} {'CPU ms work':>18}"
    )
    for name, rows in runs.items():
        placed = spread([run.placed for run in rows if run.placed is not None]).words() if name != "rival" else "-"
        work = spread([run.work_ms for run in rows if run.work_ms is not None]).words(2) if name != "rival" else "-"
        stored = spread([run.stored for run in rows])
        collect = spread([run.collect_ms for run in rows])
        share, effort = _share(rows, runs["rival"]).words(2), _effort(rows, runs["rival"]).words(1)
        print(f"{name:9} {placed:>18} {stored.words():>24} {share:>24} {collect.words(2):>18} {effort:>18} {work:>18}")
    print("CPU: processor milliseconds an item, of our processes and their parsers; PostgreSQL's own are not in it.")


def _effort(rows: list[Run], rival: list[Run]) -> Spread:
    return spread([ours.collect_ms / other.collect_ms for ours, other in zip(rows, rival, strict=True)])


def _share(rows: list[Run], rival: list[Run]) -> Spread:
    return spread([ours.stored / other.stored for ours, other in zip(rows, rival, strict=True)])


def _line(runs: dict[str, list[Run]], given: argparse.Namespace) -> dict[str, object]:
    ours = {name: rows for name, rows in runs.items() if name != "rival"}
    placed = {name: spread([run.placed or 0.0 for run in rows]) for name, rows in ours.items()}
    stored = {name: spread([run.stored for run in rows]) for name, rows in runs.items()}
    collect = {name: spread([run.collect_ms for run in rows]) for name, rows in runs.items()}
    work = {name: spread([run.work_ms or 0.0 for run in rows]) for name, rows in ours.items()}
    return {
        "bench": "collect",
        "items": given.items,
        "rounds": given.rounds,
        "items_per_second": {name: round(one.median, 1) for name, one in placed.items()},
        "items_per_second_rounds": {name: one.rounded(1) for name, one in placed.items()},
        "stored_per_second": {name: one.rounded(1) for name, one in stored.items()},
        "stored_share_of_rival": {name: _share(rows, runs["rival"]).rounded(3) for name, rows in ours.items()},
        "collect_cpu_times_rival": {name: _effort(rows, runs["rival"]).rounded(2) for name, rows in ours.items()},
        "collect_cpu_ms_per_item": {name: one.rounded(3) for name, one in collect.items()},
        "work_cpu_ms_per_item": {name: one.rounded(3) for name, one in work.items()},
        "rival": "requests, feedparser, INSERT into SQLite; no sandbox, limits, politeness, comparing, reading",
        "load": round(load(), 1),
    }


def _ours(database: str, addresses: list[str], items: int) -> Run:
    from tocsin.config.home import prepare
    from tocsin.config.throwaway import postgresql

    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-bench-"))
        prepare(Path(home))
        environment = {**os.environ, "TOCSIN_HOME": home, "TOCSIN_MINIMUM_FREE_MB": "64"}
        if database == "postgres":
            environment["TOCSIN_DATABASE"] = stack.enter_context(postgresql(safe=True))
        _inside(environment, "fill", json.dumps(addresses))
        tocsin = str(Path(sys.executable).with_name("tocsin"))
        started = time.time()
        with _Timed([tocsin, "collect"], environment) as collect, _Timed([tocsin, "work"], environment) as work:
            times = _waited(environment, items, collect, work)
    return Run(
        stored=items / (times["stored"] - started),
        placed=items / (times["placed"] - started),
        collect_ms=1000 * collect.seconds / items,
        work_ms=1000 * work.seconds / items,
    )


def _waited(environment: dict[str, str], items: int, *ours: "_Timed") -> dict[str, float]:
    """When all were stored and placed. It is no use to wait for a process that ended."""
    with subprocess.Popen(_words("wait", str(items)), env=environment, stdout=subprocess.PIPE, text=True) as waiting:
        while waiting.poll() is None:
            if any(one.ended() for one in ours):
                waiting.kill()
                raise SystemExit("collect or work ended before its time; what it said stands above.")
            time.sleep(0.2)
        said = waiting.stdout.read() if waiting.stdout is not None else ""
    if waiting.returncode:
        raise SystemExit(f"not all of {items} items arrived; what was said stands above.")
    times: dict[str, float] = json.loads(said)
    return times


def _rival(addresses: list[str], items: int) -> Run:
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        started = time.time()
        with _Timed(_words("rival", json.dumps([f"{folder}/rival.sqlite3", *addresses])), dict(os.environ)) as script:
            script.finish()
        seconds = time.time() - started
        with sqlite3.connect(f"{folder}/rival.sqlite3") as database:
            (stored,) = database.execute("SELECT count(*) FROM item").fetchone()
    if stored != items:
        raise SystemExit(f"the rival stored {stored} of {items} items")
    return Run(stored=items / seconds, placed=None, collect_ms=1000 * script.seconds / items, work_ms=None)


class _Timed:
    """A process that is told to end when the block ends; ``seconds`` is the processor time of it and its children."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self.seconds = 0.0
        self._ended = False
        self._child = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)

    def __enter__(self) -> "_Timed":
        return self

    def __exit__(self, *exc: object) -> None:
        if not self._ended:
            self._child.send_signal(signal.SIGTERM)
            self.finish()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._child.pid

    def ended(self) -> bool:
        """Whether it ended by itself."""
        if not self._ended:
            self.finish(os.WNOHANG)
        return self._ended

    def finish(self, how: int = 0) -> None:
        """Wait for its end."""
        pid, status, used = os.wait4(self._child.pid, how)
        if not pid:
            return
        self._child.returncode = os.waitstatus_to_exitcode(status)
        self.seconds, self._ended = used.ru_utime + used.ru_stime, True


def _words(part: str, argument: str) -> list[str]:
    beside = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {beside!r}); import collect; collect.{part}(sys.argv[1])"
    return [sys.executable, "-c", code, argument]


def _inside(environment: dict[str, str], part: str, argument: str) -> str:
    """Run a part of this file with the settings of the benchmark's own home."""
    words = _words(part, argument)
    return subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def _setup() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.settings"
    import django

    django.setup()


def fill(argument: str) -> None:
    """Make the database and subscribe to every feed."""
    _setup()
    from django.core.management import call_command

    from tocsin.streams.actions import subscribe

    call_command("migrate", verbosity=0)
    for address in json.loads(argument):
        row = {"name": address, "kind": "feeds", "url": address, "reliability": "C", "interval_seconds": 3600}
        subscribe([row], allow_private=address.split("/")[2])


def wait(argument: str) -> None:
    """Wait until every item has its place; print when all were stored and when all had it (epoch)."""
    _setup()
    from tocsin.situations.models import Member
    from tocsin.streams.models import Item

    items, stored = int(argument), 0.0
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline:
        if not stored and Item.objects.count() >= items:
            stored = time.time()
        if Member.objects.count() >= items:
            print(json.dumps({"stored": stored or time.time(), "placed": time.time()}))
            return
        time.sleep(0.2)
    raise SystemExit(f"only {Member.objects.count()} of {items} items arrived")


def rival(argument: str) -> None:
    """The plain script: fetch, parse, insert."""
    import feedparser
    import requests

    path, *addresses = json.loads(argument)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, key TEXT, url TEXT, title TEXT, text TEXT, at TEXT)")
    for address in addresses:
        feed = feedparser.parse(requests.get(address, timeout=30).content)
        with database:
            for entry in feed.entries:
                database.execute(
                    "INSERT INTO item (key, url, title, text, at) VALUES (?, ?, ?, ?, datetime('now'))",
                    (entry.get("id"), entry.get("link"), entry.get("title"), entry.get("summary")),
                )
    database.close()


@contextmanager
def _servers(items: int) -> Iterator[list[str]]:
    feeds = -(-items // ITEMS)
    servers: list[ThreadingHTTPServer] = []
    addresses = []
    try:
        for number in range(min(HOSTS, feeds)):
            server = ThreadingHTTPServer((f"127.0.0.{number + 2}", 0), _Feed)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            servers.append(server)
        for number in range(feeds):
            server = servers[number % len(servers)]
            size = min(ITEMS, items - number * ITEMS)
            addresses.append(f"http://{server.server_address[0]!s}:{server.server_port}/{number}/{size}.rss")
        yield addresses
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


class _Feed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        number, size = self.path.strip("/").removesuffix(".rss").split("/")
        body = _feed(int(number), int(size)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def _feed(number: int, size: int) -> str:
    chance = random.Random(number)
    entries = []
    for place in range(size):
        country = chance.choice(_PLACES)
        title = f"{' '.join(chance.choices(_WORDS, k=7))} in {country}"
        text = " ".join(chance.choices(_WORDS, k=400))
        entries.append(
            f"<item><guid>{number}-{place}</guid><title>{title}</title><link>http://made.example/{number}/{place}</link>"
            f"<description>{text} {country}.</description></item>"
        )
    return f'<rss version="2.0"><channel><title>Made up {number}</title>{"".join(entries)}</channel></rss>'
