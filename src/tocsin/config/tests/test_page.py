"""The pager as a process of its own: starts with the least possible, waits instead of giving up, says how it is."""

import fcntl
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from tocsin.alerts.channels.base import Settings as Paging
from tocsin.alerts.watch import life
from tocsin.config import heartbeat, home, paging, servicemanager
from tocsin.config.processes import Ending
from tocsin.config.safeguards import pager
from tocsin.config.safeguards.base import State
from tocsin.config.tests.conftest import Run
from tocsin.lib.models import Lease

# What could keep a pager from starting, and is of no use to it.
NEEDLESS = {
    "allauth", "ninja", "axes", "apprise", "lxml", "duckdb", "tantivy", "feedparser", "uvicorn", "whitenoise",
    "django_htmx", "icalendar", "babel", "trafilatura", "prometheus_client",
}  # fmt: skip
NEEDLESS_ROOMS = {
    "analysis",
    "alliances",
    "streams",
    "signals",
    "situations",
    "rollcalls",
    "cases",
    "resilience",
    "console",
    "replay",
}
NEEDLESS_PARTS = {"views", "forms", "urls", "api", "access"}

# The pager goes round once, as it does for ever, and then says what it has loaded.
ONCE = """
import json, sys
from tocsin.config.commands import page
from tocsin.alerts import pager
def once(self):
    self.once()
    print(json.dumps({"modules": sorted(sys.modules), "failing": [one.name for one in self._parts if one.failures]}))
pager.Pager.run = once
sys.exit(page.main([]))
"""


