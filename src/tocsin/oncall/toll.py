"""What duty takes from each person: hours, nights, pages, time with distressing material; and how evenly it falls.

A night is 22:00 to 08:00 in the person's own zone. It counts, under the date of its evening, from two hours on duty.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.oncall import schedule
from tocsin.oncall.duty import Roster, zone_of
from tocsin.oncall.models import Limits, Load, Rest, Rota
from tocsin.oncall.walltime import local_date, night
from tocsin.people.models import Person

WEEK = timedelta(days=7)
NIGHT_COUNTS = timedelta(hours=2)
_DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Toll:
    """What duty took from one person within some time. ``pages`` has those at night in it, ``hours`` what somebody
    noted beyond the plan."""

    hours: float = 0.0
    nights: int = 0
    pages: int = 0
    night_pages: int = 0
    exposure_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """One person's part of a rota: what they had, as a share of all, beside an equal share of it (0 to 1).

    The equal share leaves out the time that somebody was away. Shares are None where there was nothing to share.
    """

    person: Person
    toll: Toll
    hours: float | None
    nights: float | None
    pages: float | None
    equal: float


@dataclass(frozen=True, slots=True)
class Strain:
    """A moment to come at which the plan alone takes somebody past a limit: ``amount`` within seven days."""

    person: Person
    at: datetime
    why: Rest.Why
    amount: float
    limit: int


def tolls(roster: Roster, since: datetime, until: datetime, *, private: bool = False) -> dict[int, Toll]:
    """What the rotas of this roster took from each of their people.

    ``private`` counts what others must not know too: only for rest, and for showing it to that very person.
    """
    spans = on_duty_spans(roster, since, until)
    costs = loads(set(roster.people), since, until, private)
    return {pk: toll_of(spans.get(pk, ()), costs[pk], zone_of(person), since) for pk, person in roster.people.items()}


def toll_of(spans: Sequence[Span], loads: Iterable[Load], zone: ZoneInfo, since: datetime) -> Toll:
    """Spans of duty and single loads, as far as they lie after a moment, as figures."""
    spans = cut(spans, since)
    amounts: Counter[str] = Counter()
    for load in loads:
        if load.at >= since:
            amounts[load.kind] += load.amount
    at_night = amounts[Load.Kind.NIGHT_PAGE]
    return Toll(
        hours=sum((end - begin for begin, end in spans), timedelta(0)) / timedelta(hours=1)
        + amounts[Load.Kind.EXTRA] / 60,
        nights=len(nights(spans, zone)),
        pages=amounts[Load.Kind.PAGE] + at_night,
        night_pages=at_night,
        exposure_minutes=amounts[Load.Kind.EXPOSURE],
    )


def cut(spans: Iterable[Span], since: datetime) -> list[Span]:
    """These spans as far as they lie after a moment."""
    return [(max(begin, since), end) for begin, end in spans if end > since]


def on_duty_spans(roster: Roster, since: datetime, until: datetime) -> dict[int, list[Span]]:
    """When each person holds any of the rotas, in order; two rotas at once count once."""
    found: dict[int, list[Span]] = defaultdict(list)
    for rota in roster.rotas:
        for slot in schedule.held(schedule.slots(roster.plan(rota), since, until)):
            if slot.person is not None:
                found[slot.person].append((slot.since, slot.until))
    return {person: _joined(spans) for person, spans in found.items()}


def nights(spans: Sequence[Span], zone: ZoneInfo) -> list[date]:
    """The evenings of those nights in which at least two hours were on duty, in order."""
    hours: Counter[date] = Counter()
    for begin, end in spans:
        day = local_date(begin, zone) - _DAY
        while (bounds := night(day, zone))[0] < end:
            hours[day] += max(0, int((min(end, bounds[1]) - max(begin, bounds[0])).total_seconds()))
            day += _DAY
    return sorted(day for day, seconds in hours.items() if seconds >= NIGHT_COUNTS.total_seconds())


# With less duty than this on a rota, in hours, shares of it say nothing: whoever began holds nearly all of it.
COMPARED = 24.0


def fairness(rota: Rota, until: datetime, weeks: int = 8) -> list[Share]:
    """How a rota's hours, nights and pages fell in the weeks before ``until``, the busiest first.

    No private page is in these figures, whoever looks.
    """
    since = until - weeks * WEEK
    roster = Roster.load([rota], since=since, now=until)
    had = tolls(roster, since, until)
    present = {pk: _present(roster, rota, pk, since, until) for pk in had}
    everybody = sum(present.values()) or 1.0
    hours, nights_, pages = (sum(getattr(one, of) for one in had.values()) for of in ("hours", "nights", "pages"))
    shares = [
        Share(
            roster.people[pk],
            toll,
            toll.hours / hours if hours >= COMPARED else None,
            toll.nights / nights_ if nights_ else None,
            toll.pages / pages if pages else None,
            present[pk] / everybody,
        )
        for pk, toll in had.items()
    ]
    return sorted(shares, key=lambda one: (-one.toll.hours, one.person.name))


def limits_of(people: Collection[int]) -> dict[int, Limits]:
    """The limits that hold for each of these people: their own, else the team's, else the defaults."""
    rows = {row.person_id: row for row in Limits.objects.all()}
    team = rows.get(None) or Limits()
    return {pk: rows.get(pk, team) for pk in people}


