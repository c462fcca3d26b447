"""Shifts as iCalendar (RFC 5545), for the calendar programs that people use anyway.

All times are in UTC, which every program shows in its own zone and no daylight saving can bend. An event keeps its UID
as long as the same person takes over the same rota at the same moment, so a changed shift moves and isn't doubled.
A person's own feed names nobody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override as in_language
from icalendar import Calendar, Event, vText

from tocsin.oncall import schedule
from tocsin.oncall.duty import Roster
from tocsin.oncall.models import CalendarLink, Rota
from tocsin.oncall.schedule import Slot
from tocsin.oncall.secrets import CalendarToken
from tocsin.people.models import Person
from tocsin.people.roles import Right

BEHIND, AHEAD = timedelta(weeks=4), timedelta(weeks=26)
REFRESH = timedelta(minutes=30)
_NOTED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar as it is sent: ``text/calendar`` in UTF-8, and a tag that changes with its content alone."""

    body: bytes
    etag: str


def feed(token: CalendarToken, now: datetime | None = None) -> Feed | None:
    """The calendar that a link opens; None if the link is unknown or revoked, or its person may no longer see it."""
    now = now or timezone.now()
    link = (
        CalendarLink.objects.select_related("person", "rota").filter(token_hash=token.digest, revoked_at=None).first()
    )
    if link is None or not _may(link.person, link.rota):
        return None
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _NOTED_EVERY)
    CalendarLink.objects.filter(stale, pk=link.pk).update(last_used_at=now)
    with in_language(link.person.language or None):
        calendar = of_rota(link.rota, now) if link.rota else of_person(link.person, now)
    body = calendar.to_ical()
    return Feed(body, blake2b(body, digest_size=16).hexdigest())


def of_person(person: Person, now: datetime) -> Calendar:
    """One person's own shifts on every rota, four weeks back and half a year ahead; nobody else is named."""
    today = _midnight(now)
    roster = _roster(None, today)
    calendar = _calendar(_("On duty"))
    for rota in roster.rotas:
        for slot in _events(roster, rota, today):
            if slot.person == person.pk:
                calendar.add_component(_event(rota, slot, _("On duty: %(rota)s") % {"rota": rota.name}, today))
    return calendar


def of_rota(rota: Rota, now: datetime) -> Calendar:
    """Everybody's shifts on one rota, and the hours that nobody holds."""
    today = _midnight(now)
    roster = _roster(rota, today)
    calendar = _calendar(rota.name)
    for slot in _events(roster, rota, today):
        who = roster.people[slot.person].name if slot.person is not None else _("Nobody")
        words = _("%(person)s: %(rota)s") % {"person": who, "rota": rota.name}
        calendar.add_component(_event(rota, slot, words, today))
    return calendar


def _may(person: Person, rota: Rota | None) -> bool:
    return person.is_active if rota is None else person.may(Right.ROTAS)


def _midnight(now: datetime) -> datetime:
    """So that a feed stays the same all day unless a shift changes."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _roster(rota: Rota | None, today: datetime) -> Roster:
    # Twelve weeks is the longest turn: the one that is under way at the beginning shows whole.
    return Roster.load([rota] if rota else None, since=today - BEHIND - timedelta(weeks=12), now=today)


def _events(roster: Roster, rota: Rota, today: datetime) -> Iterable[Slot]:
    """The slots of the feed; those of one person that rest on the same turn or override are one event."""
    plan = roster.plan(rota)
    joined: list[Slot] = []
    for slot in schedule.slots(plan, schedule.edge(plan, today - BEHIND), today + AHEAD):
        last = joined[-1] if joined else None
        if last and (last.person, last.source) == (slot.person, slot.source):
            joined[-1] = replace(last, until=slot.until)
        else:
            joined.append(slot)
    return joined


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Tocsin//On duty//EN")
    calendar.add("version", "2.0")
    calendar.add("name", vText(_line(name)))
    calendar.add("x-wr-calname", vText(_line(name)))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT30M")
    return calendar


def _event(rota: Rota, slot: Slot, words: str, today: datetime) -> Event:
    event = Event()
    key = f"{rota.public_id}|{slot.person or 0}|{slot.since.isoformat()}"
    event.add("uid", f"{blake2b(key.encode(), digest_size=16).hexdigest()}@tocsin")
    event.add("dtstamp", today)
    event.add("dtstart", slot.since)
    event.add("dtend", slot.until)
    event.add("summary", _line(words))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _line(words: str) -> str:
    """Words on one line, without characters that programs choke on."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())
