"""What changed since somebody last looked, as far as that person may read it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.situations.access import situations_for
from tocsin.situations.models import Situation, Subscription, Visit

_FIRST_VISIT = timedelta(days=1)
_SMALLEST_MOVE = 0.05


@dataclass(frozen=True, slots=True)
class Changed:
    """A situation that is new or moved: ``trend`` is rising, falling or steady."""

    situation: Situation
    trend: str
    new: bool
    followed: bool


def has_looked(person: Person) -> bool:
    """Whether this person ever said that they have seen what changed."""
    return Visit.objects.filter(person=person).exists()


def last_look(person: Person) -> datetime:
    """When this person last looked; a day ago for somebody who never did."""
    visit = Visit.objects.filter(person=person).first()
    return visit.seen_at if visit is not None else timezone.now() - _FIRST_VISIT


def changed_since(person: Person, since: datetime, limit: int = 8) -> list[Changed]:
    """Situations that came or moved since then: followed ones first, then by expected harm."""
    topics = set(Subscription.objects.filter(person=person).values_list("topic", flat=True))
    rows = situations_for(person).filter(changed_at__gt=since).exclude(harm="", our_link=False)
    moved = Q(probability_before__isnull=True) | Q(probability__gte=F("probability_before") + _SMALLEST_MOVE)
    moved |= Q(probability__lte=F("probability_before") - _SMALLEST_MOVE)
    found = [_changed(row, since, topics) for row in rows.filter(moved).order_by("-rank", "pk")[: limit * 4]]
    found.sort(key=lambda one: not one.followed)
    return found[:limit]


def trend(situation: Situation) -> str:
    """Whether its probability rose, fell or stayed at its last change."""
    before = situation.probability_before
    if before is None or abs(situation.probability - before) < _SMALLEST_MOVE:
        return "steady"
    return "rising" if situation.probability > before else "falling"


def topics_of(situation: Situation) -> set[str]:
    """The subscriptions that this situation answers to."""
    return {f"country:{situation.country}", f"harm:{situation.harm}", f"situation:{situation.public_id}"}


def _changed(situation: Situation, since: datetime, topics: set[str]) -> Changed:
    return Changed(
        situation=situation,
        trend=trend(situation),
        new=situation.probability_before is None,
        followed=bool(topics & topics_of(situation)),
    )
