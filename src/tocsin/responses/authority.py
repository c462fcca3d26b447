"""Who may write plans, and who may say yes to what: by how severe one is, and never to what they wrote themselves."""

from django.utils.translation import gettext as _

from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses.log.folding import GRAVE, Plan


class RefusedError(Exception):
    """The act is refused; the message tells the person why, and what to do instead."""


def require_writer(person: Person) -> None:
    """Stop here unless this person writes plans: with their tasks, people, drills and debriefs.

    Raises:
        RefusedError: when not.
    """
    if not person.may(Right.PLANS):
        raise RefusedError(_("Your roles don’t let you write plans. Ask whoever leads."))


def right_for(severity: int) -> Right:
    """What an approver of a plan of this severity must have the right to do."""
    return Right.APPROVE_GRAVE if severity >= GRAVE else Right.APPROVE


def can_approve(person: Person, severity: int) -> bool:
    """Whether somebody may approve plans of this severity that others wrote."""
    return person.is_active and person.may(right_for(severity))


def approvers(severity: int) -> list[Person]:
    """Everybody who may."""
    return [one for one in Person.objects.filter(is_active=True).order_by("name", "pk") if can_approve(one, severity)]


def is_own(plan: Plan, person: Person) -> bool:
    """Whether a yes by this person would be a yes to what they wrote."""
    return person.pk in plan.writers()


def require_approver(plan: Plan, person: Person) -> None:
    """Stop here unless this person may answer for the plan as it is.

    Raises:
        RefusedError: when not.
    """
    if not can_approve(person, plan.weight):
        raise RefusedError(
            _("Your roles don’t let you approve a plan of this severity. Pass it on to somebody who may.")
        )
    if is_own(plan, person) and not person.may(Right.APPROVE_OWN):
        raise RefusedError(_("You wrote it. Somebody else must approve it."))
