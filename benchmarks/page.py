"""Alerts handed in at once, and alerts handed in while pagers and web servers are killed, judged by the provider's log.

Alerts come as a monitoring system sends them, by HTTP to a real web server, and again until it has said that it stored
them. Real pagers send them to a provider on loopback, which writes down each call before it answers. In the first part
nothing is killed and no provider fails: it says how long it takes from the stored alert to the committed intent of its
first page, and to its first call. In the second the provider is slow, fails, hangs, or takes a page and dies; people
answer; and web servers and pagers are killed by SIGKILL, half of them at a random write, half at a random moment.

An alert counts as accepted when its sender has heard so, as lost when the provider took no call about it, and as
doubled for each further call with the same page id. A doubled call had a known outcome when that of the earlier one was
committed before the later one's intent.
"""

import argparse
import http.client
import json
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import _pager_start
from _rounds import load, percentile

SENDERS = 8
FAULTS = "slow=0.15,fail=0.1,busy=0.05,die=0.05,half=0.03,hang=0.02"
# Long enough for what hangs, is repeated after its lease, and hangs again.
PATIENCE = 400.0
_TIMES = ("p50_s", "p95_s", "p99_s", "call_p50_s", "call_p95_s", "call_p99_s")
HERE = Path(__file__).resolve().parent


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench page", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--alerts", type=int, default=1_000, help="in each part")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--faults", default=FAULTS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="not needed: the alerts are made up")
    given = parser.parse_args(argv)
    with ExitStack() as stack:
        bench = Bench(given, stack)
        started = _pager_start.measure()
        calm = bench.calm()
        killed = bench.killed() if given.kills else None
    _print(given, calm, killed)
    print(f"A pager goes round {started['start_s']:.2f} s after its start, with {started['memory_mb']:.0f} MB.")
    line = {
        "db": given.db,
        **(killed or calm),
        # Where providers fail, a second channel may rightly be faster than somebody's first.
        **{name: calm[name] for name in ("first_after_second", *_TIMES)},
        "calm": calm,
        "killed": killed,
        **started,
        "load": round(load(), 1),
    }
    print(json.dumps(line))
    return 1 if any(part and (part["lost"] or part["duplicated_with_known_outcome"]) for part in (calm, killed)) else 0


def _print(given: argparse.Namespace, calm: dict[str, Any], killed: dict[str, Any] | None) -> None:
    print(f"{given.db}; {given.alerts} alerts to {given.people} people in each part; load {load():.1f}")
    columns = ("accepted", "lost", "duplicated", "duplicated_with_known_outcome", "first_after_second", "kills")
    print(f"{'':8}" + "".join(f"{name.replace('_', ' '):>32}" for name in columns))
    for name, part in (("calm", calm), ("killed", killed)):
        if part is not None:
            print(f"{name:8}" + "".join(f"{part[column]:>32}" for column in columns))
    print("From the stored alert, nothing killed, in seconds: p50, p95, p99")
    for words, key in (("to the committed intent", ""), ("to the first call", "call_")):
        print(f"  {words:26}" + "".join(f"{calm[f'{key}{share}_s']:>9.2f}" for share in ("p50", "p95", "p99")))


@dataclass(slots=True)
class Person:
    """Somebody who is paged, and the door by which alerts for them come in."""

    number: int
    door: str
    bearer: str


@dataclass(slots=True)
class Handed:
    """One alert: its key, and when its sender first heard that it was stored."""

    key: str
    person: Person
    body: bytes
    accepted: float | None = None


@dataclass(slots=True)
class Nursery:
    """A process that forks web servers or pagers; see ``_nursery``."""

    process: "subprocess.Popen[bytes]"
    kind: str
    alive: set[int] = field(default_factory=set)
    ended: int = 0

    def start(self, at: int) -> None:
        """Let one begin, which dies at this write; 0 for one that lives."""
        self._tell(f"start {at}")
        while not any(line.startswith("started") for line in self.listen(60)):
            pass

    def kill(self, pid: int) -> None:
        """Kill one by SIGKILL."""
        self._tell(f"kill {pid}")

    def listen(self, seconds: float) -> list[str]:
        """What it says within so many seconds."""
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            return []
        line = self.process.stdout.readline().decode().strip()
        if not line:
            raise RuntimeError(f"the nursery of {self.kind} ended")
        word, _, number = line.partition(" ")
        if word == "started":
            self.alive.add(int(number))
        elif word == "ended":
            self.alive.discard(int(number))
            self.ended += 1
        return [line]

    def _tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()


