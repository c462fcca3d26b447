"""The taxonomy's and the world's words in the reader's language. Load with ``{% load words %}``."""

from datetime import timedelta
from math import isfinite

from babel.dates import format_timedelta
from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.analysis import taxonomy
from tocsin.console import phrases
from tocsin.console.locale import country_name
from tocsin.lib.locales import reader_locale
from tocsin.lib.territories import INVENTED

register = template.Library()

_RIVALS = {
    "blocked": gettext_noop("Our own sites are blocked"),
    "wider-censorship": gettext_noop("Censorship of many sites"),
    "shutdown-ordered": gettext_noop("A shutdown by order"),
    "happened": gettext_noop("It happened as it is told"),
    "unattributed": gettext_noop("Unattributed: nothing stands out"),
    "our-fault": gettext_noop("A fault of our own"),
    "outage": gettext_noop("A network or power outage"),
    "measurement": gettext_noop("Too few, or other, measurements"),
    "measurement-gap": gettext_noop("A gap in the measurements"),
    "world-wide": gettext_noop("Something that happens everywhere"),
    "seasonal": gettext_noop("A usual rhythm: hour, weekday, season"),
    "old-block": gettext_noop("It was so before"),
    "renamed-country": gettext_noop("The place is counted under another name"),
}


@register.filter
def country(code: str) -> str:
    """The name of a country; “no place” for none."""
    return INVENTED.get(code) or country_name(code) if code else _("no place found")


@register.filter
def harm(key: str) -> str:
    """The title of a kind of harm; “no harm found” for none."""
    return _(taxonomy.harm(key).title) if key else _("no harm found")


@register.filter
def actor(key: str) -> str:
    """The title of an actor type."""
    return _(taxonomy.actor(key).title) if key else _("unknown")


@register.filter
def target(key: str) -> str:
    """The title of a target type."""
    return _(taxonomy.target(key).title) if key else _("unknown")


@register.filter
def language(code: str) -> str:
    """The name of a language in the reader's language; the code where CLDR has none."""
    return str(reader_locale().languages.get(code.split("-")[0], code)) if code else _("unknown language")


@register.filter
def rival(key: str) -> str:
    """The title of a rival explanation; a key that nobody titled stands for itself."""
    return _(_RIVALS[key]) if key in _RIVALS else key.replace("-", " ")


@register.filter
def said(text: str) -> str:
    """A reason of a rule, or what speaks for or against a rival, in the reader's language."""
    return phrases.said(text)


@register.filter
def duration(seconds: float) -> str:
    """A length of time in words of the reader's language: “3 hours”, “2 days”; “never” for one without end."""
    if not isfinite(seconds):
        return _("never")
    return format_timedelta(timedelta(seconds=seconds), threshold=1.2, locale=reader_locale())
