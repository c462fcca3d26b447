"""Makes text from people fit to be drawn: no letters that steer a terminal, a parser or the eye."""

import re
import unicodedata

# Overrides and embeddings can make a line read otherwise than it is stored; isolates and marks can't, and are kept.
_STEERING = re.compile(r"[\u202a-\u202e\ufff9-\ufffb\ufeff\U000e0000-\U000e007f]")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BROKEN = re.compile(r"[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Letters that are seen in no font: joiners, marks of direction, selectors.
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f]")
# The same, and those that no font is ever asked for: blank letters, and selectors of the second plane.
_BLANK = re.compile("[\u3164\uffa0\U000e0100-\U000e01ef]")
# Marks of direction and isolates: a title stands beside other words, so it may steer nothing.
_TURNING = re.compile("[\u061c\u200e\u200f\u2066-\u2069]")


def clean(text: str) -> str:
    """One line of text, composed (NFC), without control characters, overrides of direction or broken letters."""
    text = _SPACE.sub(" ", _STEERING.sub("", _BROKEN.sub("�", text)))
    return unicodedata.normalize("NFC", text).strip()


def unturned(text: str) -> str:
    """A title as it is kept: clean, and without marks of direction and isolates."""
    return clean(_TURNING.sub("", text))


def as_seen(text: str) -> str:
    """A text as its reader sees it, to be compared: clean, without letters and marks that nobody sees."""
    return clean(_BLANK.sub("", _UNSEEN.sub("", text)))


def apart(text: str, rtl: bool) -> str:
    """A text whose direction may differ from that of its line, kept in one piece by isolates (Unicode TR 9)."""
    other = {"L", "EN"} if rtl else {"R", "AL"}
    return f"\u2068{text}\u2069" if any(unicodedata.bidirectional(one) in other for one in text) else text


def seen(text: str) -> set[str]:
    """The characters of a text that a font has to draw."""
    return set(_UNSEEN.sub("", text)) - {" ", "\n"}
