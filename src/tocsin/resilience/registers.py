"""What pages show of the register: the heat map, how it moved, what a treatment changed, and what is suggested."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from tocsin.people.models import Person
from tocsin.resilience.access import communities_for
from tocsin.resilience.models import Community
from tocsin.resilience.risk_access import risks_for
from tocsin.resilience.risk_models import Answer, Incident, Rating, Risk, Treatment
from tocsin.resilience.scales import BANDS, Band, band
from tocsin.situations.access import levels_for, situations_for
from tocsin.situations.models import Situation

QUARTERS = 8
MOST_MOVED = 200
MOST_SUGGESTED = 60
_FROM_IMPACT, _FROM_PROBABILITY = 4, 0.3
_REST = timedelta(days=90)
SHORTEST, LONGEST = 30, 365


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the heat map."""

    likelihood: int
    impact: int
    band: Band
    count: int


@dataclass(frozen=True, slots=True)
class Quarter:
    """How many risks stood in each band at the end of a quarter, the gravest first."""

    on: date
    counts: tuple[int, ...]

    def pairs(self) -> list[tuple[Band, int]]:
        """Each band with its count."""
        return list(zip(BANDS, self.counts, strict=True))


@dataclass(frozen=True, slots=True)
class Moved:
    """A risk whose level is not what it was; ``before`` None: nobody had rated it."""

    risk: Risk
    before: Band | None
    level_before: int
    now: Band


@dataclass(frozen=True, slots=True)
class Effect:
    """Incidents in equal spans before and after a treatment was done; ``days`` is how long each span is."""

    days: int
    before: int
    after: int
    too_early: bool


@dataclass(frozen=True, slots=True)
class Suggested:
    """What may be a risk of a community: a situation there, or the level of a harm there."""

    community: Community
    situation: Situation | None
    country: str
    harm: str
    probability: float


def heat(person: Person, stage: str) -> list[list[Cell]]:
    """Open risks by likelihood (rows, 5 first) and impact (columns, 1 first), in one query."""
    rows = Rating.objects.filter(stage=stage, until=None, risk__in=_open(person))
    counted = {(a, b): n for a, b, n in rows.values_list("likelihood", "impact").annotate(n=Count("pk"))}
    return [
        [Cell(row, column, band(row * column), counted.get((row, column), 0)) for column in range(1, 6)]
        for row in range(5, 0, -1)
    ]


def quarter_start(today: date) -> datetime:
    """The first moment, in UTC, of the quarter of a day."""
    return datetime(today.year, 3 * ((today.month - 1) // 3) + 1, 1, tzinfo=UTC)


def quarters(person: Person, today: date) -> list[Quarter]:
    """Bands at the ends of the last quarters and now, the oldest first; one query each."""
    ends = [quarter_start(today)]
    while len(ends) < QUARTERS - 1:
        ends.append(quarter_start((ends[-1] - timedelta(days=1)).date()))
    moments = [(one, (one - timedelta(days=1)).date()) for one in reversed(ends)]
    found = [Quarter(day, _banded(_at(person, moment))) for moment, day in moments]
    return [*found, Quarter(today, _banded(Rating.objects.filter(until=None, risk__in=_open(person))))]


def _at(person: Person, moment: datetime) -> QuerySet[Rating]:
    held = Q(until=None) | Q(until__gt=moment)
    return Rating.objects.filter(held, at__lte=moment, risk__in=risks_for(person))


def _banded(rows: QuerySet[Rating]) -> tuple[int, ...]:
    rows = rows.filter(stage=Rating.Stage.CURRENT)
    totals = dict.fromkeys((one.key for one in BANDS), 0)
    for level, count in rows.annotate(level=F("likelihood") * F("impact")).values_list("level").annotate(n=Count("pk")):
        totals[band(level).key] += count
    return tuple(totals.values())


def moved(person: Person, today: date) -> list[Moved]:
    """Open risks whose level is not what it was when this quarter began, the gravest first; three queries."""
    moment = quarter_start(today)
    rows = _open(person).filter(ratings__stage=Rating.Stage.CURRENT, ratings__until=None, ratings__at__gt=moment)
    found = list(rows.order_by("-level", "-pk")[:MOST_MOVED])
    then = _at(person, moment).filter(stage=Rating.Stage.CURRENT, risk__in=[one.pk for one in found])
    before = {number: a * b for number, a, b in then.values_list("risk_id", "likelihood", "impact")}
    told = [
        Moved(one, band(before[one.pk]) if one.pk in before else None, before.get(one.pk, 0), band(one.level))
        for one in found
    ]
    return [one for one in told if one.level_before != one.risk.level]


def effect(treatment: Treatment, incidents: Sequence[Situation], today: date) -> Effect | None:
    """What happened before and after a treatment was done, over equal spans of at most a year; None while it is not.

    Few incidents prove nothing, and other things changed as well: it is a count, and no proof of cause.
    """
    if treatment.ended_as != Treatment.End.DONE or treatment.ended_on is None:
        return None
    days = min((today - treatment.ended_on).days, LONGEST)
    span = timedelta(days=days)
    when = [one.first_at.date() for one in incidents]
    before = sum(treatment.ended_on - span <= one < treatment.ended_on for one in when)
    after = sum(treatment.ended_on <= one < treatment.ended_on + span for one in when)
    return Effect(days, before, after, days < SHORTEST)


def suggested(person: Person, now: datetime) -> list[Suggested]:
    """What may be a risk, of what this person may read: grave situations and raised levels where communities live.

    What was answered is not made again; a level that was refused comes back after three months, if it still stands.
    """
    homes: dict[str, list[Community]] = {}
    for community in communities_for(person).filter(put_away_at=None).order_by("name"):
        for code in community.countries:
            homes.setdefault(code, []).append(community)
    return [*_from_situations(person, homes), *_from_levels(person, homes, now)][:MOST_SUGGESTED]


def _from_situations(person: Person, homes: Mapping[str, list[Community]]) -> Iterable[Suggested]:
    rows = situations_for(person).filter(state=Situation.State.OPEN, country__in=homes, exercise=False)
    rows = rows.filter(Q(our_link=True) | Q(impact__gte=_FROM_IMPACT))
    found = list(rows.order_by("-rank", "-pk")[:MOST_SUGGESTED])
    answered = set(Answer.objects.filter(situation__in=found).values_list("community_id", "situation_id"))
    answered |= set(Incident.objects.filter(situation__in=found).values_list("risk__community_id", "situation_id"))
    for row in found:
        for community in homes[row.country]:
            if (community.pk, row.pk) not in answered:
                yield Suggested(community, row, row.country, row.harm, row.probability)


def _from_levels(person: Person, homes: Mapping[str, list[Community]], now: datetime) -> Iterable[Suggested]:
    rows = levels_for(person).filter(current=True, probability__gte=_FROM_PROBABILITY, country__in=homes)
    levels = rows.order_by("-probability").values_list("country", "harm", "probability")[:MOST_SUGGESTED]
    lately = Answer.objects.filter(situation=None, at__gt=now - _REST)
    answered = set(lately.values_list("community_id", "country", "harm"))
    known = set(_open(person).exclude(harm="").values_list("community_id", "harm"))
    for country, harm, probability in levels:
        for community in homes[country]:
            if (community.pk, country, harm) not in answered and (community.pk, harm) not in known:
                yield Suggested(community, None, country, harm, probability)


def _open(person: Person) -> QuerySet[Risk]:
    return risks_for(person).exclude(state=Risk.State.CLOSED)
