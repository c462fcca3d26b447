"""Recovery, measured: how long until what fell was back at its baseline, by findings."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.http import Http404

from tocsin.alerts import clock as time
from tocsin.analysis.series import Direction, Stream
from tocsin.people.models import Person
from tocsin.responses.log.folding import Plan
from tocsin.signals.access import findings_for, signals_for
from tocsin.signals.models import CellState, Finding, Signal
from tocsin.situations.access import access_situation
from tocsin.situations.models import Member, Situation

FINDINGS = "findings"
_MOST = 200
# As long as a place counts as measured, on every page: what was silent for longer tells neither of harm nor of its end.
SILENT = timedelta(days=3)
# How near in time a fall of the same country's page views is taken for a part of it.
NEARBY = timedelta(days=3)
Cell = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured thing: since when it is away from its baseline, and when it was back; None while it is not.

    ``measured_at`` is when it was measured last. ``silent``: it is away, and has not been measured for days, so that
    nobody knows whether it is back.
    """

    finding: int
    title: str
    fell_at: datetime
    back_at: datetime | None
    before: float
    now: float
    measured_at: datetime | None = None
    silent: bool = False

    @property
    def lasted(self) -> timedelta | None:
        """How long it was away; None while it still is."""
        return self.back_at - self.fell_at if self.back_at is not None else None


def series(country: str, kind: str = "", subject: str = "") -> str:
    """How an indicator names what is measured."""
    return ":".join((FINDINGS, country, kind, subject)).rstrip(":")


def readings(person: Person, plan: Plan, cited: Collection[str] = ()) -> list[Reading]:
    """What was measured of a plan's situation, and what its indicators name; only what this person may read.

    Of a sealed plan ``cited`` are the situations that its case cites. What can't be read is left out.
    """
    about = [plan.begun.about] if plan.begun.about and not plan.sealed else list(cited)
    wanted = Q(pk__in=[])
    for code in about:
        with suppress(Http404):
            wanted |= _about(person, access_situation(person, code))
    for indicator in plan.content.indicators:
        wanted |= _named(indicator.series, plan.opened_at)
    return of(findings_for(person).filter(wanted).order_by("opened_at", "pk")[:_MOST])


def of(findings: Iterable[Finding]) -> list[Reading]:
    """Findings as readings, in their order."""
    found = list(findings)
    titles = dict(Signal.objects.filter(finding__in=found).values_list("finding", "title"))
    measured = _measured(found)
    return [_reading(one, titles.get(one.pk, ""), measured.get(_cell(one), one.seen_at)) for one in found]


def _reading(one: Finding, title: str, at: datetime) -> Reading:
    silent = one.closed_at is None and time.now() - at > SILENT
    return Reading(one.pk, title, one.opened_at, one.closed_at, one.before, one.now, at, silent)


def _cell(one: Finding | CellState) -> Cell:
    return one.rule, one.kind, one.country, one.subject, one.network


def _measured(found: Collection[Finding]) -> dict[Cell, datetime]:
    """When each cell of these findings was measured last."""
    rows = CellState.objects.filter(
        rule__in={one.rule for one in found},
        country__in={one.country for one in found},
        subject__in={one.subject for one in found},
        last_point_at__isnull=False,
    ).defer("state", "recent")
    return {_cell(one): one.last_point_at for one in rows if one.last_point_at is not None}


def still_away(person: Person, situation: Situation) -> bool:
    """Whether something measured of a situation, that this person may read, is not back at its baseline yet."""
    return findings_for(person).filter(_about(person, situation), closed_at=None).exists()


def readers_lost(situation: Situation) -> Q:
    """The findings by which a situation's country lost readers since shortly before it began.

    That a site can be reached again is service; that its readers are back comes later, if it comes at all.
    """
    if not situation.country:
        return Q(pk__in=[])
    lost = Q(stream=Stream.VIEWS.value, direction=Direction.DROP.value, country=situation.country)
    return lost & Q(opened_at__gte=situation.first_at - NEARBY, opened_at__lte=situation.last_at + NEARBY)


def _about(person: Person, situation: Situation) -> Q:
    return Q(pk__in=_of_situation(person, situation.pk)) | readers_lost(situation)


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
