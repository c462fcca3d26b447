"""Names and formats in the reader's language, from Unicode's CLDR."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language

from tocsin.lib import territories


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def current_locale() -> Locale:
    """The reader's locale; English where CLDR does not know the language."""
    return _locale(get_language() or "en")


def country_name(code: str) -> str:
    """The name of a country or territory (ISO 3166 alpha-2) in the reader's language; the code if it has none."""
    return territories.name(code, str(current_locale()))
