"""Texts a second from a socket to a stored situation, with few and with very many texts stored already.

The texts are made from real ones by resampling and editing (``stories/*.jsonl.gz`` of FOLDER): what is rare is renamed
alike within a world of stories, sentences are dropped, some texts come again under another masthead. They are served as
feeds on eight loopback addresses; real ``collect`` and ``work`` processes run. The clock runs from when the feeds are
subscribed to until the last text has its place in a situation; both processes are up and remember what is stored.

The rival is Taranis AI's published method, with words in place of its neural model, given the same texts in memory: it
compares all pairs within a community, so it is tried on twice as many texts again and again, until one try takes longer
than a minute. It stores nothing and reads nothing else.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import _stories_rivals as rivals
from _rounds import load
from _texts import Newsroom
from collect import HOSTS, ITEMS, _setup, _Timed

_WARM = 50
_PATIENCE = 60.0
_FIRST_OF_RIVAL = 250
_THRESHOLD = 0.16


@dataclass(frozen=True, slots=True)
class Run:
    """One run: texts a second, processor milliseconds a text, and the highest memory of each process in MB."""

    stored: int
    rate: float
    collect_ms: float
    work_ms: float
    collect_mb: int
    work_mb: int


def main(argv: list[str]) -> int:
    """Run the benchmark; prints tables and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench throughput", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--texts", type=int, default=5_000, help="how many come")
    parser.add_argument("--stored", type=int, nargs="*", default=[10_000], help="how many are there before; several")
    parser.add_argument("--no-rival", action="store_true")
    given = parser.parse_args(argv)
    try:
        room = Newsroom(given.data)
    except (OSError, ValueError, KeyError) as error:
        print(f"No texts can be made: {error}", file=sys.stderr)
        return 2
    runs = []
    for stored in given.stored:
        runs.append(_run(given.data, room, stored, given.texts))
        _print(runs[-1], runs[0])
    rival = [] if given.no_rival else _rival(room)
    for count, seconds in rival:
        print(f"Taranis's method on {count:,} texts: {seconds:.1f} s, {count / seconds:.0f} texts a second")
    print(json.dumps(_line(runs, rival, given.texts)))
    return 0


def _print(run: Run, first: Run) -> None:
    print(
        f"{run.stored:>9,} stored: {run.rate:6.0f} texts a second ({run.rate / first.rate:.2f} of the first), "
        f"processor {run.collect_ms:.2f} ms collect, {run.work_ms:.2f} ms work; "
        f"memory {run.collect_mb} and {run.work_mb} MB; load {load():.1f}",
        flush=True,
    )


def _line(runs: list[Run], rival: list[tuple[int, float]], texts: int) -> dict[str, object]:
    return {
        "bench": "throughput",
        "texts": texts,
        "texts_per_second": {str(run.stored): round(run.rate, 1) for run in runs},
        "of_first": {str(run.stored): round(run.rate / runs[0].rate, 3) for run in runs},
        "collect_cpu_ms": {str(run.stored): round(run.collect_ms, 3) for run in runs},
        "work_cpu_ms": {str(run.stored): round(run.work_ms, 3) for run in runs},
        "peak_mb": {str(run.stored): run.collect_mb + run.work_mb for run in runs},
        "rival_texts_per_second": {str(count): round(count / seconds, 1) for count, seconds in rival},
        "load": round(load(), 1),
    }


def _run(data: Path, room: Newsroom, stored: int, texts: int) -> Run:
    from tocsin.config.home import prepare

    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-bench-"))
        prepare(Path(home))
        environment = {**os.environ, "TOCSIN_HOME": home, "TOCSIN_MINIMUM_FREE_MB": "64"}
        addresses = stack.enter_context(_served(room, stored, texts))
        _part(environment, "store", json.dumps([str(data), stored, addresses[0]]))
        tocsin = str(Path(sys.executable).with_name("tocsin"))
        with _Timed([tocsin, "collect"], environment) as collect, _Timed([tocsin, "work"], environment) as work:
            _part(environment, "placed", json.dumps([stored + _WARM]))
            before = [_used(one) for one in (collect, work)]
            started = time.monotonic()
            _part(environment, "subscribe", json.dumps(addresses[1:]))
            _part(environment, "placed", json.dumps([stored + _WARM + texts]))
            seconds = time.monotonic() - started
            used = [_used(one) for one in (collect, work)]
    spent = [1000 * (now - then) / texts for (now, _), (then, _) in zip(used, before, strict=True)]
    return Run(stored, texts / seconds, spent[0], spent[1], used[0][1], used[1][1])