class Bench:
    """The home, the provider and the nurseries of one run."""

    def __init__(self, given: argparse.Namespace, stack: ExitStack) -> None:
        self._given, self._random = given, random.Random(given.seed)
        self._home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-bench-")))
        self._log = self._home / "provider.jsonl"
        self._provider = stack.enter_context(_provider(self._log, given.seed))
        os.environ |= {"TOCSIN_HOME": str(self._home), "DJANGO_SETTINGS_MODULE": "tocsin.config.settings"}
        if given.db == "postgres":
            from tocsin.config import throwaway

            os.environ["TOCSIN_DATABASE"] = stack.enter_context(throwaway.postgresql(safe=True))
        self._write_settings()
        subprocess.run([sys.executable, "-m", "tocsin.config.cli", "migrate"], check=True, capture_output=True)
        import django

        django.setup()
        self._people = _set_up(given.people)
        self._socket = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1_024))
        self._socket.set_inheritable(True)
        self._web = stack.enter_context(_nursery("web", ["--file", str(self._socket.fileno())], self._socket))
        self._pager = stack.enter_context(_nursery("page", [], None))

    def _write_settings(self) -> None:
        url = f"http://127.0.0.1:{self._provider['http']}"
        lines = [
            f'sms_url = "{url}"', 'sms_account = "AC0"', 'sms_from = "+41446681800"', f'ntfy_url = "{url}"',
            'minimum_free_mb = 1',
        ]  # fmt: skip
        from tocsin.config import home

        home.prepare(self._home)
        secret = self._home / "secrets" / "sms_token"
        secret.write_text("bench")
        secret.chmod(0o600)
        settings = self._home / "tocsin.toml"
        settings.write_text("\n".join([settings.read_text() if settings.exists() else "", *lines, ""]))

    def calm(self) -> dict[str, Any]:
        """Nothing is killed and nothing fails: how fast it is."""
        self._plan("")
        self._start(0)
        handed = self._hand_in("calm")
        self._wait(handed)
        for nursery in (self._web, self._pager):
            self._end_all(nursery)
        return self._judge(handed, 0)

    def killed(self) -> dict[str, Any]:
        """Web servers and pagers die, the provider misbehaves, people answer."""
        self._plan(self._given.faults)
        before = self._web.ended + self._pager.ended
        done = threading.Event()
        answering = threading.Thread(target=_answer_pages, args=(self._log, done, self._given.seed), daemon=True)
        answering.start()
        handed: list[Handed] = []
        sending = threading.Thread(target=lambda: handed.extend(self._hand_in("killed", done)), daemon=True)
        sending.start()
        kills = self._kill_until_enough(before)
        # Whoever is alive from here on stays so, and finishes what is left.
        for nursery in (self._web, self._pager):
            self._end_all(nursery)
        self._start(0)
        sending.join(PATIENCE)
        if sending.is_alive():
            raise RuntimeError("the senders were not heard")
        self._wait(handed)
        done.set()
        answering.join(30)
        return self._judge(handed, kills)

    def _kill_until_enough(self, before: int) -> int:
        wanted = {self._web.kind: 1, self._pager.kind: 2 if self._given.db == "postgres" else 1}
        killed = 0
        began = time.monotonic()
        while killed < self._given.kills:
            for nursery in (self._web, self._pager):
                while len(nursery.alive) < wanted[nursery.kind]:
                    nursery.start(self._random.randint(1, 60) if self._random.random() < 0.5 else 0)
                while nursery.listen(0):
                    pass
            nursery = self._random.choice((self._web, self._pager))
            nursery.listen(self._random.uniform(0.05, 0.8))
            if nursery.alive and self._random.random() < 0.7:
                nursery.kill(self._random.choice(sorted(nursery.alive)))
                nursery.listen(2)
            killed = self._web.ended + self._pager.ended - before
            if sys.stderr.isatty() and killed % 10 == 0:
                print(f"\r{killed} kills in {time.monotonic() - began:.0f} s", end="", file=sys.stderr)
        return killed

    def _start(self, at: int) -> None:
        self._web.start(at)
        for _ in range(2 if self._given.db == "postgres" else 1):
            self._pager.start(at)

    def _end_all(self, nursery: Nursery) -> None:
        for pid in sorted(nursery.alive):
            nursery.kill(pid)
        while nursery.alive:
            nursery.listen(5)

    def _plan(self, faults: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._provider["http"], timeout=10)
        connection.request("POST", "/-/faults", json.dumps({"plan": faults}))
        assert connection.getresponse().status == 200
        connection.close()

    def _hand_in(self, part: str, done: threading.Event | None = None) -> list[Handed]:
        """Hand in every alert, several senders side by side, each until it has heard that it was stored."""
        handed = [_alert(part, number, self._people) for number in range(self._given.alerts)]
        if done is not None:
            spread_over = self._given.kills * 0.5
        address = self._socket.getsockname()
        threads = []
        for sender in range(SENDERS):
            mine = handed[sender::SENDERS]
            pause = spread_over / max(1, len(mine)) if done is not None else 0.0
            threads.append(threading.Thread(target=_send_all, args=(mine, address, pause), daemon=True))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return handed

    def _wait(self, handed: list[Handed]) -> None:
        """Until the provider took a call about each alert, or patience ends."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            _told, without = _called(handed, self._log)
            if not without:
                return
            time.sleep(1)

    def _judge(self, handed: list[Handed], kills: int) -> dict[str, Any]:
        told, without = _called(handed, self._log)
        calls = _calls(self._log)
        pages = {page for _alert_id, ids in told.values() for page in ids}
        taken = {page: [one for one in ones if one["taken"]] for page, ones in calls.items() if page in pages}
        intents, firsts = _delays(handed, calls)
        return {
            "accepted": sum(one.accepted is not None for one in handed),
            "lost": len(without),
            "duplicated": sum(max(0, len(ones) - 1) for ones in taken.values()),
            "duplicated_with_known_outcome": _known(pages),
            "first_after_second": _first_after_second(pages, calls),
            "kills": kills,
            **_shares("", intents),
            **_shares("call_", firsts),
        }


def _shares(prefix: str, values: list[float]) -> dict[str, float]:
    return {f"{prefix}p{share}_s": round(percentile(values, share / 100), 3) for share in (50, 95, 99)}


@contextmanager
def _provider(log: Path, seed: int) -> Iterator[dict[str, int]]:
    words = [sys.executable, str(HERE / "_provider.py"), "--log", str(log), "--seed", str(seed)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


@contextmanager
def _nursery(kind: str, words: list[str], inherited: socket.socket | None) -> Iterator[Nursery]:
    files = (inherited.fileno(),) if inherited is not None else ()
    process = subprocess.Popen(
        [sys.executable, str(HERE / "_nursery.py"), kind, *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=files,
        bufsize=0,
    )  # fmt: skip
    nursery = Nursery(process, kind)
    try:
        while nursery.listen(120) != ["ready"]:
            pass
        yield nursery
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _set_up(people: int) -> list[Person]:
    """People of whom each has a policy and a door of their own; their neighbour is the second rung."""
    from django.db import transaction

    from tocsin.alerts import clock
    from tocsin.alerts.integrations.actions import Wanted, create
    from tocsin.alerts.models import Address, Lane, Policy, Rule, Rung, Target
    from tocsin.people.models import Person as Account
    from tocsin.people.roles import Role

    now = clock.now()
    with transaction.atomic():
        lead = Account.objects.create(email="lead@example.org", name="Lead", roles=int(Role.LEAD))
        accounts = [
            Account.objects.create(email=f"p{number}@example.org", name=f"P{number}", roles=int(Role.RESPONDER))
            for number in range(people)
        ]
        made = []
        for number, account in enumerate(accounts):
            for channel, value in (("sms", f"+41790{number:06}"), ("ntfy", f"topic{number:06}")):
                Address.objects.create(person=account, channel=channel, value=value, made_at=now, verified_at=now)
            policy = Policy.objects.create(public_id=f"policy{number}", name=f"Policy {number}")
            for position, target in enumerate((account, accounts[(number + 1) % people])):
                rung = Rung.objects.create(policy=policy, position=position)
                Target.objects.create(policy=policy, rung=rung, kind=Target.Kind.PERSON, person=target)
            lane = Lane.LIFE if number % 2 else Lane.WAKE
            wanted = Wanted(name=f"Door {number}", lane=lane, policy=policy, quota_per_hour=10_000)
            opened = create(lead, "pagerduty", wanted)
            made.append(Person(number, opened.integration.public_id, str(opened.token)))
        Rule.objects.update(budget_per_week=32_000)
    return made


def _alert(part: str, number: int, people: list[Person]) -> Handed:
    person = people[number % len(people)]
    key = f"{part}-{number}"
    body = {
        "event_action": "trigger",
        "dedup_key": key,
        "payload": {"summary": "x", "source": "bench", "severity": "critical", "timestamp": _stamp(number)},
    }
    return Handed(key, person, json.dumps(body).encode())


def _stamp(number: int) -> str:
    return datetime.fromtimestamp(1_790_000_000 + number, UTC).isoformat()


def _send_all(mine: list[Handed], address: tuple[str, int], pause: float) -> None:
    for one in mine:
        time.sleep(pause)
        while one.accepted is None:
            try:
                connection = http.client.HTTPConnection(*address, timeout=15)
                headers = {
                    "Authorization": f"Bearer {one.person.bearer}",
                    "Content-Type": "application/json",
                    "Host": "localhost",
                }
                connection.request("POST", f"/alerts/in/{one.person.door}", one.body, headers)
                answer = connection.getresponse()
                answer.read()
                if 200 <= answer.status < 300:
                    one.accepted = time.time()
                    continue
                if answer.status not in {500, 502, 503}:
                    raise RuntimeError(f"an alert was refused with {answer.status}")
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.1)


def _calls(log: Path) -> dict[str, list[dict[str, Any]]]:
    """What the provider wrote down, by page id, in order."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in log.read_text().splitlines() if log.exists() else []:
        one = json.loads(line)
        found[one["page"]].append(one)
    return found


