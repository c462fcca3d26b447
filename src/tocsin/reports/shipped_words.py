"""What Tocsin can say by itself in the language of a version: by its catalogue, and by CLDR's countries and units.

The original is laid out once more in both languages, and what differs is paired. So nothing has to be taken apart, and
what an editor worded, which no layout gives, is never taken for ours.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils import translation

from tocsin.alliances import regions
from tocsin.lib import territories
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.composing import Piece
from tocsin.reports.drafting import lay, title_of
from tocsin.reports.laying import facts_of
from tocsin.reports.models import Draft
from tocsin.reports.speaking import spoken
from tocsin.reports.wording import named, words_of

_BETWEEN = re.compile(r", | – |; ")
_MEASURED = re.compile(r"[\d.,\s\u00a0\u202f]+(?:min|h|d)")


@dataclass(frozen=True, slots=True)
class Ours:
    """By the words of the original: ``whole`` are known in the other language, of ``parts`` only a part is."""

    whole: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)


def ours(original: Draft, language: str) -> Ours:
    """What of an original can be said in a language without a person."""
    speaks = spoken(language) == language
    if spoken(original.language) == spoken(language) and speaks:
        return Ours()
    pairs = dict(_pairs(original, language, speaks=speaks))
    names = _names(spoken(original.language))
    # What people wrote is in no catalogue, whatever stands around it.
    told = [str(one.title) for fact in facts_of(original).values() for one in fact.sources]
    free = {one for one in pairs if any(title and title in one for title in told)}
    known = {one for one in pairs if (speaks and one not in free) or _is_known(one, names)}
    return Ours({one: pairs[one] for one in known}, {one: pairs[one] for one in pairs.keys() - known})


def _is_known(text: str, names: frozenset[str]) -> bool:
    """Whether a text is made of names of countries, numbers and units alone."""
    parts = _BETWEEN.split(text)
    return all(one in names or _MEASURED.fullmatch(one) or not any(map(str.isalpha, one)) for one in parts)


def _names(language: str) -> frozenset[str]:
    countries = (territories.name(code, language) for code in territories.TERRITORIES)
    return frozenset((*countries, *(regions.place_names([], [code], language)[0] for code in regions.MEMBERS)))


def _pairs(original: Draft, language: str, *, speaks: bool) -> Iterator[tuple[str, str]]:
    here = _laid(original, spoken(original.language))
    there = _laid(original, language)
    for mine, theirs in zip(here, there, strict=False):
        if (mine["kind"], mine.get("name")) != (theirs["kind"], theirs.get("name")):
            return
        # A map knows its countries by their codes.
        words = list(zip(words_of(named(mine, original.language)), _words_in(theirs, language), strict=False))
        if speaks:
            # A sentence that is ours only in part would be half in another language.
            words += _sentences(mine, theirs)
        yield from ((one, other) for one, other in words if one != other)
    if speaks and original.title == title_of(original):
        copy = Draft(report=original.report, audience=original.audience, language=language,
                     since=original.since, until=original.until)  # fmt: skip
        yield original.title, title_of(copy)


def _words_in(piece: Piece, language: str) -> list[str]:
    if piece["kind"] != "map":
        return words_of(piece)
    known = named(piece, language)
    return words_of({**known, "names": {code: territories.name(code, language) for code in known["names"]}})


def _sentences(mine: Piece, theirs: Piece) -> list[tuple[str, str]]:
    pairs = zip(mine.get("sentences", ()), theirs.get("sentences", ()), strict=False)
    return [(one["text"], other["text"]) for one, other in pairs if one["facts"] == other["facts"]]


def _laid(original: Draft, language: str) -> list[Piece]:
    with translation.override(language):
        return lay(original, AUDIENCES[original.audience]).composed.blocks
