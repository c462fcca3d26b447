"""The debrief of a plan: what was planned and what happened, what helped, hurt or was luck, and what is to change.

It is about what people met, never about whose fault it was. Its lessons are dated actions that are chased after the
plan is closed, until what they were to change has changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from django.utils.translation import gettext as _

from tocsin.alerts import clock as time
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses.authority import RefusedError, require_writer
from tocsin.responses.log.acts import Act, Changed, Debriefed, Learnt
from tocsin.responses.log.content import LINE_MOST, TEXT_MOST, State, WrongError
from tocsin.responses.log.folding import Line, Plan
from tocsin.responses.log.keeping import Book, ChangedError


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson as it stands; ``at`` is when it was last worded."""

    said: Learnt
    at: datetime
    state: State = State.OPEN
    words: str = ""
    ended: datetime | None = None


def debrief(plan: Plan) -> tuple[Line, Debriefed] | None:
    """The newest version of a plan's debrief."""
    found = plan.of(Debriefed)
    return found[-1] if found else None


def lessons(lines: Sequence[Line]) -> tuple[Lesson, ...]:
    """What a debrief led to, in the order in which it was said."""
    found: dict[str, Lesson] = {}
    for line in lines:
        act = line.act
        if isinstance(act, Learnt):
            found[act.key] = replace(found.get(act.key, Lesson(act, line.at)), said=act, at=line.at)
        elif isinstance(act, Changed) and act.key in found:
            ended = line.at if act.state in {State.DONE, State.DROPPED} else None
            found[act.key] = replace(found[act.key], state=act.state, words=act.words, ended=ended)
    return tuple(found.values())


def open_lessons(plan: Plan) -> list[Lesson]:
    """Lessons that did not change anything yet."""
    return [one for one in lessons(plan.lines) if one.state not in {State.DONE, State.DROPPED}]


def write(book: Book, by: Person, wanted: Debriefed) -> Plan:
    """Store a new version of the debrief, written while reading the version that ``wanted.base`` counts.

    Raises:
        ChangedError: when there is a newer one; nothing is stored.
        WrongError: without what happened.
    """
    require_writer(by)
    for one in fields(wanted):
        value = getattr(wanted, one.name)
        if isinstance(value, str) and len(value) > TEXT_MOST:
            raise WrongError(one.name, _("This is too long."))
    if not wanted.happened.strip():
        raise WrongError("happened", _("Say what happened, as those who were there saw it."))

    def change(plan: Plan) -> list[Act]:
        there = plan.of(Debriefed)
        if len(there) != wanted.base:
            raise ChangedError(plan)
        return [wanted]

    return book.change(by.pk, change)


def learn(book: Book, by: Person, wanted: Learnt) -> Plan:
    """Add a lesson, or change one that is open; one without a key gets one.

    Raises:
        WrongError: for what can't stand like this.
        RefusedError: without a debrief to learn from, or not this person's to write.
    """
    require_writer(by)
    if not wanted.text.strip() or len(wanted.text) > LINE_MOST:
        raise WrongError("text", _("Say in one line what will be different."))
    if not wanted.owner:
        raise WrongError("owner", _("Choose who sees to it."))
    if wanted.due.tzinfo is None:
        raise WrongError("due", _("This moment can’t be read."))
    if not wanted.key and wanted.due <= time.now():
        raise WrongError("due", _("Choose a moment that is still to come: it is chased from then on."))
    wanted = wanted if wanted.key else replace(wanted, key=random_name(6))

    def change(plan: Plan) -> list[Act]:
        if debrief(plan) is None:
            raise RefusedError(_("Write down first what happened."))
        return [wanted]

    return book.change(by.pk, change)


def move(book: Book, by: Person, key: str, state: State, words: str) -> Plan:
    """A lesson was done, dropped or opened again, by its owner or by who writes plans.

    Raises:
        WrongError: without what changed, or why it is dropped.
        RefusedError: when it is not theirs.
    """
    if not words.strip():
        raise WrongError("words", _("Say what changed, with a link to it; or why nothing will."))

    def change(plan: Plan) -> list[Act]:
        found = next((one for one in lessons(plan.lines) if one.said.key == key), None)
        if found is None or not (by.may(Right.PLANS) or found.said.owner == by.pk):
            raise RefusedError(_("This is not yours. Ask whoever owns the plan."))
        return [] if found.state is state else [Changed(key, state, words.strip())]

    return book.change(by.pk, change)


def overdue(plan: Plan) -> list[Lesson]:
    """Lessons past their date."""
    return [one for one in open_lessons(plan) if one.said.due < time.now()]
