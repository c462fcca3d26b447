"""Reads forms as they arrive: words into memory, files piece by piece into what seals them; nothing is kept in clear.

Every door that takes what must be sealed reads with this, before any framework sees the body.
"""

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, Protocol
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from tocsin.keys.sealing import CHUNK, FileSealer, new_key, pad_size

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# Of all words of one form together; much more than may be sent, so that a text that is too long can be given back.
FIELD_BYTES: Final = 256 * 1024
FIELDS_AT_MOST: Final = 400
PART: Final = ".part"
# Of everything around words and files: names, headers, line ends. A form of ours needs a few kilobytes.
_AROUND_BYTES: Final = 1024 * 1024
_NAME_BYTES: Final = 512
_HEADERS_AT_MOST: Final = 8
_HEADER_BYTES: Final = 4096
_HOUR: Final = 3600


class Fault(Enum):
    """Why a form was not taken."""

    FILE = "a file is too large"
    TOTAL = "the files are too large together, or too many"
    ROOM = "there is no room on the disk"
    LONG = "the words are too long"
    BROKEN = "it did not come whole, or makes no sense"
    BUSY = "too many are sending"
    FOREIGN = "another site sent it"


class Incoming(Protocol):
    """Where a file goes while it arrives."""

    @property
    def size(self) -> int:
        """Bytes that came so far."""

    def write(self, data: bytes) -> None:
        """Take a piece."""

    def finish(self) -> None:
        """It came whole."""

    def discard(self) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """In bytes."""

    file: int
    total: int
    files: int


