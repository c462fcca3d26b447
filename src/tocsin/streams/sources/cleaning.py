"""Makes foreign text safe to store: no signs that a database refuses, no endless length. Loads nothing heavy."""

import base64
import re
import zlib
from datetime import UTC, datetime, timedelta

LONGEST_TEXT = 200_000
LONGEST_TITLE = 1_000

# Control signs except tab and line feed, lone surrogates, and the marks that turn the direction of text around.
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n ?")
_GAPS = re.compile(r"\n{3,}")

OLDEST_BELIEVED = timedelta(days=8 * 365)
AHEAD_BELIEVED = timedelta(hours=26)


def clean(text: object, longest: int = LONGEST_TEXT) -> str:
    """Text that any database takes; empty for what is not text. Line ends become ``\\n``."""
    if not isinstance(text, str):
        return ""
    return _REFUSED.sub("", text[: longest * 2].replace("\r\n", "\n").replace("\r", "\n"))[:longest]


def line(text: object, longest: int = LONGEST_TITLE) -> str:
    """The same on one line, without doubled blanks."""
    return " ".join(clean(text, longest * 2).split())[:longest]


def paragraphs(text: str, longest: int = LONGEST_TEXT) -> str:
    """Text with single blanks, and at most one empty line between paragraphs."""
    return _GAPS.sub("\n\n", _LINES.sub("\n", _BLANKS.sub(" ", clean(text, longest)))).strip()


def packed(original: bytes) -> str:
    """An original as parsers hand it out: compressed, as base64."""
    return base64.b64encode(zlib.compress(original, 6)).decode("ascii")


def moment(seconds: object) -> datetime | None:
    """Seconds since 1970 UTC as an aware time; None for what no calendar holds."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def believed(stated: datetime | None, fetched: datetime) -> tuple[datetime | None, str]:
    """The stated time if it can be believed, and otherwise why not.

    A time more than 26 hours ahead of the fetch (the widest two zones lie apart), or more than eight years behind it,
    is a wrong clock or an archive: neither is news of today.
    """
    if stated is None:
        return None, ""
    if stated > fetched + AHEAD_BELIEVED:
        return None, f"states {stated:%Y-%m-%d}, which lies ahead of the day it was fetched"
    if stated < fetched - OLDEST_BELIEVED:
        return None, f"states {stated:%Y-%m-%d}, more than eight years before it was fetched"
    return stated, ""
