"""Who is on duty, and who next, read from the rows.

A `Roster` is loaded once, with the same few queries however many rotas and moments it is then asked about.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tocsin.oncall import models, schedule
from tocsin.oncall.models import Rota
from tocsin.oncall.schedule import Because, Plan, Slot
from tocsin.oncall.turns import Layer, Unit
from tocsin.people.models import Person

WEEKS_AHEAD = timedelta(weeks=6)
_FOREVER = datetime.max.replace(tzinfo=UTC)

BECAUSE = {
    Because.TURN: _("it is their turn"),
    Because.OVERRIDE: _("it was arranged so"),
    Because.SWAP: _("they swapped"),
    Because.AWAY: _("somebody is away"),
    Because.REST: _("somebody rests"),
    Because.SUBSTITUTE: _("they accepted to stand in for somebody who rests"),
    Because.STAYS: _("they should rest, and nobody else is left who accepted"),
    Because.NOBODY: _("no layer covers this time"),
    Because.ALL_AWAY: _("everybody is away"),
}


@dataclass(frozen=True, slots=True)
class Duty:
    """Who holds a rota at one moment. ``person`` is None where nobody does.

    ``since`` and ``until`` are None where the change lies more than two months away. ``next`` is who holds it after
    ``until``; for who could be called at this very moment ask ``Roster.standbys``.
    """

    person: Person | None
    since: datetime | None
    until: datetime | None
    next: Person | None
    because: Because
    instead_of: Person | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of time with one holder and one reason; ``person`` is never None."""

    rota: Rota
    person: Person
    since: datetime
    until: datetime
    because: Because
    instead_of: Person | None = None
    override: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time that nobody holds."""

    rota: Rota
    since: datetime
    until: datetime
    because: Because


@dataclass(frozen=True, slots=True)
class Handover:
    """A moment at which a rota changes hands. The local times are in each person's own zone, else in the rota's."""

    rota: Rota
    at: datetime
    giver: Person | None
    taker: Person | None
    giver_local: datetime
    taker_local: datetime


class Roster:
    """Rotas with everything that decides who holds them, as of one moment of reading."""

    def __init__(self, rotas: Iterable[Rota], plans: Mapping[int, Plan], people: Mapping[int, Person]) -> None:
        self.rotas = tuple(rotas)
        self.people = people
        self._plans = plans

    @classmethod
    def load(
        cls, rotas: Iterable[Rota] | None = None, *, since: datetime | None = None, now: datetime | None = None
    ) -> Self:
        """Read these rotas, or all that have not ended, with six queries.

        Ask it about no moment before ``since`` (two months ago if none is given). Accounts that were ended count as
        away from ``now`` on.
        """
        now = now or timezone.now()
        since = since or now - schedule.HORIZONS[-1]
        found = list(Rota.objects.filter(ended_at=None).order_by("name", "pk")) if rotas is None else list(rotas)
        layers = _layers(found, since)
        overrides = _overrides(found, since)
        away = [
            schedule.Away(one.person_id, one.since, _end(one)) for one in models.Absence.objects.filter(until__gt=since)
        ]
        rests = [
            schedule.Rest(one.person_id, one.since, _end(one), one.substitute_id if one.accepted_at else None)
            for one in models.Rest.objects.filter(until__gt=since)
        ]
        known = {person for each in layers.values() for layer in each for person in layer.people}
        known |= {one.person for each in overrides.values() for one in each}
        known |= {one.substitute for one in rests if one.substitute is not None}
        people = Person.objects.in_bulk(known)
        away += [schedule.Away(one.pk, now, _FOREVER) for one in people.values() if not one.is_active]
        plans = {
            rota.pk: Plan(tuple(layers[rota.pk]), tuple(overrides[rota.pk]), tuple(away), tuple(rests))
            for rota in found
        }
        return cls(found, plans, people)

    def plan(self, rota: Rota) -> Plan:
        """The pure plan of a rota, for questions that this class has no word for."""
        return self._plans[rota.pk]

    def at(self, rota: Rota, at: datetime, *, life: bool = False) -> Duty:
        """Who holds the rota at a moment, since when, until when, and who next."""
        found = schedule.standing(self.plan(rota), at, life=life)
        return Duty(
            self._person(found.person),
            found.since,
            found.until,
            self._person(found.next),
            found.because,
            self._person(found.instead_of),
        )

    def person(self, rota: Rota, at: datetime, *, life: bool = False) -> Person | None:
        """Who holds the rota at a moment: the cheapest question."""
        return self._person(schedule.at(self.plan(rota), at, life=life).person)

    def standbys(self, rota: Rota, at: datetime, *, life: bool = False) -> list[Person]:
        """Who else could be called at this moment, as their turns come: nobody who is away, and in the lane for life
        and liberty those who rest last, otherwise not at all.
        """
        found = schedule.standbys(self.plan(rota), at, life=life)
        return [self.people[one] for one in found]

    def shifts(self, rota: Rota, since: datetime, until: datetime, *, life: bool = False) -> list[Shift]:
        """Everybody's stretches of duty between two moments, in order; what lies between them are gaps."""
        found = schedule.slots(self.plan(rota), since, until, life=life)
        return [self._shift(rota, one) for one in found if one.person is not None]

    def gaps(self, rota: Rota, since: datetime, until: datetime) -> list[Gap]:
        """The stretches that nobody holds between two moments, in order."""
        found = schedule.held(schedule.slots(self.plan(rota), since, until))
        return [Gap(rota, one.since, one.until, one.because) for one in found if one.person is None]

    def handovers(self, rota: Rota, since: datetime, until: datetime) -> list[Handover]:
        """Each change of hands between two moments, gaps included (there one side is None)."""
        found = schedule.held(schedule.slots(self.plan(rota), since, until))
        return [self._handover(rota, before, after) for before, after in pairwise(found)]

    def _person(self, pk: int | None) -> Person | None:
        return None if pk is None else self.people[pk]

    def _shift(self, rota: Rota, slot: Slot) -> Shift:
        assert slot.person is not None
        override = slot.source[1] if slot.source and slot.source[0] == "override" else None
        instead_of = self._person(slot.instead_of)
        return Shift(rota, self.people[slot.person], slot.since, slot.until, slot.because, instead_of, override)

    def _handover(self, rota: Rota, before: Slot, after: Slot) -> Handover:
        giver, taker = self._person(before.person), self._person(after.person)
        here = after.since.astimezone(zone_of(giver, rota)), after.since.astimezone(zone_of(taker, rota))
        return Handover(rota, after.since, giver, taker, *here)


