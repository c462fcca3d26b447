"""Reads a letter that anybody may have sent, within narrow bounds, down to the one line that can count as an answer."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser

MOST_BYTES = 256_000
_MOST_HEADER_BYTES = 64_000
_MOST_HEADERS = 300
_LONGEST_SENDER = 1_000
_DEEPEST = 4
_MOST_PARTS = 10
_BODY_READ = 16_000
_LINE_KEPT = 100

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"\r\n]{1,70})"|([^\s";]{1,70}))', re.IGNORECASE)
# One address, alone or after a name. The library's own reader of addresses follows nested comments without end.
_ADDRESS = r"([^<>@\s\",:;()]+@[^<>@\s\",:;()]+)"
_FROM = re.compile(rf'(?:(?:"(?:[^"\\]|\\.)*"|[^<>",]*)\s*<{_ADDRESS}>|{_ADDRESS})\s*(?:\([^()]*\))?')
# What phones and mail programs put around words without anybody seeing it.
_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_AUTOMATIC = ("x-auto", "x-vacation", "auto-submitted", "x-loop", "list-id", "list-unsubscribe", "x-failed-recipients")
_BULK = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
# The older policy leaves the values of headers as they are; the newer one walks them, which costs what a sender wants.
_HEADERS = BytesHeaderParser(policy=policy.compat32)


class UnreadableError(Exception):
    """The letter is beyond the bounds, or who sent it can't be told; it counts as nothing."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is left of a letter.

    ``sender`` is in lower case. ``first_line`` is the first line with words of the first plain part, without its final
    dot; empty where there is none. ``number`` stands for its Message-ID: 64 hexadecimal digits, empty without one.
    """

    sender: str
    first_line: str
    number: str
    automatic: bool


def read(content: bytes, return_path: str | None) -> Letter:
    """Read a letter of at most ``MOST_BYTES``; ``return_path`` is the sender of its envelope.

    Work and depth are bounded by construction, whatever the letter says of its parts. No charset is believed: the words
    that count are plain ASCII, which reads the same in every charset of mail.

    Raises:
        UnreadableError: for a letter beyond the bounds, with a NUL, or without exactly one sender.
    """
    head, body = _split(content)
    if len(content) > MOST_BYTES or b"\x00" in content or len(head) > _MOST_HEADER_BYTES:
        raise UnreadableError
    letter = _HEADERS.parsebytes(head + b"\r\n\r\n")
    if len(letter.keys()) > _MOST_HEADERS:
        raise UnreadableError
    number = _one(letter.get_all("Message-ID", []))
    return Letter(
        sender=_sender(letter),
        first_line=_first_line(_plain(letter, body) or b""),
        number=hashlib.sha256(number.encode("utf-8", "replace")).hexdigest() if number else "",
        automatic=not return_path or _is_automatic(letter),
    )


def _split(content: bytes) -> tuple[bytes, bytes]:
    """Headers and body. A part that begins with an empty line has no headers."""
    if content.startswith((b"\r\n", b"\n")):
        return b"", content
    found = _END_OF_HEADERS.search(content)
    return (content[: found.start()], content[found.end() :]) if found else (content, b"")


def _sender(letter: Message) -> str:
    senders = letter.get_all("From", [])
    if len(senders) != 1 or len(str(senders[0])) > _LONGEST_SENDER:
        raise UnreadableError
    found = _FROM.fullmatch(" ".join(str(senders[0]).split()))
    if found is None:
        raise UnreadableError
    return (found[1] or found[2]).lower()


def _one(values: Iterable[object]) -> str:
    """The only value, without spaces; empty if there is none or more than one."""
    texts = ["".join(str(value).split()) for value in values]
    return texts[0] if len(texts) == 1 else ""


def _is_automatic(letter: Message) -> bool:
    for name, value in letter.items():
        low, word = name.lower(), str(value).strip().lower()
        if low == "precedence" and word in _BULK:
            return True
        if low.startswith(_AUTOMATIC) and not (low == "auto-submitted" and word == "no"):
            return True
        if low == "return-path" and word == "<>":
            return True
    return letter.get_content_type() == "multipart/report"


def _plain(headers: Message, body: bytes, depth: int = 0) -> bytes | None:
    """The beginning of the first plain part, decoded; None where there is none within the bounds."""
    kind = headers.get_content_type()
    if kind == "text/plain":
        return None if headers.get_content_disposition() == "attachment" else _decoded(headers, body)
    if not kind.startswith("multipart/") or depth == _DEEPEST:
        return None
    for part in _parts(headers, body):
        head, inside = _split(part)
        if len(head) > _MOST_HEADER_BYTES:
            return None
        found = _plain(_HEADERS.parsebytes(head + b"\r\n\r\n"), inside, depth + 1)
        if found is not None:
            return found
    return None


def _parts(headers: Message, body: bytes) -> Iterator[bytes]:
    mark = _BOUNDARY.search(str(headers.get("Content-Type", "")))
    if mark is None:
        return
    line = b"\n--" + (mark[1] or mark[2]).encode("utf-8", "replace")
    for piece in (b"\n" + body).split(line, _MOST_PARTS)[1:]:
        if piece.startswith(b"--"):
            return
        yield piece.partition(b"\n")[2]


def _decoded(headers: Message, body: bytes) -> bytes:
    part = Message(policy=policy.compat32)
    part["Content-Transfer-Encoding"] = str(headers.get("Content-Transfer-Encoding", "8bit"))[:40]
    part.set_payload(body[:_BODY_READ].decode("ascii", "surrogateescape"))
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _first_line(body: bytes) -> str:
    for line in body.decode("utf-8", "replace").splitlines():
        words = line.strip().strip(_UNSEEN).strip()
        if words:
            return words.removesuffix(".").strip() if len(words) <= _LINE_KEPT else ""
    return ""
