"""The whole of ``tocsin up``, as a person starts it."""

import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tocsin.config import home
from tocsin.config.tests.conftest import Run

pytestmark = pytest.mark.slow
Up = Callable[..., "Started"]


class Started:
    """A ``tocsin up`` that says that it is there."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process, self.port, self.lines = process, port, []
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("Ctrl-C"):
                return

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return "\n".join(self.lines)

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, body and Location of an address."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port)) as asked:
            asked.request("GET", path)
            answer = asked.getresponse()
            return answer.status, answer.read().decode(), answer.headers.get("Location", "")

    def end(self) -> str:
        """Press Ctrl-C; gives what it said after that."""
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate()
        return said


@pytest.fixture
def up(environment: dict[str, str]) -> Iterator[Up]:
    made: list[subprocess.Popen[str]] = []

    def start(*words: str) -> Started:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "tocsin.config.cli", "up", "--port", str(port), *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        made.append(process)
        return Started(process, port)

    yield start
    for process in made:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.communicate()


def free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_the_first_start_serves_a_sign_in_page_and_the_second_remembers(up: Up, tmp_path: Path) -> None:
    first = up()
    link = re.search(r"http://localhost:\d+(/\S+)", first.said.split("works once")[1])
    assert link is not None
    assert first.get(link[1])[0] == 200
    status, _, location = first.get("/")
    assert status == 302
    assert first.get(location)[0] == 200
    assert first.end().splitlines()[-1].startswith("Ended")
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    second = up()
    assert "Making the database" not in second.said
    assert second.get("/healthz?only=web")[0] == 200
    with closing(socket.create_connection(("127.0.0.1", second.port))) as open_page:
        open_page.sendall(b"GET /")
        second.end()
    assert second.process.returncode == 0
    logs = [line for path in (tmp_path / "home" / "logs").glob("*.log") for line in path.read_text().splitlines()]
    assert all("event" in json.loads(line) for line in logs)


@pytest.mark.once
def test_another_first_link_works_says_that_the_one_before_does_not_and_knows_the_port(up: Up, tocsin: Run) -> None:
    first = up()
    before = re.search(r"http://localhost:\d+(/\S+)", first.said.split("works once")[1])
    made = tocsin("invite", "--role", "analyst")
    assert made.stdout.startswith(f"http://localhost:{first.port}/"), "not the port of the configuration file"
    assert "no longer works" in made.stderr
    assert "a lead's, whatever was asked for" in made.stderr
    path = made.stdout.strip().removeprefix(f"http://localhost:{first.port}")
    assert before is not None
    assert "Make my account" in first.get(path)[1]
    assert "Make my account" not in first.get(before[1])[1]
    assert tocsin("invite", "--port", "9123").stdout.startswith("http://localhost:9123/")


@pytest.mark.once
def test_the_public_door_is_served_beside_the_console_and_says_where(up: Up, tmp_path: Path) -> None:
    started = up()
    found = re.search(r"The public door is at http://127.0.0.1:(\d+)/", started.said)
    assert found is not None
    assert int(found[1]) == started.port + 100
    started.port = int(found[1])
    status, page, _ = started.get("/en/")
    # Nobody has published a desk yet.
    assert status == 503
    assert "can&#x27;t take anything here" in page
    assert (tmp_path / "home" / "intake" / "door.sqlite3").exists()


@pytest.mark.once
def test_the_exercise_has_a_home_of_its_own_and_is_marked(up: Up, tmp_path: Path) -> None:
    started = up("--example")
    assert "This is an EXERCISE" in started.said
    assert "new sources" in started.said
    assert "exercise" in started.get("/accounts/login/")[1].lower()
    started.end()
    assert (tmp_path / "home-exercise" / "exercise.json").exists()
    assert not (tmp_path / "home").exists()
    again = up("--example")
    assert "new sources" not in again.said


def test_a_port_in_use_is_said(up: Up, tocsin: Run) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = tocsin("up", "--port", port)
    assert done.returncode == 2
    assert f"Port {port} on 127.0.0.1 can't be used" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.once
def test_a_missing_safeguard_stops_the_start_with_its_mend(tocsin: Run, tmp_path: Path) -> None:
    usual = os.umask(0o077)
    home.prepare(tmp_path / "home")
    os.umask(usual)
    (tmp_path / "home").chmod(0o755)
    for command in ("up", "work"):
        done = tocsin(command)
        assert done.returncode == 2
        assert f"Mend: chmod 700 '{tmp_path / 'home'}'" in done.stderr
    checked = tocsin("check", "--json")
    assert checked.returncode == 1
    assert next(one for one in json.loads(checked.stdout) if one["name"] == "home")["state"] == "missing"


def test_an_upgrade_is_backed_up_first(tocsin: Run, own_database: str, tmp_path: Path) -> None:
    assert "Making the database" in tocsin("migrate").stdout
    file = tmp_path / "home" / "tocsin.sqlite3"
    opened = psycopg.connect(own_database) if own_database else sqlite3.connect(file)
    with closing(opened) as database:
        for undo in ("DROP TABLE usersessions_usersession", "DELETE FROM django_migrations WHERE app = 'usersessions'"):
            database.execute(undo)
        database.commit()
    said = tocsin("migrate").stdout
    assert "Backed up the database to backups/tocsin-" in said
    assert len([one for one in (tmp_path / "home" / "backups").iterdir() if "ledger" not in one.name]) == 1
    assert tocsin("migrate").stdout == "The database is up to date.\n"
