"""Reads days out of a calendar file (iCalendar). Runs in the jail; imports no Django.

What repeats is taken for three years: from the year of the file, or from last year where that is later. Of what repeats
in a way that ``recurring`` does not follow, or too often, only the first time is taken, and counted in ``first_only``.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar
from icalendar.error import BrokenCalendarProperty

from tocsin.lib.jail.results import UnreadableError
from tocsin.streams.recurring import times
from tocsin.streams.sources.cleaning import line

MOST_DAYS = 2_000
LONGEST = timedelta(days=60)
FIRST_YEAR, LAST_YEAR = 1990, 2100
_YEARS = 3
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, OverflowError, IndexError, BrokenCalendarProperty)


def days(body: bytes) -> dict[str, Any]:
    """Each event as name, first and last day (both included), and what names it within the calendar.

    Raises:
        UnreadableError: for what is no calendar.
    """
    try:
        calendars = Calendar.from_ical(body, multiple=True)
    except (ValueError, IndexError, KeyError, TypeError):
        raise UnreadableError("This is not a calendar (iCalendar). Export it again as an .ics file.") from None
    if not calendars:
        raise UnreadableError("This is not a calendar (iCalendar). Export it again as an .ics file.")
    events = [one for calendar in calendars for one in calendar.walk("VEVENT")]
    moved = _moved(events)
    found: list[dict[str, str]] = []
    lost = first_only = 0
    for event in events:
        try:
            if _said(event, "STATUS").upper() == "CANCELLED":
                continue
            taken, whole = _taken(event, moved)
        except _BROKEN:
            lost += 1
            continue
        found += taken
        first_only += not whole
    return {"days": found[:MOST_DAYS], "lost": lost + max(0, len(found) - MOST_DAYS), "first_only": first_only}


def _moved(events: list[Any]) -> dict[str, set[date]]:
    """By the name of an event that repeats, the times that stand as events of their own, moved or called off."""
    found: dict[str, set[date]] = {}
    for event in events:
        try:
            day = _day(event.decoded("RECURRENCE-ID")) if event.get("RECURRENCE-ID") is not None else None
        except _BROKEN:
            continue
        if day is not None:
            found.setdefault(_said(event, "UID"), set()).add(day)
    return found


def _taken(event: Any, moved: dict[str, set[date]]) -> tuple[list[dict[str, str]], bool]:
    """The days of one event, and whether they are all of them in the years that are looked at.

    Raises:
        ValueError: for what can't be read.
    """
    name = line(_said(event, "SUMMARY"), 120)
    span = _span(event)
    if span is None or not name:
        raise ValueError("an event needs a day and a name")
    first, last = span
    key = line(_said(event, "UID"), 150) or name
    starts = _starts(event, first, moved.get(_said(event, "UID"), set()))
    made = [
        {"name": name, "first": one.isoformat(), "last": (one + (last - first)).isoformat(), "key": f"{key}|{one}"}
        for one in (starts if starts is not None else [first])
    ]
    return made, starts is not None


def _starts(event: Any, first: date, moved: set[date]) -> list[date] | None:
    """On which days it begins; None where its rule is not followed."""
    rule = event.get("RRULE")
    if rule is None:
        return [first] if event.get("RDATE") is None else None
    if isinstance(rule, list) or event.get("RDATE") is not None:
        return None
    told = {str(name).upper(): [_part(one) for one in values] for name, values in rule.items()}
    begin = max(first.year, datetime.now(UTC).year - 1)
    window = date(begin, 1, 1), date(min(begin + _YEARS - 1, LAST_YEAR), 12, 31)
    return times(first, told, window, out=_out(event) | moved)


def _part(value: object) -> str:
    day = _day(value)
    return day.isoformat() if day is not None else str(value).upper()


def _out(event: Any) -> set[date]:
    given = event.get("EXDATE")
    lists = given if isinstance(given, list) else [given] if given is not None else []
    return {day for one in lists for each in one.dts if (day := _day(each.dt)) is not None}


def _span(event: Any) -> tuple[date, date] | None:
    begin = event.decoded("DTSTART")
    end = event.decoded("DTEND") if event.get("DTEND") else begin
    first, last = _day(begin), _day(end)
    if first is None or last is None:
        return None
    midnight = not isinstance(end, datetime) or end.time() == time(0)
    if midnight and last > first:
        last -= timedelta(days=1)  # what ends at midnight ended the day before
    return (first, last) if first <= last <= first + LONGEST and FIRST_YEAR <= first.year <= LAST_YEAR else None


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _said(event: Any, name: str) -> str:
    """A property as text, the first where there are several."""
    value = event.get(name, "")
    return str(value[0] if isinstance(value, list) else value)
