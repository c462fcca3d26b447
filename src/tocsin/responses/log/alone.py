"""Whether who said yes to what they wrote had the right to: as the record tells of that moment, not as of now."""

from datetime import datetime

from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role, rights
from tocsin.responses.log import acts
from tocsin.responses.log.acts import Act


def rightful(by: int, at: datetime, act: Act) -> bool:
    """Whether an act is no yes to what one wrote, or is by somebody who then had the right to one."""
    if not isinstance(act, acts.Approved) or not act.own:
        return True
    roles = _roles(by, at)
    return roles is not None and Right.APPROVE_OWN in rights(roles)


def _roles(number: int, at: datetime) -> Role | None:
    """The roles that somebody had at a moment; None for nobody. Who loses one keeps what they did with it."""
    changed = Entry.objects.filter(target=f"person:{number}", verb="people.roles_changed").order_by("pk")
    if (last := changed.filter(at__lte=at).last()) is not None:
        return Role(last.facts["after"])
    if (following := changed.first()) is not None:
        return Role(following.facts["before"])
    person = Person.objects.filter(pk=number).first()
    return person.role_set if person is not None else None
