"""How alerts are obtained: the team's by who may answer them, the named ones by those named alone."""

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404

from tocsin.alerts.models import Alert, Attempt, Event, Knower, NoticeAlert, Page, Subject
from tocsin.people.access import readable
from tocsin.people.models import Person
from tocsin.people.roles import Right


def answerers() -> list[Person]:
    """Everybody who may answer alerts, in the order of names."""
    people = Person.objects.filter(is_active=True).exclude(roles=0).order_by("name", "pk")
    return [one for one in people if one.may(Right.ALERTS)]


def alerts_for(person: Person) -> QuerySet[Alert]:
    """The alerts that this person may know of: no list and no count is made of anything else."""
    named = Q(named=True) & Exists(Knower.objects.filter(alert=OuterRef("pk"), person=person))
    if not person.is_active:
        return Alert.objects.none()
    # Nobody sees the alert that is about them: it may be somebody else who looks, on their device.
    others = Alert.objects.filter(~Exists(Subject.objects.filter(alert=OuterRef("pk"), person=person)))
    if not person.may(Right.ALERTS):
        # Somebody without the right who was called knows of that alone.
        told = Exists(NoticeAlert.objects.filter(alert=OuterRef("pk"), person=person))
        return others.filter(named | Q(told, named=False))
    return others.filter(named | (Q(named=False) & readable(person)))


def access_alert(person: Person, public_id: str) -> Alert:
    """One alert.

    Raises:
        Http404: when it does not exist or is not for this person; both look the same.
    """
    found = alerts_for(person).select_related("policy", "rule", "answered_by", "escalation", "integration")
    alert = found.filter(public_id=public_id).first()
    if alert is None:
        raise Http404
    return alert


def timeline(alert: Alert) -> list[Event]:
    """What happened to an alert that was obtained, newest first."""
    return list(alert.events.select_related("person").order_by("-at", "-pk"))


def pages(alert: Alert) -> list[Page]:
    """Every page about an alert that was obtained, with its attempts, newest first."""
    found = Page.objects.filter(notice__alerts__alert=alert).select_related("notice__person").distinct()
    attempts = Attempt.objects.order_by("number")
    return list(found.prefetch_related(Prefetch("attempts", attempts)).order_by("-due_at", "-pk"))
