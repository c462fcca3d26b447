"""Brings letters into one plain form, and remembers where each came from."""

import re
import unicodedata
from bisect import bisect_left

_SPECIAL = {
    "ı": "i", "đ": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t",
    "\u06cc": "\u064a", "\u0649": "\u064a", "\u06d2": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647",
    "\u06c1": "\u0647", "\u06be": "\u0647", "\u06d5": "\u0647", "\u06ba": "\u0646", "\u0671": "\u0627",
    "\u0640": "",
    # Apostrophes that count as letters: between them and the plain one writers do not choose.
    "\u02bc": " ", "\u02bb": " ", "\u02b9": " ", "\u02be": " ", "\u02bf": " ", "\ua78c": " ",
}  # fmt: skip
_MARKS = (
    (0x0300, 0x036F), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED),
    (0x093C, 0x093C), (0x09BC, 0x09BC), (0x0A3C, 0x0A3C), (0x0ABC, 0x0ABC), (0x1AB0, 0x1AFF), (0xFE00, 0xFE0F),
)  # fmt: skip


def _is_mark(char: str) -> bool:
    """Whether a mark only decorates its letter; vowel signs of Indic scripts, which carry sense, are not among them."""
    point = ord(char)
    return any(low <= point <= high for low, high in _MARKS)


class _Table(dict[int, str]):
    """Code point to its plain form, worked out when first met."""

    def __missing__(self, point: int) -> str:
        self[point] = plain = _plain(chr(point))
        return plain


def _plain(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    if category in ("Cc", "Cs", "Co", "Cn") or category[0] in "ZPS":
        return " "
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", char).casefold())
    kept = "".join(_SPECIAL.get(c, c) for c in parts if not _is_mark(c))
    composed = unicodedata.normalize("NFC", "".join(_SPECIAL.get(c, c) for c in unicodedata.normalize("NFC", kept)))
    return "".join(_digit(c) for c in composed)


def _digit(char: str) -> str:
    value = unicodedata.digit(char, None) if not char.isascii() else None
    if value is not None:
        return str(value)
    return " " if unicodedata.category(char)[0] in "ZPSC" else char


_TABLE = _Table()
_MIXED = re.compile("[a-z][\u0430-\u045f\u03b1-\u03c9]|[\u0430-\u045f\u03b1-\u03c9][a-z]")
_MIXED_WORD = re.compile("[^ ]+")
_LIKE_LATIN = str.maketrans("авсеһіјкмнорԛѕтухԝьαβεηικνορτυχ", "abcehijkmhopqstyxwbabehiknoptux")


def fold(text: str) -> str:
    """Lower case, without decoration, punctuation as spaces; any str is accepted, lone surrogates too.

    In words that mix Latin with Cyrillic or Greek letters, those that look Latin become Latin.
    """
    plain = text.translate(_TABLE)
    if not plain.isascii() and _MIXED.search(plain):
        return _MIXED_WORD.sub(_unmixed, plain)
    return plain


def _unmixed(word: re.Match[str]) -> str:
    found = word.group()
    return found.translate(_LIKE_LATIN) if _MIXED.search(found) else found


def fold_name(name: str) -> str:
    """A name folded and its spaces made single."""
    return " ".join(fold(name).split())


class Folded:
    """A text, its folded form with one space added on each side, and the way back from the one to the other."""

    __slots__ = ("_even", "_starts", "plain", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.plain = f" {fold(source)} "
        self._starts: list[int] | None = None
        self._even = source.isascii() or all(len(_TABLE[ord(c)]) == 1 for c in set(source))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The source span of a folded span, both half open; spaces around a match are left out."""
        plain = self.plain
        while start < end and plain[start] == " ":
            start += 1
        while end > start and plain[end - 1] == " ":
            end -= 1
        if start >= end:
            return 0, 0
        starts = self._where()
        if starts is None:
            return start - 1, end - 1
        return starts[start - 1], starts[end - 2] + 1

    def position(self, index: int) -> int:
        """Where the source character at ``index`` begins in the folded text."""
        starts = self._where()
        return index + 1 if starts is None else bisect_left(starts, index) + 1

    def capital(self, start: int) -> bool:
        """Whether the source writes the folded character at ``start`` as a capital."""
        starts = self._where()
        begin = start - 1 if starts is None else starts[start - 1]
        return self.source[begin].isupper()

    def _where(self) -> list[int] | None:
        """For each folded character the place of its source character; None where they run side by side."""
        if self._even:
            return None
        if self._starts is None:
            widths = [len(_TABLE[ord(c)]) for c in self.source]
            self._starts = [i for i, width in enumerate(widths) for _ in range(width)]
        return self._starts
