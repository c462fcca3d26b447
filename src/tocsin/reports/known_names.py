"""Looks for names that are known, in any script: with endings, joined prefixes, other letters, and each part alone."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final

from tocsin.analysis.text.folding import Folded, fold, fold_name

# Scripts that write no spaces between words.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
# Letters to which others are joined in front: and, in, to, of.
_JOINS: Final = re.compile("[\u0590-\u06ff]")
_ENDING: Final = 5  # letters that a language may put at the end of a name
_FULL: Final = 4  # a part of a name that is shorter says little by itself
_VOWELS: Final = "аяоеийьыуюaeiouyėąęıоαηο"
_GREEK: Final = re.compile("[αεηιουω]σ$")
# Three or more single letters.
_APART: Final = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_](?![^\W_])){2,}")
# A name does not go on behind one of these.
_BREAK: Final = re.compile(r"[()@<>\[\]{};:!?/\n]")


def mentions(text: str, known: Collection[str]) -> Iterator[tuple[int, int, bool]]:
    """Where known names stand: start, end, and whether it is the whole name or a part that could be another word."""
    folded = Folded(text)
    joined = folded.plain.replace(" ", "")
    for name, sure in _forms(frozenset(known)):
        if _root(name) not in joined:
            continue
        for hit in _pattern(name).finditer(folded.plain):
            start, end = folded.span(*hit.span())
            if start < end and (sure or not _is_plain_word(text, start)) and not _BREAK.search(text, start, end):
                yield start, end, sure


def spelled(text: str, known: Collection[str]) -> Iterator[tuple[int, int, bool]]:
    """Where known names stand letter by letter, with spaces, dots or strokes between: as ``mentions`` tells it."""
    for run in _APART.finditer(text):
        letters = [(fold(char).strip(), at) for at, char in enumerate(run.group(), run.start())]
        joined = "".join(plain for plain, _at in letters)
        places = [at for plain, at in letters for _each in plain]
        for name, sure in _forms(frozenset(known)):
            bare = name.replace(" ", "")
            start = joined.find(bare) if len(bare) > 2 else -1
            while start >= 0:
                yield places[start], places[start + len(bare) - 1] + 1, sure
                start = joined.find(bare, start + 1)


@lru_cache(maxsize=8)
def _forms(known: frozenset[str]) -> tuple[tuple[str, bool], ...]:
    forms: dict[str, bool] = {}
    for name in sorted(known):
        plain = fold_name(name)
        parts = plain.split()
        if len(plain) < 2:
            continue
        forms[plain] = True
        if len(parts) > 1:
            forms[" ".join(reversed(parts))] = True
            for part in parts:
                if len(part) >= _FULL or (_UNSPACED.search(part) and len(part) > 1):
                    forms.setdefault(part, False)
    return tuple(forms.items())


@lru_cache(maxsize=4096)
def _pattern(name: str) -> re.Pattern[str]:
    if _UNSPACED.search(name):
        # Somebody may put spaces or a middle dot between the letters.
        return re.compile(r" ?".join(map(re.escape, name.replace(" ", ""))))
    words = [_stem(word) for word in name.split()]
    before = r"(?<!\S)(?:[\u0590-\u06ff]{1,3})?" if _JOINS.search(name) else r"(?<!\S)"
    return re.compile(before + r" +".join(words) + r"(?!\S)")


def _root(name: str) -> str:
    """Letters that stand in a text, spaces left out, wherever a name does: they spare most names a longer look."""
    return name.split()[0][: _FULL - 1]


def _stem(word: str) -> str:
    """A word with whatever ending; a last vowel may have become another."""
    if len(word) < _FULL:
        return re.escape(word) + (rf"\S{{0,{_ENDING}}}" if not word.isascii() else "")
    root = _GREEK.sub("", word) if len(word) > _FULL else word
    root = root[:-1] if root[-1] in _VOWELS and len(root) > _FULL else root
    return re.escape(root) + rf"\S{{0,{_ENDING}}}"


def _is_plain_word(text: str, start: int) -> bool:
    """Whether a part of a name is written small where its script has capitals: then it is rather a word."""
    char = text[start]
    return unicodedata.category(char) == "Ll" and char.upper() != char