def _used(process: _Timed) -> tuple[float, int]:
    """Processor seconds of a process so far with what it waited for, and its highest memory in MB (Linux)."""
    if process.ended():
        raise SystemExit("collect or work ended before its time; what it said stands above.")
    used = [_spent(process.pid)]
    for one in _begun(process.pid):
        with suppress(FileNotFoundError, ProcessLookupError):  # it may end at any moment
            used.append(_spent(one))
    return sum(seconds for seconds, _ in used), sum(high for _, high in used)


def _begun(pid: int) -> list[int]:
    """The processes that one started and that live: a worker reads in one of its own."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _spent(pid: int) -> tuple[float, int]:
    folder = Path(f"/proc/{pid}")
    fields = (folder / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    ticks = sum(int(one) for one in fields[11:15])
    high = [line for line in (folder / "status").read_text().splitlines() if line.startswith("VmHWM")]
    return ticks / os.sysconf("SC_CLK_TCK"), int(high[0].split()[1]) // 1024 if high else 0


def _part(environment: dict[str, str], part: str, argument: str) -> None:
    """Run a part of this file with the settings of the benchmark's own home."""
    beside = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {beside!r}); import throughput; throughput.{part}(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, argument], env=environment, check=True)


def store(argument: str) -> None:
    """Make the database, subscribe to the feed that warms up, and store what is there before."""
    _setup()
    from _throughput_store import fill
    from django.core.management import call_command
    from django.utils import timezone

    data, stored, address = json.loads(argument)
    call_command("migrate", verbosity=0)
    subscribe(json.dumps([address]))
    fill(Path(data), stored, timezone.now())


def subscribe(argument: str) -> None:
    """Subscribe to feeds, to be fetched at once."""
    _setup()
    from tocsin.streams.actions import subscribe as add

    for address in json.loads(argument):
        row = {"name": address, "kind": "feeds", "url": address, "reliability": "C", "interval_seconds": 3600}
        add([row], allow_private=address.split("/")[2])


def placed(argument: str) -> None:
    """Wait until so many texts have their place."""
    _setup()
    from tocsin.situations.models import Member

    (wanted,) = json.loads(argument)
    last, moved = -1, time.monotonic()
    while (there := Member.objects.count()) < wanted:
        if there != last:
            last, moved = there, time.monotonic()
        if time.monotonic() > moved + 600:
            raise SystemExit(f"only {there} of {wanted} texts have a place, and nothing moves")
        time.sleep(0.25)


def _rival(room: Newsroom) -> list[tuple[int, float]]:
    found, count, seconds = [], _FIRST_OF_RIVAL, 0.0
    while seconds < _PATIENCE:
        told = [room.told(number) for number in range(count)]
        begun = time.process_time()
        rivals.taranis([f"{one.title}\n{one.text}" for one in told], [_THRESHOLD])
        seconds = time.process_time() - begun
        found.append((count, seconds))
        count *= 2
    return found


@contextmanager
def _served(room: Newsroom, first: int, texts: int) -> Iterator[list[str]]:
    """Addresses of feeds: the first of a few texts to warm up, the others of all the texts that count."""

    class Feed(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            begin, end = map(int, self.path.strip("/").removesuffix(".rss").split("-"))
            body = _feed(room, begin, end).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    # A new world begins with them: nothing that comes is a copy of what is stored.
    begin = (first // room.size + 1) * room.size
    edges = [begin, *range(begin + _WARM, begin + _WARM + texts, ITEMS), begin + _WARM + texts]
    servers: list[ThreadingHTTPServer] = []
    try:
        for number in range(HOSTS):
            servers.append(ThreadingHTTPServer((f"127.0.0.{number + 2}", 0), Feed))
            threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        hosts = [f"http://{one.server_address[0]!s}:{one.server_port}" for one in servers]
        yield [f"{hosts[place % HOSTS]}/{low}-{high}.rss" for place, (low, high) in enumerate(pairwise(edges))]
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _feed(room: Newsroom, begin: int, end: int) -> str:
    entries = []
    for number in range(begin, end):
        told = room.told(number)
        entries.append(
            f"<item><guid>{number}</guid><title>{escape(told.title)}</title>"
            f"<link>http://{told.masthead}.example/{number}</link>"
            f"<description>{escape(escape(told.text))}</description></item>"
        )
    return f'<rss version="2.0"><channel><title>Made</title>{"".join(entries)}</channel></rss>'