def start(environment: dict[str, str], **more: str) -> "subprocess.CompletedProcess[str]":
    # The rooms' models need their apps, so the pager's class is reached after the settings are known.
    script = ONCE.replace("from tocsin.alerts import pager\n", "").replace(
        "pager.Pager.run = once\n",
        "import tocsin.config.starting as starting\n"
        "begin = starting.start\n"
        "def start(safe=True):\n"
        "    found = begin(safe)\n"
        "    from tocsin.alerts import pager\n"
        "    pager.Pager.run = once\n"
        "    return found\n"
        "page.start = start\n",
    )
    return subprocess.run(
        [sys.executable, "-c", script], env=environment | more, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_it_starts_with_the_least_possible(tocsin: Run, environment: dict[str, str]) -> None:
    assert tocsin("migrate").returncode == 0
    done = start(environment)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["failing"] == []
    modules = [name.split(".") for name in said["modules"]]
    assert NEEDLESS & {name[0] for name in modules} == set()
    assert NEEDLESS_ROOMS & {name[1] for name in modules if name[0] == "tocsin" and len(name) > 1} == set()
    rooms = {"audit", "people", "oncall", "alerts"}
    own = {".".join(name) for name in modules if name[0] == "tocsin" and len(name) == 3 and name[1] in rooms}
    assert [name for name in sorted(own) if name.rpartition(".")[2] in NEEDLESS_PARTS] == []
    contrib = {name[2] for name in modules if name[:2] == ["django", "contrib"] and len(name) > 2}
    assert contrib <= {"auth"}
    parts = {name[3] for name in modules if name[:3] == ["django", "contrib", "auth"] and len(name) > 3}
    assert parts <= {"base_user", "hashers", "password_validation", "signals"}


@pytest.mark.slow
def test_it_waits_for_its_database_and_goes_on_by_itself(tocsin: Run, environment: dict[str, str]) -> None:
    home.prepare(Path(environment["TOCSIN_HOME"]))
    command = [sys.executable, "-m", "tocsin.config.cli", "page"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as page:
        try:
            assert page.stdout is not None
            assert "migrations are not applied" in next(line for line in page.stdout if "the pager waits" in line)
            assert tocsin("migrate").returncode == 0
            # Other code is installed meanwhile where somebody works on it: that is no reason to wait.
            assert any(re.search("at work|other code", tocsin("check").stdout) for _ in range(60))
            page.send_signal(signal.SIGTERM)
            page.stdout.read()
            assert page.wait() == 0
        finally:
            page.kill()
    assert "None runs: nobody is woken." in tocsin("check").stdout


@pytest.mark.slow
@pytest.mark.parametrize("how", ["tables"] if os.environ.get("TOCSIN_DATABASE") else ["queue", "sqlite"])
def test_asked_once_it_ends_even_while_somebody_holds_the_database(
    how: str, tocsin: Run, environment: dict[str, str]
) -> None:
    assert tocsin("migrate").returncode == 0
    command = [sys.executable, "-m", "tocsin.config.cli", "page"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as page:
        try:
            # It has gone round once it says that it is at work; from then on it writes again and again.
            assert any(re.search("at work|other code", tocsin("check").stdout) for _ in range(60))
            with _held(environment, how):
                page.send_signal(signal.SIGTERM)
                assert page.wait(timeout=60) == 0
        finally:
            page.kill()


@contextmanager
def _held(environment: dict[str, str], how: str) -> Iterator[None]:
    """Keep everybody waiting: in our own queue, inside SQLite, or before every table of PostgreSQL."""
    if how == "tables":
        with psycopg.connect(environment["TOCSIN_DATABASE"]) as other:
            names = other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            other.execute("LOCK TABLE " + ", ".join(f'"{name}"' for (name,) in names) + " IN ACCESS EXCLUSIVE MODE")
            yield
            other.rollback()
        return
    database = next(Path(environment["TOCSIN_HOME"]).glob("*.sqlite3"))
    if how == "queue":
        with Path(f"{database}.queue").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_is_named() -> None:
    assert paging.not_applied() == []
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'alerts' AND name LIKE '0001%%'")
    assert paging.not_applied() == ["alerts.0001_initial"]


@pytest.mark.django_db
def test_while_it_waits_it_says_so_and_ends_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM django_migrations WHERE app = 'alerts'")
        applied = cursor.fetchall()
        cursor.execute("DELETE FROM django_migrations WHERE app = 'alerts'")

    class Soon(Ending):
        """Asked to end while it waits."""

        def __init__(self) -> None:
            self.asked = False

        def __bool__(self) -> bool:
            return self.asked

        def wait(self, seconds: float) -> bool:
            self.asked = True
            return True

    assert not paging.ready(Soon())
    (beat,) = heartbeat.beats()
    assert (beat.part, beat.state) == ("page", f"failing {life.WAITS}")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES ('alerts', %s, '2026-01-01')",
                           applied)  # fmt: skip
    assert paging.ready(Soon())


@pytest.mark.django_db
def test_its_loop_says_that_it_lives_which_code_it_runs_and_that_it_ends(settings: Settings) -> None:
    settings.PAGING = Paging()
    with paging.beside(lambda: "") as parts:
        for part in parts:
            part.do()
    assert Lease.objects.filter(name__startswith="code:page:", name__endswith=f":{life.CODE}").exists()
    assert [one.state for one in heartbeat.beats()] == [""]
    assert pager.pager_runs().state is State.HOLDS
    paging.end()
    assert heartbeat.beats() == []
    assert not Lease.objects.filter(name__startswith="code:page:").exists()
    assert pager.pager_runs().state is State.WARNING


@pytest.mark.django_db
def test_a_pager_of_another_version_is_told(settings: Settings) -> None:
    with paging.beside(lambda: "") as parts:
        next(one for one in parts if one.name == "heartbeat").do()
    assert life.others() == 0
    Lease.objects.filter(name__startswith="code:page:").update(name="code:page:host:abc:0123456789abcdef")
    assert life.others() == 1
    assert "other code" in pager.pager_runs().line


def test_the_service_manager_hears_what_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(where)
        monkeypatch.setenv("NOTIFY_SOCKET", where)
        servicemanager.say("READY=1", "STATUS=works")
        assert heard.recv(100) == b"READY=1\nSTATUS=works"
    servicemanager.say("WATCHDOG=1")  # it has gone, and that stops nothing
    monkeypatch.delenv("NOTIFY_SOCKET")
    servicemanager.say("WATCHDOG=1")


@pytest.mark.parametrize(
    ("values", "secrets", "pulse", "watch"),
    [
        ({}, {}, "not that they arrive", "nobody says so"),
        ({"pulse_channel": "mail"}, {"watch_url_1": "https://a.example/1"}, "also needs", "One:"),
        ({"pulse_channel": "ntfy", "ntfy_url": "https://n.example"},
         {"watch_url_1": "https://a.example/1", "watch_url_2": "https://a.example/2"}, "By ntfy", "one host"),
        ({"pulse_channel": "ntfy", "ntfy_url": "https://n.example"},
         {"watch_url_1": "https://a.example/1", "watch_url_2": "https://b.example/2"}, "By ntfy", "Two"),
    ],
)  # fmt: skip
def test_what_watches_the_pager_is_a_safeguard(
    settings: Settings, values: dict[str, str], secrets: dict[str, str], pulse: str, watch: str
) -> None:
    settings.PAGING = Paging(dict(values), secrets)
    assert pulse in pager.pages_come_back().line
    assert watch in pager.somebody_watches().line
    assert (pager.somebody_watches().state is State.HOLDS) == (watch == "Two")
