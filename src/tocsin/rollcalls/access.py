"""How rows of this room are obtained: by those who have a part in them. Missing and forbidden look the same."""

from collections.abc import Collection, Sequence
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404

from tocsin.alerts.models import Knower
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls.models import (
    CheckIn,
    Journey,
    Member,
    Participant,
    Raised,
    Reader,
    RollCall,
    Silence,
    Silent,
    Watcher,
)
from tocsin.situations.access import situations_for

Row = TypeVar("Row", bound=Model)


def _called(person: Person, field: str) -> Exists:
    """Whether an alert of this room called the person: then they may see what it is about."""
    told = Knower.objects.filter(person=person, alert=OuterRef("alert"))
    return Exists(Raised.objects.filter(Exists(told), **{field: OuterRef("pk")}))


def rollcalls_for(person: Person) -> QuerySet[RollCall]:
    """The roll-calls that this person holds or was called about."""
    if not person.is_active:
        return RollCall.objects.none()
    mine = Q(_called(person, "rollcall"))
    if person.may(Right.ROLLCALLS):
        mine |= Q(asked_by=person) | Q(Exists(Reader.objects.filter(rollcall=OuterRef("pk"), person=person)))
    return RollCall.objects.filter(mine)


def titles(person: Person, public_ids: Collection[str]) -> dict[str, str]:
    """By public id, what those of these roll-calls ask that this person holds or was called about."""
    rows = rollcalls_for(person).filter(public_id__in=public_ids)
    return {row.public_id: row.get_question_display() for row in rows}


def access_rollcall(person: Person, public_id: str) -> RollCall:
    """One roll-call.

    Raises:
        Http404: when there is none, or this person has no part in it.
    """
    return _one(rollcalls_for(person).select_related("asked_by", "policy"), public_id=public_id)


def access_member(person: Person, rollcall: RollCall, number: int) -> Member:
    """One of those whom a roll-call that was obtained asks.

    Raises:
        Http404: when there is none.
    """
    return _one(rollcall.members.select_related("person", "rollcall"), pk=number)


def questions_for(person: Person) -> QuerySet[Member]:
    """What the person themselves is asked, while it can be answered."""
    rows = Member.objects.filter(person=person, asks__gt=0, rollcall__closed_at=None)
    return rows.select_related("rollcall").order_by("-pk")


def access_question(person: Person, number: int) -> Member:
    """A question to the person themselves.

    Raises:
        Http404: when there is none, or it is another's.
    """
    return _one(questions_for(person), pk=number)


def part_of(person: Person) -> Participant | None:
    """How the person takes part; None: not at all."""
    rows = Participant.objects.filter(person=person)
    return rows.select_related("address", "second_address", "contact").first()


def own_journeys(person: Person) -> QuerySet[Journey]:
    """The person's own journeys, those that are not over first."""
    return Journey.objects.filter(person=person).order_by("ended_at", "-pk")


def watched_journeys(person: Person) -> QuerySet[Journey]:
    """Journeys of others: those that the traveller asked this person to watch, and those that called them."""
    if not person.is_active:
        return Journey.objects.none()
    chosen = Exists(Watcher.objects.filter(journey=OuterRef("pk"), person=person))
    proposed = Q(made_by=person, agreed_at=None)
    rows = Journey.objects.filter(Q(chosen, agreed_at__isnull=False) | Q(_called(person, "journey")) | proposed)
    return rows.exclude(person=person).select_related("person").order_by("ended_at", "-pk")


def access_journey(person: Person, public_id: str) -> Journey:
    """A journey, one's own or one that one watches.

    Raises:
        Http404: when there is none, or this person has no part in it.
    """
    own = own_journeys(person).filter(public_id=public_id).select_related("person", "contact", "made_by").first()
    return own or _one(watched_journeys(person).select_related("contact", "made_by"), public_id=public_id)


def access_own_journey(person: Person, public_id: str) -> Journey:
    """One's own journey.

    Raises:
        Http404: when there is none, or it is another's.
    """
    return _one(own_journeys(person).select_related("person", "contact", "made_by"), public_id=public_id)


def access_checkin(person: Person, journey: Journey, number: int) -> CheckIn:
    """A check-in of a journey that was obtained.

    Raises:
        Http404: when there is none.
    """
    return _one(journey.checkins.select_related("journey"), pk=number)


def parts_for(person: Person) -> QuerySet[Silent]:
    """The silences in events that this person may know of: those of their roll-calls and journeys. Whoever was called
    because no watcher answered sees the whole event.
    """
    seen = Q(member__rollcall__in=rollcalls_for(person).values("pk"))
    seen |= Q(checkin__journey__in=watched_journeys(person).values("pk"))
    called = Knower.objects.filter(person=person, why="told", alert=OuterRef("alert"))
    seen |= Q(Exists(Raised.objects.filter(Exists(called), silence=OuterRef("silence"))))
    rows = Silent.objects.filter(seen) if person.is_active else Silent.objects.none()
    return rows.select_related("silence", "member__rollcall", "member__person", "checkin__journey__person", "apart_by")


def silences_for(person: Person) -> QuerySet[Silence]:
    """The events in which this person may know of at least one silence, the newest first."""
    mine = parts_for(person).filter(silence=OuterRef("pk"))
    return Silence.objects.filter(Exists(mine)).order_by("-pk")


def access_silence(person: Person, public_id: str) -> tuple[Silence, Sequence[Silent]]:
    """An event, with those of its silences that this person may know of.

    Raises:
        Http404: when there is none, or none of them is this person's business.
    """
    row = _one(silences_for(person), public_id=public_id)
    return row, list(parts_for(person).filter(silence=row).order_by("joined_at", "pk"))


def access_part(person: Person, silence: Silence, number: int) -> Silent:
    """One silence of an event that was obtained.

    Raises:
        Http404: when there is none, or it is not this person's business.
    """
    return _one(parts_for(person).filter(silence=silence), pk=number)


def situation_for(person: Person, public_id: str) -> str:
    """The public id, if this person may read the situation; else nothing."""
    return public_id if public_id and situations_for(person).filter(public_id=public_id).exists() else ""


def _one(rows: QuerySet[Row], **which: object) -> Row:
    found = rows.filter(**which).first()
    if found is None:
        raise Http404
    return found
