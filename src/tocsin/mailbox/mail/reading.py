"""Reads mail that anybody may have sent, within bounds that hold whatever it says of itself."""

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Final

import nh3

MOST_BYTES: Final = 12_000_000
_MOST_HEADER_BYTES: Final = 64_000
_DEEPEST: Final = 8
_MOST_PARTS: Final = 60
_MOST_TEXT: Final = 200_000
_LONGEST_LINE: Final = 500

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"\r\n]{1,70})"|([^\s";]{1,70}))', re.IGNORECASE)
_CHARSET = re.compile(r'charset\s*=\s*"?([A-Za-z0-9._:-]{1,40})', re.IGNORECASE)
_NAME = re.compile(r'(?:file)?name\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s";]{1,200}))', re.IGNORECASE)
# One address, alone or after a name. The library's own reader of addresses follows nested comments without end.
_ADDRESS = r"([^<>@\s\",:;()\x00-\x1f\x7f]+@[^<>@\s\",:;()\x00-\x1f\x7f]+)"
_FROM = re.compile(rf'(?:(?:"(?:[^"\\]|\\.)*"|[^<>",]*)\s*<{_ADDRESS}>|{_ADDRESS})\s*(?:\([^()]*\))?')
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_AUTOMATIC = ("x-auto", "x-vacation", "auto-submitted", "x-loop", "list-id", "list-unsubscribe", "x-failed-recipients")
_BULK = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
# The older policy leaves the values of headers as they are; the newer one walks them, which costs what a sender wants.
_HEADERS = BytesHeaderParser(policy=policy.compat32)


@dataclass(frozen=True, slots=True)
class Part:
    """One part that is no container. ``data`` is decoded; ``name`` is empty for what is meant to be read in place."""

    kind: str
    name: str
    data: bytes
    charset: str = ""

    @property
    def text(self) -> str:
        """Its words, whatever its charset says; control characters are gone."""
        words = _decode(self.data[: _MOST_TEXT * 4], self.charset)[:_MOST_TEXT]
        if self.kind == "text/html":
            words = html.unescape(nh3.clean(words, tags=set(), clean_content_tags={"script", "style"}))
        return _CONTROL.sub("", words.replace("\r\n", "\n").replace("\r", "\n")).strip()


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter by mail. ``sender`` is a bare address, empty when there is not exactly one; nothing proves it."""

    sender: str
    subject: str
    number: str
    automatic: bool
    text: str
    attached: tuple[Part, ...]
    encrypted: bytes
    sender_key: bytes


def read(content: bytes) -> Mail:
    """Read a letter. It never raises: what can't be understood is shown as it came."""
    head, body = _split(content)
    headers = _parsed(head)
    parts = list(_walk(headers, body, [_MOST_PARTS]))
    texts = [one for one in parts if not one.name and one.kind == "text/plain" and one.data.strip()]
    texts = texts or [one for one in parts if not one.name and one.kind == "text/html"]
    text = "\n\n".join(one.text for one in texts)[:_MOST_TEXT]
    attached = tuple(one for one in parts if one.name)
    return Mail(
        sender=_sender(headers),
        subject=header(headers, "Subject"),
        number=header(headers, "Message-ID"),
        automatic=_is_automatic(headers),
        text=text if parts else Part("text/plain", "", body).text,
        attached=attached,
        encrypted=_encrypted(headers, parts, text),
        sender_key=_key(parts, text),
    )


def header(headers: Message, name: str) -> str:
    """The first header of this name in one line of plain words; empty if there is none."""
    raw = str(headers.get(name, ""))[: _LONGEST_LINE * 4]
    try:
        pieces = [one if isinstance(one, str) else _decode(one, charset or "") for one, charset in decode_header(raw)]
        words = "".join(pieces)
    except (ValueError, LookupError):
        words = raw
    return " ".join(_CONTROL.sub(" ", words).split())[:_LONGEST_LINE]


def _split(content: bytes) -> tuple[bytes, bytes]:
    """Headers and body. A part that begins with an empty line has no headers."""
    if content.startswith((b"\r\n", b"\n")):
        return b"", content
    found = _END_OF_HEADERS.search(content)
    return (content[: found.start()], content[found.end() :]) if found else (content, b"")


def _parsed(head: bytes) -> Message:
    return _HEADERS.parsebytes(head[:_MOST_HEADER_BYTES].replace(b"\x00", b"") + b"\r\n\r\n")


def _walk(headers: Message, body: bytes, left: list[int], depth: int = 0) -> Iterator[Part]:
    """Every part, in order, at most so many and so deep; what is deeper is one part of its own."""
    kind = headers.get_content_type()
    if kind.startswith("multipart/") and depth < _DEEPEST:
        for piece in _pieces(headers, body):
            head, inside = _split(piece)
            yield from _walk(_parsed(head), inside, left, depth + 1)
        return
    left[0] -= 1
    if left[0] < 0:
        return
    stated = f"{headers.get('Content-Disposition', '')};{headers.get('Content-Type', '')}"[:2_000]
    found, charset = _NAME.search(stated), _CHARSET.search(stated)
    name = _line(found[1] or found[2]) if found else ""
    readable = kind in {"text/plain", "text/html"}
    if not name and (not readable or headers.get_content_disposition() == "attachment"):
        name = kind.replace("/", ".")
    yield Part(kind, name, _decoded(headers, body), charset[1] if charset else "")


def _pieces(headers: Message, body: bytes) -> Iterator[bytes]:
    mark = _BOUNDARY.search(str(headers.get("Content-Type", ""))[:2_000])
    if mark is None:
        return
    line = b"\n--" + (mark[1] or mark[2]).encode("utf-8", "replace")
    for piece in (b"\n" + body).split(line, _MOST_PARTS)[1:]:
        if piece.startswith(b"--"):
            return
        yield piece.partition(b"\n")[2]


def _decoded(headers: Message, body: bytes) -> bytes:
    how = str(headers.get("Content-Transfer-Encoding", ""))[:40].strip().lower()
    if how not in {"base64", "quoted-printable"}:
        return body
    part = Message(policy=policy.compat32)
    part["Content-Transfer-Encoding"] = how
    part.set_payload(body.decode("ascii", "surrogateescape"))
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else body


def _decode(data: bytes, charset: str) -> str:
    try:
        known = codecs.lookup(charset or "utf-8")
        # Some codecs of the library unpack what they are given, without end.
        if getattr(known, "_is_text_encoding", False) and known.name not in {"idna", "punycode", "undefined"}:
            return data.decode(known.name, "replace")
    except (LookupError, ValueError):
        pass
    return data.decode("utf-8", "replace")


def _sender(headers: Message) -> str:
    senders = headers.get_all("From", [])
    if len(senders) != 1 or len(str(senders[0])) > _LONGEST_LINE:
        return ""
    found = _FROM.fullmatch(" ".join(str(senders[0]).split()))
    return (found[1] or found[2]).lower() if found else ""


def _is_automatic(headers: Message) -> bool:
    for name, value in headers.items()[:300]:
        low, word = name.lower(), str(value).strip().lower()
        if low == "precedence" and word in _BULK:
            return True
        if low.startswith(_AUTOMATIC) and not (low == "auto-submitted" and word == "no"):
            return True
    return headers.get_content_type() == "multipart/report"


def _encrypted(headers: Message, parts: list[Part], text: str) -> bytes:
    """The OpenPGP message in it, as an own part or among its words; empty without one."""
    if headers.get_content_type() == "multipart/encrypted":
        for one in parts:
            if b"-----BEGIN PGP MESSAGE-----" in one.data:
                return one.data
    start, end = text.find("-----BEGIN PGP MESSAGE-----"), text.find("-----END PGP MESSAGE-----")
    return text[start : end + 25].encode() if 0 <= start < end else b""


def _key(parts: list[Part], text: str) -> bytes:
    """The OpenPGP key that came along; empty without one."""
    for one in parts:
        if one.kind == "application/pgp-keys" or b"-----BEGIN PGP PUBLIC KEY BLOCK-----" in one.data[:2_000]:
            return one.data[:100_000]
    start, end = text.find("-----BEGIN PGP PUBLIC KEY BLOCK-----"), text.find("-----END PGP PUBLIC KEY BLOCK-----")
    return text[start : end + 34].encode() if 0 <= start < end else b""


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split()).replace("/", "_").replace("\\", "_")[:200]
