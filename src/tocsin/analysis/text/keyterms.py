"""The words that tell one story from another: weighted key terms, found without a corpus."""

import re
from collections.abc import Collection
from math import log1p, sqrt

from tocsin.analysis.text.folding import Folded

LIMIT = 80
_STEM = 7
_WORD = re.compile(r"[^ ]+")
_LONG_WORD = re.compile(r"[^ ]{3,}")
_TITLE = 2.0
_LEAD = 1.4
_LEAD_CHARACTERS = 500
_NAME = 1.5


def key_terms(
    text: Folded, title_length: int, stop: Collection[str], *, spaced: bool, passed: Collection[int] = ()
) -> tuple[tuple[str, float], ...]:
    """Up to 80 terms with weights (their squares add up to 1), heaviest first.

    ``title_length`` is in folded characters. Words of spaced scripts are cut to their first seven
    letters, a plain stand-in for stems; scripts without spaces give pairs of characters. Names and numbers weigh
    more, as do the title and the beginning. Words that begin at a position in ``passed`` are left out: our own name
    stands in most of what concerns us, and tells no story from another.
    """
    raw = _words(text, title_length, stop, passed) if spaced else _pairs(text.plain, title_length, stop, passed)
    weighed = {term: log1p(weight) * _length_factor(term, spaced) for term, weight in raw.items()}
    best = sorted(weighed.items(), key=lambda t: (-t[1], t[0]))[:LIMIT]
    norm = sqrt(sum(w * w for _, w in best)) or 1.0
    return tuple((term, round(w / norm, 4)) for term, w in best)


def _length_factor(term: str, spaced: bool) -> float:
    return min(1.3, 0.55 + len(term) / 9) if spaced else 1.0


def _words(text: Folded, title_length: int, stop: Collection[str], passed: Collection[int]) -> dict[str, float]:
    found: dict[str, float] = {}
    lead = title_length + _LEAD_CHARACTERS
    for match in _LONG_WORD.finditer(text.plain):
        word = match.group()
        if word in stop or match.start() in passed:
            continue
        start = match.start()
        weight = _TITLE if start < title_length else _LEAD if start < lead else 1.0
        if word[0].isdigit():
            weight *= 1.2 if len(word) > 2 else 0.5
        elif text.capital(start):
            weight *= _NAME
        stem = word[:_STEM]
        found[stem] = found.get(stem, 0.0) + weight
    return found


def _pairs(plain: str, title_length: int, stop: Collection[str], passed: Collection[int]) -> dict[str, float]:
    found: dict[str, float] = {}
    lead = title_length + _LEAD_CHARACTERS // 2
    for match in _WORD.finditer(plain):
        word, start = match.group(), match.start()
        weight = _TITLE if start < title_length else _LEAD if start < lead else 1.0
        if word.isascii():
            if start not in passed and (len(word) >= 3 or word.isdigit()):
                found[word[:_STEM]] = found.get(word[:_STEM], 0.0) + weight * _NAME
            continue
        for i in range(len(word) - 1):
            pair = word[i : i + 2]
            if start + i not in passed and pair not in stop and pair[0] not in stop and pair[1] not in stop:
                found[pair] = found.get(pair, 0.0) + weight
    return found
