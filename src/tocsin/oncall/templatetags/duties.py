"""Small words and bars of the pages of duty. Load with ``{% load duties %}``."""

from datetime import datetime, time, tzinfo
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi

from tocsin.lib.locales import reader_locale
from tocsin.oncall import words
from tocsin.oncall.duty import Gap, Shift, zone_of
from tocsin.oncall.schedule import Because
from tocsin.oncall.toll import Strain

register = template.Library()


@register.filter
def clock(moment: datetime, zone: tzinfo | None = None) -> str:
    """A moment with its weekday and zone, in a zone or where the reader is."""
    return words.clock(moment, zone)


@register.filter
def local_clock(moment: datetime) -> str:
    """A moment that is in somebody's own zone already."""
    return words.clock(moment, moment.tzinfo)


@register.filter
def stretch(one: Any) -> str:
    """From when until when something lasts, where the reader is."""
    return words.span(one.since, one.until)


@register.filter
def stretch_from(one: Any, now: datetime) -> str:
    """The same, with “now” for what is under way."""
    return words.from_now(one.since, one.until, now)


@register.filter
def turn_length(layer: Any) -> str:
    """How long a turn of a layer is."""
    return words.turn_length(layer.length, layer.unit)


@register.filter
def unusual(one: Shift) -> str:
    """Why somebody holds a stretch, unless it is simply their turn."""
    return "" if one.because == Because.TURN else words.because(one)


@register.filter
def stretch_back(one: Any) -> str:
    """The hours back of a swap, where the reader is; nothing if there are none."""
    return words.span(one.back_since, one.back_until) if one.back_since is not None else ""


@register.filter
def stretch_there(one: Shift) -> str:
    """A shift on the clock of whoever has it."""
    return words.span(one.since, one.until, zone_of(one.person, one.rota))


@register.filter
def because(one: Shift | Gap) -> str:
    """Why somebody holds a stretch, or nobody does."""
    return words.because(one)


@register.filter
def strain_words(one: Strain) -> str:
    """Where the plan goes past a limit."""
    return words.strain(one)


@register.filter
def wall(at: time) -> str:
    """A time on somebody's clock, without a day."""
    return f"{at:%H:%M}"


@register.filter
def weekday_short(number: int) -> str:
    """A weekday in short, 0 is Monday."""
    return str(reader_locale().days["stand-alone"]["abbreviated"][number])


@register.filter
def whole(amount: float) -> str:
    """A number without decimals that nobody measured; what is little is not told as nothing."""
    return "<1" if 0 < amount < 0.5 else f"{amount:.0f}"


@register.filter
def percent(share: float | None) -> str:
    """A share as whole percent; a dash where there was nothing to share."""
    return "–" if share is None else f"{share * 100:.0f} %"


@register.simple_tag
def share_bar(share: float | None, equal: float | None = None, full: bool = False) -> SafeString:
    """A small drawn bar from 0 to 1, with a mark where an equal share would end; decoration beside the words."""
    if share is None:
        return SafeString("")
    wide = max(0.0, min(1.0, share)) * 100
    mark = max(0.0, min(1.0, equal)) * 100 if equal is not None else None
    rtl = get_language_bidi()
    line = "" if mark is None else format_html(
        '<rect class="share-equal" x="{}" width="2" height="12"/>', f"{(98 - mark if rtl else mark):.0f}"
    )  # fmt: skip
    return format_html(
        '<svg class="share" viewBox="0 0 100 12" width="100" height="12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="share-all" y="2" width="100" height="8"/><rect class="{}" x="{}" y="2" width="{}" height="8"/>'
        "{}</svg>",
        "share-full" if full else "share-had",
        f"{(100 - wide if rtl else 0):.0f}",
        f"{wide:.0f}",
        line,
    )
