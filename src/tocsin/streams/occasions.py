"""Days on which networks were cut elsewhere, or on which people read less: elections, exams, holidays, anniversaries.

They are entered by hand, taken from a calendar file, or kept by a calendar at an address, for one country each. Fusion
takes them as weak hints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.analysis.fusion.facts import Sort
from tocsin.audit.actions import record
from tocsin.lib import jail
from tocsin.lib.territories import TERRITORIES
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.streams.calendars import LONGEST
from tocsin.streams.drafts import RefusedError
from tocsin.streams.models import Occasion, Source
from tocsin.streams.sources.base import NewOccasion
from tocsin.streams.sources.cleaning import line
from tocsin.streams.turns import turn

PARSER = "tocsin.streams.calendars:days"
_EARLIEST, _LATEST = date(1990, 1, 1), date(2100, 12, 31)
LARGEST = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OccasionDraft:
    """One occasion as somebody states it; ``last`` is included, and ``first`` where it is left out."""

    country: str
    sort: str
    name: str
    first: date
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """What a calendar became: days that were new, that were known, that can't be read; ``first_only`` repeat in a way
    that was not followed."""

    new: int
    known: int
    lost: int
    first_only: int


def occasions_for(person: Person) -> QuerySet[Occasion]:
    """The occasions that stand, the next ones first."""
    if not person.may(Right.READ):
        return Occasion.objects.none()
    return Occasion.objects.filter(removed_at=None).order_by("first", "country", "pk")


def access_occasion(person: Person, number: int) -> Occasion:
    """One occasion.

    Raises:
        Http404: when it does not stand, or the person may not read.
    """
    row = occasions_for(person).filter(pk=number).first()
    if row is None:
        raise Http404
    return row


@transaction.atomic
def add(person: Person, draft: OccasionDraft) -> Occasion:
    """Enter an occasion.

    Raises:
        RefusedError: for a draft that can't be used.
    """
    row = Occasion.objects.create(**_checked(draft), added_by=person)
    record(person.pk, "occasion.add", f"occasion:{row.pk}", country=row.country, sort=row.sort)
    return row


@transaction.atomic
def edit(person: Person, occasion: Occasion, draft: OccasionDraft) -> Occasion:
    """Change an occasion.

    Raises:
        RefusedError: for a draft that can't be used.
    """
    row = Occasion.objects.select_for_update().get(pk=occasion.pk)
    for name, value in _checked(draft).items():
        setattr(row, name, value)
    row.source = None  # a person's word stands, whatever the calendar says later
    row.save()
    record(person.pk, "occasion.edit", f"occasion:{row.pk}", country=row.country, sort=row.sort)
    return row


@transaction.atomic
def remove(person: Person, occasion: Occasion) -> None:
    """Take an occasion out; the same calendar brings it back only if somebody restores it."""
    if Occasion.objects.filter(pk=occasion.pk, removed_at=None).update(removed_at=timezone.now()):
        record(person.pk, "occasion.remove", f"occasion:{occasion.pk}")


@transaction.atomic
def restore(person: Person, number: int) -> None:
    """Take a removal back.

    Raises:
        Http404: when there is nothing to take back.
    """
    if not Occasion.objects.filter(pk=number, removed_at__isnull=False).update(removed_at=None):
        raise Http404
    record(person.pk, "occasion.restore", f"occasion:{number}")


def bring(person: Person, body: bytes, country: str, sort: str) -> Brought:
    """Take the days of a calendar file as occasions of one country and sort; the same file again changes nothing.

    Raises:
        RefusedError: when it is no calendar, or country or sort can't be used.
    """
    if len(body) > LARGEST:
        raise RefusedError(_("The calendar is larger than 2 MB. Split it."), "file")
    country, sort = _country(country), _sort(sort)
    with turn():
        result = jail.run(PARSER, body)
    if result.failure is not None:
        raise RefusedError(result.failure.message, "file")
    found = result.data
    with transaction.atomic():
        known = set(Occasion.objects.filter(country=country).values_list("key", flat=True))
        rows = {
            key: Occasion(country=country, sort=sort, key=key, added_by=person, **_read(one))
            for one in found["days"]
            if (key := line(one["key"], 200)) not in known
        }
        Occasion.objects.bulk_create(rows.values())
        record(person.pk, "occasion.bring", f"country:{country}", sort=sort, days=len(rows))
    return Brought(len(rows), len(found["days"]) - len(rows), int(found["lost"]), int(found["first_only"]))


def keep(source: Source, days: Sequence[NewOccasion]) -> int:
    """Let occasions follow the calendar of a source, in the caller's transaction; how many are new.

    Days to come that it holds no more go, where it brought them and no person changed them; an empty calendar takes
    nothing away. What somebody took out stays out.
    """
    if not days:
        return 0
    wanted = {(one.country, one.key): one for one in days if one.key and one.name and one.sort in set(Sort)}
    known = {(row.country, row.key): row for row in Occasion.objects.filter(country__in={one for one, _key in wanted})}
    own = Occasion.objects.filter(source=source, removed_at=None, first__gt=timezone.localdate())
    gone = [row.pk for row in own if (row.country, row.key) not in wanted]
    Occasion.objects.filter(pk__in=gone).delete()
    fresh = []
    for place, one in wanted.items():
        values = {"sort": one.sort, "name": one.name, "first": one.first, "last": one.last}
        row = known.get(place)
        if row is None:
            fresh.append(Occasion(country=one.country, key=one.key, source=source, **values))
        elif row.source_id == source.pk and any(getattr(row, name) != value for name, value in values.items()):
            Occasion.objects.filter(pk=row.pk).update(**values)
    Occasion.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
    return len(fresh)


def near(country: str, day: date, within: timedelta) -> list[Occasion]:
    """The occasions of a country that touch the days around one."""
    rows = Occasion.objects.filter(removed_at=None, country=country, first__lte=day + within, last__gte=day - within)
    return list(rows.order_by("first", "pk")[:100])


def _read(one: dict[str, Any]) -> dict[str, Any]:
    first, last = (date.fromisoformat(str(one[name])) for name in ("first", "last"))
    return {"name": line(one["name"], 120), "first": first, "last": last}


def _checked(draft: OccasionDraft) -> dict[str, Any]:
    name, last = line(draft.name, 120), draft.last or draft.first
    if not name:
        raise RefusedError(_("Give it a name, such as “General election”."), "name")
    if not _EARLIEST <= draft.first <= _LATEST:
        raise RefusedError(_("Give a day between 1990 and 2100."), "first")
    if not draft.first <= last <= draft.first + LONGEST:
        raise RefusedError(_("The last day must not come before the first, nor more than 60 days after it."), "last")
    return {
        "country": _country(draft.country),
        "sort": _sort(draft.sort),
        "name": name,
        "first": draft.first,
        "last": last,
    }


def _country(code: str) -> str:
    code = code.strip().upper()
    if code not in TERRITORIES:
        raise RefusedError(_("Give a two-letter country code, such as KE."), "country")
    return code


def _sort(sort: str) -> str:
    if sort not in set(Sort):
        raise RefusedError(_("There is no such sort of occasion."), "sort")
    return sort
