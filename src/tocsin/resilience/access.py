"""How communities are obtained, and what of them waits for whom. Missing and forbidden look the same."""

from datetime import date

from django.db.models import QuerySet
from django.http import Http404

from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience.models import Batch, Community, Context, Dealing


def communities_for(person: Person) -> QuerySet[Community]:
    """The communities whom this person may read about, those put away as well."""
    rows = Community.objects.select_related("owner")
    return rows if person.may(Right.RESILIENCE) else rows.none()


def access_community(person: Person, public_id: str) -> Community:
    """One community.

    Raises:
        Http404: when there is none, or this person may not read about communities.
    """
    row = communities_for(person).select_related("made_by").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def promises_for(person: Person) -> QuerySet[Dealing]:
    """Open promises to communities that are not put away, the earliest first."""
    rows = Dealing.objects.filter(kind=Dealing.Kind.PROMISED, ended_on=None, community__put_away_at=None)
    rows = rows.select_related("community", "keeper").order_by("due", "pk")
    return rows if person.may(Right.RESILIENCE) else rows.none()


def late_promises(person: Person, today: date) -> QuerySet[Dealing]:
    """Late promises that this person must see to: all for whoever leads here, one's own for others."""
    rows = promises_for(person).filter(due__lt=today)
    return rows if person.may(Right.STEWARD) else rows.filter(keeper=person)


def batches_for(person: Person) -> QuerySet[Batch]:
    """Files of context, the newest first, without their bodies."""
    rows = Batch.objects.select_related("by").defer("body").order_by("-pk")
    return rows if person.may(Right.RESILIENCE) else rows.none()


def access_batch(person: Person, public_id: str) -> Batch:
    """One file of context.

    Raises:
        Http404: when there is none, or this person may not see it.
    """
    row = batches_for(person).filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def contexts() -> QuerySet[Context]:
    """Everything that stands as taken in. It is published elsewhere, so it has no readers of its own."""
    return Context.objects.filter(batch__state=Batch.State.TAKEN)


def team() -> list[Person]:
    """Those who may look after a community, keep a promise or carry a treatment."""
    people = Person.objects.filter(is_active=True).order_by("name", "pk")
    return [one for one in people if one.may(Right.RESILIENCE)]
