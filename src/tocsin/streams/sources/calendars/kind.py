"""A calendar at an address: its days become occasions of the countries that it is for."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from tocsin.lib import http, jail
from tocsin.streams.sources.base import Batch, Kind, NewOccasion, Option, Request, Target, _
from tocsin.streams.sources.cleaning import line

LARGEST = 2 * 1024 * 1024
MOST = 2_000
"""Days that one answer may bring, over all of its countries."""

COUNTRIES = Option(
    "countries", _("Countries that it is for"), "list", _("Two-letter codes, one a line."), default=(), required=True
)
SORT = Option(
    "sort",
    _("What its days are"),
    "choice",
    default="holiday",
    choices=(
        ("holiday", _("holiday")),
        ("election", _("election")),
        ("exam", _("exam")),
        ("protest", _("protest")),
        ("anniversary", _("anniversary")),
    ),
)


class Calendars(Kind):
    """Days on which networks have been cut elsewhere, or on which people read less."""

    name: ClassVar[str] = "calendars"
    title: ClassVar[str] = _("Calendar")
    about: ClassVar[str] = _("Elections, exams or holidays from a calendar (iCalendar, .ics) that somebody keeps.")
    address_help: ClassVar[str] = _("The address of the .ics file; where it begins with webcal, write https instead.")
    default_every: ClassVar[timedelta] = timedelta(days=1)
    options: ClassVar[tuple[Option, ...]] = (COUNTRIES, SORT)

    def variant(self, options: Mapping[str, Any]) -> str:
        """Countries and sort: one calendar may be subscribed to for several."""
        target = Target("", options)
        return "|".join((",".join(sorted(target.option(COUNTRIES))), str(target.option(SORT))))

    def plan(self, target: Target, now: datetime) -> Request | None:
        """The calendar's address, always. Once a year it is read again though it did not change: its window moves."""
        return Request(
            url=f"{target.url.partition('#')[0]}#{now.year}",
            parser="tocsin.streams.calendars:days",
            accept="text/calendar, */*;q=0.5",
            fetch_limits=http.Limits(received=LARGEST, unpacked=LARGEST),
            parse_limits=jail.Limits(payload=LARGEST),
        )

    def take(self, target: Target, request: Request, data: Any, now: datetime) -> Batch:
        """Every day of it, for each of its countries."""
        days, sort = list(data["days"]), str(target.option(SORT))
        found = [
            NewOccasion(
                country=str(country),
                sort=sort,
                name=line(one["name"], 120),
                first=date.fromisoformat(str(one["first"])),
                last=date.fromisoformat(str(one["last"])),
                key=line(one["key"], 200),
            )
            for one in days
            for country in target.option(COUNTRIES)
        ]
        lost, first_only = int(data["lost"]) + max(0, len(found) - MOST), int(data["first_only"])
        refused = [f"{lost} days can't be read, or are too many; they were left out."] if lost else []
        refused += (
            [f"{first_only} repeat in a way that is not followed: only the first day was taken."] if first_only else []
        )
        return Batch(occasions=found[:MOST], entries=len(days), refused=refused, memory=dict(target.memory))
