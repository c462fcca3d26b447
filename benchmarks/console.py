"""Server time and bytes of console pages over a large store of made-up rows, beside the same pages over a small one.

Pages are asked of the real application in a process of its own, as a signed-in lead, without the browser's cache; bytes
are those of the gzipped answer. Every page is asked of both stores in turn, round after round, so that the growth (the
time over the large store, divided by the time over the small one) holds whatever else the machine does.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _rounds import Spread, load, percentile, spread

BUDGET_MS, BUDGET_BYTES = 100, 150_000
SMALLER = 100  # the small store has this many times fewer signals and situations


@dataclass(frozen=True, slots=True)
class Row:
    """One page over one database: times in milliseconds, spread over the rounds.

    ``cpu`` is the 95th percentile of this process's processor time: what the page takes where it has a core to itself.
    """

    p95: Spread
    median: Spread
    cpu: Spread
    growth: Spread
    bytes: int
    queries: int

    def line(self) -> dict[str, Any]:
        """For the JSON line; single numbers are the median of the rounds."""
        return {
            "p95_ms": round(self.p95.median, 1),
            "p95_ms_rounds": self.p95.rounded(1),
            "median_ms": round(self.median.median, 1),
            "cpu_p95_ms": round(self.cpu.median, 1),
            "cpu_p95_ms_rounds": self.cpu.rounded(1),
            "growth": self.growth.rounded(2),
            "bytes": self.bytes,
            "queries": self.queries,
        }

    @property
    def over(self) -> bool:
        """Whether it is beyond its budget here and now, beside whatever else runs."""
        return self.p95.median >= BUDGET_MS or self.bytes >= BUDGET_BYTES

    @property
    def over_alone(self) -> bool:
        """Whether it would be so with a core to itself: by processor time, which waiting for one is no part of."""
        return self.cpu.median >= BUDGET_MS or self.bytes >= BUDGET_BYTES

    @property
    def verdict(self) -> str:
        """What the table says of it."""
        return "beyond budget" if self.over_alone else "beyond it beside this load" if self.over else ""


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(prog="tocsin bench console", description=__doc__)
    parser.add_argument("--signals", type=int, default=100_000)
    parser.add_argument("--situations", type=int, default=10_000)
    parser.add_argument("--plans", type=int, default=2_000, help="response plans, of 25 tasks each")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20, help="requests of each page in each round")
    parser.add_argument("--db", choices=["sqlite", "postgres", "both"], default="sqlite")
    parser.add_argument("--page", action="append", help="only pages whose name holds this; may be repeated")
    parser.add_argument("--keep", type=Path, help="keep filled SQLite stores in this folder, and use those there")
    parser.add_argument("--data", type=Path, help="not needed: the rows are made up")
    given = parser.parse_args(argv)
    wanted = ["sqlite", "postgres"] if given.db == "both" else [given.db]
    found = {database: _measure(database, given) for database in wanted}
    for database, (rows, peak) in found.items():
        _print(database, given, rows, peak)
    first, peak = found[wanted[0]]
    line = {
        "bench": "console",
        "signals": given.signals,
        "situations": given.situations,
        "plans": given.plans,
        "rounds": given.rounds,
        "requests": given.requests,
        "pages": {name: row.line() for name, row in first.items()},
        "beyond_budget": {database: _names(rows, "over") for database, (rows, _) in found.items()},
        "beyond_budget_alone": {database: _names(rows, "over_alone") for database, (rows, _) in found.items()},
        "by_database": {
            database: {name: row.line() for name, row in rows.items()} for database, (rows, _) in found.items()
        },
        "peak_mb": peak,
        "load": round(load(), 1),
    }
    print(json.dumps(line))
    return 0


def _names(rows: dict[str, Row], which: str) -> list[str]:
    return [name for name, row in rows.items() if getattr(row, which)]


def _print(database: str, given: argparse.Namespace, rows: dict[str, Row], peak: int) -> None:
    print(
        f"\n{database}: {given.signals:,} signals, {given.situations:,} situations, {given.plans:,} plans; "
        f"{given.rounds} rounds of {given.requests} requests; {peak} MB at most; load {load():.1f}. "
        "Median of the rounds (lowest to highest)."
    )
    if database == "postgres":
        print("The processor's time is that of the application alone; PostgreSQL's own is not in it.")
    print(f"{'page':38} {'p95 ms':>18} {'median':>7} {'p95 CPU ms':>16} {'bytes':>7} {'queries':>7} {'growth':>18}")
    for name, row in rows.items():
        print(
            f"{name:38} {row.p95.words():>18} {row.median.median:>7.0f} {row.cpu.words():>16} {row.bytes:>7} "
            f"{row.queries:>7} {row.growth.words(1):>18}  {row.verdict}"
        )


def _measure(database: str, given: argparse.Namespace) -> tuple[dict[str, Row], int]:
    with ExitStack() as stack:
        sizes = (given.signals, given.situations, given.plans)
        large = stack.enter_context(_store(database, sizes, given.keep))
        least = (100, 10, 8)
        fewer = tuple(max(few, many // SMALLER) for few, many in zip(least, sizes, strict=True))
        small = stack.enter_context(_store(database, fewer, given.keep))
        names = [one for one in large.names if not given.page or any(word in one for word in given.page)]
        rounds: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {name: [] for name in names}
        for number in range(given.rounds):
            for name in names:
                ask = (large, small) if number % 2 == 0 else (small, large)
                answers = {id(one): one.ask(name, given.requests) for one in ask}
                rounds[name].append((answers[id(large)], answers[id(small)]))
            print(f"{database}: round {number + 1} of {given.rounds}, load {load():.1f}", file=sys.stderr)
        return {name: _row(found) for name, found in rounds.items()}, large.peak()


def _row(rounds: list[tuple[dict[str, Any], dict[str, Any]]]) -> Row:
    return Row(
        p95=spread([percentile(large["ms"], 0.95) for large, _ in rounds]),
        median=spread([statistics.median(large["ms"]) for large, _ in rounds]),
        cpu=spread([percentile(large["cpu"], 0.95) for large, _ in rounds]),
        growth=spread([statistics.median(large["ms"]) / statistics.median(small["ms"]) for large, small in rounds]),
        bytes=max(large["bytes"] for large, _ in rounds),
        queries=rounds[-1][0]["queries"],
    )


class _Child:
    """A process with its own home, which answers one line for each line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.names: list[str] = self._read()

    def ask(self, page: str, requests: int) -> dict[str, Any]:
        """Ask for one page several times: milliseconds, processor milliseconds, bytes, queries."""
        answer: dict[str, Any] = self._say([page, requests])
        return answer

    def peak(self) -> int:
        """The most memory that it had, in MB."""
        return int(self._say(["", 0])["peak_mb"])

    def _say(self, words: list[Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("The process with the store ended; what it said stands above.")
        return json.loads(line)


@contextmanager
def _store(database: str, sizes: tuple[int, ...], keep: Path | None) -> Iterator[_Child]:
    from tocsin.config.home import prepare
    from tocsin.config.throwaway import postgresql

    with ExitStack() as stack:
        if keep is not None and database == "sqlite":
            home = keep.absolute() / "-".join(map(str, sizes))
        else:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-bench-")))
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        prepare(home)
        environment = {**os.environ, "TOCSIN_HOME": str(home)}
        if database == "postgres":
            environment["TOCSIN_DATABASE"] = stack.enter_context(postgresql(safe=True))
        beside = str(Path(__file__).parent)
        code = f"import sys; sys.path.insert(0, {beside!r}); import console; console.serve(*sys.argv[1:])"
        words = [sys.executable, "-c", code, *map(str, sizes)]
        child = subprocess.Popen(
            words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=home
        )
        try:
            yield _Child(child)
        finally:
            assert child.stdin is not None
            child.stdin.close()
            child.wait(60)


def serve(signals: str, situations: str, plans: str) -> None:
    """In the child: fill the store unless it is filled, then answer questions until there are none."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.settings"
    import django

    django.setup()
    from _console_plans import fill as fill_plans
    from _console_store import Size, fast, fill
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from tocsin.config.serving import settle

    size = Size(int(signals), int(situations))
    filled = settings.HOME / "filled"
    if not filled.exists():
        started = time.perf_counter()
        call_command("migrate", verbosity=0)
        fill(size)
        with fast():
            fill_plans(int(plans))
        filled.touch()
        took = time.perf_counter() - started
        print(f"{size.signals:,} signals and {int(plans):,} plans made in {took:.0f} s", file=sys.stderr)
    else:
        call_command("migrate", verbosity=0)
    settle()
    client = Client(headers={"accept-encoding": "gzip"}, SERVER_NAME="127.0.0.1")
    _sign_in(client)
    paths = _paths(size.situations)
    print(json.dumps(list(paths)), flush=True)
    for line in sys.stdin:
        name, requests = json.loads(line)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        answer = _time(client, paths[name], requests) if name else {"peak_mb": peak}
        print(json.dumps(answer), flush=True)


def _sign_in(client: Any) -> None:
    """A lead who may also read the record, whose session says that both factors were given."""
    from allauth.mfa.models import Authenticator

    from tocsin.people.models import Person
    from tocsin.people.roles import Role

    roles = int(Role.LEAD | Role.AUDITOR)
    person, _ = Person.objects.get_or_create(email="alice@example.org", defaults={"name": "Alice", "roles": roles})
    Authenticator.objects.get_or_create(user=person, type=Authenticator.Type.TOTP, defaults={"data": {"secret": ""}})
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


def _paths(situations: int) -> dict[str, str]:
    """The pages that people use, by the name under which they are printed."""
    from _console_store import BUSY, COMMON, RARE, public

    from tocsin.responses.models import Plan

    plan = Plan.objects.order_by("pk").values_list("public_id", flat=True)[2]
    middle = public(situations // 2 + 1)
    return {
        "/": "/",
        "/situations/": "/situations/",
        "/situations/ all, page 100": "/situations/?state=all&show=all&page=100",
        "/situations/ all, last page": "/situations/?state=all&show=all&page=1000000",
        "/situations/ a country, newest": f"/situations/?country={BUSY}&order=newest",
        "/situations/ a harm, all": "/situations/?harm=arrest&state=all",
        "/situations/ words": "/situations/?words=photographer&state=all",
        "/situations/ID/": f"/situations/{middle}/",
        "/situations/ID/ the largest": f"/situations/{public(1)}/",
        "/situations/ID/assess": f"/situations/{middle}/assess",
        "/signals/ID/": "/signals/77/",
        "/look/": "/look/",
        "/look/ a country": f"/look/?country={BUSY}",
        "/look/ a country, 180 days": f"/look/?country={BUSY}&days=180",
        "/search/ a common word": f"/search/?words={COMMON}",
        "/search/ a rare word": f"/search/?words={RARE}",
        "/search/ two words": f"/search/?words={COMMON}+{RARE}",
        "/search/ a word in a country": f"/search/?words={COMMON}&country={BUSY}",
        "/search/ a word in a situation": f"/search/?words={COMMON}&situation={public(1)}",
        "/search/ nothing found": f"/search/?words={COMMON}s",
        "/sources/": "/sources/",
        "/sources/ID/": "/sources/1/",
        "/sources/items/ID/": "/sources/items/77/",
        "/sources/coverage/": "/sources/coverage/",
        "/sources/requirements/": "/sources/requirements/",
        "/sources/blind-spots/": "/sources/blind-spots/",
        "/sources/documents/": "/sources/documents/",
        "/plans/": "/plans/",
        "/plans/ closed, a later page": "/plans/?show=closed&page=5",
        "/plans/ mine": "/plans/?show=mine",
        "/plans/ overdue": "/plans/?show=overdue",
        "/plans/ID/": f"/plans/{plan}/",
        "/plans/ID/ on a time line": f"/plans/{plan}/?tasks=time",
        "/plans/tasks/": "/plans/tasks/",
        "/plans/tasks/ everybody's, page 100": "/plans/tasks/?of=everybody&page=100",
        "/people/": "/people/",
        "/audit/": "/audit/",
        "/settings/": "/settings/",
    }


def _time(client: Any, path: str, requests: int) -> dict[str, Any]:
    from django.db import connection

    queries = 0

    def count(execute: Any, *words: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*words)

    with connection.execute_wrapper(count):
        answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    wall, cpu = [], []
    for _ in range(requests):
        started, used = time.perf_counter(), time.process_time()
        answer = client.get(path)
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - used) * 1000)
    return {"ms": wall, "cpu": cpu, "bytes": len(answer.content), "queries": queries}
