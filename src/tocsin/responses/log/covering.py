"""Which tasks may begin: those that a yes covers word by word, and those that need none.

A yes covers the tasks that it was given to. They may move within it: by when, by whom, after what more. One that was
added or reworded since is not covered until somebody says yes to the difference, or acts first; the others go on. Nor
is one that no longer waits for what it waited for, unless it is harmless.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from tocsin.responses.log.content import Function, State, Task

Words = tuple[object, ...]


class Cover(StrEnum):
    """Whether a task may begin, as far as a yes goes."""

    COVERED = "covered"  # somebody said yes to it, or acts first
    AT_ONCE = "at once"  # it needs no yes
    NOT_YET = "not yet"


def words(task: Task) -> Words:
    """What a task says, which a yes is about. By when, by whom and after what more may move."""
    return task.title, task.function, task.wanted, task.risk_check, task.protection, task.at_once, task.grave


def harmless(task: Task) -> bool:
    """Whether a task needs no yes. What touches risk, public words or a protection always does, whatever its mark."""
    weighs = task.grave or task.risk_check or bool(task.protection)
    return task.at_once and not weighs and task.function is not Function.COMMUNICATIONS


def covers(tasks: Iterable[Task], said_yes: Iterable[Sequence[Task]], *, free: bool) -> Mapping[str, Cover]:
    """Each task by its key, and whether it may begin.

    ``said_yes`` are the tasks as they stood at each yes that holds. ``free``: what needs no yes may begin.
    """
    now = {one.key: one for one in tasks}
    seen = [{one.key: one for one in then} for then in said_yes]
    return {one.key: _cover(one, now, seen, free=free) for one in now.values()}


def _cover(task: Task, now: Mapping[str, Task], seen: Sequence[Mapping[str, Task]], *, free: bool) -> Cover:
    if any(_same(task, now, then) for then in seen):
        return Cover.COVERED
    return Cover.AT_ONCE if free and harmless(task) else Cover.NOT_YET


def _same(task: Task, now: Mapping[str, Task], then: Mapping[str, Task]) -> bool:
    """Whether a task says what it said at a yes, and still comes after what it came after."""
    before = then.get(task.key)
    if before is None or words(before) != words(task):
        return False
    return harmless(task) or all(key in task.needs and not _dropped_since(key, now, then) for key in before.needs)


def _dropped_since(key: str, now: Mapping[str, Task], then: Mapping[str, Task]) -> bool:
    first, last = then.get(key), now.get(key)
    return last is not None and last.state is State.DROPPED and (first is None or first.state is not State.DROPPED)
