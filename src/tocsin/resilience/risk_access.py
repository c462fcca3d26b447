"""How risks are obtained, and what of them waits for whom. Missing and forbidden look the same."""

from datetime import date

from django.db.models import QuerySet
from django.http import Http404

from tocsin.people.access import readable
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience.risk_models import Risk, Treatment
from tocsin.situations.access import situations_for, standing
from tocsin.situations.models import Situation


def risks_for(person: Person) -> QuerySet[Risk]:
    """The risks that this person may read about, closed ones as well, of communities that are not put away."""
    rows = Risk.objects.filter(community__put_away_at=None).select_related("community", "owner")
    return rows if person.may(Right.RESILIENCE) else rows.none()


def access_risk(person: Person, public_id: str) -> Risk:
    """One risk.

    Raises:
        Http404: when there is none, or this person may not read about risks.
    """
    row = risks_for(person).filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def late_treatments(person: Person, today: date) -> QuerySet[Treatment]:
    """Late treatments that this person must see to: all for whoever leads here, one's own for others."""
    rows = Treatment.objects.filter(ended_on=None, due__lt=today, risk__in=risks_for(person))
    rows = rows.exclude(risk__state=Risk.State.CLOSED)
    return rows if person.may(Right.STEWARD) else rows.filter(owner=person)


def lapsed(person: Person) -> QuerySet[Risk]:
    """Risks whose acceptance ran out, and nothing was decided since: all for whoever leads, one's own for others."""
    rows = risks_for(person).filter(lapsed_at__isnull=False)
    return rows if person.may(Right.STEWARD) else rows.filter(owner=person)


def incidents_of(person: Person, risk: Risk) -> list[Situation]:
    """The situations in which a risk came true, of those that this person may read, through every merge."""
    linked = Situation.objects.filter(readable(person), pk__in=risk.incidents.values("situation"))
    numbers = {standing(one).pk for one in linked.select_related("merged_into")}
    return list(situations_for(person).filter(pk__in=numbers).order_by("-first_at"))
