"""Files on the door's disk: sealed piece by piece while they arrive, each with its own key, which is never stored."""

import contextlib
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tocsin.keys.sealing import CHUNK, FileSealer, new_key, pad_size
from tocsin.keys.uploads import Posted

PART: Final = ".part"
SEALED: Final = ".sealed"
_HOUR: Final = 3600
# Between making a file and locking it there is a moment.
_BEGINNING: Final = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """A sealed file: what the envelope must say so that it can be opened. ``stored`` is its size on the disk."""

    place: str
    key: bytes
    name: str
    kind: str
    size: int
    sha256: str
    stored: int


class Incoming:
    """A file that arrives. It is nothing until it is kept; a part whose writer has died is swept."""

    def __init__(self, folder: Path, name: str, kind: str) -> None:
        self._folder, self._name, self._kind = folder, name, kind
        self._place = secrets.token_hex(16)
        self._path = folder / (self._place + PART)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        # As long as the writer lives it holds this, however long the upload takes.
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._key = new_key()
        self._sealer = FileSealer(self._key)
        self._held = bytearray()
        self._hash = hashlib.sha256()
        self._stored = 0
        self.size = 0
        self._put(self._sealer.header)

    def write(self, data: bytes) -> None:
        """Seal and write what came. At most one piece stays in memory."""
        self.size += len(data)
        self._hash.update(data)
        self._seal(data)

    def finish(self) -> None:
        """It came whole: hide its size, seal its end, and wait until the disk has it."""
        missing = pad_size(self.size) - self.size
        while missing > 0:
            self._seal(bytes(min(missing, CHUNK)))
            missing -= CHUNK
        self._put(self._sealer.push(bytes(self._held), last=True))
        self._held.clear()
        # The hour of the last change is all that the disk tells.
        hour = int(time.time()) // _HOUR * _HOUR
        os.utime(self._file, (hour, hour))
        os.fsync(self._file)

    def keep(self) -> Kept:
        """Give it its lasting name. The folder must be settled after."""
        self._path.rename(path_of(self._folder, self._place))
        self._close()
        digest = self._hash.hexdigest()
        return Kept(self._place, self._key, self._name, self._kind, self.size, digest, self._stored)

    def discard(self) -> None:
        """Remove it, if it was not kept."""
        if self._file >= 0:
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()
            self._close()

    def _close(self) -> None:
        os.close(self._file)
        self._file = -1

    def _seal(self, data: bytes) -> None:
        self._held += data
        # The last piece is marked as such, so one is held back.
        while len(self._held) > CHUNK:
            self._put(self._sealer.push(bytes(self._held[:CHUNK])))
            del self._held[:CHUNK]

    def _put(self, sealed: bytes) -> None:
        view = memoryview(sealed)
        while view:
            view = view[os.write(self._file, view) :]
        self._stored += len(sealed)


def sealed_of(posted: Posted) -> list[Incoming]:
    """The files of a form that ``bodies`` read, which come through this module."""
    return [one for one in posted.files if isinstance(one, Incoming)]


def settle(folder: Path) -> None:
    """Wait until the disk knows the names in a folder."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def path_of(folder: Path, place: str) -> Path:
    """Where a kept file is."""
    return folder / (place + SEALED)


def remove(folder: Path, places: Collection[str]) -> None:
    """Remove kept files."""
    for place in places:
        path_of(folder, place).unlink(missing_ok=True)


def sweep(folder: Path, known: Collection[str], now: float) -> int:
    """Remove parts whose writer is dead, and files that no row names an hour after they came; says how many."""
    removed = 0
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if path.suffix == PART:
                removed += _sweep_part(path, now - _BEGINNING)
            elif path.suffix == SEALED and path.stem not in known and path.stat().st_ctime < now - _HOUR:
                path.unlink()
                removed += 1
    return removed


def _sweep_part(path: Path, older_than: float) -> int:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file).st_ctime >= older_than:
            return 0
        path.unlink()
    except BlockingIOError:
        return 0
    finally:
        os.close(file)
    return 1
