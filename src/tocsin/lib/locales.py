"""Unicode's CLDR in the reader's language."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """CLDR's locale of a language (``pt-BR``); English where it knows none."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def reader_locale() -> Locale:
    """The locale of the language that is in use now."""
    return locale_of(get_language() or "en")
