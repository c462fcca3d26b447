"""A plan's first version: from a playbook, or from a title alone."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _

from tocsin.analysis import taxonomy
from tocsin.lib import territories, unseen
from tocsin.lib.territories import INVENTED
from tocsin.responses import phrases
from tocsin.responses.log.content import (
    LINE_MOST,
    Content,
    For,
    Function,
    Indicator,
    Option,
    Stakeholder,
    Task,
    Wording,
    worded,
)
from tocsin.responses.playbooks import library
from tocsin.responses.playbooks.protecting import needs_risk_check
from tocsin.responses.playbooks.reading import PHASES, TOLD
from tocsin.responses.playbooks.shapes import Playbook, Severity, Step, Told, Undone
from tocsin.situations.models import Situation

# Whom it harms nobody to tell before a yes: they are of the house.
_INSIDE = frozenset(Function) - {Function.COMMUNITY, Function.COMMUNICATIONS}
_SEVERITIES = {Severity.MINOR: 1, Severity.MODERATE: 2, Severity.SEVERE: 3, Severity.EXTREME: 4}


def severity_of(playbook: Playbook) -> int:
    """How severe such an event is as a rule."""
    return _SEVERITIES[playbook.severity]


def objective_of(playbook: Playbook) -> str:
    """What a plan from it is to reach, as a sentence to begin with; empty where the playbook says nothing of it."""
    return _line(playbook.objective)


def title_for(playbook: Playbook | None, situation: Situation | None) -> str:
    """A plain title to begin with: what kind of event, and where.

    Never a situation's own: a plan is told of to people who have a part in it, and in reports; nor the place of a
    situation that some may not read.
    """
    kind = playbook.title if playbook is not None else ""
    if situation is None:
        return kind
    kind = kind or (gettext(taxonomy.harm(situation.harm).title) if situation.harm else _("Response"))
    country = situation.country if not situation.readers else ""
    place = INVENTED.get(country) or territories.name(country, get_language() or "en") if country else ""
    return f"{kind}, {place}" if place else kind


def content_of(playbook: Playbook, title: str, objective: str) -> Content:
    """What a plan from this playbook says at first: everything that the playbook has words for, nothing chosen."""
    undone = {Undone.YES: _("yes"), Undone.PARTLY: _("partly"), Undone.NO: _("no")}
    said = Content(
        title="",
        options=tuple(
            Option(f"o{number}", one.title, one.benefit, one.risk, one.cost, f"{undone[one.reversible]}: {one.undoing}")
            for number, one in enumerate(playbook.options, 1)
        ),
        stakeholders=tuple(Stakeholder(Function(one.function), part=one.text) for one in playbook.told),
        words=tuple(
            Wording(For.PERSON, f"{one.when}: {one.text}", language=playbook.language) for one in playbook.words
        ),
        indicators=tuple(Indicator(f"{one.text} → {one.then}") for one in playbook.indicators),
        exit_condition="\n".join(playbook.stop),
        not_to_do="\n".join(f"{one.text} ({one.why})" for one in playbook.never),
    )
    # A text that was reviewed long ago keeps nobody from beginning.
    return replace(worded(said, unseen.without), title=title, objective=objective)


def tasks_of(playbook: Playbook, now: datetime) -> list[Task]:
    """A task for each step and for everybody who must be told, due from now on; nobody owns one yet.

    Without a yes begins only what stands in a part that came with Tocsin or that a second person looked at.
    """
    believed = library.believed(playbook)
    free = {phase for name, phase in PHASES.items() if name in believed}
    told = [_told(one, number, now, free=TOLD in believed) for number, one in enumerate(playbook.told, 1)]
    steps = [_step(one, number, now, free=one.phase in free) for number, one in enumerate(playbook.steps, 1)]
    return [*told, *steps]


def _told(one: Told, number: int, now: datetime, *, free: bool) -> Task:
    function = Function(one.function)
    words = str(phrases.WHOM[function]) % {"what": one.text}
    return Task(f"n{number}", _line(words), function, due=now + one.within, at_once=free and function in _INSIDE)


def _step(one: Step, number: int, now: datetime, *, free: bool) -> Task:
    return Task(
        f"s{number}",
        _line(one.text),
        Function(one.function),
        due=now + one.within,
        wanted=_("who looked a second time, and what they said") if one.second_look else "",
        risk_check=any(needs_risk_check(key) for key in one.protections),
        protection=", ".join(one.protections),
        at_once=free and one.at_once,
        grave=one.approval,
    )


def guarded(task: Task) -> Task:
    """The same, and weighed first in writing wherever its protection may hurt others."""
    return replace(task, risk_check=task.risk_check or any(needs_risk_check(one) for one in _keys(task.protection)))


def _keys(protection: str) -> list[str]:
    return [one for one in protection.split(", ") if one]


def _line(words: str) -> str:
    words = unseen.without(words)
    return words if len(words) <= LINE_MOST else words[: LINE_MOST - 1] + "…"
