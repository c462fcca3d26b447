"""What waits for one person among the open plans: a yes or a no of theirs, tasks that are overdue, updates."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from tocsin.alerts import clock as time
from tocsin.people.models import Person
from tocsin.responses import access, models
from tocsin.responses.authority import can_approve
from tocsin.responses.log.content import State
from tocsin.responses.log.folding import Standing
from tocsin.responses.models import Clock

_MOST = 20
OPEN = (State.OPEN, State.BEGUN)


class What(StrEnum):
    """What is waited for."""

    APPROVE = "approve"
    RATIFY = "ratify"
    BROKEN = "broken"
    DECLINED = "declined"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One plan that waits for a person, for what, and since when."""

    what: What
    plan: models.Plan
    since: datetime


def answers(person: Person) -> list[Waiting]:
    """The plans that wait for this person's yes or no: who is asked first, then the deputy; what was done first."""
    due = Q(what=Clock.What.ASK) | Q(what=Clock.What.DEPUTY, due_at__lte=time.now())
    asked = dict(Clock.objects.filter(due, sealed=False, person=person.pk).values_list("plan", "due_at")[:_MOST])
    rows = access.plans_for(person).filter(closed_at=None)
    found = [
        Waiting(What.APPROVE, row, asked[row.public_id])
        for row in rows.filter(public_id__in=asked, standing__in=(Standing.ASKED, Standing.APPROVED))
        if can_approve(person, row.severity)
    ]
    # Of an approved plan a task that came since may have been acted on first: only its clock tells.
    ratify = Clock.objects.filter(what=Clock.What.RATIFY, sealed=False).values("plan")
    first = Q(standing=Standing.ACTING) | Q(standing=Standing.APPROVED, public_id__in=ratify)
    done = rows.filter(first).exclude(owner=person)[:_MOST]
    found += [Waiting(What.RATIFY, row, row.changed_at) for row in done if can_approve(person, row.severity)]
    return sorted(found, key=lambda one: (-one.plan.severity, one.since))


def own(person: Person) -> list[Waiting]:
    """The plans that this person owns and that stand still without them."""
    rows = access.plans_for(person).filter(owner=person, closed_at=None)
    still = {Standing.BROKEN: What.BROKEN, Standing.DECLINED: What.DECLINED}
    found = [Waiting(still[Standing(row.standing)], row, row.changed_at) for row in rows.filter(standing__in=still)]
    under_way = (Standing.APPROVED, Standing.ACTING, Standing.BROKEN)
    late = rows.filter(update_due_at__lt=time.now(), standing__in=under_way)[:_MOST]
    return found + [Waiting(What.UPDATE, row, row.update_due_at) for row in late if row.update_due_at]


def tasks(person: Person | None, plans: QuerySet[models.Plan]) -> QuerySet[models.PlanTask]:
    """The open tasks of these plans, of one person or of everybody, those due first first."""
    rows = models.PlanTask.objects.filter(state__in=OPEN, plan__in=plans.filter(closed_at=None))
    if person is not None:
        rows = rows.filter(owner=person)
    # Not joined: every overdue task is sorted to show a page of them, and joined rows are four times as wide.
    return rows.prefetch_related("plan", "owner")


def overdue(rows: QuerySet[models.PlanTask]) -> QuerySet[models.PlanTask]:
    """Those that are overdue."""
    return rows.filter(due_at__lt=time.now())
