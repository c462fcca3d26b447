"""How facts write places, days and shares, in the language of the moment."""

from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.analysis import taxonomy
from tocsin.lib import territories
from tocsin.lib.locales import reader_locale
from tocsin.lib.tlp import likelihood

_KEYS = frozenset(one.key for one in taxonomy.HARMS)


def place(code: str) -> str:
    """A country's name; in words that it is not known, for none."""
    return territories.name(code, str(reader_locale())) if code else _("a place that is not known")


def harm(key: str) -> str:
    """What a kind of harm is called."""
    return _(taxonomy.harm(key).title) if key in _KEYS else _("Development")


def day(when: date | datetime) -> str:
    """A calendar day: 22 Nov 2026."""
    return format_date(when, "d MMM y", locale=reader_locale())


def month(when: date | datetime) -> str:
    """A month: November 2026."""
    return format_date(when, "LLLL y", locale=reader_locale())


def percent(share: float) -> str:
    """A share as whole percent."""
    return str(format_percent(round(share, 2), locale=reader_locale()))


def number(amount: float, digits: int = 0) -> str:
    """A number without false decimals."""
    pattern = "#,##0" if digits == 0 else "#,##0." + "#" * digits
    return str(format_decimal(round(amount, digits), pattern, locale=reader_locale()))


def chance(key: str, where: str, probability: float) -> str:
    """How likely a harm in a place is, as a whole sentence without its end; ``where`` as it may be called."""
    values = {"harm": harm(key), "place": where, "word": likely(probability), "within": _within(harm(key))}
    match likelihood(probability):
        case "almost no chance":
            return _("There is almost no chance of %(within)s in %(place)s") % values
        case "roughly even chance":
            return _("There is a roughly even chance of %(within)s in %(place)s") % values
    return _("%(harm)s in %(place)s is %(word)s") % values


def _within(title: str) -> str:
    """A title within a sentence. Only English is known to write it small there."""
    english = (get_language() or "en").split("-")[0] == "en"
    return title[:1].lower() + title[1:] if english and title[1:2].islower() else title


def likely(probability: float) -> str:
    """The ICD 203 word for a probability."""
    return _(likelihood(probability))
