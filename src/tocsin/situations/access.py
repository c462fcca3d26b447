"""How situations are obtained: only those that a person may read, through every merge."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.http import Http404

from tocsin.people.access import readable
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.situations.models import MembershipEvent, Situation, ThreatLevel

_MERGES = 50


def situations_for(person: Person) -> QuerySet[Situation]:
    """The situations that this person may read, merged ones left out."""
    if not person.may(Right.READ):
        return Situation.objects.none()
    return Situation.objects.filter(readable(person)).exclude(state=Situation.State.MERGED)


def access_situation(person: Person, public_id: str) -> Situation:
    """One situation; a merged one gives the one that it went into, so that old links still lead there.

    Raises:
        Http404: when it does not exist or is not for this person; both look the same.
    """
    if not person.may(Right.READ):
        raise Http404
    found = Situation.objects.filter(readable(person), public_id=public_id).first()
    if found is None:
        raise Http404
    return standing(found)


def standing(situation: Situation) -> Situation:
    """The situation that a merged one went into, however many merges ago."""
    for _ in range(_MERGES):
        if situation.merged_into is None:
            return situation
        situation = situation.merged_into
    return situation


def names_of(person: Person, numbers: Iterable[int]) -> dict[int, str]:
    """The public ids of those of these rows that this person may know of, merged ones as well."""
    if not person.may(Right.READ):
        return {}
    known = Situation.objects.filter(readable(person), pk__in=list(numbers))
    return dict(known.values_list("pk", "public_id"))


def log_of(person: Person, situation: Situation) -> QuerySet[MembershipEvent]:
    """The membership log of a situation that this person obtained."""
    if not person.may(Right.READ):
        return MembershipEvent.objects.none()
    lines = MembershipEvent.objects.filter(Q(situation=situation) | Q(other=situation))
    return lines.select_related("by", "undone_by")


def access_event(person: Person, situation: Situation, number: int) -> MembershipEvent:
    """One line of the log of a situation that this person obtained.

    Raises:
        Http404: when there is none in this situation's log.
    """
    line = log_of(person, situation).select_related("situation", "other").filter(pk=number).first()
    if line is None:
        raise Http404
    return line


def levels_for(person: Person) -> QuerySet[ThreatLevel]:
    """Threat levels; they rest on nothing that is restricted."""
    if not person.may(Right.READ):
        return ThreatLevel.objects.none()
    return ThreatLevel.objects.all()
