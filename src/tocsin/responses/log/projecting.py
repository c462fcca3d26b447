"""The rows that follow from a plan's log, written with every line of it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from tocsin.people.models import Person
from tocsin.responses import debriefs, models
from tocsin.responses.log import acts
from tocsin.responses.log.content import State, canonical
from tocsin.responses.log.folding import Plan
from tocsin.responses.log.marks import mark_of

PLAN: Final = (
    "id", "public_id", "title", "situation_id", "readers", "owner_id", "severity", "standing", "version", "open_tasks",
    "privileged", "drill", "exercise", "playbook", "opened_at", "changed_at", "closed_at", "update_due_at",
    "answer_due_at", "lines", "follows",
)  # fmt: skip
"""Every column of a plan's row that its mark covers."""
TASK: Final = ("key", "position", "title", "function", "owner_id", "due_at", "state")
PART: Final = ("person_id", "function")
LESSON: Final = ("key", "text", "changes", "owner_id", "due_at", "state", "ended_at")
"""Every column of what follows that the row's ``follows`` covers, with the plan that it belongs to."""
NOT_COVERED: Final = {
    models.Plan: {"mark"},  # the mark itself
    # When its owner was last told: written by what chases, between two lines.
    models.PlanTask: {"id", "plan_id", "chased_at"},
    models.Part: {"id", "plan_id"},
    models.Lesson: {"id", "plan_id"},
}
"""What no mark covers, and why: a row of a plan is known by its place, not by its number."""


def project(row: models.Plan, plan: Plan, newest: str) -> None:
    """Let the rows of an open plan say what its log says; ``newest`` is the digest of the log's last line."""
    row.title = plan.title
    row.severity, row.privileged = plan.severity, plan.privileged
    row.standing, row.version = plan.standing, plan.version
    row.drill, row.exercise, row.playbook = plan.begun.drill, plan.begun.exercise, plan.begun.playbook
    row.open_tasks, row.lines = len(plan.open_tasks), len(plan.lines)
    row.changed_at = plan.changed_at
    row.closed_at = plan.closed.at if plan.closed else None
    row.update_due_at = plan.update_due
    row.answer_due_at = _answer_due(plan)
    row.follows = follows(_tasks(row, plan), _parts(row, plan), _lessons(row, plan))
    row.mark = mark_of(said(row, newest))
    row.save()


def said(row: models.Plan, newest: str) -> str:
    """What a row's mark covers: all that it says, and the log that it follows from."""
    return canonical([*_says(row, PLAN), newest]).decode()


def follows(tasks: Iterable[Any], parts: Iterable[Any], lessons: Iterable[Any]) -> str:
    """The hash of what the rows beside a plan's say, in whatever order, as hex."""
    told = [sorted(canonical(one).decode() for one in rows) for rows in (tasks, parts, lessons)]
    return sha256(canonical(told)).hexdigest()


def task_says(task: models.PlanTask) -> list[Any]:
    """What a task's row says."""
    return _says(task, TASK)


def part_says(part: models.Part) -> list[Any]:
    """What a part's row says."""
    return _says(part, PART)


def lesson_says(lesson: models.Lesson) -> list[Any]:
    """What a lesson's row says."""
    return _says(lesson, LESSON)


def _says(row: object, names: Iterable[str]) -> list[Any]:
    return [_plain(getattr(row, name)) for name in names]


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _answer_due(plan: Plan) -> datetime | None:
    if plan.question is not None:
        assert isinstance(plan.question.act, acts.Asked)
        return plan.pace.comes(plan.question.act.until)
    if plan.unratified is not None and isinstance(plan.unratified.act, acts.ActedFirst):
        return plan.pace.comes(plan.unratified.act.until)
    return None


def _tasks(row: models.Plan, plan: Plan) -> list[Any]:
    people = set(Person.objects.values_list("pk", flat=True))
    stored = {one.key: one for one in row.tasks.all()}
    rows = []
    for position, task in enumerate(plan.tasks):
        one = stored.pop(task.key, None) or models.PlanTask(plan=row, key=task.key)
        rows.append(one)
        due, owner = plan.due_at(task), task.owner if task.owner in people else None
        told = (position, task.title, task.function, owner, due, task.state)
        before = (one.position, one.title, one.function, one.owner_id, one.due_at, one.state)
        if one.pk and told == before:
            continue
        one.position, one.title, one.function, one.owner_id, one.due_at, one.state = told
        if before[4] != due or task.state in {State.DONE, State.DROPPED}:
            one.chased_at = None
        one.save()
    # What no log told goes; a task of a log never does.
    models.PlanTask.objects.filter(pk__in=[one.pk for one in stored.values()]).delete()
    return [task_says(one) for one in rows]


def _parts(row: models.Plan, plan: Plan) -> list[Any]:
    people = set(Person.objects.values_list("pk", flat=True))
    wanted = {(one.person, str(one.function)) for one in plan.content.stakeholders if one.person in people}
    wanted |= {(one.owner, str(one.function)) for one in plan.tasks if one.owner in people}
    stored = {(one.person_id, one.function): one.pk for one in row.parts.all()}
    models.Part.objects.filter(pk__in=[pk for key, pk in stored.items() if key not in wanted]).delete()
    models.Part.objects.bulk_create(
        [models.Part(plan=row, person_id=person, function=name) for person, name in sorted(wanted - stored.keys())]
    )
    return [[person, name] for person, name in wanted]


def _lessons(row: models.Plan, plan: Plan) -> list[Any]:
    learnt = debriefs.lessons(plan.lines)
    people = set(Person.objects.values_list("pk", flat=True)) if learnt else set()
    told = []
    for one in learnt:
        lesson, _made = models.Lesson.objects.update_or_create(
            plan=row,
            key=one.said.key,
            defaults={
                "text": one.said.text,
                "changes": str(one.said.changes),
                "owner_id": one.said.owner if one.said.owner in people else None,
                "due_at": one.said.due,
                "state": str(one.state),
                "ended_at": one.ended,
            },
        )
        told.append(lesson_says(lesson))
    return told
