"""How a number of a measure is written: with its unit, and without false decimals."""

from collections.abc import Mapping
from typing import Final

from babel.units import format_unit
from django.utils.translation import gettext as _

from tocsin.lib.locales import reader_locale
from tocsin.reports.gathering import words

_UNITS: Final[Mapping[str, str]] = {"minutes": "duration-minute", "hours": "duration-hour", "days": "duration-day"}


def said(amount: float, unit: str) -> str:
    """A number with its unit, in the language of the moment. Less than an hour is told in minutes."""
    if unit == "hours" and 0 < abs(amount) < 1:
        amount, unit = amount * 60, "minutes"
    digits = 1 if abs(amount) < 10 else 0
    fine = words.number(amount, digits)
    if unit in _UNITS and reader_locale().language != "en":
        return str(format_unit(round(amount, digits), _UNITS[unit], "short", locale=reader_locale()))
    match unit:
        case "share" | "probability":
            return words.percent(amount)
        case "minutes":
            return _("%(n)s min") % {"n": fine}
        case "hours":
            return _("%(n)s h") % {"n": fine}
        case "days":
            return _("%(n)s d") % {"n": fine}
        case "each":
            return fine
        case "score":
            return words.number(amount, 2)
    return words.number(amount)
