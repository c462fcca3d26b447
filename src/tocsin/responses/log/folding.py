"""A plan as its log tells it. Open and sealed plans are read by these same functions; nothing here asks a database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from tocsin.responses.log import acts, pacing
from tocsin.responses.log.acts import Act
from tocsin.responses.log.content import Content, State, Task, digest, is_about
from tocsin.responses.log.covering import Cover, covers
from tocsin.responses.log.pacing import LIFE, Pace

A = TypeVar("A", bound=Act)
GRAVE = 3
"""From this severity on, a plan needs an approver of grave plans."""


class Standing(StrEnum):
    """Whether somebody's yes covers what the plan says now."""

    DRAFT = "draft"
    ASKED = "asked"
    APPROVED = "approved"
    BROKEN = "broken"  # approved once; something that matters changed since
    DECLINED = "declined"
    ACTING = "acting"  # acted on first; to be ratified
    CLOSED = "closed"
    UNPROVED = "unproved"  # the log is not as it was written: nobody's yes is believed


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log. ``number`` counts from 1; ``proved`` says that it is as it was written, by who is named."""

    number: int
    at: datetime
    by: int
    act: Act
    proved: bool = True


@dataclass(frozen=True, slots=True)
class Version:
    """One version of what it says, and the line that wrote it."""

    number: int
    content: Content
    line: Line


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan as it stands. ``tasks`` are in the order in which they were added; ``covers`` says which may begin.

    Lines happen in life; what is due stands in the plan's own time, which ``pace`` turns into life's.
    """

    id: str
    sealed: bool
    lines: tuple[Line, ...]
    begun: acts.Begun
    owner: int
    opened_at: datetime
    changed_at: datetime
    severity: int
    privileged: bool
    versions: tuple[Version, ...]
    tasks: tuple[Task, ...]
    standing: Standing
    digest: str
    asked: Line | None = None
    approved: Line | None = None
    declined: Line | None = None
    acting: Line | None = None
    closed: Line | None = None
    updated_at: datetime | None = None
    proved: bool = True
    checks: dict[str, acts.Checked] = field(default_factory=dict)
    covers: Mapping[str, Cover] = field(default_factory=dict)
    pace: Pace = LIFE

    @property
    def weight(self) -> int:
        """The severity that decides who may answer for it.

        Never below its playbook's own, nor below one at which somebody said no: making it small makes no approver.
        """
        return max(self.severity, _weight_at(self, len(self.lines) + 1))

    @property
    def version(self) -> int:
        """The number of the newest version."""
        return self.versions[-1].number

    @property
    def content(self) -> Content:
        """What it says now."""
        return self.versions[-1].content

    @property
    def title(self) -> str:
        """What lists call it."""
        return self.content.title

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        """What is still to be done."""
        return tuple(one for one in self.tasks if one.state in {State.OPEN, State.BEGUN})

    @property
    def update_owed(self) -> datetime | None:
        """When the next situation update is due, in the plan's own time; None once it is over."""
        if self.closed is not None:
            return None
        return self.pace.told(self.updated_at or self.opened_at) + timedelta(hours=self.content.update_hours)

    @property
    def update_due(self) -> datetime | None:
        """The same as a moment of life; None also while a drill stands still before it."""
        return self.pace.comes(self.update_owed) if self.update_owed is not None else None

    def due_at(self, task: Task) -> datetime | None:
        """The moment of life at which a task is due; None: never, or a drill stands still before it."""
        return self.pace.comes(task.due) if task.due is not None else None

    def late(self, task: Task, at: datetime) -> timedelta | None:
        """How late a task was at a moment of life, in the plan's own time; None: it was not."""
        late = self.pace.told(at) - task.due if task.due is not None else timedelta(0)
        return late if late > timedelta(0) else None

    @property
    def unratified(self) -> Line | None:
        """What was done first and nobody has said yes or no to since; None when there is nothing."""
        answered = [one.number for one in (self.approved, self.declined) if one is not None]
        return self.acting if self.acting is not None and self.acting.number > max(answered, default=0) else None

    @property
    def question(self) -> Line | None:
        """Who was asked for a yes that is still to come; None when nobody is.

        Of a plan that is approved as it stands, it asks for a yes to tasks that came since.
        """
        if self.standing not in {Standing.ASKED, Standing.APPROVED} or self.asked is None:
            return None
        answered = [one.number for one in (self.approved, self.declined) if one is not None]
        waits = self.asked.number > max(answered, default=0)
        return self.asked if waits and is_about(self.asked.act.material, self.content) else None  # type: ignore[attr-defined]

    @property
    def uncovered(self) -> tuple[Task, ...]:
        """What came or was reworded since a yes that covers the rest, and is still to begin."""
        if self.standing not in {Standing.APPROVED, Standing.ACTING}:
            return ()
        return tuple(one for one in self.tasks if one.state is State.OPEN and self.covers.get(one.key) is Cover.NOT_YET)

    def of(self, kind: type[A]) -> list[tuple[Line, A]]:
        """The lines of one kind of act, oldest first."""
        return [(one, one.act) for one in self.lines if isinstance(one.act, kind)]

    def task(self, key: str) -> Task | None:
        """A task by its key."""
        return next((one for one in self.tasks if one.key == key), None)

    def waits_for(self, task: Task) -> list[Task]:
        """What must be done before a task can begin."""
        return [one for one in self.open_tasks if one.key in task.needs]

    def writers(self) -> set[int]:
        """Whose yes would be a self-approval: who wrote, graded or acted first since the last approval."""
        return _writers(self.lines, self.approved)


