"""Words about letters for templates. Load with ``{% load mailing %}``."""

from datetime import date, timedelta

from django import template
from django.utils.formats import date_format
from django.utils.translation import ngettext

from tocsin.alerts import words as alerts
from tocsin.mailbox import words

register = template.Library()


@register.filter
def door_word(door: str) -> str:
    """By which door a letter came."""
    return str(words.DOORS.get(door, door))


@register.filter
def urgency_word(urgency: str) -> str:
    """When help is needed."""
    return str(words.URGENCY.get(urgency, urgency))


@register.filter
def clock_word(clock: str) -> str:
    """What a clock runs for."""
    return str(words.CLOCKS.get(clock, clock))


@register.filter
def month_word(first: date) -> str:
    """A month, by its first day."""
    return date_format(first, "F Y")


@register.filter
def minutes_word(time: timedelta) -> str:
    """A time in minutes or hours."""
    minutes = int(time.total_seconds()) // 60
    if minutes % 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}


@register.filter
def language_word(code: str) -> str:
    """A language's name."""
    return alerts.language_name(code)
