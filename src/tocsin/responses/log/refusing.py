"""What somebody said no to, and whether that is still what a plan would do."""

from tocsin.lib.unseen import as_seen
from tocsin.responses.log import acts
from tocsin.responses.log.content import Content, State, Task, material, worded
from tocsin.responses.log.covering import Cover
from tocsin.responses.log.folding import Plan, Standing, fold


def still_refused(plan: Plan) -> bool:
    """Whether acting first would do what somebody said no to and nobody said yes to since.

    A no to a plan is about what matters in it; a no to what came after a yes is about those tasks, by their words.
    """
    contents: set[str] = set()
    tasks: set[str] = set()
    for number, line in enumerate(plan.lines, 1):
        if not isinstance(line.act, acts.Approved | acts.Declined):
            continue
        then = fold(plan.id, plan.lines[:number], sealed=plan.sealed)
        if isinstance(line.act, acts.Approved):
            contents.discard(_meant(then.content))
            tasks -= {_words(one) for one in then.tasks}
        elif then.standing is Standing.APPROVED:
            tasks |= {_words(one) for one in then.uncovered}
        else:
            contents.add(_meant(then.content))
    waits = {_words(one) for one in plan.tasks if one.state is State.OPEN and plan.covers[one.key] is Cover.NOT_YET}
    return _meant(plan.content) in contents or bool(tasks & waits)


def _words(task: Task) -> str:
    """A task as people tell it apart: under another key, or in other letters, it is the same."""
    return as_seen(task.title)


def _meant(content: Content) -> str:
    """What a no was about: under another title, or with signs that nobody sees, it is the same."""
    return material(worded(content, as_seen), but={"title"})
