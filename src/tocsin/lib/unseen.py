"""Signs that nobody sees: with them two texts read alike and are not the same, or one holds words that nobody reads."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SYMBOLS = "\u00a9\u00ae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_NEVER = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufe03-\ufe0d\ufeff\uffa0"
    "\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
# Joiners shape words of Persian and of India, and hold together what emoji are made of; selectors choose a form of the
# sign before them. Anywhere else nobody sees what they do. Each class stands for "not behind one of these".
_HIDDEN: Final = re.compile(
    f"[{_NEVER}]"
    f"|(?<![^\x00-\x7f{_JOINERS}{_NEVER}])[{_JOINERS}]"
    f"|(?<![{_SYMBOLS}])\ufe0e|(?<![{_SYMBOLS}])(?<![#*0-9](?=\ufe0f\u20e3))\ufe0f"
    f"|(?<![{_IDEOGRAPHS}\u1000-\u109f\u2200-\u22ff])[\ufe00-\ufe02]"
    f"|(?<![{_IDEOGRAPHS}])[\U000e0100-\U000e01ef]"
    "|(?<![\u1800-\u1809\u1810-\u18af])[\u180b-\u180d\u180f]"
)
_DRAWN_AS_NOTHING: Final = re.compile(f"[{_NEVER}{_JOINERS}{_SELECTORS}\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_AROUND: Final = 20


def hidden(text: str) -> Iterator[tuple[str, str]]:
    """Each sign that nobody sees and no writing needs there, as U+00AD, with the words around it as they are seen."""
    for found in _HIDDEN.finditer(text):
        around = text[max(0, found.start() - _AROUND) : found.end() + _AROUND]
        yield f"U+{ord(found.group()):04X}", " ".join(without(around).split())


def without(text: str) -> str:
    """The same text without such signs."""
    return _HIDDEN.sub("", text)


def as_seen(text: str) -> str:
    """A text as people tell it apart: neither signs that nobody sees nor the form or size of a letter count."""
    return " ".join(unicodedata.normalize("NFKC", _DRAWN_AS_NOTHING.sub("", text)).casefold().split())
