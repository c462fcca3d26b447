"""Backups of the database, of which the newest few are kept."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.config.refusal import RefusalError

PATTERN = "tocsin-*"


def write(database: Mapping[str, Any], folder: Path, keep: int) -> Path:
    """Write one backup of this database and drop those beyond ``keep``; gives the new file.

    SQLite is copied as one consistent state while others write; PostgreSQL by ``pg_dump`` in its custom format.

    Raises:
        RefusalError: when it can't be made, with the mend.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stem = f"tocsin-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    if "sqlite" in database["ENGINE"]:
        made = _sqlite(Path(database["NAME"]), folder / f"{stem}.sqlite3")
    else:
        made = _postgresql(database, folder / f"{stem}.dump")
    for old in listed(folder)[max(keep, 1) :]:
        old.unlink(missing_ok=True)
    return made


def listed(folder: Path) -> list[Path]:
    """The backups of a folder, newest first."""
    found = [path for path in folder.glob(PATTERN) if path.suffix in {".sqlite3", ".dump"}]
    return sorted(found, key=lambda path: path.name, reverse=True)


def _sqlite(source: Path, target: Path) -> Path:
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        with closing(sqlite3.connect(part)) as copy:
            sound = copy.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.Error as error:
        part.unlink(missing_ok=True)
        line = f"The backup could not be written into {target.parent}. Is there room on the disk?"
        raise RefusalError(line) from error
    if not sound:
        part.unlink(missing_ok=True)
        raise RefusalError(f"{source} is damaged: its copy fails SQLite's check. See docs/operate.md.")
    part.chmod(0o600)
    _settle(part)
    part.rename(target)
    _settle(target.parent)
    return target


def _postgresql(database: Mapping[str, Any], target: Path) -> Path:
    program = shutil.which("pg_dump") or _newest_debian("pg_dump")
    if program is None:
        raise RefusalError(
            "A backup of PostgreSQL needs pg_dump. On Debian: apt-get install postgresql-client. "
            "Or back it up by your own means and say --no-backup."
        )
    part = target.with_suffix(".part")
    words = [program, "--format=custom", "--no-password", f"--file={part}", f"--dbname={database['NAME']}"]
    for option, name in (("--host", "HOST"), ("--port", "PORT"), ("--username", "USER")):
        if database.get(name):
            words.append(f"{option}={database[name]}")
    environment = {**os.environ, **({"PGPASSWORD": database["PASSWORD"]} if database.get("PASSWORD") else {})}
    done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        part.unlink(missing_ok=True)
        raise RefusalError(
            "pg_dump could not back up the database. Is it of the server's version, and is there room on the disk? "
            "Or back it up by your own means and say --no-backup."
        )
    part.chmod(0o600)
    _settle(part)
    part.rename(target)
    return target


def _newest_debian(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1]) if found else None


def _settle(path: Path) -> None:
    """Make sure that it is on the disk before it is relied on."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
