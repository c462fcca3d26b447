"""How situations are obtained: only those that a person may read, through every merge."""

from django.db.models import QuerySet
from django.http import Http404

from tocsin.people.access import readable
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.situations.models import Situation

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
