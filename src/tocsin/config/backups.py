"""Backups of the database, of which the newest few are kept."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pyrage  # type: ignore[import-untyped]
from django.conf import settings
from psycopg import sql

from tocsin.config import archives, doorbackups, manifests, workplace
from tocsin.config.refusal import RefusalError
from tocsin.config.signing import Signer
from tocsin.keys import ledger
from tocsin.keys.ledger import End, Line

PATTERN = "tocsin-*"
IN_CLEAR = (
    "There are safes, so no backup is written in clear. Put a public age key into tocsin.toml: backup_recipient = "
    '"age1…". “age-keygen” on another machine makes it; the other half must never come here. docs/backup.md'
)
_KINDS = {".sqlite3", ".dump", ".sqlite3.age", ".dump.age"}

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


@dataclass(frozen=True, slots=True)
class Sealing:
    """How a backup is sealed: to which public age key, and whether there are safes, so that it must be.

    ``ledger`` is what a restore must forget again, as text; None: this database can't have any. ``end`` is its end.
    ``door`` is the folder of the door, which a sealed backup holds as well, and ``door_database`` the door's database
    where that is in PostgreSQL. ``signer`` signs what is sealed, with the
    ledger's ``lines``.
    """

    recipient: str = ""
    safes: bool = False
    ledger: str | None = None
    end: End | None = None
    door: Path | None = None
    door_database: Mapping[str, Any] | None = None
    signer: Signer | None = None
    lines: tuple[Line, ...] = ()


def write(database: Mapping[str, Any], folder: Path, keep: int, sealing: Sealing = Sealing()) -> Path:
    """Write one backup of this database and drop those beyond ``keep``; gives the new file.

    SQLite is copied as one consistent state while others write; PostgreSQL by ``pg_dump`` in its custom format. With a
    recipient it is sealed, and the wrapped keys of the same moment stand in a file of their own beside it.

    Raises:
        RefusalError: when it can't be made, with the mend.
    """
    if sealing.safes and not sealing.recipient:
        raise RefusalError(IN_CLEAR)
    to = archives.recipient(sealing.recipient) if sealing.recipient else None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RefusalError(f"The folder {folder} can't be made. Name one that you can write with --to.") from error
    try:
        with workplace.private(folder) as work:
            stem = f"tocsin-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
            if "sqlite" in database["ENGINE"]:
                made = _sqlite(Path(database["NAME"]), folder / f"{stem}.sqlite3", to, work)
            else:
                made = _postgresql(database, folder / f"{stem}.dump", to, work)
            if to is not None and sealing.door is not None:
                _door(sealing, sealing.door, made, to, work)
            if to is not None and sealing.signer is not None:
                parts = [archives.wraps_beside(made), doorbackups.beside(made)]
                _settle(manifests.write(made, parts, sealing.lines, sealing.signer))
            for old in listed(folder)[max(keep, 1) :]:
                old.unlink(missing_ok=True)
                doorbackups.beside(old).unlink(missing_ok=True)
                manifests.beside(old).unlink(missing_ok=True)
            archives.prune(folder)
            _keep_ledger(folder, sealing.ledger)
    except OSError as error:
        raise RefusalError(f"{folder} can't be written, or is full. Name another folder with --to.") from error
    return made


def tidy() -> None:
    """Delete wrapped keys that are too old and what a killed backup left; put the newest ledger beside the backups."""
    folder: Path = settings.HOME / "backups"
    if folder.is_dir():
        keep_ledger(folder, ledger.text(ledger.lines()))


def keep_ledger(folder: Path, text: str | None) -> None:
    """Put the ledger beside the backups, unless it stands there already; an empty one, too, so that none is missed.

    While a backup is made there nothing is done: that one puts the ledger there itself.
    """
    with workplace.alone(folder) as free:
        if free:
            archives.prune(folder)
            _keep_ledger(folder, text)


def _keep_ledger(folder: Path, text: str | None) -> None:
    path = folder / archives.LEDGER
    if text is None or (path.exists() and path.read_text(encoding="utf-8") == text):
        return
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.chmod(0o600)
    _settle(part)
    part.rename(path)


def sweep(home: Path) -> None:
    """Remove what a backup or a restore of this home left in clear when it was killed; at every start."""
    for folder in (home / "backups", home / "run"):
        if folder.is_dir():
            with workplace.alone(folder) as free:
                if free:
                    for old in home.glob("*.restoring") if folder.name == "run" else ():
                        old.unlink(missing_ok=True)
                    archives.prune(folder)


def listed(folder: Path) -> list[Path]:
    """The backups of a folder, newest first."""
    found = [path for path in folder.glob(PATTERN) if "".join(path.suffixes) in _KINDS]
    return sorted(found, key=lambda path: path.name, reverse=True)


def _finish(part: Path, target: Path, wraps: Path | None, to: pyrage.x25519.Recipient | None) -> Path:
    """Give what was written its lasting name, sealed where there is a recipient."""
    part.chmod(0o600)
    if to is not None and wraps is not None:
        sealed = target.with_name(target.name + ".age")
        # The wraps first: content without them would be a backup that opens for nobody.
        for plain, goal in ((wraps, archives.wraps_beside(sealed)), (part, sealed)):
            archives.seal(plain, part.parent / goal.name, to)
            _settle(part.parent / goal.name)
            (part.parent / goal.name).rename(goal)
        target = sealed
    else:
        _settle(part)
        part.rename(target)
    _settle(target.parent)
    return target


def _door(sealing: Sealing, door: Path, made: Path, to: pyrage.x25519.Recipient, work: Path) -> None:
    if sealing.door_database is not None and (door / "salt").is_file():
        words = [_pg_dump(), "--format=custom", "--no-password", f"--file={work / doorbackups.DUMP}"]
        _dump([*words, *reached_by(sealing.door_database)], sealing.door_database, work / doorbackups.DUMP)
    packed, goal = doorbackups.pack(door, work), doorbackups.beside(made)
    if packed is not None:
        archives.seal(packed, work / goal.name, to)
        _settle(work / goal.name)
        (work / goal.name).rename(goal)


def _sqlite(source: Path, target: Path, to: pyrage.x25519.Recipient | None, work: Path) -> Path:
    part = work / "content"
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        with closing(sqlite3.connect(part)) as copy:
            sound = copy.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.Error as error:
        raise RefusalError(_why(error, source, target.parent)) from error
    if not sound:
        raise RefusalError(_damaged(source))
    if to is None:
        return _finish(part, target, None, None)
    archives.take_out(part, work / "wraps")
    return _finish(part, target, work / "wraps", to)


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


def _postgresql(database: Mapping[str, Any], target: Path, to: pyrage.x25519.Recipient | None, work: Path) -> Path:
    part, wraps = work / "content", work / "wraps"
    words = [_pg_dump(), "--format=custom", "--no-password", f"--file={part}", *reached_by(database)]
    if to is None:
        _dump(words, database, part)
        return _finish(part, target, None, None)
    with _one_moment(database) as (connection, snapshot):
        known = _write_wraps(connection, wraps)
        without = [f"--exclude-table-data=public.{table}" for table in known]
        _dump([*words, f"--snapshot={snapshot}", *without], database, part)
    return _finish(part, target, wraps, to)


def _pg_dump() -> str:
    program = shutil.which("pg_dump") or newest_debian("pg_dump")
    if program is None:
        raise RefusalError(
            "A backup of PostgreSQL needs pg_dump. On Debian: apt-get install postgresql-client. "
            "Or back it up by your own means and say --no-backup."
        )
    return program


def reached_by(database: Mapping[str, Any]) -> list[str]:
    """The options by which PostgreSQL's programs reach a database."""
    words = [f"--dbname={database['NAME']}"]
    for option, name in (("--host", "HOST"), ("--port", "PORT"), ("--username", "USER")):
        if database.get(name):
            words.append(f"{option}={database[name]}")
    return words