def on_duty(rota: Rota, at: datetime, *, life: bool = False) -> Duty:
    """Who holds a rota at a moment; for several rotas or moments load a `Roster` once."""
    return Roster.load([rota], since=_before(at)).at(rota, at, life=life)


def upcoming(rota: Rota, since: datetime, until: datetime) -> list[Shift]:
    """A rota's shifts between two moments, in order."""
    return Roster.load([rota], since=since).shifts(rota, since, until)


def gaps(rota: Rota, since: datetime, until: datetime) -> list[Gap]:
    """The stretches between two moments that nobody holds, in order."""
    return Roster.load([rota], since=since).gaps(rota, since, until)


def shifts_of(person: Person, since: datetime, until: datetime) -> list[Shift]:
    """One person's own shifts on every rota between two moments, in order of time."""
    roster = Roster.load(since=since)
    mine = [
        shift for rota in roster.rotas for shift in roster.shifts(rota, since, until) if shift.person.pk == person.pk
    ]
    return sorted(mine, key=lambda one: (one.since, one.rota.pk))


def zone_of(person: Person | None, rota: Rota | None = None) -> ZoneInfo:
    """The zone that a person chose, else the rota's, else the house's."""
    chosen = (person.time_zone if person else "") or (rota.time_zone if rota else "")
    return ZoneInfo(chosen or settings.CONFIGURATION.time_zone)


def _before(at: datetime) -> datetime:
    return at - schedule.HORIZONS[-1]


def _layers(rotas: list[Rota], since: datetime) -> dict[int, list[Layer]]:
    """The layers of each rota, the highest first."""
    places = Prefetch("people", models.LayerPerson.objects.order_by("position"))
    rows = models.Layer.objects.filter(Q(closed_at=None) | Q(closed_at__gt=since), rota__in=rotas)
    found: dict[int, list[Layer]] = defaultdict(list)
    for row in rows.order_by("-position", "pk").prefetch_related(places):
        found[row.rota_id].append(layer_of(row, [one.person_id for one in row.people.all()]))
    return found


def layer_of(row: models.Layer, people: Iterable[int]) -> Layer:
    """A row with its people as arithmetic."""
    return Layer(
        key=row.pk,
        people=tuple(people),
        zone=ZoneInfo(row.time_zone),
        starts_on=row.starts_on,
        handover_at=row.handover_at,
        unit=Unit(row.unit),
        length=row.length,
        weekdays=row.weekdays,
        from_time=row.from_time,
        until_time=row.until_time,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


def _overrides(rotas: list[Rota], since: datetime) -> dict[int, list[schedule.Override]]:
    found: dict[int, list[schedule.Override]] = defaultdict(list)
    for row in models.Override.objects.filter(rota__in=rotas, until__gt=since):
        found[row.rota_id].append(
            schedule.Override(row.pk, row.person_id, row.since, _end(row), row.pk, row.swap_id is not None)
        )
    return found


def _end(row: models.Override | models.Absence | models.Rest) -> datetime:
    """When it ends, or ended before its time: what was so before that stays as it was."""
    return row.until if row.ended_at is None else min(row.until, row.ended_at)