def strains(roster: Roster, since: datetime, until: datetime) -> list[Strain]:
    """Where the plan itself would take people past their limits of hours or nights, each person's first such moment.

    For whoever arranges turns: better shorter turns now than a rest in the middle of one.
    """
    limits = limits_of(set(roster.people))
    found = []
    for pk, spans in on_duty_spans(roster, since - WEEK, until).items():
        person = roster.people[pk]
        first = [*_past_hours(person, spans, limits[pk].hours), *_past_nights(person, spans, limits[pk].nights)]
        found += sorted((one for one in first if since <= one.at), key=lambda one: one.at)[:1]
    return sorted(found, key=lambda one: one.at)


def _past_hours(person: Person, spans: Sequence[Span], limit: int) -> Iterable[Strain]:
    for number, (_, end) in enumerate(spans):
        week = [max(begin, end - WEEK) for begin, _ in spans[: number + 1]]
        lengths = (stop - begin for begin, (_, stop) in zip(week, spans, strict=False) if stop > begin)
        hours = sum(lengths, timedelta(0)) / timedelta(hours=1)
        if hours > limit:
            yield Strain(person, end, Rest.Why.HOURS, hours, limit)


def _past_nights(person: Person, spans: Sequence[Span], limit: int) -> Iterable[Strain]:
    zone = zone_of(person)
    evenings = nights(spans, zone)
    for number, day in enumerate(evenings):
        within = sum(1 for one in evenings[: number + 1] if day - one < WEEK)
        if within > limit:
            yield Strain(person, night(day, zone)[0], Rest.Why.NIGHTS, within, limit)


def _present(roster: Roster, rota: Rota, person: int, since: datetime, until: datetime) -> float:
    """The seconds in which somebody was in a layer of the rota and not away."""
    plan = roster.plan(rota)
    places = [
        (max(since, one.opened_at or since, one.start_of(0)), min(until, one.closed_at or until))
        for one in plan.layers
        if person in one.people
    ]
    away = _joined([(max(one.since, since), min(one.until, until)) for one in plan.absences if one.person == person])
    inside = _joined([(begin, end) for begin, end in places if begin < end])
    missed = sum(
        (max(timedelta(0), min(end, stop) - max(begin, start)) for begin, end in inside for start, stop in away),
        timedelta(0),
    )
    return (sum((end - begin for begin, end in inside), timedelta(0)) - missed).total_seconds()


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((begin, end))
    return joined


def loads(people: Collection[int], since: datetime, until: datetime, private: bool) -> Mapping[int, list[Load]]:
    """What duty cost these people between two moments, single rows; with or without what only they may know."""
    rows = Load.objects.filter(person__in=people, at__gte=since, at__lt=until)
    found: dict[int, list[Load]] = defaultdict(list)
    for row in rows if private else rows.filter(private=False):
        found[row.person_id].append(row)
    return found