def _alerts(handed: list[Handed]) -> dict[str, Any]:
    """The alert row of each key."""
    from tocsin.alerts.integrations.receiving import _dedupe
    from tocsin.alerts.integrations.shapes import SHAPES
    from tocsin.alerts.models import Alert, Integration

    doors = {door.public_id: door for door in Integration.objects.all()}
    wanted = {one.key: _dedupe(doors[one.person.door], SHAPES["pagerduty"].read(one.body)[0].dedupe) for one in handed}
    rows = {alert.dedupe: alert for alert in Alert.objects.filter(kind="webhook")}
    return {key: rows[dedupe] for key, dedupe in wanted.items() if dedupe in rows}


def _called(handed: list[Handed], log: Path) -> tuple[dict[str, tuple[int, list[str]]], list[str]]:
    """The pages of each accepted alert, and the keys of those about which the provider took no call."""
    from tocsin.alerts.models import NoticeAlert

    pages: dict[int, list[str]] = defaultdict(list)
    for alert, page in NoticeAlert.objects.values_list("alert", "notice__pages__public_id"):
        pages[alert].append(page)
    rows = _alerts(handed)
    taken = {page for page, ones in _calls(log).items() if any(one["taken"] for one in ones)}
    told = {key: (row.pk, pages[row.pk]) for key, row in rows.items()}
    without = [
        one.key
        for one in handed
        if one.accepted is not None and not (one.key in told and any(page in taken for page in told[one.key][1]))
    ]
    return told, without


