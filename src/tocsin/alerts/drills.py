"""Drills: pages like any other that ask for nothing but an answer, and what came of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tocsin.alerts import clock, words
from tocsin.alerts.access import alerts_for
from tocsin.alerts.actions import New, RefusedError, accept, default_policy
from tocsin.alerts.models import Alert, Event, Lane, Policy, Severity
from tocsin.alerts.weekly import first_round, of_pager
from tocsin.people.models import Person
from tocsin.people.roles import Right

_ANSWERS = ("answered", "taken_over", "also", "resolved")


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill and what came of it. ``took`` is how long the first answer took."""

    alert: Alert
    who: str
    via: str
    took: timedelta | None
    nobody: bool
    began_by: str


def start(by: Person, policy: Policy | None = None) -> Alert:
    """Begin a drill now; one that nobody has answered yet is not begun twice.

    Raises:
        RefusedError: when the person may not page, or such a drill still runs.
    """
    if not by.may(Right.ALERTS):
        raise RefusedError(_("Only somebody who answers alerts begins a drill."))
    chosen = policy or default_policy()
    if chosen.ended_at is not None:
        raise RefusedError(_("This policy has ended. Choose another one."))
    new = New(
        kind="drill",
        severity=Severity.MODERATE,
        lane=Lane.WAKE,
        dedupe=f"drill:{chosen.public_id}",
        policy=chosen,
        raised_by=by,
        drill=True,
        via="console",
    )
    accepted = accept(new)
    if not accepted.fresh:
        raise RefusedError(_("A drill of this policy still runs. Resolve it first."))
    return accepted.alert


def drills_for(person: Person) -> QuerySet[Alert]:
    """The pager's drills that this person may know of, newest first."""
    return of_pager(alerts_for(person)).select_related("policy", "raised_by").order_by("-pk")


def history(rows: QuerySet[Alert] | list[Alert]) -> list[Drill]:
    """What came of each of these drills."""
    found = list(rows)
    first: dict[int, Event] = {}
    events = Event.objects.filter(alert__in=found, verb__in=_ANSWERS, person__isnull=False).select_related("person")
    for event in events.order_by("at", "pk"):
        first.setdefault(event.alert_id, event)
    now = clock.now()
    rounds = {one.policy_id: first_round(one.policy) for one in found}
    return [_drill(one, first.get(one.pk), now, rounds[one.policy_id]) for one in found]


def _drill(alert: Alert, answer: Event | None, now: datetime, patience: timedelta) -> Drill:
    # Nobody answered while everybody was called once: nobody was reached, which is an incident.
    late = (answer.at if answer is not None else now) - alert.accepted_at > patience
    return Drill(
        alert=alert,
        who=answer.person.name if answer is not None and answer.person is not None else "",
        via=str(words.VIA.get(answer.via, answer.via)) if answer is not None else "",
        took=answer.at - alert.accepted_at if answer is not None else None,
        nobody=late,
        began_by=alert.raised_by.name if alert.raised_by is not None else "",
    )
