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

_DAMAGED = "PostgreSQL finds its own data damaged. Keep a copy, then restore the newest backup: docs/operate.md."
_PG_DUMP_SAYS = (
    ("version mismatch", "pg_dump is older than the server. Install the postgresql-client of the server's version."),
    ("no space left", "The disk is full. Make room, or write the backup elsewhere with --to."),
    ("invalid page", _DAMAGED),
    ("could not read block", _DAMAGED),
    ("missing chunk", _DAMAGED),
    ("could not open output file", "The backup's folder can't be written. Name another with --to."),
    ("permission denied", "The database's user may not read all of it. Let it read them, or back up as their owner."),
    ("connection to server", "PostgreSQL does not answer, or lets nobody in. Is it running, is the password right?"),
)


def write(database: Mapping[str, Any], folder: Path, keep: int) -> Path:
    """Write one backup of this database and drop those beyond ``keep``; gives the new file.

    SQLite is copied as one consistent state while others write; PostgreSQL by ``pg_dump`` in its custom format.

    Raises:
        RefusalError: when it can't be made, with the mend.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RefusalError(f"The folder {folder} can't be made. Name one that you can write with --to.") from error
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
        raise RefusalError(_why(error, source, target.parent)) from error
    if not sound:
        part.unlink(missing_ok=True)
        raise RefusalError(_damaged(source))
    part.chmod(0o600)
    _settle(part)
    part.rename(target)
    _settle(target.parent)
    return target


def _why(error: sqlite3.Error, source: Path, folder: Path) -> str:
    """What went wrong, and what to do."""
    # The low byte is the kind of error; what stands above it are finer codes.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return _damaged(source)
    if code == sqlite3.SQLITE_FULL:
        return f"The disk of {folder} is full. Make room, or write the backup elsewhere with --to."
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return f"{source} is held by another program. End what holds it, and try again."
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH}:
        return f"{source} can't be read, or {folder} can't be written. Are both there, and yours?"
    return f"The disk of {source} or of {folder} fails. Look at the system's log, and write elsewhere with --to."


def _damaged(source: Path) -> str:
    return (
        f"{source} is damaged, so it can't be backed up. Keep a copy of it, stop Tocsin, and restore the newest backup "
        "as docs/operate.md says under “Restore”."
    )


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
    password = {"PGPASSWORD": database["PASSWORD"]} if database.get("PASSWORD") else {}
    environment = {**os.environ, **password, "LC_ALL": "C"}
    done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        part.unlink(missing_ok=True)
        said = done.stderr.decode("utf-8", "replace").lower()
        why = next((line for mark, line in _PG_DUMP_SAYS if mark in said), "pg_dump could not back up the database.")
        raise RefusalError(f"{why} Or back it up by your own means and say --no-backup.")
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
