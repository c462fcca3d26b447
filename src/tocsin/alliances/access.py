"""How allies are obtained, and who may see how they are reached. Missing and forbidden look the same."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import Http404

from tocsin.alliances.models import Contact
from tocsin.people.models import Person
from tocsin.people.roles import Right


def contacts_for(person: Person) -> QuerySet[Contact]:
    """The allies whom this person may read about."""
    rows = Contact.objects.select_related("owner")
    return rows if person.may(Right.ALLIES) else rows.none()


def access_contact(person: Person, public_id: str) -> Contact:
    """One ally.

    Raises:
        Http404: when there is none, or this person may not read about allies.
    """
    row = contacts_for(person).select_related("made_by").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def may_reach(person: Person, contact: Contact) -> bool:
    """Whether this person may see how the ally is reached; of a protected one only the owner and whoever leads."""
    if not person.may(Right.ALLIES):
        return False
    return not contact.protected or contact.owner_id == person.pk or person.may(Right.VET)


def stale(at: datetime) -> Q:
    """Which vetted allies must be verified again."""
    due = Q(altered_at__isnull=False) | Q(next_due=None) | Q(next_due__lte=at.date())
    return Q(due, state=Contact.State.VETTED)


def to_verify(person: Person, at: datetime) -> QuerySet[Contact]:
    """The allies whom this person must see to: all that are due for who vets, one's own for others."""
    rows = contacts_for(person).filter(stale(at))
    rows = rows if person.may(Right.VET) else rows.filter(owner=person)
    return rows.order_by("next_due", "pk")


def team() -> list[Person]:
    """Those who may look after an ally."""
    people = Person.objects.filter(is_active=True).order_by("name", "pk")
    return [one for one in people if one.may(Right.ALLIES)]
