"""Reads what signal-cli's REST service says came in. A stranger chose most of it: it is read within bounds."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeGuard

_MOST_TEXT: Final = 200_000
_LONGEST_NAME: Final = 300
_MOST_FILES: Final = 200


class GarbledError(ValueError):
    """The service answered something else than a list of messages: what it meant is not known."""


@dataclass(frozen=True, slots=True)
class Note:
    """One message. ``sender`` is a number or an account's id, proved by Signal; ``at`` is the sender's own stamp in
    milliseconds, which with the sender names a message. ``files`` came along and were not fetched. ``group``: it was
    written to several. ``call``: they rang, and nobody can pick up. ``edits``: it stands for an earlier one.
    """

    sender: str
    at: int
    text: str
    files: int = 0
    group: bool = False
    call: bool = False
    edits: bool = False

    @property
    def came_at(self) -> datetime | None:
        """When the sender's phone says that it was written."""
        try:
            return datetime.fromtimestamp(self.at / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            return None

    def sealed_words(self) -> bytes:
        """What is sealed of it."""
        body = {"version": 1, "signal": True, "from": self.sender, "stamp": self.at, "text": self.text}
        more = {"files_left": self.files, "group": self.group, "call": self.call, "edits": self.edits}
        return json.dumps({**body, **more}, ensure_ascii=False).encode()


def read(body: bytes) -> Iterator[Note]:
    """The messages and calls in an answer of the service; receipts, signs of typing and the like are passed over.

    Raises:
        GarbledError: when it is no list.
    """
    try:
        found = json.loads(body or b"[]")
    except (ValueError, RecursionError):
        raise GarbledError from None
    if not isinstance(found, list):
        raise GarbledError
    for one in found:
        note = _note(_part(one, "envelope"))
        if note is not None:
            yield note


def _note(envelope: Mapping[str, Any]) -> Note | None:
    sender, at = _sender(envelope), envelope.get("timestamp")
    if not sender or not _is_stamp(at):
        return None
    edited = _part(envelope, "editMessage")
    message = _part(envelope, "dataMessage") or _part(edited, "dataMessage")
    text = message.get("message")
    words = _plain(text[:_MOST_TEXT]) if isinstance(text, str) else ""
    files = sum(_count(message, name) for name in ("attachments", "contacts")) + int(bool(_part(message, "sticker")))
    call = bool(_part(_part(envelope, "callMessage"), "offerMessage"))
    if not words.strip() and not files and not call:
        return None
    group = bool(message.get("groupInfo") or message.get("groupV2"))
    return Note(sender, at, words, min(files, _MOST_FILES), group, call, bool(edited))


def _sender(envelope: Mapping[str, Any]) -> str:
    """The number where it is shown, else the account's id: an answer reaches either."""
    names = [envelope.get(key) for key in ("sourceNumber", "sourceUuid", "source")]
    return next((name for name in names if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME), "")


def _plain(text: str) -> str:
    """Words that can be written on any page: without halves of signs."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _count(message: Mapping[str, Any], name: str) -> int:
    found = message.get(name)
    return len(found) if isinstance(found, list) else 0


def _part(whole: Any, name: str) -> Mapping[str, Any]:
    part = whole.get(name) if isinstance(whole, dict) else None
    return part if isinstance(part, dict) else {}


def _is_stamp(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53