@dataclass(slots=True)
class Posted:
    """A form that was read: its words, and its files, sealed already and not yet kept."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[Incoming] = field(default_factory=list)
    fault: Fault | None = None

    def one(self, name: str) -> str:
        """The last value of a field; empty if it has none."""
        return self.fields.get(name, [""])[-1]

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return self.fields.get(name, [])

    def discard(self) -> None:
        """Forget the files that were not kept."""
        for one in self.files:
            one.discard()
        self.files.clear()


class Form(Protocol):
    """Takes a body piece by piece."""

    posted: Posted

    def feed(self, data: bytes) -> None:
        """Take a piece."""

    def end(self) -> Posted:
        """All has come."""


Store = Callable[[str, str], "Incoming"]


class Plain:
    """The ordinary encoding of forms, which has no files."""

    def __init__(self) -> None:
        self.posted = Posted()
        self._body = bytearray()

    def feed(self, data: bytes) -> None:
        """Take a piece."""
        if self.posted.fault is not None:
            return
        # Percent signs make three bytes of one.
        if len(self._body) + len(data) > 3 * FIELD_BYTES:
            self.posted.fault = Fault.LONG
        else:
            self._body += data

    def end(self) -> Posted:
        """All has come."""
        try:
            pairs = parse_qsl(
                self._body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_AT_MOST, errors="replace"
            )
        except ValueError:
            self.posted.fault = self.posted.fault or Fault.BROKEN
            pairs = []
        for name, value in pairs:
            self.posted.fields.setdefault(name, []).append(value)
        self._body.clear()
        return self.posted


class _Over(Exception):  # noqa: N818  # never leaves this module
    """A fault was found: nothing behind it is parsed."""


class Parts:
    """The encoding with files. The first fault ends the parsing; words that stood before it can still be given back.

    Args:
        boundary: what stands between parts.
        limits: what may come.
        store: makes what takes a file of this name and kind.
        may_bring: whether files may follow these words. Strangers can't fill the disk without a form of ours.
        room: whether there is room for a file.
    """

    def __init__(
        self,
        boundary: bytes,
        limits: Limits,
        store: Store,
        may_bring: Callable[[Posted], bool],
        room: Callable[[], bool],
    ) -> None:
        self.posted = Posted()
        self._limits, self._store, self._may_bring, self._room = limits, store, may_bring, room
        self._headers: dict[str, bytes] = {}
        self._header, self._value = bytearray(), bytearray()
        self._name, self._words = "", bytearray()
        self._file: Incoming | None = None
        self._is_file = self._ended = False
        self._taken = self._count = self._total = self._fed = 0
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._on_part_begin,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_part,
            "on_part_data": self._on_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }
        self._parser = MultipartParser(
            boundary, callbacks, max_header_count=_HEADERS_AT_MOST, max_header_size=_HEADER_BYTES
        )

    def feed(self, data: bytes) -> None:
        """Take a piece."""
        if self.posted.fault is not None:
            return
        self._fed += len(data)
        with contextlib.suppress(_Over):
            try:
                self._parser.write(data)
            except FormParserError:
                self._fail(Fault.BROKEN)
            if self._fed - self._taken - self._total > _AROUND_BYTES:
                self._fail(Fault.BROKEN)

    def end(self) -> Posted:
        """All has come."""
        with contextlib.suppress(_Over):
            if self.posted.fault is not None or not self._ended:
                self._fail(Fault.BROKEN)
        return self.posted

    def _on_part_begin(self) -> None:
        self._headers.clear()
        self._count += 1
        if self._count > FIELDS_AT_MOST:
            self._fail(Fault.BROKEN)

    def _on_header(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _on_part(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        self._name = _text(options.get(b"name", b""))
        self._is_file = b"filename" in options
        self._words.clear()
        if self._is_file and options[b"filename"]:
            self._begin_file(_text(options[b"filename"]))

    def _begin_file(self, name: str) -> None:
        kind, _ = parse_options_header(self._headers.get("content-type", b""))
        if not self._may_bring(self.posted):
            self._fail(Fault.BROKEN)
        elif len(self.posted.files) >= self._limits.files:
            self._fail(Fault.TOTAL)
        elif not self._room():
            self._fail(Fault.ROOM)
        else:
            self._file = self._store(name, _text(kind))
            self.posted.files.append(self._file)

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if not self._is_file:
            self._taken += end - start
            if self._taken > FIELD_BYTES:
                self._keep_words()
                self._fail(Fault.LONG)
            else:
                self._words += data[start:end]
        elif self._file is not None:
            self._total += end - start
            if self._file.size + end - start > self._limits.file:
                self._fail(Fault.FILE)
            elif self._total > self._limits.total:
                self._fail(Fault.TOTAL)
            else:
                self._write(self._file, data[start:end])
        elif end > start:
            # What has no name has no content either in a form of ours.
            self._fail(Fault.BROKEN)

    def _write(self, file: Incoming, data: bytes) -> None:
        try:
            file.write(data)
        except OSError:
            self._fail(Fault.ROOM)

    def _on_part_end(self) -> None:
        if not self._is_file:
            self._keep_words()
        elif self._file is not None:
            try:
                self._file.finish()
            except OSError:
                self._fail(Fault.ROOM)
        self._file = None

    def _keep_words(self) -> None:
        self.posted.fields.setdefault(self._name, []).append(_words(self._words))
        self._words.clear()

    def _on_end(self) -> None:
        self._ended = True

    def _fail(self, fault: Fault) -> NoReturn:
        self.posted.fault = self.posted.fault or fault
        self._file = None
        self.posted.discard()
        raise _Over


def form_of(content_type: bytes, parts: Callable[[bytes], Form]) -> Form | None:
    """What reads a body of this type; None for a type that no form of ours sends."""
    kind, options = parse_options_header(content_type)
    if kind == b"application/x-www-form-urlencoded":
        return Plain()
    if kind == b"multipart/form-data" and options.get(b"boundary"):
        try:
            return parts(options[b"boundary"])
        except FormParserError:
            return None
    return None


def _text(raw: bytes) -> str:
    # Headers come as latin-1 bytes of what browsers write in UTF-8.
    return raw[:_NAME_BYTES].decode("utf-8", "replace")


def _words(raw: bytearray) -> str:
    return raw.decode("utf-8", "replace")


def header(headers: Mapping[bytes, bytes], name: bytes) -> bytes:
    """One header; empty if it is missing."""
    return headers.get(name, b"")


class Writer:
    """Seals what comes into a file that is nothing until it is kept. A part whose writer has died is swept."""

    def __init__(self, part: Path) -> None:
        self.path = part
        self._file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        # As long as the writer lives it holds this, however long the upload takes.
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.key = new_key()
        self._sealer = FileSealer(self.key)
        self._held = b""
        self._hash = hashlib.sha256()
        self.size = self.stored = 0
        self._put(self._sealer.header)

    @property
    def sha256(self) -> str:
        """Of what came so far."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Seal and write what came. At most one piece more stays in memory."""
        self.size += len(data)
        self._hash.update(data)
        self._seal(data)

    def finish(self) -> None:
        """It came whole: hide its size, seal its end, and wait until the disk has it."""
        missing = pad_size(self.size) - self.size
        while missing > 0:
            self._seal(bytes(min(missing, CHUNK)))
            missing -= CHUNK
        self._put(self._sealer.push(self._held, last=True))
        self._held = b""
        # The hour of the last change is all that the disk tells.
        hour = int(time.time()) // _HOUR * _HOUR
        os.utime(self._file, (hour, hour))
        os.fsync(self._file)

    def name(self, goal: Path) -> None:
        """Give it its lasting name. The folder must be settled after."""
        self.path.rename(goal)
        self._close()

    def discard(self) -> None:
        """Remove it, if it was not kept."""
        if self._file >= 0:
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
            self._close()

    def _close(self) -> None:
        os.close(self._file)
        self._file = -1

    def _seal(self, data: bytes) -> None:
        whole = self._held + data
        # The last piece is marked as such, so one is held back.
        cut = max(0, len(whole) - 1) // CHUNK * CHUNK
        for start in range(0, cut, CHUNK):
            self._put(self._sealer.push(whole[start : start + CHUNK]))
        self._held = whole[cut:]

    def _put(self, sealed: bytes) -> None:
        view = memoryview(sealed)
        while view:
            view = view[os.write(self._file, view) :]
        self.stored += len(sealed)


def sweep_part(path: Path, older_than: float) -> int:
    """Remove one part if its writer is dead; says whether it did, as 1 or 0."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between making a file and locking it there is a moment.
        if os.fstat(file).st_ctime >= older_than:
            return 0
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return 0
    finally:
        os.close(file)
    return 1


def settle(folder: Path) -> None:
    """Wait until the disk knows the names in a folder."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
