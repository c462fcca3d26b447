"""Puts a backup into an empty database. What was shredded, and who was taken out, is forgotten again before keys come.

The order is what matters: content, then the ledger, then those wrapped keys that the ledger leaves. A restore that is
broken off holds no key at all.
"""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tocsin.config import archives, backups
from tocsin.config.refusal import RefusalError
from tocsin.keys import ledger
from tocsin.keys.ledger import Line

# What a shredded safe, or compartment, leaves in a backup; the safe itself goes once the database has its shape of now.
_OF_SAFE = ("keys_row", "keys_logline", "keys_link", "keys_recovery", "keys_epoch")
_OF_COMPARTMENT = ("keys_row", "keys_epoch")

Execute = Callable[[str, Sequence[Any]], Any]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it: wrapped keys put back, those left out, and what was shredded or taken out since the backup."""

    wraps: int
    left_out: int
    shredded: int
    removed: int


@dataclass(frozen=True, slots=True)
class _Database:
    """One database by its own connection: how to ask it, how it writes an id."""

    execute: Execute
    place: str
    uuid: Callable[[str], object]
    tables: frozenset[str]


def into_sqlite(target: Path, content: Path, wraps: Path | None, lines: Sequence[Line]) -> Restored:
    """Restore an opened backup as the database at ``target``, which appears once all is done.

    Raises:
        RefusalError: when it can't be done; nothing stands there then.
    """
    part = target.with_suffix(".restoring")
    try:
        shutil.copyfile(content, part)
        part.chmod(0o600)
        with closing(sqlite3.connect(part)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise RefusalError("The backup is damaged. Try the one before.")
            connection.execute("PRAGMA secure_delete = ON")
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            tables = frozenset(str(name) for (name,) in names)
            database = _Database(connection.execute, "?", lambda hexed: hexed, tables)
            done = _forget_and_fill(database, wraps, lines)
            connection.commit()
            connection.execute("VACUUM")
        part.rename(target)
    except (sqlite3.Error, OSError) as error:
        raise RefusalError(
            f"{target.parent} can't be written, or the backup is damaged. Try the one before."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return done


def into_postgresql(database: Mapping[str, Any], content: Path, wraps: Path | None, lines: Sequence[Line]) -> Restored:
    """Restore an opened backup into an empty PostgreSQL database.

    Raises:
        RefusalError: when it can't be done. The database then holds no key; empty it before the next try.
    """
    program = shutil.which("pg_restore") or backups.newest_debian("pg_restore")
    if program is None:
        raise RefusalError("Restoring into PostgreSQL needs pg_restore. On Debian: apt-get install postgresql-client.")
    words = [
        program,
        "--no-owner",
        "--no-password",
        "--single-transaction",
        *backups.reached_by(database),
        str(content),
    ]
    environment = backups.environment_of(database)
    done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        raise RefusalError(
            "pg_restore could not put the backup back. Is the database empty, and pg_restore as new as the server?"
        )
    reached = {"host": database.get("HOST"), "port": database.get("PORT"), "user": database.get("USER")}
    given = {name: value for name, value in {**reached, "password": database.get("PASSWORD")}.items() if value}
    try:
        with psycopg.connect(dbname=database["NAME"], **given) as connection:
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            tables = frozenset(str(name) for (name,) in found)
            return _forget_and_fill(_Database(connection.execute, "%s", UUID, tables), wraps, lines)
    except psycopg.Error as error:
        raise RefusalError("PostgreSQL broke off. Empty the database, and restore again: no key is in it.") from error


def _forget_and_fill(database: _Database, wraps: Path | None, lines: Sequence[Line]) -> Restored:
    """In one transaction: the ledger first, then the wrapped keys that it leaves."""
    known = [*lines, *_own_lines(database)]
    versions = {UUID(str(pk)).hex: int(version) for pk, version in _rows(database, "keys_safe", "id, version")}
    whole = {one.safe for one in known if not one.person and not one.compartment}
    late = [one for one in known if versions.get(one.safe, one.version) < one.version]
    shredded = {(safe, "") for safe in whole} | {(one.safe, one.compartment) for one in late if one.compartment}
    for safe, compartment in sorted(shredded):
        _forget(database, safe, compartment)
    # Who was taken out after the backup was made; who was let in again before it is in.
    out = {(one.safe, one.person) for one in late if one.person}
    epochs = {int(pk): UUID(str(safe)).hex for pk, safe in _rows(database, "keys_epoch", "id, safe_id")}
    custodies: set[int] = set()
    recoveries = {UUID(str(pk)).hex for (pk,) in _rows(database, "keys_recovery", "id")}
    done = left = 0
    for table, row in archives.read(wraps) if wraps is not None else ():
        if not _belongs(table, row, epochs, custodies, recoveries, out):
            left += 1
            continue
        if table == "keys_custody":
            custodies.add(row["id"])
        _insert(database, table, row)
        done += 1
    return Restored(done, left, len(shredded), len(out))


def _belongs(
    table: str,
    row: Mapping[str, Any],
    epochs: Mapping[int, str],
    custodies: Iterable[int],
    recoveries: Iterable[str],
    out: set[tuple[str, int]],
) -> bool:
    if table == "keys_share":
        return row["custody_id"] in custodies
    if table == "keys_consent":
        return UUID(str(row["recovery_id"])).hex in recoveries
    safe = epochs.get(row["epoch_id"])
    return safe is not None and (table == "keys_custody" or (safe, row["person"]) not in out)


def _own_lines(database: _Database) -> list[Line]:
    """The ledger as the backup itself knows it, as far as this home marked it."""
    shredded = _rows(database, "keys_shredding", "safe, compartment, version, stamp")
    marked = [(Line(UUID(str(safe)).hex, name, version=version), stamp) for safe, name, version, stamp in shredded]
    # A row that this home did not mark destroys nothing: anybody who made the backup's database could write one.
    # Who was taken out before the backup was made has no wrap in it, so its rows of removals have nothing to add.
    return [line for line, stamp in marked if ledger.is_ours(line, stamp)]


def _rows(database: _Database, table: str, columns: str) -> list[Any]:
    if table not in database.tables:
        return []
    return list(database.execute(f"SELECT {columns} FROM {table}", []).fetchall())  # noqa: S608  # constants


def _forget(database: _Database, safe: str, compartment: str) -> None:
    place, ident = database.place, database.uuid(safe)
    if compartment:
        for table in _OF_COMPARTMENT:
            if table in database.tables:
                words = f"DELETE FROM {table} WHERE safe_id = {place} AND compartment = {place}"  # noqa: S608
                database.execute(words, [ident, compartment])
        return
    for table in _OF_SAFE:
        if table in database.tables:
            database.execute(f"DELETE FROM {table} WHERE safe_id = {place}", [ident])  # noqa: S608
    if "keys_safe" in database.tables:
        database.execute(f"UPDATE keys_safe SET head = {place} WHERE id = {place}", [b"", ident])  # noqa: S608


def _insert(database: _Database, table: str, row: Mapping[str, Any]) -> None:
    values = [database.uuid(one.hex) if isinstance(one, UUID) else one for one in row.values()]
    places = ", ".join([database.place] * len(values))
    # Tables and columns are those of the models: nothing else passes ``archives.read``.
    names = ", ".join(f'"{name}"' for name in row)
    database.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)  # noqa: S608
