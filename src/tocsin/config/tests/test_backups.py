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


def test_a_damaged_database_is_refused_and_leaves_no_backup(tmp_path: Path) -> None:
    (tmp_path / "bad.sqlite3").write_bytes(b"not a database" * 500)
    with pytest.raises(RefusalError):
        backups.write({"ENGINE": "tocsin.lib.sqlite", "NAME": str(tmp_path / "bad.sqlite3")}, tmp_path / "b", keep=5)
    assert list((tmp_path / "b").iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_the_database_of_this_run_is_backed_up(tmp_path: Path) -> None:
    made = backups.write(connection.settings_dict, tmp_path / "backups", keep=5)
    start = b"PGDMP" if connection.vendor == "postgresql" else b"SQLite format 3"
    assert made.read_bytes().startswith(start)