_WROTE = (acts.Begun, acts.Wrote, acts.PutTask, acts.Graded, acts.ActedFirst)


def _writers(lines: Sequence[Line], approved: Line | None) -> set[int]:
    after = approved.number if approved is not None else 0
    return {one.by for one in lines if one.number > after and isinstance(one.act, _WROTE)} or {lines[0].by}


def _ended_by(act: Act) -> tuple[type[Act], ...]:
    """What no longer counts once this happened."""
    match act:
        case acts.Reopened():
            return (acts.Closed,)
        case acts.Withdrew(approval=True):
            return acts.Asked, acts.Approved
        case acts.Withdrew():
            return (acts.Asked,)
    return ()


def fold(plan: str, lines: Sequence[Line], *, sealed: bool = False, whole: bool = True) -> Plan:
    """What a log amounts to. ``whole`` False says that the log itself is not as it was written.

    Raises:
        ValueError: for a log that does not begin with a beginning and a first version.
    """
    if len(lines) < 2 or not isinstance(lines[0].act, acts.Begun) or not isinstance(lines[1].act, acts.Wrote):
        raise ValueError("a plan's log begins with its beginning and its first version")
    begun = lines[0].act
    lines = _judged(lines)
    last: dict[type[Act], Line] = {}
    for line in lines:
        last[type(line.act)] = line
        for ended in _ended_by(line.act):
            last.pop(ended, None)
    wrote = [line for line in lines if isinstance(line.act, acts.Wrote)]
    versions = [Version(n, line.act.content, line) for n, line in enumerate(wrote, 1)]  # type: ignore[attr-defined]
    tasks = tasks_at(lines, len(lines) + 1)
    graded = last[acts.Graded].act if acts.Graded in last else acts.Graded(begun.severity)
    assert isinstance(graded, acts.Graded)
    plan_now = Plan(
        id=plan,
        sealed=sealed,
        lines=tuple(lines),
        begun=begun,
        owner=lines[0].by,
        opened_at=lines[0].at,
        changed_at=lines[-1].at,
        severity=graded.severity,
        privileged=graded.privileged,
        versions=tuple(versions),
        tasks=tasks,
        standing=Standing.DRAFT,
        digest=digest(versions[-1].content, tasks),
        asked=last.get(acts.Asked),
        approved=_believed(last.get(acts.Approved)),
        declined=last.get(acts.Declined),
        acting=last.get(acts.ActedFirst),
        closed=last.get(acts.Closed),
        updated_at=last[acts.Updated].at if acts.Updated in last else None,
        proved=whole and all(one.proved for one in lines),
        checks=_checks(lines),
        pace=pacing.of(((one.at, one.act) for one in lines), drill=begun.drill),
    )
    plan_now = replace(plan_now, standing=_standing(plan_now))
    return replace(plan_now, covers=_covers(plan_now))


def _judged(lines: Sequence[Line]) -> list[Line]:
    """The lines, of which a yes to what one wrote is not proved unless it says that it is one.

    No verb writes another: whoever has the right to it is told to have used it, and anybody else is refused.
    """
    found: list[Line] = []
    approved: Line | None = None
    for line in lines:
        act = line.act
        if isinstance(act, acts.Approved) and not act.own and line.by in _writers(found, approved):
            line = replace(line, proved=False)
        found.append(line)
        if isinstance(act, acts.Approved):
            approved = _believed(line)
        elif isinstance(act, acts.Withdrew) and act.approval:
            approved = None
    return found


def covers_at(plan: Plan, now: datetime) -> Mapping[str, Cover]:
    """Which tasks may begin at a moment: under what was done first none, once it should have been ratified."""
    return _covers(replace(plan, acting=None)) if lapsed(plan, now) else plan.covers


def lapsed(plan: Plan, now: datetime) -> bool:
    """Whether something was done first that nobody ratified in time."""
    first = plan.unratified
    return first is not None and isinstance(first.act, acts.ActedFirst) and plan.pace.told(now) > first.act.until


def _covers(plan: Plan) -> Mapping[str, Cover]:
    # A no, and a log that nobody believes, stop what needs no yes as well.
    free = plan.standing not in {Standing.UNPROVED, Standing.CLOSED, Standing.DECLINED}
    return covers(plan.tasks, _said_yes(plan), free=free)


