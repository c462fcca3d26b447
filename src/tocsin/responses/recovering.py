"""Recovery, measured: how long until what fell was back at its baseline, by findings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from tocsin.people.models import Person
from tocsin.responses.log.folding import Plan
from tocsin.signals.access import findings_for, signals_for
from tocsin.signals.models import Finding, Signal
from tocsin.situations.access import access_situation
from tocsin.situations.models import Member

FINDINGS = "findings"
_MOST = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured thing: since when it is away from its baseline, and when it was back; None while it is not."""

    finding: int
    title: str
    fell_at: datetime
    back_at: datetime | None
    before: float
    now: float

    @property
    def lasted(self) -> timedelta | None:
        """How long it was away; None while it still is."""
        return self.back_at - self.fell_at if self.back_at is not None else None


def series(country: str, kind: str = "", subject: str = "") -> str:
    """How an indicator names what is measured."""
    return ":".join((FINDINGS, country, kind, subject)).rstrip(":")


def readings(person: Person, plan: Plan) -> list[Reading]:
    """What was measured of a plan's situation, and what its indicators name; only what this person may read.

    A plan whose situation can't be read has the readings of its indicators alone.
    """
    wanted = Q(pk__in=[])
    if plan.begun.about and not plan.sealed:
        wanted |= Q(pk__in=_of_situation(person, access_situation(person, plan.begun.about).pk))
    for indicator in plan.content.indicators:
        wanted |= _named(indicator.series, plan.opened_at)
    return of(findings_for(person).filter(wanted).order_by("opened_at", "pk")[:_MOST])


def of(findings: Iterable[Finding]) -> list[Reading]:
    """Findings as readings, in their order."""
    found = list(findings)
    titles = dict(Signal.objects.filter(finding__in=found).values_list("finding", "title"))
    return [Reading(one.pk, titles.get(one.pk, ""), one.opened_at, one.closed_at, one.before, one.now) for one in found]


def still_away(person: Person, situation: int | None) -> bool:
    """Whether something measured of a situation, that this person may read, is not back at its baseline yet."""
    numbers = _of_situation(person, situation) if situation is not None else []
    return findings_for(person).filter(pk__in=numbers, closed_at=None).exists()


def _of_situation(person: Person, situation: int) -> list[int]:
    members = Member.objects.filter(situation=situation, signal__finding__isnull=False)
    mine = signals_for(person).filter(pk__in=members.values("signal"))
    return list(mine.values_list("finding", flat=True)[:_MOST])


def _named(name: str, since: datetime) -> Q:
    words = name.split(":")
    if len(words) < 2 or words[0] != FINDINGS or not words[1]:
        return Q(pk__in=[])
    wanted = Q(country=words[1]) & (Q(closed_at=None) | Q(closed_at__gte=since))
    if len(words) > 2 and words[2]:
        wanted &= Q(kind=words[2])
    if len(words) > 3 and words[3]:
        wanted &= Q(subject=":".join(words[3:]))
    return wanted


def recovered(found: Iterable[Reading]) -> timedelta | None:
    """From the first fall to the last return; None while anything is away, or when nothing was measured."""
    all_of_it = list(found)
    if not all_of_it or any(one.back_at is None for one in all_of_it):
        return None
    return max(one.back_at for one in all_of_it if one.back_at) - min(one.fell_at for one in all_of_it)
