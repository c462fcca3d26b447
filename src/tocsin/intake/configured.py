"""What an operator sets for the door, and the two secrets that it makes for itself."""

import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from tocsin.keys.sealing import Cost, derive, digest

MEGABYTE: Final = 1024 * 1024
READ_WITHIN_MINUTES: Final = 15
ANSWER_WITHIN_HOURS: Final = 2
WITHDRAW_AFTER_DAYS: Final = 14
# Of somebody's words, in UTF-8. They travel on each later page, which must stay small.
LONGEST_TEXT: Final = 10_000
FILES_AT_MOST: Final = 20
_SALT: Final = 16


@dataclass(frozen=True, slots=True)
class Door:
    """One door: where it keeps things, which database alias it is here, and its limits in bytes."""

    folder: Path
    database: str
    leave: str
    file_bytes: int
    total_bytes: int
    spare_bytes: int
    cost: Cost
    exercise: bool = False

    @property
    def files(self) -> Path:
        """The folder of sealed files."""
        return self.folder / "files"


def door() -> Door:
    """The door that this process serves, or hands over from."""
    chosen = settings.CONFIGURATION
    return Door(
        folder=settings.HOME / "intake",
        database=settings.DOOR_DATABASE,
        leave=chosen.intake_leave,
        file_bytes=chosen.intake_file_mb * MEGABYTE,
        total_bytes=chosen.intake_total_mb * MEGABYTE,
        spare_bytes=chosen.minimum_free_mb * MEGABYTE // 2,
        cost=Cost(*settings.RECEIPT_COST),
        exercise=chosen.exercise,
    )


def signer() -> str:
    """Whose signature the list of desks needs: a public key in hexadecimal digits; empty where none was named."""
    return str(settings.CONFIGURATION.intake_signer).strip().lower()


def prepare(folder: Path) -> None:
    """Make the folders and the secrets that are missing; never changes what is there."""
    for one in (folder, folder / "files"):
        one.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_once(folder / "secret_key", secrets.token_urlsafe(64).encode())
    _write_once(folder / "salt", secrets.token_bytes(_SALT))


def _write_once(path: Path, content: bytes) -> None:
    # Whole or not at all: a secret that is cut off by a crash would be used for ever.
    if path.exists():
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def secret_key(folder: Path) -> str:
    """The door's own secret key; empty while it has none."""
    path = folder / "secret_key"
    return path.read_text(encoding="ascii").strip() if path.is_file() else ""


@cache
def salt(folder: Path) -> bytes:
    """What every receipt of this door is mixed with: 16 bytes. Without it no receipt opens again."""
    return (folder / "salt").read_bytes()


@cache
def key_for(folder: Path, purpose: str) -> bytes:
    """A key of this door for one purpose: 32 bytes."""
    return derive(digest(secret_key(folder)), purpose)
