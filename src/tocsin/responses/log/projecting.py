"""The rows that follow from a plan's log, written with every line of it."""

from datetime import datetime

from tocsin.people.models import Person
from tocsin.responses import debriefs, models
from tocsin.responses.log import acts
from tocsin.responses.log.content import State, canonical
from tocsin.responses.log.folding import Plan
from tocsin.responses.log.marks import mark_of


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
    row.mark = mark_of(said(row, newest))
    row.save()
    _tasks(row, plan)
    _parts(row, plan)
    _lessons(row, plan)


def said(row: models.Plan, newest: str) -> str:
    """What a row's mark covers."""
    return canonical([row.public_id, row.title, row.standing, row.version, row.severity, row.lines, newest]).decode()


def _answer_due(plan: Plan) -> datetime | None:
    if plan.question is not None:
        assert isinstance(plan.question.act, acts.Asked)
        return plan.question.act.until
    if plan.unratified is not None and isinstance(plan.unratified.act, acts.ActedFirst):
        return plan.unratified.act.until
    return None


def _tasks(row: models.Plan, plan: Plan) -> None:
    people = set(Person.objects.values_list("pk", flat=True))
    stored = {one.key: one for one in row.tasks.all()}
    for position, task in enumerate(plan.tasks):
        one = stored.pop(task.key, None) or models.PlanTask(plan=row, key=task.key)
        told = (position, task.title, task.function, task.owner if task.owner in people else None, task.due, task.state)
        before = (one.position, one.title, one.function, one.owner_id, one.due_at, one.state)
        if one.pk and told == before:
            continue
        one.position, one.title, one.function, one.owner_id, one.due_at, one.state = told
        if before[4] != task.due or task.state in {State.DONE, State.DROPPED}:
            one.chased_at = None
        one.save()


def _parts(row: models.Plan, plan: Plan) -> None:
    people = set(Person.objects.values_list("pk", flat=True))
    wanted = {(one.person, str(one.function)) for one in plan.content.stakeholders if one.person in people}
    wanted |= {(one.owner, str(one.function)) for one in plan.tasks if one.owner in people}
    stored = {(one.person_id, one.function): one.pk for one in row.parts.all()}
    models.Part.objects.filter(pk__in=[pk for key, pk in stored.items() if key not in wanted]).delete()
    models.Part.objects.bulk_create(
        [models.Part(plan=row, person_id=person, function=name) for person, name in sorted(wanted - stored.keys())]
    )


def _lessons(row: models.Plan, plan: Plan) -> None:
    people = set(Person.objects.values_list("pk", flat=True)) if debriefs.lessons(plan.lines) else set()
    for one in debriefs.lessons(plan.lines):
        models.Lesson.objects.update_or_create(
            plan=row,
            key=one.said.key,
            defaults={
                "text": one.said.text,
                "changes": one.said.changes,
                "owner_id": one.said.owner if one.said.owner in people else None,
                "due_at": one.said.due,
                "state": one.state,
                "ended_at": one.ended,
            },
        )
