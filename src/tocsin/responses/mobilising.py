"""Who is on a plan now: asked by a roll-call, arrived, relieved, with what the next one needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tocsin.people.models import Person
from tocsin.responses import calling
from tocsin.responses.authority import RefusedError, require_writer
from tocsin.responses.log.acts import Act, Arrived, Mustered, Relieved
from tocsin.responses.log.content import Function, WrongError
from tocsin.responses.log.folding import Line, Plan
from tocsin.responses.log.keeping import Book


@dataclass(frozen=True, slots=True)
class OnIt:
    """Somebody who is on a plan now."""

    person: int
    function: Function
    since: datetime
    until: datetime | None


def on_it(lines: Sequence[Line]) -> tuple[OnIt, ...]:
    """Who is on a plan now, longest first."""
    found: dict[int, OnIt] = {}
    for line in lines:
        act = line.act
        if isinstance(act, Arrived):
            found[act.person] = OnIt(act.person, act.function, line.at, act.until)
        elif isinstance(act, Relieved):
            before = found.pop(act.person, None)
            if act.successor and before is not None:
                found[act.successor] = OnIt(act.successor, before.function, line.at, None)
    return tuple(sorted(found.values(), key=lambda one: one.since))


def muster(book: Book, by: Person, rollcall: str, function: Function, words: str = "") -> Plan:
    """Write down that people were asked by a roll-call.

    Raises:
        RefusedError: when the plan is closed, or not this person's to write.
    """
    require_writer(by)
    return book.change(by.pk, lambda plan: [_open(plan, Mustered(rollcall, function, words.strip()))])


def arrive(book: Book, by: Person, person: Person, function: Function, until: datetime | None = None) -> Plan:
    """Somebody is on it from now on: themselves, or as who writes plans says.

    Raises:
        RefusedError: when the plan is closed, or it is not this person's to say.
    """
    if person.pk != by.pk:
        require_writer(by)

    def change(plan: Plan) -> list[Act]:
        _open(plan, None)
        if plan.begun.drill and person.pk != by.pk:
            raise RefusedError(_("Nobody is put into a drill: they join it themselves."))
        there = {one.person: one.function for one in on_it(plan.lines)}
        return [] if there.get(person.pk) is function else [Arrived(person.pk, function, until)]

    plan = book.change(by.pk, change)
    if plan.begun.drill and not plan.sealed:
        calling.reach(plan.id, person.pk)
    return plan


def relieve(book: Book, by: Person, person: Person, successor: Person | None, handover: str) -> Plan:
    """Somebody's turn is over. What the next one needs to know is never left out.

    Raises:
        RefusedError: when they are not on it, or it is not this person's to say.
        WrongError: without a hand-over, or to themselves.
    """
    if successor is not None and successor.pk == person.pk:
        raise WrongError("successor", _("Choose somebody else, or nobody for now: nobody relieves themselves."))
    if by.pk not in {person.pk, successor.pk if successor is not None else 0}:
        require_writer(by)
    if not handover.strip():
        raise WrongError("handover", _("Say what the next one needs to know: what is open, promised, feared."))

    def change(plan: Plan) -> list[Act]:
        if person.pk not in {one.person for one in on_it(plan.lines)}:
            raise RefusedError(_("They are not on it by now."))
        return [Relieved(person.pk, successor.pk if successor is not None else 0, handover.strip())]

    return book.change(by.pk, change)


def _open(plan: Plan, act: Act | None) -> Act:
    if plan.closed is not None:
        raise RefusedError(_("It is closed. Open it again first."))
    return act or plan.lines[-1].act
