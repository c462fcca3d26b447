"""Reads what people write for lists: codes or names of countries, languages and regions, however they are parted."""

import re
from functools import lru_cache

from tocsin.alerts.words import languages
from tocsin.alliances import regions
from tocsin.lib import territories

_PARTS = re.compile(r"[,;\n]+")
_TAG = r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)?"
_TAGS = re.compile(rf"(?:{_TAG}\s+)*{_TAG}")
_NUMBERS = re.compile(r"(?:[0-9]{3}\s+)*[0-9]{3}")
_CODES = re.compile(r"(?:[A-Za-z]{2}\s+)*[A-Za-z]{2}")


def country_codes(text: str, language: str = "en") -> tuple[str, ...]:
    """Codes of the countries named, by code or by their name in English or the reader's language.

    What is no country comes back as it was written.
    """
    return _read(text, _countries(language), _CODES) if text.strip() else ()


@lru_cache(maxsize=16)
def _countries(language: str) -> dict[str, str]:
    return {name.casefold(): code for one in ("en", language) for code, name in territories.choices(one)}


def language_codes(text: str) -> tuple[str, ...]:
    """Codes of the languages named, by code or by their name in the reader's language; the rest as it was written."""
    if not text.strip():
        return ()
    by_name = {name.casefold(): code for code, name in languages().items()}
    return _read(text, by_name, _TAGS)


def region_codes(text: str, language: str = "en") -> tuple[str, ...]:
    """Codes of the regions named, by code of UN M49 or by name; the rest as it was written."""
    by_name = {name.casefold(): code for one in ("en", language) for code, name in regions.choices(one)}
    return _read(text, by_name, _NUMBERS)


def entries(text: str) -> tuple[str, ...]:
    """Entries parted by commas, semicolons or lines."""
    return tuple(one for one in (part.strip() for part in _PARTS.split(text)) if one)


def _read(text: str, by_name: dict[str, str], codes: re.Pattern[str]) -> tuple[str, ...]:
    found: list[str] = []
    for entry in entries(text):
        name = " ".join(entry.casefold().split())
        if name in by_name:
            found.append(by_name[name])
        else:
            found += entry.split() if codes.fullmatch(entry) else [entry]
    return tuple(dict.fromkeys(found))