def _said_yes(plan: Plan) -> Iterator[tuple[Task, ...]]:
    """The tasks as they stood at each line by which tasks may begin."""
    if plan.standing is Standing.APPROVED and plan.approved is not None:
        yield tasks_at(plan.lines, plan.approved.number)
    first = plan.unratified
    if first is None or plan.standing not in {Standing.APPROVED, Standing.ACTING}:
        return
    if is_about(first.act.material, plan.content):  # type: ignore[attr-defined]
        yield tasks_at(plan.lines, first.number)


def _checks(lines: Sequence[Line]) -> dict[str, acts.Checked]:
    """The weighing of each task that still says what was weighed."""
    found: dict[str, acts.Checked] = {}
    said: dict[str, tuple[object, ...]] = {}
    for line in lines:
        act = line.act
        if isinstance(act, acts.PutTask):
            now = (act.task.title, act.task.protection, act.task.function)
            if said.get(act.task.key, now) != now:
                found.pop(act.task.key, None)
            said[act.task.key] = now
        elif isinstance(act, acts.Checked):
            found[act.task] = act
    return found


def _severity_at(plan: Plan, number: int) -> int:
    graded = [line.act.severity for line in plan.lines if line.number < number and isinstance(line.act, acts.Graded)]
    return graded[-1] if graded else plan.begun.severity


def _weight_at(plan: Plan, number: int) -> int:
    """What decided before the line with this number who might answer."""
    noes = [_severity_at(plan, line.number) for line, _no in plan.of(acts.Declined) if line.number < number]
    return max(_severity_at(plan, number), plan.begun.least, *noes)


def _believed(line: Line | None) -> Line | None:
    return line if line is not None and line.proved else None


def _moved(task: Task, act: acts.Moved, at: datetime) -> Task:
    task = replace(task, owner=task.owner or act.owner)
    if act.state is State.BEGUN:
        return replace(task, state=act.state, began=task.began or at)
    if act.state is State.OPEN:
        return replace(task, state=act.state, began=None, ended=None)
    return replace(task, state=act.state, ended=at, evidence=act.words)


def _standing(plan: Plan) -> Standing:
    if not plan.proved:
        return Standing.UNPROVED
    if plan.closed is not None:
        return Standing.CLOSED
    if plan.approved is not None and _named(plan, plan.approved):
        covers = is_about(plan.approved.act.material, plan.content)  # type: ignore[attr-defined]
        # Who may say yes to little need not be who may say yes to much.
        if covers and not plan.weight >= GRAVE > _weight_at(plan, plan.approved.number):
            return Standing.APPROVED
    after = plan.approved.number if plan.approved is not None else 0
    declined = plan.declined.number if plan.declined is not None else 0
    if plan.unratified is not None and is_about(plan.unratified.act.material, plan.content):  # type: ignore[attr-defined]
        return Standing.ACTING
    if plan.asked is not None and plan.asked.number > max(after, declined):
        if is_about(plan.asked.act.material, plan.content):  # type: ignore[attr-defined]
            return Standing.ASKED
        return Standing.BROKEN if plan.approved is not None else Standing.DRAFT
    if declined > max(after, plan.versions[-1].line.number):
        return Standing.DECLINED
    if plan.approved is not None:
        return Standing.BROKEN
    return Standing.DRAFT


def _named(plan: Plan, line: Line) -> bool:
    """Whether the version that an approval names said, with the tasks of then, what its hash says."""
    act = line.act
    assert isinstance(act, acts.Approved)
    if not 1 <= act.version <= plan.version or plan.versions[act.version - 1].line.number > line.number:
        return False
    content = plan.versions[act.version - 1].content
    return is_about(act.material, content) and digest(content, tasks_at(plan.lines, line.number)) == act.digest


def as_read(plan: Plan, digest_in_hex: str) -> Content | None:
    """What it said when it had this digest, as somebody read it; None: it never had it."""
    for version, following in zip(reversed(plan.versions), [None, *reversed(plan.versions[1:])], strict=True):
        end = following.line.number if following is not None else plan.lines[-1].number + 1
        for number in range(end, version.line.number, -1):
            if digest(version.content, tasks_at(plan.lines, number)) == digest_in_hex:
                return version.content
    return None


def tasks_at(lines: Iterable[Line], number: int) -> tuple[Task, ...]:
    """The tasks as they stood before the line with this number."""
    tasks: dict[str, Task] = {}
    for line in lines:
        if line.number >= number:
            break
        if isinstance(line.act, acts.PutTask):
            tasks[line.act.task.key] = line.act.task
        elif isinstance(line.act, acts.Moved) and line.act.task in tasks:
            tasks[line.act.task] = _moved(tasks[line.act.task], line.act, line.at)
    return tuple(tasks.values())


def short(digest_in_hex: str) -> str:
    """A hash as people compare it: its first sixteen digits in fours."""
    return " ".join(digest_in_hex[place : place + 4] for place in range(0, 16, 4))
