"""Sealed backups: content and wrapped keys apart, each sealed to a key that is not on this machine (the age format).

A backup's content opens nothing without the wraps of the same moment; those are kept for fourteen days only.
"""

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pyrage  # type: ignore[import-untyped]
from django.apps import apps

from tocsin.config.refusal import RefusalError

# Everything that holds a key, wrapped; in the order in which rows refer to each other.
TABLES: Final = ("keys_wrap", "keys_custody", "keys_share", "keys_consent")
_NEEDED: Final = {
    "keys_wrap": {"epoch_id", "person"},
    "keys_custody": {"id", "epoch_id"},
    "keys_share": {"custody_id"},
    "keys_consent": {"recovery_id"},
}
WRAPS: Final = "tocsin-wraps-*.jsonl.age"
_UNFINISHED: Final = {".wraps", ".part", ".tmp", ".wraps-journal", ".part-journal"}
LEDGER: Final = "tocsin-ledger.jsonl"
WRAPS_KEPT: Final = timedelta(days=14)


def recipient(text: str) -> pyrage.x25519.Recipient:
    """The public key that backups are sealed to.

    Raises:
        RefusalError: when it is none.
    """
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise RefusalError(
            "backup_recipient in tocsin.toml is no age key. It begins with age1; “age-keygen” on a machine that is "
            "not this one makes a pair: keep the other half there."
        ) from error


def identities(path: Path) -> list[pyrage.x25519.Identity]:
    """The secret keys of a file as age-keygen writes it.

    Raises:
        RefusalError: when it can't be read or holds none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [pyrage.x25519.Identity.from_str(one.strip()) for one in lines if one.startswith("AGE-SECRET-KEY-")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise RefusalError(f"{path} can't be read as an age identity. Give the file that age-keygen wrote.") from error
    if not found:
        raise RefusalError(f"{path} holds no age identity. It has a line that begins with AGE-SECRET-KEY-1.")
    return found


def seal(plain: Path, sealed: Path, to: pyrage.x25519.Recipient) -> None:
    """Seal one file into another.

    Raises:
        RefusalError: when it can't be written.
    """
    try:
        pyrage.encrypt_file(str(plain), str(sealed), [to])
        sealed.chmod(0o600)
    except (pyrage.EncryptError, OSError) as error:
        raise RefusalError(f"{sealed.parent} can't be written, or is full. Name another folder with --to.") from error


def unseal(sealed: Path, plain: Path, by: list[pyrage.x25519.Identity]) -> None:
    """Open a sealed file into another.

    Raises:
        RefusalError: when it does not open.
    """
    try:
        pyrage.decrypt_file(str(sealed), str(plain), by)
        plain.chmod(0o600)
    except (pyrage.DecryptError, OSError) as error:
        raise RefusalError(
            f"{sealed} does not open with this identity, or was damaged. Give the identity of the key that it was "
            "sealed to, or an older backup."
        ) from error


def prune(folder: Path, now: datetime | None = None) -> int:
    """Delete wraps that are older than fourteen days, and what a killed backup left in clear; how many.

    Only for who is alone in the folder.
    """
    before = (now or datetime.now(UTC)) - WRAPS_KEPT
    old = [path for path in folder.glob(WRAPS) if (stamp := stamp_of(path)) is None or stamp < before]
    old += [path for path in folder.glob("tocsin-*") if path.suffix in _UNFINISHED]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def stamp_of(path: Path) -> datetime | None:
    """When a backup was made, by its name."""
    try:
        return datetime.strptime(path.name.split(".")[0].split("-")[-1], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def wraps_beside(content: Path) -> Path:
    """The wraps of the same moment as a backup's content."""
    return content.parent / WRAPS.replace("*", content.name.split(".")[0].split("-")[-1])


def take_out(copy: Path, target: Path) -> None:
    """Move every wrapped key out of a copy of an SQLite database into a file of lines.

    Raises:
        RefusalError: when the disk does not do it.
    """
    try:
        with closing(sqlite3.connect(copy)) as database:
            known = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            with target.open("w", encoding="utf-8") as file:
                for table in TABLES:
                    if table in known:
                        rows = database.execute(f"SELECT * FROM {table}")  # noqa: S608  # a constant
                        file.writelines(written(table, [one[0] for one in rows.description], rows))
            for table in reversed(TABLES):
                if table in known:
                    database.execute(f"DELETE FROM {table}")  # noqa: S608  # a constant
            database.commit()
            database.execute("VACUUM")
    except (sqlite3.Error, OSError) as error:
        raise RefusalError(f"{copy.parent} can't be written, or is full. Name another folder with --to.") from error


def written(table: str, columns: list[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Rows as lines."""
    for row in rows:
        yield json.dumps({"table": table, "row": dict(zip(columns, map(_out, row), strict=True))}) + "\n"


def read(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a file of lines, each with its table.

    Raises:
        RefusalError: for a line that is none, or that names a table or a column that holds no key: whoever knows the
            public key can seal such a file, and the names of columns become SQL.
    """
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                words = json.loads(line)
                table, row = words["table"], words["row"]
                if table not in TABLES or not _NEEDED[table] <= row.keys() <= columns(table):
                    raise ValueError
                yield table, {name: _in(value) for name, value in row.items()}
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise RefusalError(f"{path.name} was damaged: it holds something else than wrapped keys.") from error


@cache
def columns(table: str) -> frozenset[str]:
    """The columns of a table that holds keys, as this version knows it."""
    model = next(one for one in apps.get_app_config("keys").get_models() if one._meta.db_table == table)
    return frozenset(str(one.column) for one in model._meta.concrete_fields)


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _out(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"b64": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, UUID):
        return {"uuid": value.hex}
    return value.isoformat() if isinstance(value, datetime) else value


def _in(value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["b64"]) if "b64" in value else UUID(value["uuid"])
    return value
