"""Small words of the pages of alerts. Load with ``{% load alerting %}``."""

from datetime import datetime, timedelta

from babel.dates import format_datetime, format_time
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tocsin.alerts.models import Alert
from tocsin.alerts.words import channel, over
from tocsin.lib.locales import reader_locale

register = template.Library()


@register.filter
def clock(moment: datetime) -> str:
    """The time of day where the reader is, with its zone; with the day unless it is today."""
    here = timezone.localtime(moment)
    if here.date() == timezone.localdate():
        return format_time(here, "HH:mm", locale=reader_locale()) + f" {here:%Z}"
    return format_datetime(here, "d MMM, HH:mm", locale=reader_locale()) + f" {here:%Z}"


@register.filter
def clock_seconds(moment: datetime) -> str:
    """The time of day to the second, where the reader is."""
    return format_time(timezone.localtime(moment), "HH:mm:ss", locale=reader_locale())


@register.filter
def seconds(length: timedelta) -> int:
    """A length of time in whole seconds."""
    return int(length.total_seconds())


@register.filter
def percent(share: float) -> int:
    """A share as whole percent."""
    return round(share * 100)


@register.simple_tag
def small_bar(share: float, full: bool = False) -> SafeString:
    """A small drawn bar from 0 to 1; decoration beside the numbers."""
    look = "budget-full" if full else "budget-used"
    return format_html(
        '<svg class="budget" viewBox="0 0 100 8" width="100" height="8" aria-hidden="true">'
        '<rect class="budget-all" width="100" height="8"/><rect class="{}" width="{}" height="8"/></svg>',
        look,
        f"{max(0.0, min(1.0, share)) * 100:.0f}",
    )


@register.filter
def weekday(number: int) -> str:
    """The name of a weekday, 0 is Monday."""
    return str(reader_locale().days["stand-alone"]["wide"][number]) if number in range(7) else _("no drill")


@register.filter
def channel_word(key: str) -> str:
    """What people call a channel."""
    return channel(key)


@register.filter
def over_words(alert: Alert) -> str:
    """What is known when whatever raised it says that it is over."""
    return over("" if alert.integration_id else alert.kind)
