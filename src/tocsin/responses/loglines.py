"""The lines of a plan's log in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tocsin.responses import drills, phrases
from tocsin.responses.log import acts
from tocsin.responses.log.content import State
from tocsin.responses.log.folding import Line, Plan, short
from tocsin.responses.shown import Names


@dataclass(frozen=True, slots=True)
class Said:
    """One line: who did what, the words that were given, and whether it is as it was written.

    ``alike``: what lines have in common of which many stand in a row, such as the reason for which tasks were dropped;
    ``about`` is the task of such a line.
    """

    number: int
    at: datetime
    who: str
    what: str
    words: str
    proved: bool
    alike: tuple[str, str] = ("", "")
    about: str = ""


def lines(plan: Plan, known: Names) -> list[Said]:
    """The log, newest first."""
    return list(reversed(list(_lines(plan, known))))


def _lines(plan: Plan, known: Names) -> Iterator[Said]:
    titles: dict[str, str] = {}
    for line in plan.lines:
        if isinstance(line.act, acts.PutTask):
            titles[line.act.task.key] = line.act.task.title
        who = known.get(line.by, "") if line.by else "" if isinstance(line.act, acts.Injected) else _no_person(plan)
        verb = str(phrases.VERBS.get(line.act.verb, line.act.verb))
        about = titles.get(line.act.task, "") if isinstance(line.act, acts.Moved) else ""
        words = _words(line, titles, known)
        yield Said(line.number, line.at, who, verb, words, line.proved, _alike(line.act), about or words)


def _alike(act: acts.Act) -> tuple[str, str]:
    if isinstance(act, acts.Moved) and act.state is State.DROPPED:
        return act.verb, act.words
    return (act.verb, "") if isinstance(act, acts.PutTask) else ("", "")


def _no_person(plan: Plan) -> str:
    """Who wrote what no person wrote: the exercise in a plan that it began, Tocsin in any other."""
    return _("Tocsin") if plan.owner else _("The exercise")


def _words(line: Line, titles: dict[str, str], known: Names) -> str:
    act = line.act
    if isinstance(act, acts.PutTask | acts.Moved | acts.Checked):
        return _of_task(act, titles)
    match act:
        case acts.Graded(severity=severity, privileged=privileged):
            return _joined(phrases.SEVERITIES.get(severity, ""), _("legally privileged") if privileged else "")
        case acts.Asked() as asked:
            return _joined(known.get(asked.approver, ""), asked.words)
        case acts.Approved() as yes:
            return _joined(_("version %(n)s") % {"n": yes.version}, short(yes.digest), yes.words)
        case acts.Decided(what=what, why=why):
            return f"{what} ({why})"
        case acts.Started(scenario=key, speed=speed):
            scenario = drills.scenarios().get(key)
            fast = _("as in life") if speed == 1 else _("%(n)s times as fast as life") % {"n": speed}
            return _joined(scenario.title if scenario is not None else key, fast)
        case acts.Observed(met=met, words=words):
            return _joined(_("met") if met else _("not met"), words)
    names = ("note", "reached", "reason", "words", "text", "handover")
    return next((str(words) for name in names if (words := getattr(act, name, ""))), "")


def _of_task(act: acts.PutTask | acts.Moved | acts.Checked, titles: dict[str, str]) -> str:
    match act:
        case acts.PutTask(task=task):
            return task.title
        case acts.Moved() as moved:
            late = _("late") if moved.late else ""
            return _joined(titles.get(moved.task, ""), phrases.STATES[moved.state], late, moved.words)
        case acts.Checked() as checked:
            return _joined(titles.get(checked.task, ""), _("go") if checked.go else _("don’t"))


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)
