import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a supervisor over parts of these names, and waits until they run."""
    made: list[subprocess.Popen[str]] = []

    def run(*names: str) -> "subprocess.Popen[str]":
        words = [sys.executable, "-m", "tocsin.config.tests.parts", str(tmp_path), *names]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        made.append(process)
        wait(lambda: all(pids(tmp_path, name) for name in names))
        return process

    yield run
    for process in made:
        process.kill()
        process.wait()


def wait(until: Callable[[], bool]) -> None:
    while not until():
        time.sleep(0.02)


def pids(folder: Path, name: str) -> list[int]:
    path = folder / name
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_asked_to_end_it_ends_every_part(start: Start, tmp_path: Path) -> None:
    process = start("waits")
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate()
    assert process.returncode == 0
    assert said.splitlines() == ["Ending …", "Ended."]
    assert not lives(pids(tmp_path, "waits")[0])


def test_a_part_that_does_not_listen_is_stopped(start: Start, tmp_path: Path) -> None:
    process = start("deaf", "waits")
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate()
    assert said.splitlines()[-1] == "Ended; cut short: deaf. Nothing is lost."
    assert not lives(pids(tmp_path, "deaf")[0])


def test_asked_twice_it_waits_for_nobody(start: Start, tmp_path: Path) -> None:
    process = start("deaf")
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    assert process.stdout.readline() == "Ending …\n"
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert not lives(pids(tmp_path, "deaf")[0])


def test_a_part_that_dies_is_started_again_and_again_later(start: Start, tmp_path: Path) -> None:
    process = start("dies", "waits")
    wait(lambda: len(pids(tmp_path, "dies")) >= 3)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate()
    assert "dies stopped by itself (exit code 3). It starts again in 0.5 s; see its log." in said
    assert "dies stopped by itself (exit code 3). It starts again in 1 s; see its log." in said
    assert len(pids(tmp_path, "waits")) == 1


def test_a_part_that_is_killed_is_started_again(start: Start, tmp_path: Path) -> None:
    process = start("waits")
    os.kill(pids(tmp_path, "waits")[0], signal.SIGKILL)
    wait(lambda: len(pids(tmp_path, "waits")) == 2)
    process.send_signal(signal.SIGTERM)
    assert "waits stopped by itself (signal 9)." in process.communicate()[0]


def test_what_serves_the_others_ends_after_them(start: Start, tmp_path: Path) -> None:
    process = start("waits", "serves")
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert (tmp_path / "ended").read_text().split() == ["waits", "serves"]


def test_no_part_outlives_a_supervisor_that_was_killed(start: Start, tmp_path: Path) -> None:
    process = start("waits")
    process.kill()
    process.wait()
    wait(lambda: not lives(pids(tmp_path, "waits")[0]))


def test_a_part_that_was_told_to_begin_anew_is_not_called_one_that_failed(start: Start, tmp_path: Path) -> None:
    process = start("anew")
    wait(lambda: len(pids(tmp_path, "anew")) == 2)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate()
    assert "anew closed what it held, as it was told, and starts anew." in said
    assert "by itself" not in said
