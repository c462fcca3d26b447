"""What can be done with a plan's tasks now, and what of it a single press may say is done."""

from collections.abc import Mapping

from tocsin.responses.log.content import State, Task
from tocsin.responses.log.covering import Cover
from tocsin.responses.log.folding import Plan


def able(plan: Plan, covers: Mapping[str, Cover]) -> frozenset[str]:
    """The keys of the tasks that run or may begin now: nothing comes first, a yes covers them, the risk was weighed."""
    return frozenset(one.key for one in plan.open_tasks if plan.closed is None and _able(plan, one, covers))


def _able(plan: Plan, task: Task, covers: Mapping[str, Cover]) -> bool:
    weighed = not task.risk_check or (task.key in plan.checks and plan.checks[task.key].go)
    begins = task.state is State.BEGUN or covers[task.key] is not Cover.NOT_YET
    return begins and weighed and not plan.waits_for(task)


def ticks(plan: Plan, may: frozenset[str], person: int, *, whole: bool) -> frozenset[str]:
    """Those of them that this person may say are done from a list: theirs to move, and no evidence is asked.

    ``whole``: they write plans, so that every task is theirs to move.
    """
    return frozenset(
        one.key for one in plan.open_tasks if one.key in may and not one.wanted and (whole or one.owner == person)
    )


def turn(task: Task, person: int) -> tuple[int, bool, float]:
    """What comes first for somebody: their own, then nobody's, then others'; among these what is due first."""
    whose = 0 if task.owner == person else 1 if not task.owner else 2
    return whose, task.due is None, task.due.timestamp() if task.due is not None else 0.0
