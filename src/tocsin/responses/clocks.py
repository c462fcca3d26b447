"""The clocks of a plan: which there should be, wound with every line of its log and in the same transaction.

What a plan waits for stands in its own time; of a drill, what lies ahead while it stands still has no clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.alerts import clock as time
from tocsin.responses import debriefs, drills
from tocsin.responses.log import acts
from tocsin.responses.log.folding import Plan, Standing
from tocsin.responses.models import Clock

What = Clock.What
OVERDUE, FORGOTTEN = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clock that a plan needs: ``key`` tells it from every other of the plan."""

    key: str
    what: Clock.What
    due: datetime
    person: int = 0


def wanted(plan: Plan) -> Iterator[Wanted]:
    """Every clock that a plan needs as it stands."""
    if not plan.proved:
        return
    yield from _lessons(plan)
    for one in _on_the_way(plan) if plan.closed is None else ():
        if (due := plan.pace.comes(one.due)) is not None:
            yield replace(one, due=due)


def _on_the_way(plan: Plan) -> Iterator[Wanted]:
    """What is due before it is over, in the plan's own time."""
    yield from _answers(plan)
    yield from _updates(plan)
    yield from _tasks(plan)
    yield from (Wanted(f"inject:{one.key}", What.INJECT, due) for one, due in drills.waiting(plan))


def _answers(plan: Plan) -> Iterator[Wanted]:
    if (question := plan.question) is not None and isinstance(question.act, acts.Asked):
        line, act = question, question.act
        yield Wanted(f"ask:{line.number}", What.ASK, plan.pace.told(line.at), act.approver)
        yield Wanted(f"deputy:{line.number}", What.DEPUTY, act.until, act.deputy)
    if (line_first := plan.unratified) is not None and isinstance(line_first.act, acts.ActedFirst):
        line, first = line_first, line_first.act
        yield Wanted(f"ratify:{line.number}", What.RATIFY, plan.pace.told(line.at))
        yield Wanted(f"late:{line.number}", What.LATE, first.until)


def _updates(plan: Plan) -> Iterator[Wanted]:
    due = plan.update_owed
    # A draft has nobody to tell yet.
    if due is not None and plan.standing in {Standing.APPROVED, Standing.ACTING, Standing.BROKEN}:
        since = f"{plan.updated_at or plan.opened_at:%Y%m%dT%H%M%S}"
        yield Wanted(f"update:{since}", What.UPDATE, due, plan.owner)
        yield Wanted(f"silent:{since}", What.SILENT, due + timedelta(hours=plan.content.update_hours), plan.owner)


def _tasks(plan: Plan) -> Iterator[Wanted]:
    for task in plan.open_tasks:
        if task.due is not None:
            moment = f"{task.key}:{task.due:%Y%m%dT%H%M}"
            yield Wanted(f"task:{moment}", What.TASK, task.due, task.owner or plan.owner)
            yield Wanted(f"overdue:{moment}", What.OVERDUE, task.due + OVERDUE, plan.owner)


def _lessons(plan: Plan) -> Iterator[Wanted]:
    """What a debrief led to. It is done in life, also after a drill."""
    for one in debriefs.open_lessons(plan):
        moment = f"{one.said.key}:{one.said.due:%Y%m%dT%H%M}"
        yield Wanted(f"lesson:{moment}", What.LESSON, one.said.due, one.said.owner)
        yield Wanted(f"forgot:{moment}", What.FORGOTTEN, one.said.due + FORGOTTEN, plan.owner)


def wind(plan: Plan, readers: int = 0) -> list[Clock]:
    """Let a plan have exactly the clocks that it needs; gives those that it needs no more and that had called somebody.

    Runs in the transaction in which the log was written.
    """
    needed = {f"{plan.id}:{one.key}": one for one in wanted(plan)}
    there = {one.key: one for one in Clock.objects.filter(plan=plan.id)}
    over = [one for key, one in there.items() if key not in needed]
    Clock.objects.filter(pk__in=[one.pk for one in over]).delete()
    Clock.objects.bulk_create([_made(plan, key, one, readers) for key, one in needed.items() if key not in there])
    for key, one in there.items():
        if key in needed and one.rang_at is None and one.due_at != needed[key].due:
            Clock.objects.filter(pk=one.pk, rang_at=None).update(due_at=needed[key].due)
    waits = Clock.objects.filter(plan=plan.id, rang_at=None)
    waits.update(severity=plan.severity, weight=plan.weight, readers=readers)
    return [one for one in over if one.alert]


def _made(plan: Plan, key: str, one: Wanted, readers: int) -> Clock:
    return Clock(
        key=key,
        plan=plan.id,
        sealed=plan.sealed,
        what=one.what,
        due_at=max(one.due, time.now()) if one.what in {What.ASK, What.RATIFY} else one.due,
        person=one.person,
        severity=plan.severity,
        weight=plan.weight,
        readers=readers,
        drill=plan.begun.drill,
        exercise=plan.begun.exercise,
    )
