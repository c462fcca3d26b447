"""How a number of a measure is written: with its unit, and without false decimals."""

from django.utils.translation import gettext as _

from tocsin.reports.gathering import words


def said(amount: float, unit: str) -> str:
    """A number with its unit, in the language of the moment."""
    fine = words.number(amount, 1 if abs(amount) < 10 else 0)
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
