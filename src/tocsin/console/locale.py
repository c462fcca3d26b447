"""Names and formats in the reader's language, from Unicode's CLDR."""

from datetime import datetime

from babel.dates import format_datetime
from django.utils import timezone

from tocsin.lib import territories
from tocsin.lib.locales import reader_locale


def country_name(code: str) -> str:
    """The name of a country or territory (ISO 3166 alpha-2) in the reader's language; the code if it has none."""
    return territories.name(code, str(reader_locale()))


def time_of_day(moment: datetime) -> str:
    """The time where the reader is, with its zone: “08:00 WAT”; with the weekday unless it is within a day."""
    here = timezone.localtime(moment)
    near = abs((moment - timezone.now()).total_seconds()) < 86_400
    return format_datetime(here, "HH:mm" if near else "EEE HH:mm", locale=reader_locale()) + f" {here:%Z}"
