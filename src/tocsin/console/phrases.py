"""The words of analysis and of the rules, in the reader's language: the one place where they are translated.

Analysis knows no Django and stores plain English. What it says is known word by word, or as a sentence with places for
numbers and names; whatever is shown is found among those, and its translation filled with the same numbers.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from django.utils.translation import gettext

from tocsin.analysis import taxonomy
from tocsin.analysis.detectors.rivals import Says
from tocsin.analysis.fusion import Next
from tocsin.analysis.fusion import Says as Spoken
from tocsin.console.locale import country_name
from tocsin.lib.territories import INVENTED
from tocsin.lib.tlp import LIKELIHOOD
from tocsin.responses.playbooks import protecting
from tocsin.situations.reasons import Joined, Titled, Weighed

_PLACE = re.compile(r"\{(\w+)\}")
_HARMS = frozenset(one.key for one in taxonomy.HARMS)


def words() -> Iterator[str]:
    """Every word and sentence, in English, for translators and for the test language."""
    for entries in (taxonomy.HARMS, taxonomy.ACTORS, taxonomy.TARGETS, taxonomy.RESPONSES):
        for one in entries:
            yield one.title
            yield one.description
    yield from (word for _limit, word in LIKELIHOOD)
    yield from _sentences()
    yield from protecting.words()


def said(text: str) -> str:
    """What a rule said, several reasons parted by semicolons, in the reader's language; unknown words stay."""
    whole = _found(text)
    if whole is not None:
        return _translated(*whole)
    return "; ".join(_translated(*found) if (found := _found(part)) else part for part in text.split("; "))


def _sentences() -> Iterator[str]:
    for spoken in (Says, Spoken, Next, Weighed, Joined, Titled):
        yield from (one.value for one in spoken)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each sentence with its pattern, those with the most words of their own first."""
    made = []
    for sentence in sorted(_sentences(), key=lambda one: -len(_PLACE.sub("", one))):
        parts = _PLACE.split(sentence)
        pattern = "".join(f"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
        made.append((sentence, re.compile(pattern, re.DOTALL)))
    return made


@lru_cache(maxsize=2_000)
def _found(text: str) -> tuple[str, Mapping[str, str]] | None:
    for sentence, pattern in _patterns():
        if match := pattern.fullmatch(text):
            # A semicolon within a value is the beginning of another reason.
            return None if any("; " in value for value in match.groupdict().values()) else (sentence, match.groupdict())
    return None


def _translated(sentence: str, values: Mapping[str, str]) -> str:
    return gettext(sentence).format(**{name: _value(name, value) for name, value in values.items()})


def _value(name: str, value: str) -> str:
    if name == "harm" and value in _HARMS:
        return gettext(taxonomy.harm(value).title)
    return INVENTED.get(value) or country_name(value) if name == "country" else value
