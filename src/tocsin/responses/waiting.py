"""What waits for one person among the open plans: a yes or a no of theirs, tasks that are overdue, updates."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db.models import Max, Min, Q, QuerySet

from tocsin.alerts import clock as time
from tocsin.people.models import Person
from tocsin.responses import access, models
from tocsin.responses.authority import can_approve
from tocsin.responses.log import vouching
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
    STRANDED = "stranded"
    UPDATE = "update"
    UNPROVED = "unproved"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One plan that waits for a person, for what, and since when."""

    what: What
    plan: models.Plan
    since: datetime


def answers(person: Person) -> list[Waiting]:
    """The plans that wait for this person's yes or no: who is asked first, then the deputy; what was done first."""
    due = Q(what=Clock.What.ASK) | Q(what=Clock.What.DEPUTY, due_at__lte=time.now())
    clocks = Clock.objects.filter(due, sealed=False, person=person.pk)
    asked = {plan: (since, weight) for plan, since, weight in clocks.values_list("plan", "due_at", "weight")[:_MOST]}
    rows = access.plans_for(person).filter(closed_at=None)
    found = [
        Waiting(What.APPROVE, row, asked[row.public_id][0])
        for row in rows.filter(public_id__in=asked, standing__in=(Standing.ASKED, Standing.APPROVED))
        if can_approve(person, max(row.severity, asked[row.public_id][1]))
    ]
    # Of an approved plan a task that came since may have been acted on first: only its clock tells.
    calls = Clock.objects.filter(what=Clock.What.RATIFY, sealed=False)
    ratify = calls.values("plan")
    first = Q(standing=Standing.ACTING) | Q(standing=Standing.APPROVED, public_id__in=ratify)
    done = list(rows.filter(first).exclude(owner=person)[:_MOST])
    called = calls.filter(plan__in=[row.public_id for row in done]).values_list("plan")
    # Since the first of what was done: other lines move the plan without answering it.
    told = {plan: (weight, since) for plan, weight, since in called.annotate(Max("weight"), Min("due_at"))}
    for row in done:
        weight, since = told.get(row.public_id, (0, row.changed_at))
        if can_approve(person, max(row.severity, weight)):
            found.append(Waiting(What.RATIFY, row, since))
    return sorted(_held(found), key=lambda one: (-one.plan.severity, one.since))


def _held(found: list[Waiting]) -> list[Waiting]:
    """The same, each held against the record: of a row that nobody vouches for no standing is told."""
    believed = vouching.vouched(one.plan for one in found)
    return [one if one.plan.pk in believed else replace(one, what=What.UNPROVED) for one in found]


def own(person: Person) -> list[Waiting]:
    """The plans that this person owns and that stand still without them; first those that nobody vouches for."""
    rows = list(access.plans_for(person).filter(owner=person, closed_at=None))
    believed = vouching.vouched(rows, lines=False)
    found = [Waiting(What.UNPROVED, row, row.changed_at) for row in rows if row.pk not in believed]
    rows = [row for row in rows if row.pk in believed]
    still = {Standing.BROKEN: What.BROKEN, Standing.DECLINED: What.DECLINED}
    stand = [(row, Standing(row.standing)) for row in rows]
    found += _stranded([row for row, how in stand if how is Standing.ASKED])
    found += [Waiting(still[how], row, row.changed_at) for row, how in stand if how in still]
    under_way, now = (Standing.APPROVED, Standing.ACTING, Standing.BROKEN), time.now()
    late = [(row, row.update_due_at) for row in rows if row.update_due_at and row.standing in under_way]
    return found + [Waiting(What.UPDATE, row, due) for row, due in late if due < now][:_MOST]


def _stranded(rows: list[models.Plan]) -> list[Waiting]:
    """Those whose question nobody can answer who was asked: each left, or lost the right to."""
    asked = Clock.objects.filter(what__in=[Clock.What.ASK, Clock.What.DEPUTY], sealed=False)
    clocks = list(asked.filter(plan__in=[row.public_id for row in rows]).values_list("plan", "person", "weight"))
    people = Person.objects.in_bulk({person for _plan, person, _weight in clocks})
    weighs = {row.public_id: row.severity for row in rows}
    able = {
        plan
        for plan, person, weight in clocks
        if person in people and can_approve(people[person], max(weighs[plan], weight))
    }
    return [Waiting(What.STRANDED, row, row.changed_at) for row in rows if row.public_id not in able]


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


def lessons(person: Person) -> QuerySet[models.Lesson]:
    """What a debrief promised, that this person sees to and that is overdue."""
    rows = models.Lesson.objects.filter(owner=person, state__in=OPEN, due_at__lt=time.now())
    return rows.filter(plan__in=access.plans_for(person))
