"""A plan as pages show it: its seal, what changed between versions, its log in words, people by their names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tocsin.people.models import Person
from tocsin.responses import phrases
from tocsin.responses.authority import can_approve
from tocsin.responses.log import acts, covering
from tocsin.responses.log.content import Content, Indicator, Option, Stakeholder, Task, Wording, material, pack
from tocsin.responses.log.folding import Line, Plan, Standing, tasks_at

Names = Mapping[int, str]


def names(plan: Plan) -> dict[int, str]:
    """Everybody whom the plan names, by id; of accounts that are gone it says so."""
    numbers = {one.by for one in plan.lines} | {one.owner for one in plan.tasks} | {plan.owner}
    numbers |= {one.person for version in plan.versions for one in version.content.stakeholders}
    numbers |= {line.by for line in (plan.approved, plan.asked, plan.declined, plan.acting, plan.closed) if line}
    for _line, task in plan.of(acts.PutTask):
        numbers.add(task.task.owner)
    for line in [*plan.lines, *([plan.asked] if plan.asked else [])]:
        if isinstance(line.act, acts.Asked):
            numbers |= {line.act.approver, line.act.deputy}
    found = Person.objects.in_bulk(numbers - {0})
    gone = _("somebody who left")
    # What no person began was begun by the exercise: its first lines are its own.
    nobody = pgettext("a task of no one", "nobody yet") if plan.owner else _("the exercise")
    return {0: nobody} | {number: found[number].name if number in found else gone for number in numbers - {0}}


def whom(plan: Plan, known: Names) -> dict[str, str]:
    """By function, who has that part in the plan by name: whom a step of that function is for."""
    found: dict[str, list[str]] = {}
    for one in plan.content.stakeholders:
        if who := known.get(one.person, "") if one.person else one.name:
            found.setdefault(one.function, []).append(who)
    return {function: ", ".join(dict.fromkeys(names)) for function, names in found.items()}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that two versions say differently; ``grave``: a yes to the first does not cover the second."""

    label: str
    before: str
    after: str
    grave: bool


def changes(before: Content, after: Content, known: Names) -> list[Change]:
    """What changed, as people read it: of options each part, of lists one by one."""
    return list(_changes(before, after, known))


def _changes(before: Content, after: Content, known: Names) -> Iterator[Change]:
    for one in fields(Content):
        old, new = getattr(before, one.name), getattr(after, one.name)
        if old == new:
            continue
        label = str(phrases.FIELDS[one.name])
        grave = material(replace(before, **{one.name: new})) != material(before)
        if one.name == "options":
            yield from _options(old, new)
        elif isinstance(old, tuple):
            yield from _among(label, old, new, known)
        elif one.name == "chosen":
            yield Change(label, _title(before, old), _title(after, new), grave)
        else:
            yield Change(label, str(old), str(new), grave)


def _title(content: Content, key: str) -> str:
    return next((one.title for one in content.options if one.key == key), "")


def _options(old: Sequence[Option], new: Sequence[Option]) -> Iterator[Change]:
    now, then = {one.key: one for one in new}, {one.key: one for one in old}
    found = False
    for key in dict.fromkeys([*then, *now]):
        first, second = then.get(key), now.get(key)
        if first is None or second is None:
            found = True
            yield Change(str(phrases.FIELDS["options"]), _all(first), _all(second), grave=True)
            continue
        for name, words in phrases.OPTION_FIELDS.items():
            a, b = getattr(first, name), getattr(second, name)
            if a != b:
                found = True
                yield Change(f"{second.title}: {words}", a, b, grave=True)
    if not found:
        yield _order(str(phrases.FIELDS["options"]), grave=True)


def _all(option: Option | None) -> str:
    if option is None:
        return ""
    parts = [f"{words}: {getattr(option, name)}" for name, words in phrases.OPTION_FIELDS.items() if name != "title"]
    return "\n".join([option.title, *(part for part in parts if not part.endswith(": "))])


def _among(label: str, old: tuple[Any, ...], new: tuple[Any, ...], known: Names) -> Iterator[Change]:
    gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
    if not gone and not come:
        yield _order(label, grave=False)
    for one in gone:
        yield Change(label, said_part(one, known), "", _counts(one))
    for one in come:
        yield Change(label, "", said_part(one, known), _counts(one))


def _order(label: str, *, grave: bool) -> Change:
    return Change(label, "", _("in another order"), grave)


def _counts(one: Any) -> bool:
    nothing = Content("")
    return isinstance(one, Wording) and material(replace(nothing, words=(one,))) != material(nothing)


def said_part(one: Stakeholder | Wording | Indicator, known: Names) -> str:
    """A stakeholder, words or an indicator in one text."""
    match one:
        case Stakeholder():
            who = known.get(one.person, "") if one.person else one.name
            return ": ".join(part for part in (f"{phrases.FUNCTIONS[one.function]}, {who}", one.part) if part)
        case Wording():
            return f"{phrases.AUDIENCES[one.audience]} ({one.language}): {one.text}"
        case Indicator():
            return f"{one.text} ({one.series})" if one.series else one.text


