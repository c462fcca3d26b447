"""Rivals of ``places``: plain look-up of CLDR's names, and pycountry where it is installed."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ahocorasick_rs import AhoCorasick
from babel import Locale
from babel.localedata import locale_identifiers

from tocsin.analysis.text.languages import UNSPACED, script_of


@dataclass(frozen=True, slots=True)
class Found:
    """A name found at ``start``–``end`` of a text, and its country (ISO 3166-1)."""

    start: int
    end: int
    code: str


class PlainNames:
    """All names of countries that CLDR holds for some languages, looked for as whole words, letter case aside."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        names: dict[str, str] = {}
        for language in languages:
            for code, name in sorted(Locale.parse(language).territories.items()):
                if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}:
                    names.setdefault(name.lower(), code)
        self._names = sorted(names)
        self._codes = [names[name] for name in self._names]
        self._automaton = AhoCorasick(self._names)

    def find(self, text: str) -> list[Found]:
        """The names in a text, the longest where they overlap, in order of place."""
        lower = text.lower()
        if len(lower) != len(text):
            lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        hits = self._automaton.find_matches_as_indexes(lower, overlapping=True)
        whole = [(start, end, index) for index, start, end in hits if _whole(lower, start, end)]
        found: list[Found] = []
        for start, end, index in sorted(whole, key=lambda one: (one[0], -one[1])):
            if not found or start >= found[-1].end:
                found.append(Found(start, end, self._codes[index]))
        return found

    def most_named(self, text: str) -> str:
        """The country that a text names most often, the first of several; empty if it names none."""
        named = Counter(one.code for one in self.find(text))
        return named.most_common(1)[0][0] if named else ""


def _whole(text: str, start: int, end: int) -> bool:
    if script_of(text[start]) in UNSPACED:
        return True
    before, after = text[start - 1 : start], text[end : end + 1]
    return not before.isalnum() and not after.isalnum()


@cache
def english() -> PlainNames:
    """The names in English."""
    return PlainNames(("en",))


@cache
def everywhere() -> PlainNames:
    """The names in all languages of CLDR."""
    return PlainNames(tuple(sorted(one for one in locale_identifiers() if "_" not in one)))


@cache
def exact(language: str) -> dict[str, str]:
    """The names of one language as they stand, lower case; empty for a language that CLDR lacks."""
    if language not in locale_identifiers():
        return {}
    return {name.lower(): code for code, name in Locale.parse(language).territories.items() if len(code) == 2}


@cache
def _pycountry() -> Any:
    return import_module("pycountry") if find_spec("pycountry") else None


def has_pycountry() -> bool:
    """Whether pycountry is installed; Tocsin itself does without."""
    return _pycountry() is not None


def fuzzy(name: str) -> str:
    """The country that pycountry's fuzzy search gives first; empty for none."""
    try:
        return str(_pycountry().countries.search_fuzzy(name)[0].alpha_2)
    except LookupError:
        return ""
