"""Names and formats in the reader's language, from Unicode's CLDR."""

from datetime import datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from django.utils import timezone
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


def time_of_day(moment: datetime) -> str:
    """The time where the reader is, with its zone: “08:00 WAT”; with the weekday unless it is within a day."""
    here = timezone.localtime(moment)
    near = abs((moment - timezone.now()).total_seconds()) < 86_400
    return format_datetime(here, "HH:mm" if near else "EEE HH:mm", locale=current_locale()) + f" {here:%Z}"
