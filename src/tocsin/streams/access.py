"""How sources, items and requirements are obtained: only those that a person may know of, in every list and count."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Count, Model, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from tocsin.alerts.titles import numbers
from tocsin.people.access import readable
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.streams.models import BlindSpot, Collector, Fetch, Health, Import, Item, Observation, Requirement, Source
from tocsin.streams.work import REMEMBERED, lag_seconds

Row = TypeVar("Row", bound=Model)


def sources_for(person: Person) -> QuerySet[Source]:
    """The sources that this person may know of; none without the right to read."""
    if not person.may(Right.READ):
        return Source.objects.none()
    return Source.objects.filter(readable(person), removed_at=None)


def source_titles(person: Person, given: Collection[str]) -> dict[str, str]:
    """By number, the names of those of these sources that this person may know of."""
    found = sources_for(person).filter(pk__in=numbers(given)).values_list("pk", "name")
    return {str(number): name for number, name in found}


def access_source(person: Person, number: int) -> Source:
    """One source.

    Raises:
        Http404: when it does not exist or is not for this person; both look the same.
    """
    return _one(sources_for(person).select_related("owner"), number)


def items_for(person: Person) -> QuerySet[Item]:
    """The items that this person may read: both the item and its source must allow it."""
    if not person.may(Right.READ):
        return Item.objects.none()
    sources = Source.objects.filter(readable(person))
    return Item.objects.filter(readable(person), source__in=sources, expires_at__gt=timezone.now())


def access_item(person: Person, number: int) -> Item:
    """One item.

    Raises:
        Http404: when it does not exist, has expired or is not for this person; all look the same.
    """
    return _one(items_for(person).select_related("source"), number)


def fetches_of(source: Source) -> QuerySet[Fetch]:
    """The fetches of a source that was obtained here, the newest first."""
    return Fetch.objects.filter(source=source).order_by("-pk")


def blind_spots_for(person: Person) -> QuerySet[BlindSpot]:
    """The blind spots of sources that this person may know of, the newest first."""
    return BlindSpot.objects.filter(source__in=sources_for(person)).select_related("source").order_by("-since", "-pk")


def imports_for(person: Person) -> QuerySet[Import]:
    """The lists that this person looked through, the newest first; they hold what may be for nobody else."""
    return Import.objects.filter(by=person).order_by("-pk")


def access_import(person: Person, number: int) -> Import:
    """One list.

    Raises:
        Http404: when there is no such list of this person's.
    """
    return _one(imports_for(person), number)


def requirements_for(person: Person) -> QuerySet[Requirement]:
    """What we need to know: open to all who may read."""
    if not person.may(Right.READ):
        return Requirement.objects.none()
    return Requirement.objects.select_related("owner").order_by("closed_at", "-pk")


def requirement_titles(person: Person, given: Collection[str]) -> dict[str, str]:
    """By number, the questions of those of these requirements that this person may read."""
    found = requirements_for(person).filter(pk__in=numbers(given)).values_list("pk", "question")
    return {str(number): question for number, question in found}


def access_requirement(person: Person, number: int) -> Requirement:
    """One requirement.

    Raises:
        Http404: when it does not exist or the person may not read.
    """
    return _one(requirements_for(person), number)


@dataclass(frozen=True, slots=True)
class Counts:
    """How collecting stands, for operators: no name, no address."""

    sources: dict[str, int]
    lag_seconds: float
    landed: int
    blind_spots: int
    collectors: int
    collectors_stopped: int


def counts(now: datetime | None = None) -> Counts:
    """Sources by health, how late the longest overdue one is, rows waiting for the lake, blind spots, collectors."""
    now = now or timezone.now()
    found = Source.objects.filter(removed_at=None).values_list("health").annotate(n=Count("pk"))
    alive = collectors(now)
    return Counts(
        sources={health.value: 0 for health in Health} | dict(found),
        lag_seconds=lag_seconds(now),
        landed=Observation.objects.count(),
        blind_spots=BlindSpot.objects.filter(until=None).count(),
        collectors=len(alive),
        collectors_stopped=sum(one.stopped for one in alive),
    )


def collectors(now: datetime | None = None) -> list[Collector]:
    """The collecting processes that were seen lately."""
    since = (now or timezone.now()) - REMEMBERED
    return list(Collector.objects.filter(seen_at__gte=since).order_by("name"))


def health_filter(word: str) -> Q:
    """Sources of one health; ``ill`` takes in those that are broken, silent or slow."""
    if word == "ill":
        return Q(health__in=[Health.BROKEN, Health.SILENT, Health.SLOW], paused=False)
    return Q(health=word) if word in Health.values else Q()


def uptime(fetches: Iterable[Fetch], days: timedelta = timedelta(days=14)) -> float | None:
    """The share of good fetches among these, those older than ``days`` left out; None without any."""
    since = timezone.now() - days
    lately = [fetch for fetch in fetches if fetch.at >= since]
    good = {Health.FRESH, Health.UNCHANGED, Health.EMPTY, Health.SLOW, Health.SILENT}
    return sum(fetch.outcome in good for fetch in lately) / len(lately) if lately else None


def _one(rows: QuerySet[Row], number: int) -> Row:
    row = rows.filter(pk=number).first() if 0 <= number < 2**63 else None
    if row is None:
        raise Http404
    return row
