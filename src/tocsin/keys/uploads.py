"""Reads forms as they arrive: words into memory, files piece by piece into what seals them; nothing is kept in clear.

Every door that takes what must be sealed reads with this, before any framework sees the body.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# Of all words of one form together; much more than may be sent, so that a text that is too long can be given back.
FIELD_BYTES: Final = 256 * 1024
FIELDS_AT_MOST: Final = 400
_NAME_BYTES: Final = 512


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


class Parts:
    """The encoding with files. After a fault files are read past, so that the words can still be given back.

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
        self._taken = self._count = self._total = 0
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._headers.clear,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_part,
            "on_part_data": self._on_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def feed(self, data: bytes) -> None:
        """Take a piece."""
        if self.posted.fault is Fault.BROKEN:
            return
        try:
            self._parser.write(data)
        except FormParserError:
            self._fail(Fault.BROKEN)

    def end(self) -> Posted:
        """All has come."""
        if not self._ended:
            self._fail(Fault.BROKEN)
        return self.posted

    def _on_header(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _on_part(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        self._name = _text(options.get(b"name", b""))
        self._is_file = b"filename" in options
        self._words.clear()
        self._count += 1
        if self._count > FIELDS_AT_MOST:
            self._fail(Fault.BROKEN)
        if self._is_file and options[b"filename"] and self.posted.fault is None:
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

    def _write(self, file: Incoming, data: bytes) -> None:
        try:
            file.write(data)
        except OSError:
            self._fail(Fault.ROOM)

    def _on_part_end(self) -> None:
        if not self._is_file:
            self.posted.fields.setdefault(self._name, []).append(_words(self._words))
            self._words.clear()
        elif self._file is not None:
            try:
                self._file.finish()
            except OSError:
                self._fail(Fault.ROOM)
        self._file = None

    def _on_end(self) -> None:
        self._ended = True

    def _fail(self, fault: Fault) -> None:
        self.posted.fault = self.posted.fault or fault
        self._file = None
        self.posted.discard()


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
