"""Whether a text says again what another says: by runs of words, however the letters are written."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from tocsin.analysis.text.folding import fold
from tocsin.reports.forms.cleaning import clean

_WORDS: Final = 6  # a run of as many words is hardly ever said twice by chance
_SHORT: Final = 12  # fewer letters than this could be anybody's words
# Two letters of a script without spaces weigh as much as a word.
_UNSPACED: Final = tuple(
    range(start, end)
    for start, end in ((0x0E00, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800), (0x3040, 0x3100), (0x3400, 0xA000))
)
# Letters and digits that are read as Latin ones, also where a whole word is made of them.
_LIKE = str.maketrans(
    "авгеһіјкӏмнорсԛтуѵԝхѕьђԁєїαβεηικνορτυχγωσμɑɡօոսհlj10358",
    "abreniikimhopcqtyvwxsbhdeiabenikvoptyxywouagonuhiiioesb",
)
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0")  # letters by category that no font draws


def letters(text: str) -> str:
    """A text as the letters and digits that a reader takes it for, without anything between them."""
    return "".join(_words(text))


def runs(text: str) -> frozenset[str]:
    """Every run of six words of a text as its letters; all of it where it is shorter, nothing where it says little."""
    parts = list(_tokens(text))
    found = (_run(parts, at) for at in range(len(parts)))
    kept = {one for one in found if one is not None and _says_something(one)}
    whole = letters(text)
    return frozenset(kept or ({whole} if _says_something(whole) else ()))


def said_again(texts: Iterable[str], runs: Iterable[str]) -> list[str]:
    """Those of the texts in which one of the runs stands."""
    plain = [(text, letters(text)) for text in texts]
    everything = "\n".join(one for _text, one in plain)
    met = [one for one in runs if one in everything]
    return [text for text, here in plain if any(one in here for one in met)]


def _words(text: str) -> Iterator[str]:
    parts = unicodedata.normalize("NFKD", fold(clean(text)))
    kept = "".join(one for one in parts if one not in _FILLERS and unicodedata.category(one)[0] != "M")
    for word in "".join(one if one.isalnum() else " " for one in kept).split():
        yield word if word.isdigit() else word.translate(_LIKE)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Words, and single letters of scripts without spaces, each with its weight in half words."""
    for word in _words(text):
        if any(_is_unspaced(one) for one in word):
            yield from ((one, 1) for one in word)
        else:
            yield word, 2


def _run(parts: list[tuple[str, int]], at: int) -> str | None:
    weight, found = 0, ""
    for word, weighs in parts[at:]:
        found, weight = found + word, weight + weighs
        if weight >= 2 * _WORDS:
            return found
    return None


def _is_unspaced(letter: str) -> bool:
    return any(ord(letter) in one for one in _UNSPACED)


def _says_something(run: str) -> bool:
    told = [one for one in run if not one.isdigit()]
    return sum(2 if _is_unspaced(one) else 1 for one in told) >= _SHORT