def _known(pages: set[str]) -> int:
    """Attempts that were made though an earlier one of the same page was known to have been taken."""
    from tocsin.alerts.models import Attempt

    found = 0
    taken: dict[int, datetime] = {}
    rows = Attempt.objects.filter(page__public_id__in=pages) if len(pages) < 500 else Attempt.objects.all()
    for one in rows.order_by("page", "number"):
        if one.page_id in taken and taken[one.page_id] <= one.intent_at:
            found += 1
        if one.outcome == Attempt.Outcome.TAKEN and one.outcome_at is not None:
            taken[one.page_id] = min(one.outcome_at, taken.get(one.page_id, one.outcome_at))
    return found


def _first_after_second(pages: set[str], calls: dict[str, list[dict[str, Any]]]) -> int:
    """People whose first page, though it waited already, was begun and called after somebody else's second."""
    from django.db.models import Min

    from tocsin.alerts.models import Page

    due = {
        page.public_id: page
        for page in Page.objects.filter(position=0).select_related("notice").annotate(begun=Min("attempts__intent_at"))
    }
    by_person: dict[int, list[tuple[float, Any]]] = defaultdict(list)
    for public_id in pages & due.keys() & calls.keys():
        by_person[due[public_id].notice.person_id or 0].append((calls[public_id][0]["at"], due[public_id]))
    ordered = [sorted(ones, key=lambda one: one[0]) for ones in by_person.values()]
    seconds = [ones[1] for ones in ordered if len(ones) > 1]
    return sum(any(_overtook(ones[0], second) for second in seconds) for ones in ordered)


