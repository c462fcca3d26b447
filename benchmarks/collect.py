"""Items a second from a socket to a stored signal and situation, on SQLite and on PostgreSQL.

Feeds of made-up texts are served on several loopback addresses, so that politeness per host is kept as in real use.
Real ``collect`` and ``work`` processes run; the clock stops when the last item has its place in a situation.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HOSTS = 8
ITEMS = 250
_PLACES = "Turkey France Peru Kenya Japan Egypt Brazil Poland Canada Ghana Nepal Norway".split()  # noqa: SIM905
_WORDS = (  # noqa: SIM905
    "editor arrested court ministry network blocked throttled Wikipedia volunteer police regulator bill protest "
    "capital lawyer release trial charge order provider domain region journalist photographer archive library the a "
    "of in and said that after before while under new old public local national early late people city river school"
).split()


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(prog="tocsin bench collect", description=__doc__)
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--db", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--data", type=Path, help="not needed: the texts are made up")
    given = parser.parse_args(argv)
    wanted = ["sqlite", "postgres"] if given.db == "both" else [given.db]
    rows = {}
    with _servers(given.items) as addresses:
        for name in wanted:
            rows[name] = _measure(name, addresses, given.items)
    print(f"{'database':12} {'items':>8} {'seconds':>8} {'items/s':>8} {'stored/s':>9}")
    for name, row in rows.items():
        print(f"{name:12} {row['items']:>8} {row['seconds']:>8.1f} {row['rate']:>8.0f} {row['stored_rate']:>9.0f}")
    rates = {name: round(row["rate"], 1) for name, row in rows.items()}
    print(json.dumps({"bench": "collect", "items": given.items, "items_per_second": rates}))
    return 0


def _measure(database: str, addresses: list[str], items: int) -> dict[str, Any]:
    from tocsin.config.home import prepare
    from tocsin.config.throwaway import postgresql

    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-bench-"))
        prepare(Path(home))
        environment = {**os.environ, "TOCSIN_HOME": home, "TOCSIN_MINIMUM_FREE_MB": "64"}
        if database == "postgres":
            environment["TOCSIN_DATABASE"] = stack.enter_context(postgresql(safe=True))
        _inside(environment, "fill", json.dumps(addresses))
        started = time.perf_counter()
        for command in ("collect", "work"):
            stack.enter_context(_process(environment, command))
        times = json.loads(_inside(environment, "wait", str(items)))
        ended = time.perf_counter()
    seconds = ended - started
    return {
        "items": items,
        "seconds": seconds,
        "rate": items / seconds,
        "stored_rate": items / max(0.001, times["stored"] - (times["now"] - seconds)),
    }


@contextmanager
def _process(environment: dict[str, str], command: str) -> Iterator[None]:
    tocsin = Path(sys.executable).with_name("tocsin")
    child = subprocess.Popen([str(tocsin), command], env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(20)


def _inside(environment: dict[str, str], part: str, argument: str) -> str:
    """Run a part of this file with the settings of the benchmark's own home."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import collect; collect.{part}(sys.argv[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, argument], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


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
    """Wait until every item has its place; print when all were stored and when all had it."""
    _setup()
    from tocsin.situations.models import Member
    from tocsin.streams.models import Item

    items, stored = int(argument), 0.0
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline:
        if not stored and Item.objects.count() >= items:
            stored = time.time()
        if Member.objects.count() >= items:
            print(json.dumps({"stored": stored or time.time(), "now": time.time()}))
            return
        time.sleep(0.2)
    raise SystemExit(f"only {Member.objects.count()} of {items} items arrived")


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