def task_changes(before: Sequence[Task], after: Sequence[Task], known: Names, *, drill: bool = False) -> list[Change]:
    """Which tasks came, went or stand differently; a yes does not cover one that says something else than then.

    ``drill``: what is due is told by the drill's clock.
    """
    then, now, found = {one.key: one for one in before}, {one.key: one for one in after}, []
    for key in dict.fromkeys([*then, *now]):
        first, second = then.get(key), now.get(key)
        if first == second:
            continue
        title = (second or first).title  # type: ignore[union-attr]
        grave = second is not None and _says_else(first, second)
        was, says = (_task(one, other, known, drill=drill) for one, other in ((first, second), (second, first)))
        found.append(Change(f"{_('Task')}: {title}", was, says, grave))
    return sorted(found, key=lambda one: not one.grave)


def _says_else(before: Task | None, now: Task) -> bool:
    said = before is not None and covering.words(before) == covering.words(now)
    return not said and not covering.harmless(now)


def _task(one: Task | None, other: Task | None, known: Names, *, drill: bool) -> str:
    if one is None:
        return ""
    parts = []
    for name, words in phrases.TASK_FIELDS.items():
        value = getattr(one, name)
        # Of a task that came or went nothing is said that it does not say.
        if (other is None and value) or (other is not None and value != getattr(other, name)):
            parts.append(f"{words}: {_value(name, value, known, drill=drill)}")
    return "\n".join(parts)


def _value(name: str, value: Any, known: Names, *, drill: bool) -> str:
    match name:
        case "function":
            return str(phrases.FUNCTIONS[value])
        case "owner":
            return known.get(value, "")
        case "state":
            return str(phrases.STATES[value])
        case "due" if value:
            moment = f"{value:%Y-%m-%d %H:%M} UTC"
            return _("%(moment)s by the drill’s clock") % {"moment": moment} if drill else moment
        case "needs":
            return str(len(value))
        case _ if isinstance(value, bool):
            return _("yes") if value else _("no")
        case _:
            return str(value or "") or "–"


@dataclass(frozen=True, slots=True)
class Seal:
    """The yes to a plan, as its page shows it. ``how`` is a standing; ``broken_by`` what changed since that matters."""

    how: Standing
    line: Line | None
    version: int
    digest: str
    broken_by: tuple[Change, ...]
    ask_again: bool = False
    lacks: bool = False
    since_no: bool = False

    @property
    def open(self) -> bool:
        """Whether there is something to ask a yes for."""
        return self.how is not Standing.UNPROVED and (self.lacks or not self.whole)

    @property
    def first(self) -> bool:
        """Whether there is something that could be acted on first."""
        return self.open and (self.lacks or self.how is not Standing.ACTING)

    @property
    def whole(self) -> bool:
        """Whether it covers the plan as it is."""
        return self.how is Standing.APPROVED


def seal(plan: Plan, known: Names, *, whole: bool) -> Seal:
    """How the approval of a plan stands. Who sees the frame only does not learn what changed."""
    line = plan.approved
    if line is None or not isinstance(line.act, acts.Approved):
        return Seal(plan.standing, None, 0, "", (), _nobody_answers(plan), bool(plan.uncovered))
    broken: tuple[Change, ...] = ()
    if whole and plan.standing not in {Standing.APPROVED, Standing.UNPROVED} and line.act.version <= plan.version:
        then = plan.versions[line.act.version - 1].content
        broken = tuple(one for one in changes(then, plan.content, known) if one.grave)
    no = plan.declined is not None and plan.declined.number > line.number
    return Seal(
        plan.standing, line, line.act.version, line.act.digest, broken, _nobody_answers(plan), bool(plan.uncovered), no
    )  # fmt: skip


def _nobody_answers(plan: Plan) -> bool:
    """Whether neither who was asked nor the deputy can answer any more."""
    if plan.question is None or not isinstance(plan.question.act, acts.Asked):
        return False
    asked = Person.objects.filter(pk__in=[plan.question.act.approver, plan.question.act.deputy])
    return not any(can_approve(one, plan.weight) for one in asked)


def since_approved(plan: Plan, known: Names) -> list[Change]:
    """Everything that changed since the version that somebody last said yes to; all of it is new before the first."""
    line = plan.approved
    if line is None or not isinstance(line.act, acts.Approved) or line.act.version > plan.version:
        return []
    then = plan.versions[line.act.version - 1].content
    tasks = tasks_at(plan.lines, line.number)
    return [*changes(then, plan.content, known), *task_changes(tasks, plan.tasks, known, drill=plan.begun.drill)]


def plain(one: Any) -> dict[str, Any]:
    """The same as plain values, for programs."""
    return pack(one)
