"""Tells people of silence: a source that brings nothing, a question without an answer, a house that is blind.

Rows are the memory: each silence is told once, however often this looks. docs/alerts-rules.md says what each rule asks.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef

from tocsin.alerts import actions as alerts
from tocsin.alerts.models import Alert, Lane, Severity
from tocsin.lib.claims import hold
from tocsin.streams.coverage import Cover, Watcher, of_requirement
from tocsin.streams.models import BlindSpot, Requirement, Source
from tocsin.streams.work import fetched_sources

# From so many sources on, silence of all of them is a fault of ours, or a reason to be woken.
SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, its name for people, how many of its alerts may wake somebody in a week, lane and severity."""

    key: str
    name: str
    budget: int
    lane: Lane
    severity: Severity


SILENT = Rule("source.silent", "A source that is silent", 50, Lane.QUIET, Severity.MINOR)
UNANSWERED = Rule(
    "requirement.blind", "Something that we need to know, and nobody tells", 50, Lane.QUIET, Severity.MODERATE
)
EVERYWHERE = Rule("blind.everywhere", "Every source is silent", 3, Lane.WAKE, Severity.SEVERE)


@dataclass(frozen=True, slots=True)
class Silence:
    """One thing to tell: what it is, since when, and who may know of it (0: everybody)."""

    rule: Rule
    kind: str
    key: str
    since: datetime
    readers: int = 0
    exercise: bool = field(default=False)


def step() -> bool:
    """Tell what is silent, and note what speaks again; True when there was anything."""
    if not hold("streams.paging"):
        return False
    spots = _spots()
    found = list(_found(spots))
    before = _before([one.key for one in found])
    told = [_tell(one) for one in found if _is_news(one, before.get(one.key, []))]
    return bool(told) | bool(_over({one.key for one in found}))


def _spots() -> list[BlindSpot]:
    """The silences that stand. A source that a person paused is silent because that person wanted it so."""
    spots = BlindSpot.objects.filter(until=None, source__in=fetched_sources(), source__paused=False)
    return list(spots.select_related("source").order_by("pk"))


def _found(spots: Collection[BlindSpot]) -> Iterable[Silence]:
    if not spots:
        return
    yield from _unanswered(spots)
    exercise = all(one.source.exercise for one in spots)
    if len(spots) >= SEVERAL and len(spots) == fetched_sources().filter(paused=False).count():
        # One cause, one alert. What is still silent when it is over is told by itself.
        newest = max(one.since for one in spots)
        yield Silence(EVERYWHERE, "blind", "blind:everywhere", newest, exercise=exercise)
        return
    for spot in spots:
        source = spot.source
        yield Silence(SILENT, "source", f"source:{source.pk}", spot.since, source.readers, source.exercise)


def _unanswered(spots: Collection[BlindSpot]) -> Iterable[Silence]:
    """Each open requirement of which a part has sources, all of them silent, one of them by itself."""
    since = {one.source_id: one.since for one in spots}
    blind = BlindSpot.objects.filter(source=OuterRef("pk"), until=None)
    rows = Source.objects.filter(removed_at=None).annotate(blind=Exists(blind)).defer("memory")
    watchers = [Watcher(row, not row.blind and not row.paused) for row in rows]
    for requirement in Requirement.objects.filter(closed_at=None).order_by("pk"):
        cover = of_requirement(requirement, watchers)
        parts = (*cover.countries, *cover.languages, *cover.kinds)
        stale = [one.source for part in parts if part.cover is Cover.STALE for one in part.watchers]
        silent = [since[one.pk] for one in stale if one.pk in since]
        if silent:
            exercise = all(one.exercise for one in stale)
            key = f"requirement:{requirement.pk}"
            yield Silence(UNANSWERED, "blind", key, max(silent), exercise=exercise)


def _before(keys: Collection[str]) -> dict[str, list[Alert]]:
    found: dict[str, list[Alert]] = {}
    for alert in Alert.objects.filter(dedupe__in=keys):
        found.setdefault(alert.dedupe, []).append(alert)
    return found


def _is_news(silence: Silence, before: Collection[Alert]) -> bool:
    """Whether this very silence was not told yet. One that ended and began anew counts to the alert that stands."""
    standing = [one for one in before if one.state != Alert.State.RESOLVED]
    if standing:
        return any(one.remote_resolved_at is not None for one in standing)
    return not any(one.accepted_at >= silence.since for one in before)


def _tell(silence: Silence) -> Alert:
    rule = silence.rule
    new = alerts.New(
        kind=silence.kind,
        severity=rule.severity,
        lane=rule.lane,
        dedupe=silence.key,
        reference="" if silence.rule is EVERYWHERE else silence.key,
        rule=alerts.rule(rule.key, rule.name, budget_per_week=rule.budget),
        readers=silence.readers,
        occurred_at=silence.since,
        exercise=silence.exercise,
        via="rule",
    )
    return alerts.accept(new).alert


def _over(still: Collection[str]) -> int:
    """Note on alerts that what they tell of is over. Nobody is silenced by it."""
    keys = [rule.key for rule in (SILENT, UNANSWERED, EVERYWHERE)]
    standing = Alert.objects.filter(rule__key__in=keys, remote_resolved_at=None).exclude(state=Alert.State.RESOLVED)
    over = list(standing.exclude(dedupe__in=still))
    for alert in over:
        alerts.remote_resolved(alert)
    return len(over)
