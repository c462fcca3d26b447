"""Sealed files: written piece by piece in flat memory, never in clear, each under a key of its own.

On the disk a file is the header of a secretstream, then its sealed pieces. Behind the last byte zeros follow, sealed
like all else, up to the size that Padmé gives. How long it truly is, its hash and its key stand in a sealed record;
nothing on the disk says whose it is. No framework is needed here, so that every door may use it.
"""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.keys.sealing import HEADER, KEY, SEALED_CHUNK, SealError, opened
from tocsin.keys.uploads import PART, Writer, settle, sweep_part

# Stands beside a file until the record that names it is stored.
NEW = ".new"


class GoneError(SealError):
    """The file that a record names is not on this disk."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What a sealed record must say of a file, so that it can be opened: its random id, its key, its true size in
    bytes, and the SHA-256 of its content in hexadecimal digits."""

    id: str
    key: bytes
    size: int
    sha256: str

    def pack(self) -> dict[str, Any]:
        """For the body of a sealed record; nowhere else. By these very words its safe knows that it names a file."""
        return {"id": self.id, "key": self.key.hex(), "size": self.size, "sha256": self.sha256}

    @classmethod
    def unpack(cls, words: Mapping[str, Any]) -> "StoredFile":
        """From the body of a sealed record."""
        return cls(str(words["id"]), bytes.fromhex(words["key"]), int(words["size"]), str(words["sha256"]))


class Incoming:
    """A file on its way into a vault's folder. ``keep`` gives what a record must say of it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._id = folder, secrets.token_hex(16)
        self._goal = _path(folder, self._id)
        self._goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._writer = Writer(self._goal.with_suffix(PART))

    @property
    def size(self) -> int:
        """Bytes that came so far."""
        return self._writer.size

    def write(self, data: bytes) -> None:
        """Seal and write what came."""
        self._writer.write(data)

    def finish(self) -> None:
        """It came whole."""
        self._writer.finish()

    def discard(self) -> None:
        """Forget it, if it was not kept."""
        self._writer.discard()

    def keep(self) -> StoredFile:
        """Keep it. Who then can't store the record that names it calls ``drop``: without it nobody opens the file."""
        _announce(self._goal)
        self._writer.name(self._goal)
        settle(self._goal.parent)
        settle(self._folder)
        return StoredFile(self._id, self._writer.key, self._writer.size, self._writer.sha256)


def store(folder: Path, chunks: Iterable[bytes]) -> StoredFile:
    """Seal a file into a folder. Whatever goes wrong, nothing of it stays.

    Raises:
        OSError: when the disk does not take it.
    """
    one = Incoming(folder)
    try:
        for chunk in chunks:
            one.write(chunk)
        one.finish()
        return one.keep()
    finally:
        one.discard()


def read(folder: Path, file: StoredFile) -> Iterator[bytes]:
    """The content of a file, in order, in pieces of at most 64 kB.

    What was given before an error is true as far as it goes; whoever needs the file whole waits for the end.

    Raises:
        GoneError: when it is not there.
        SealError: when it was changed, cut or made longer, or is another.
    """
    left, digest = file.size, hashlib.sha256()
    try:
        handle = _path(folder, file.id).open("rb")
    except (FileNotFoundError, ValueError):
        raise GoneError from None
    with handle:
        header = handle.read(HEADER)
        pieces = iter(lambda: handle.read(SEALED_CHUNK), b"")
        for plain in opened(file.key, header, pieces):
            content, behind = plain[:left], plain[left:]
            if any(behind):
                raise SealError
            left -= len(content)
            digest.update(content)
            if content:
                yield content
    if left or digest.hexdigest() != file.sha256:
        raise SealError


def is_there(folder: Path, file: StoredFile) -> bool:
    """Whether a file is on this disk. Whether it opens only ``read`` tells."""
    return _path(folder, file.id).is_file()


def drop(folder: Path, ident: str) -> None:
    """Remove a file. Call it when the record that names it is gone for good, not before: ``transaction.on_commit``."""
    _path(folder, ident).unlink(missing_ok=True)
    settled(folder, ident)


def is_name(ident: str) -> bool:
    """Whether a file can be called so."""
    return len(ident) == 32 and set(ident) <= set("0123456789abcdef")


def _announce(goal: Path) -> None:
    """Say beside a file that no record names it yet: who dies now leaves a stray, and not one that nobody knows of."""
    goal.with_suffix(NEW).touch(mode=0o600)
    settle(goal.parent)


def settled(folder: Path, ident: str) -> None:
    """A record names it now."""
    if is_name(ident):
        _path(folder, ident).with_suffix(NEW).unlink(missing_ok=True)


def unsettled(folder: Path, older_than: float) -> list[str]:
    """The files that got their name before a Unix time and, as far as the disk knows, no record since."""
    found = (path for path in folder.glob(f"*/*{NEW}") if is_name(path.stem))
    return sorted(path.stem for path in found if path.stat().st_mtime < older_than)


def sweep(folder: Path, older_than: float) -> int:
    """Remove parts whose writer is dead and that nobody touched since a Unix time; says how many.

    Whole files are left alone: see ``filing``.
    """
    return sum(sweep_part(path, older_than) for path in folder.glob(f"*/*{PART}"))


def take_in(folder: Path, sealed: Path, key: bytes, size: int, sha256: str) -> StoredFile:
    """Bring a file that another door sealed in the same way into a folder, as it is; the original stays.

    Raises:
        GoneError: when it is not there.
        SealError: for a key that can't be one.
    """
    if len(key) != KEY:
        raise SealError
    file = StoredFile(secrets.token_hex(16), key, size, sha256)
    goal = _path(folder, file.id)
    goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = goal.with_suffix(PART)
    try:
        source = sealed.open("rb")
    except FileNotFoundError:
        raise GoneError from None
    with source, part.open("xb") as copy:
        fcntl.flock(copy, fcntl.LOCK_EX)
        for piece in iter(lambda: source.read(SEALED_CHUNK), b""):
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
        _announce(goal)
        part.rename(goal)
    settle(goal.parent)
    settle(folder)
    return file


def _path(folder: Path, ident: str) -> Path:
    if not is_name(ident):
        raise ValueError("no id of a file")
    return folder / ident[:2] / ident
