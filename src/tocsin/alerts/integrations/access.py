"""How integrations are obtained: by who arranges duty, and by nobody else."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from tocsin.alerts.models import Integration
from tocsin.people.models import Person
from tocsin.people.roles import Right


def integrations_for(person: Person) -> QuerySet[Integration]:
    """The integrations that this person arranges, the open ones first."""
    if not person.may(Right.DUTY):
        raise PermissionDenied
    rows = Integration.objects.select_related("policy", "rule", "made_by")
    return rows.order_by("revoked_at", "name", "pk")


def titles(person: Person, public_ids: Collection[str]) -> dict[str, str]:
    """By public id, the names of those of these integrations that this person arranges."""
    if not person.may(Right.DUTY):
        return {}
    return dict(integrations_for(person).filter(public_id__in=public_ids).values_list("public_id", "name"))


def access_integration(person: Person, public_id: str) -> Integration:
    """One integration.

    Raises:
        Http404: when it does not exist.
        PermissionDenied: for somebody who arranges none.
    """
    row = integrations_for(person).filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row