def _overtook(first: tuple[float, Any], second: tuple[float, Any]) -> bool:
    waited = first[1].notice.made_at < second[1].begun < first[1].begun
    return bool(waited and second[0] < first[0])


def _delays(handed: list[Handed], calls: dict[str, list[dict[str, Any]]]) -> tuple[list[float], list[float]]:
    """Seconds from the stored alert to the committed intent of its first page, and to its first call.

    An alert that was gathered into a page with others has its intent when it was written to that page's notice.
    """
    from django.db.models import Min

    from tocsin.alerts.models import Alert, NoticeAlert

    numbers = [alert.pk for alert in _alerts(handed).values()]
    accepted = {alert.pk: alert.accepted_at for alert in Alert.objects.filter(kind="webhook") if alert.pk in numbers}
    intents: list[float] = []
    firsts: list[float] = []
    wanted = (
        NoticeAlert.objects.filter(alert__kind="webhook")
        .values("alert", "at", "notice__leaves_at")
        .annotate(intent=Min("notice__pages__attempts__intent_at"))
    )
    pages: dict[int, list[str]] = defaultdict(list)
    for alert, page in NoticeAlert.objects.values_list("alert", "notice__pages__public_id"):
        pages[alert].append(page)
    best: dict[int, datetime] = {}
    gathered: set[int] = set()
    for row in wanted:
        alone = (row["notice__leaves_at"] - row["at"]).total_seconds() < 1
        moment = row["intent"] if alone else row["at"]
        if moment is not None and (row["alert"] not in best or moment < best[row["alert"]]):
            best[row["alert"]] = moment
            gathered.discard(row["alert"]) if alone else gathered.add(row["alert"])
    for number, at in accepted.items():
        if number in best:
            intents.append((best[number] - at).total_seconds())
        heard = [calls[page][0]["at"] for page in pages[number] if calls.get(page)]
        if heard and number not in gathered:
            firsts.append(min(heard) - at.timestamp())
    return intents, firsts


def _answer_pages(log: Path, done: threading.Event, seed: int) -> None:
    """Each person answers about two thirds of what reaches them, some time after the page came."""
    from django.db import DatabaseError, connection

    from tocsin.alerts import answering

    chance, seen = random.Random(seed), set[str]()
    while not done.wait(1):
        for line in log.read_text().splitlines():
            one = json.loads(line)
            if (
                not one["taken"]
                or not one["link"]
                or one["link"] in seen
                or not re.fullmatch("[0-9]{4}", one["number"])
            ):
                continue
            seen.add(one["link"])
            page = answering.by_token(one["link"])
            if page is None or chance.random() > 0.66:
                continue
            try:
                answering.answer(page, "have", one["number"], "link")
            except DatabaseError:
                seen.discard(one["link"])
    connection.close()
