"""A home and a database of their own for whole processes."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tocsin.config import throwaway

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def safe_server() -> Iterator[str]:
    """A PostgreSQL that keeps what was committed, as the safeguards demand; empty text where the run is on SQLite."""
    if not os.environ.get("TOCSIN_DATABASE"):
        yield ""
        return
    with throwaway.postgresql(safe=True) as address:
        yield address


@pytest.fixture
def own_database(safe_server: str) -> Iterator[str]:
    """The address of an empty database; empty text where the run is on SQLite."""
    server = safe_server
    if not server:
        yield ""
        return
    name = f"own_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def environment(tmp_path: Path, own_database: str) -> dict[str, str]:
    """The environment of a process with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "DJANGO_"))}
    return kept | {"TOCSIN_HOME": str(tmp_path / "home"), "TOCSIN_DATABASE": own_database}


@pytest.fixture
def tocsin(environment: dict[str, str]) -> Run:
    """Runs a command as a person would, and gives what it printed."""

    def run(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tocsin.config.cli", *words],
            env=environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
