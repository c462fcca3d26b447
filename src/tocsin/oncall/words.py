"""Times and reasons of duty in the reader's language."""

from datetime import datetime, tzinfo

from babel.dates import format_date, format_datetime, format_time
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.lib.locales import reader_locale
from tocsin.oncall.duty import BECAUSE, Gap, Shift
from tocsin.oncall.toll import Strain


def clock(moment: datetime, zone: tzinfo | None = None) -> str:
    """A moment as “Mon 23 Nov, 09:00 CET”, in a zone or in the reader's."""
    here = timezone.localtime(moment, zone)
    return format_datetime(here, "EEE d MMM, HH:mm", locale=reader_locale()) + f" {here:%Z}"


def span(since: datetime, until: datetime, zone: tzinfo | None = None) -> str:
    """Two moments as “Mon 23 Nov, 09:00 – 17:00 CET”; the zone once, unless the clocks change between the two."""
    begin, end = timezone.localtime(since, zone), timezone.localtime(until, zone)
    locale = reader_locale()
    first = format_datetime(begin, "EEE d MMM, HH:mm", locale=locale)
    if f"{begin:%Z}" != f"{end:%Z}":
        first += f" {begin:%Z}"
    same = begin.date() == end.date()
    last = format_time(end, "HH:mm", locale=locale) if same else format_datetime(end, "EEE d MMM, HH:mm", locale=locale)
    return f"{first} – {last} {end:%Z}"


def from_now(since: datetime, until: datetime, now: datetime) -> str:
    """The same, as “now, until Mon 23 Nov, 09:00 CET” for what is under way."""
    return span(since, until) if since > now else _("now, until %(until)s") % {"until": clock(until)}


def turn_length(length: int, unit: str) -> str:
    """How long a turn is: “3 days”."""
    said = {
        "hour": ngettext("%(n)d hour", "%(n)d hours", length),
        "day": ngettext("%(n)d day", "%(n)d days", length),
        "week": ngettext("%(n)d week", "%(n)d weeks", length),
    }
    return said[unit] % {"n": length}


def short_day(moment: datetime) -> str:
    """A day as “Mon 23”."""
    return format_date(moment.date(), "EEE d", locale=reader_locale())


def because(one: Shift | Gap) -> str:
    """Why somebody holds a stretch, or nobody does, in words."""
    said = str(BECAUSE[one.because])
    instead_of = one.instead_of if isinstance(one, Shift) else None
    if instead_of is None or instead_of.pk == getattr(one, "person", instead_of).pk:
        return said
    return _("%(reason)s; it would be %(name)s") % {"reason": said, "name": instead_of.name}


def strain(one: Strain) -> str:
    """Where the plan itself goes past a limit, in a sentence."""
    words = {
        "name": one.person.name,
        "amount": f"{one.amount:.0f}",
        "limit": one.limit,
        "what": one.why.label,
        "at": clock(one.at),
    }
    return _("%(name)s: %(amount)s %(what)s within seven days by %(at)s; the limit is %(limit)d.") % words
