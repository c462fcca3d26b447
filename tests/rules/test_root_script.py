"""The root script says in plain words what is missing, and starts the command from anywhere."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.rules.house import ROOT

TOOLS = ("sh", "dirname", "cat", "cksum", "mkdir", "readlink", "rm", "tail", "mv")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with a space in its path, and beside it a folder of the few programs that a start may use."""
    root = tmp_path / "a clone"
    root.mkdir()
    for name in ("tocsin", "uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    (tmp_path / "bin").mkdir()
    for name in TOOLS:
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    return root


def program(clone: Path, name: str, text: str) -> None:
    path = clone.parent / "bin" / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def start(clone: Path, *words: str, by: Path | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(by or clone / "tocsin"), *words],
        cwd=clone.parent,
        env={"PATH": str(clone.parent / "bin"), "HOME": str(clone.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_python_it_says_what_to_install(clone: Path) -> None:
    done = start(clone, "up")
    assert done.returncode == 1
    assert "Tocsin needs python3, 3.11 or later." in done.stderr
    assert "apt-get install python3" in done.stderr


def test_with_an_old_python_it_says_which(clone: Path) -> None:
    program(clone, "python3", 'case "$1" in -V) echo "Python 3.9.2" ;; *) exit 1 ;; esac')
    done = start(clone, "up")
    assert done.returncode == 1
    assert "python3 here is Python 3.9.2" in done.stderr


def test_without_pip_it_says_what_to_install(clone: Path) -> None:
    program(clone, "python3", 'case "$*" in *"-m pip"*) exit 1 ;; *) exit 0 ;; esac')
    done = start(clone, "up")
    assert done.returncode == 1
    assert "apt-get install python3-pip" in done.stderr


def test_without_a_network_it_says_so_and_keeps_nothing_half_done(clone: Path) -> None:
    fails = 'case "$*" in *install*) mkdir -p "$PWD/a clone/.tools/part"; echo no route to host; exit 1 ;; esac'
    program(clone, "python3", fails)
    done = start(clone, "up")
    assert done.returncode == 1
    assert "Is there a network?" in done.stderr
    assert "no route to host" in done.stderr
    assert not list((clone / ".tools").glob("uv-*"))
    assert not (clone / ".venv").exists()


def test_a_prepared_clone_runs_the_command_at_once_from_anywhere(clone: Path) -> None:
    program(clone, "python3", "exit 1")
    (clone / ".venv" / "bin").mkdir(parents=True)
    run = clone / ".venv" / "bin" / "tocsin"
    run.write_text('#!/bin/sh\necho "ran $# in $PWD: $*"\n')
    run.chmod(0o755)
    (clone / ".tools").mkdir()
    script = (clone / "tocsin").read_text().partition("in_place() {")[0] + '\nprintf %s "$want"\n'
    stamp = subprocess.run(["sh", "-c", script, str(clone / "tocsin")], capture_output=True, text=True, check=True)
    (clone / ".tools" / "dev.stamp").write_text(stamp.stdout)
    link = clone.parent / "link"
    link.symlink_to(Path("a clone") / "tocsin")
    for by in (clone / "tocsin", link):
        done = start(clone, "bench", "two words", by=by)
        assert done.stdout == f"ran 2 in {os.path.realpath(clone.parent)}: bench two words\n", done.stderr
