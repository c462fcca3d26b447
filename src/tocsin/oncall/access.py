"""How rows of this room are obtained, and by whom. Missing and forbidden look the same."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import Http404

from tocsin.oncall.models import Absence, CalendarLink, Layer, Override, Rest, Rota, Swap
from tocsin.oncall.refusals import under_way
from tocsin.people.models import Person
from tocsin.people.roles import Right


def rotas_for(person: Person) -> QuerySet[Rota]:
    """The rotas that have not ended, for whoever may see who is on duty."""
    rotas = Rota.objects.filter(ended_at=None).order_by("name", "pk")
    return rotas if person.may(Right.ROTAS) else rotas.none()


def titles(person: Person, public_ids: Collection[str]) -> dict[str, str]:
    """By public id, the names of those of these rotas that this person may see."""
    return dict(rotas_for(person).filter(public_id__in=public_ids).values_list("public_id", "name"))


def access_rota(person: Person, public_id: str) -> Rota:
    """One rota, ended or not.

    Raises:
        Http404: when there is none, or this person may not see it.
    """
    rota = Rota.objects.filter(public_id=public_id).first() if person.may(Right.ROTAS) else None
    if rota is None:
        raise Http404
    return rota


def layers_of(rota: Rota, now: datetime) -> QuerySet[Layer]:
    """The layers that cover now or later, the highest first. One with ``closed_at`` makes room for the next version."""
    return Layer.objects.filter(Q(closed_at=None) | Q(closed_at__gt=now), rota=rota).order_by("-position", "pk")


def access_layer(person: Person, rota: Rota, pk: int) -> Layer:
    """A layer that can still be changed.

    Raises:
        Http404: when there is none, or this person arranges no duty.
    """
    layer = Layer.objects.filter(pk=pk, rota=rota, closed_at=None).first() if person.may(Right.DUTY) else None
    if layer is None:
        raise Http404
    return layer


def overrides_of(rota: Rota, now: datetime) -> QuerySet[Override]:
    """The overrides of a rota that hold now or later, by their beginning."""
    rows = Override.objects.filter(rota=rota, ended_at=None, until__gt=now)
    return rows.select_related("person", "by", "swap").order_by("since", "pk")


def access_override(person: Person, rota: Rota, pk: int) -> Override:
    """An override.

    Raises:
        Http404: when there is none, or this person arranges no duty.
    """
    row = Override.objects.filter(pk=pk, rota=rota).select_related("rota").first() if person.may(Right.DUTY) else None
    if row is None:
        raise Http404
    return row


def swaps_for(person: Person) -> QuerySet[Swap]:
    """The swaps that a person may see, the newest first: their own, and everybody's for whoever arranges duty."""
    rows = Swap.objects.select_related("rota", "giver", "taker", "asked_by").order_by("-pk")
    return rows if person.may(Right.DUTY) else rows.filter(Q(giver=person) | Q(taker=person))


def access_swap(person: Person, public_id: str) -> Swap:
    """One swap.

    Raises:
        Http404: when there is none, or it is between others.
    """
    swap = swaps_for(person).filter(public_id=public_id).first()
    if swap is None:
        raise Http404
    return swap


def rests_for(person: Person) -> QuerySet[Rest]:
    """The open rests that a person may see: their own, those that they are asked to stand in for; all with the right to
    see rotas. Why somebody rests is told by ``resting.shown_why``.
    """
    rows = Rest.objects.filter(ended_at=None).select_related("person", "substitute").order_by("-pk")
    return rows if person.may(Right.ROTAS) else rows.filter(Q(person=person) | Q(substitute=person))


def access_rest(person: Person, public_id: str) -> Rest:
    """One open rest.

    Raises:
        Http404: when there is none, or it is no business of this person.
    """
    rest = rests_for(person).filter(public_id=public_id).first()
    if rest is None:
        raise Http404
    return rest


def absences_of(person: Person, since: datetime, until: datetime) -> QuerySet[Absence]:
    """When somebody is away between two moments, for that person and for whoever arranges duty."""
    return under_way(Absence.objects.filter(person=person), since, until).order_by("since")


def access_absence(person: Person, pk: int) -> Absence:
    """An absence that can be ended.

    Raises:
        Http404: when there is none, or it is another's and this person arranges no duty.
    """
    rows = Absence.objects.filter(pk=pk).select_related("person")
    row = (rows if person.may(Right.DUTY) else rows.filter(person=person)).first()
    if row is None:
        raise Http404
    return row


def calendar_links(person: Person) -> QuerySet[CalendarLink]:
    """One's own calendar links that work, the newest first."""
    return CalendarLink.objects.filter(person=person, revoked_at=None).select_related("rota").order_by("-pk")