def environment_of(database: Mapping[str, Any]) -> dict[str, str]:
    """The environment in which they get its password."""
    password = {"PGPASSWORD": database["PASSWORD"]} if database.get("PASSWORD") else {}
    return {**os.environ, **password, "LC_ALL": "C"}


@contextmanager
def _one_moment(database: Mapping[str, Any]) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A connection that sees one moment, and the name by which ``pg_dump`` sees the same one."""
    reached = {"host": database.get("HOST"), "port": database.get("PORT"), "user": database.get("USER")}
    given = {name: value for name, value in {**reached, "password": database.get("PASSWORD")}.items() if value}
    try:
        with psycopg.connect(dbname=database["NAME"], **given) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
            yield connection, snapshot[0] if snapshot else ""
    except psycopg.Error as error:
        raise RefusalError(
            "PostgreSQL does not answer, or lets nobody in. Is it running, is the password right?"
        ) from error


def _write_wraps(connection: psycopg.Connection[Any], target: Path) -> list[str]:
    """Write every wrapped key as a line; gives the tables that there are."""
    known = []
    with target.open("w", encoding="utf-8") as file:
        target.chmod(0o600)
        for table in archives.TABLES:
            there = connection.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()
            if there is None or there[0] is None:
                continue
            known.append(table)
            with connection.cursor(name=f"of_{table}") as rows:
                rows.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
                columns = [one.name for one in rows.description or ()]
                file.writelines(archives.written(table, columns, rows))
    return known


def _dump(words: list[str], database: Mapping[str, Any], part: Path) -> None:
    environment = environment_of(database)
    done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").lower()
        why = next((line for mark, line in _PG_DUMP_SAYS if mark in said), "pg_dump could not back up the database.")
        raise RefusalError(f"{why} Or back it up by your own means and say --no-backup.")


def newest_debian(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1]) if found else None


def _settle(path: Path) -> None:
    """Make sure that it is on the disk before it is relied on."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
