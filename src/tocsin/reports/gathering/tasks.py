"""How many tasks of plans were done, and how many are past due, day by day."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.lib.tlp import Tlp
from tocsin.reports.facts import Fact, Nature, Source, Topic, Value
from tocsin.reports.gathering.period import Period
from tocsin.responses.log.content import State, Task
from tocsin.responses.log.folding import Plan


def tasks_told(plans: Sequence[Plan], period: Period, exercise: bool) -> Iterator[Fact]:
    """Tasks of these plans that were done in the period, and those that are past due as it ends."""
    tasks = [task for one in plans for task in one.tasks]
    done = [one for one in tasks if one.state is State.DONE and period.holds(one.ended)]
    if done:
        says = ngettext("%(n)d task of a plan was done.", "%(n)d tasks of plans were done.", len(done))
        course = tuple((day, float(_ended(done, day, end))) for day, end in period.days())
        yield _fact("done", says % {"n": len(done)}, len(done), course, period, exercise)
    late = [sum(_late(one, end) for one in tasks) for _day, end in period.days()]
    if any(late):
        says = ngettext("%(n)d task of a plan is past due.", "%(n)d tasks of plans are past due.", late[-1])
        course = tuple((day, float(count)) for (day, _end), count in zip(period.days(), late, strict=True))
        yield _fact("late", says % {"n": late[-1]}, late[-1], course, period, exercise)


def _ended(tasks: Sequence[Task], day: datetime, end: datetime) -> int:
    return sum(one.ended is not None and day <= one.ended < end for one in tasks)


def _late(task: Task, at: datetime) -> bool:
    """Whether a task was past due at a moment, and neither done nor dropped by then."""
    return task.due is not None and task.due < at and (task.ended is None or task.ended >= at)


def _fact(
    name: str, says: str, count: int, course: tuple[tuple[datetime, float], ...], period: Period, exercise: bool
) -> Fact:  # fmt: skip
    source = Source("plans", "", _("The list of plans"), reverse("responses:index"), period.until)
    return Fact(
        key=f"tasks:{name}", topic=Topic.ACTIVITY, nature=Nature.RECORDED, says=says, sources=(source,),
        as_of=period.until, tlp=Tlp.AMBER, value=Value(count, "tasks"), rank=1, exercise=exercise, course=course,
    )  # fmt: skip
