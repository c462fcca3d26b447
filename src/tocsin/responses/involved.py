"""Whom a plan may name: nobody is handed a task, a part or a question about a plan that they could not open."""

from collections.abc import Collection, Iterable

from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import models
from tocsin.responses.authority import RefusedError, approvers, require_approver
from tocsin.responses.log.folding import Plan

_ENOUGH = (Right.READ, Right.PLANS, Right.APPROVE, Right.HOLD)


def could_read(person: Person, readers: int) -> bool:
    """Whether somebody would see at least the frame of an open plan for these readers, had they a part in it."""
    return any(person.may(right) for right in _ENOUGH) and (not readers or bool(readers & person.roles))


def people(plan: str, members: Collection[int] | None) -> list[Person]:
    """Whom a plan may name, by name; ``members`` are those of a sealed one, None for an open one."""
    rows = Person.objects.filter(is_active=True).order_by("name", "pk")
    if members is not None:
        return list(rows.filter(pk__in=members))
    return _readers(plan, rows)


def _readers(plan: str, rows: Iterable[Person]) -> list[Person]:
    readers = models.Plan.objects.values_list("readers", flat=True).get(public_id=plan)
    return [one for one in rows if could_read(one, readers)]


def may_answer(plan: Plan, members: Collection[int] | None) -> tuple[list[Person], list[Person]]:
    """Who may say yes or no to a plan as it stands; and, of a sealed one, who could but was not let in."""
    able = [one for one in approvers(plan.weight) if not refusal(plan, one)]
    if members is None:
        return _readers(plan.id, able), []
    return [one for one in able if one.pk in members], [one for one in able if one.pk not in members]


def refusal(plan: Plan, person: Person) -> str:
    """Why a yes by somebody would not count; empty when it would."""
    try:
        require_approver(plan, person)
    except RefusedError as refused:
        return str(refused.args[0])
    return ""
