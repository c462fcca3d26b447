import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tocsin.config import backups
from tocsin.config.refusal import RefusalError


def filled(path: Path, rows: int) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY)")
        database.executemany("INSERT INTO item DEFAULT VALUES", [()] * rows)
        database.commit()
    return {"ENGINE": "tocsin.lib.sqlite", "NAME": str(path)}


def count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as copy:
        return int(copy.execute("SELECT count(*) FROM item").fetchone()[0])


def test_a_backup_holds_what_was_committed_while_somebody_writes(tmp_path: Path) -> None:
    database = filled(tmp_path / "one.sqlite3", 100)
    with closing(sqlite3.connect(tmp_path / "one.sqlite3")) as writing:
        writing.execute("INSERT INTO item DEFAULT VALUES")
        made = backups.write(database, tmp_path / "backups", keep=5)
        writing.commit()
    assert count(made) == 100
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    database = filled(tmp_path / "one.sqlite3", 1)
    made = [backups.write(database, tmp_path / "backups", keep=2) for _ in range(4)]
    assert backups.listed(tmp_path / "backups") == [made[3], made[2]]


@pytest.mark.parametrize("damage", ["no database", "pages"])
def test_a_damaged_database_is_called_damaged_and_leaves_no_backup(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "bad.sqlite3"
    if damage == "no database":
        path.write_bytes(b"not a database" * 500)
    else:
        filled(path, 50_000)
        with path.open("r+b") as file:
            file.seek(3 * 4096)
            file.write(b"\xff" * 20 * 4096)
    with pytest.raises(RefusalError, match=r"is damaged.*restore the newest backup"):
        backups.write({"ENGINE": "tocsin.lib.sqlite", "NAME": str(path)}, tmp_path / "b", keep=5)
    assert list((tmp_path / "b").iterdir()) == []


def test_what_is_not_there_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(RefusalError, match="can't be read"):
        backups.write({"ENGINE": "tocsin.lib.sqlite", "NAME": str(tmp_path / "none")}, tmp_path / "b", keep=5)
    filled(tmp_path / "one.sqlite3", 1)
    given = {"ENGINE": "tocsin.lib.sqlite", "NAME": str(tmp_path / "one.sqlite3")}
    with pytest.raises(RefusalError, match="can't be made"):
        backups.write(given, tmp_path / "one.sqlite3" / "b", keep=5)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("pg_dump: error: aborting because of server version mismatch", "older than the server"),
        ("ERROR:  invalid page in block 3 of relation base/5/16384", "damaged"),
        ("pg_dump: error: connection to server on socket failed: No such file", "does not answer"),
        ("pg_dump: error: could not write to output file: No space left on device", "disk is full"),
        ("something new", "could not back up"),
    ],
)
def test_what_pg_dump_says_becomes_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, told: str
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusalError, match=told) as refusal:
        backups.write({"ENGINE": "postgresql", "NAME": "tocsin"}, tmp_path / "b", keep=5)
    assert said not in str(refusal.value)


@pytest.mark.django_db(transaction=True)
def test_the_database_of_this_run_is_backed_up(tmp_path: Path) -> None:
    made = backups.write(connection.settings_dict, tmp_path / "backups", keep=5)
    start = b"PGDMP" if connection.vendor == "postgresql" else b"SQLite format 3"
    assert made.read_bytes().startswith(start)
