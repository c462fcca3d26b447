"""Says how long words may be before anybody writes them, not after."""

from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.functional import lazystr
from django.utils.translation import gettext as _


class Bounded(forms.Form):
    """A form that says at each field of words how many letters it takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say it under each field, after its own help."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and not field.widget.is_hidden and (said := letters(field)):
                field.help_text = lazystr(f"{field.help_text} {said}".strip())


def letters(field: forms.CharField) -> str:
    """How many letters a field takes, in words; empty for as many as one likes."""
    least, most = field.min_length or 0, field.max_length or 0
    if least > 1 and most:
        numbers = {"least": _number(least), "most": _number(most)}
        return _("%(least)s to %(most)s letters.") % numbers
    return at_most(most) if most else ""


def at_most(most: int) -> str:
    """That there is room for so many letters."""
    return _("At most %(most)s letters.") % {"most": _number(most)}


def _number(given: int) -> str:
    return str(number_format(given, use_l10n=True, force_grouping=True))
