"""Every write about a plan. None knows whether the plan lies open or sealed: it is given a book."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.keys.vaults import OpenVault
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import authority, beginning
from tocsin.responses.authority import RefusedError, require_writer
from tocsin.responses.log import acts, books, content, covering
from tocsin.responses.log.acts import Act
from tocsin.responses.log.content import Content, State, Task, WrongError
from tocsin.responses.log.covering import Cover
from tocsin.responses.log.folding import Plan, Standing, as_read, covers_at, lapsed
from tocsin.responses.log.keeping import Book, ChangedError
from tocsin.responses.log.refusing import still_refused
from tocsin.responses.playbooks import library
from tocsin.situations.models import Situation

# How long an approver has by default, and within which time what was done first must be ratified.
ANSWER = timedelta(hours=4)
RATIFY = timedelta(hours=24)
_SENTENCE = 20
_GRAVE_ANSWER = timedelta(minutes=30)


def answer_within(severity: int) -> timedelta:
    """How long an approver has, by the plan's severity, before the deputy is asked."""
    return _GRAVE_ANSWER if severity >= 3 else ANSWER


def begin(by: Person, begun: acts.Begun, first: Content, tasks: Sequence[Task], situation: Situation | None) -> Book:
    """Begin an open plan.

    Raises:
        RefusedError: when this person may not.
        WrongError: for what can't stand like this.
    """
    made = _first(by, begun, first, tasks)
    readers = situation.readers if situation is not None else 0
    return books.begin(by.pk, made, readers=readers, situation=situation.pk if situation is not None else None)


def begin_sealed(by: Person, vault: OpenVault, begun: acts.Begun, first: Content, tasks: Sequence[Task]) -> Book:
    """Begin a sealed plan, which its founder alone can read for now.

    Raises:
        RefusedError: when this person may not.
        WrongError: for what can't stand like this.
    """
    return books.begin_sealed(vault, _first(by, begun, first, tasks))


def _first(by: Person, begun: acts.Begun, first: Content, tasks: Sequence[Task]) -> list[Act]:
    require_writer(by)
    content.readable(content.checked(first))
    there: list[Task] = []
    for task in tasks:
        content.readable(task)
        there.append(content.checked_task(task, tasks))
    book = library.playbook(begun.playbook) if begun.playbook else None
    begun = replace(begun, least=beginning.severity_of(book) if book is not None else 0)
    return [begun, acts.Wrote(first), *(acts.PutTask(one) for one in there)]


def write(book: Book, by: Person, wanted: Content, base: int, note: str = "") -> Plan:
    """Store a new version of what it says, written while reading version ``base``.

    Raises:
        ChangedError: when there is a newer version; nothing is stored, and it says what changed.
        RefusedError: when it is closed, or not this person's to write.
        WrongError: for what can't stand like this.
    """
    require_writer(by)
    content.checked(wanted)

    def change(plan: Plan) -> list[Act]:
        _open(plan)
        if plan.version != base:
            before = plan.versions[base - 1].content if 0 < base <= len(plan.versions) else plan.versions[0].content
            raise ChangedError(plan, content.differences(before, plan.content))
        content.readable(wanted, (plan.content,))
        return [] if plan.content == wanted else [acts.Wrote(wanted, note.strip())]

    return book.change(by.pk, change)


def grade(book: Book, by: Person, severity: int, *, privileged: bool) -> Plan:
    """Say how severe it is, and whether it is legally privileged.

    Raises:
        RefusedError: when it is closed, or not this person's to say.
    """
    require_writer(by)

    def change(plan: Plan) -> list[Act]:
        _open(plan)
        if (plan.severity, plan.privileged) == (severity, privileged):
            return []
        return [acts.Graded(severity, privileged)]

    return book.change(by.pk, change)


# Tasks


def put_task(book: Book, by: Person, task: Task) -> Plan:
    """Add a task, or change what it says; one without a key gets one. How it stands is changed by ``move``.

    A yes covers it only as it was worded then. That it needs no yes, its playbook alone can say of it, and no longer
    once it is reworded.

    Raises:
        RefusedError: when the plan is closed, the task was begun by other words, or it is not this person's to write.
        WrongError: for what can't stand like this.
    """
    require_writer(by)
    task = task if task.key else replace(task, key=random_name(6))

    def change(plan: Plan) -> list[Act]:
        _open(plan)
        before = plan.task(task.key)
        wanted = _kept(task, before) if before is not None else replace(task, at_once=False, grave=False)
        content.checked_task(wanted, plan.tasks)
        content.readable(wanted, plan.tasks)
        return [] if wanted == before else [acts.PutTask(wanted)]

    return book.change(by.pk, change)


def _kept(task: Task, before: Task) -> Task:
    """A changed task with everything that an edit does not change."""
    kept = {name: getattr(before, name) for name in ("state", "began", "ended", "evidence", "at_once", "grave")}
    # A task that was to be weighed stays one: nobody edits that away.
    wanted = replace(task, **kept, risk_check=task.risk_check or before.risk_check)
    if covering.words(wanted) == covering.words(before):
        return wanted
    if before.state is not State.OPEN:
        raise RefusedError(_("It was begun as it is worded. Add another task, or undo first that it was begun."))
    return replace(wanted, at_once=False)


def move(book: Book, by: Person, key: str, state: State, words: str = "") -> Plan:
    """Begin, end, drop or open again a task.

    Raises:
        RefusedError: when something must come first, or it is not this person's to move.
        WrongError: without the evidence or the reason that it needs.
    """

    def change(plan: Plan) -> list[Act]:
        _open(plan)
        task = plan.task(key)
        if task is None or not (by.may(Right.PLANS) or task.owner == by.pk):
            raise RefusedError(_("This task is not yours. Ask whoever owns the plan."))
        if task.state is state:
            return []
        _may_move(plan, task, state, words, whole=by.may(Right.PLANS))
        late = state is State.DONE and plan.late(task, clock.now()) is not None
        takes_on = by.pk if state in {State.BEGUN, State.DONE} and not task.owner else 0
        return [acts.Moved(key, state, words.strip(), late, takes_on)]

    return book.change(by.pk, change)


def _may_move(plan: Plan, task: Task, state: State, words: str, *, whole: bool) -> None:
    if state in {State.BEGUN, State.DONE}:
        if waiting := plan.waits_for(task):
            first = _("First comes: %(task)s") % {"task": waiting[0].title}
            raise RefusedError(first if whole else _("Another task comes first."))
        # What was begun may be told of as done, whatever became of the plan: the log says what is true.
        if task.state is not State.BEGUN and covers_at(plan, clock.now())[task.key] is Cover.NOT_YET:
            raise RefusedError(_not_yet(plan))
        if task.risk_check and not (task.key in plan.checks and plan.checks[task.key].go):
            raise RefusedError(
                _("Weigh first what this may do to the accused, to suspected informants and to bystanders.")
            )
    if state is State.DONE and task.wanted and not words.strip():
        raise WrongError("words", _("Say what shows that it was done: %(wanted)s") % {"wanted": task.wanted})
    if state is State.DROPPED and not words.strip():
        raise WrongError("words", _("Say why it is not done."))


def _not_yet(plan: Plan) -> str:
    if lapsed(plan, clock.now()):
        return _("Nobody ratified in time what was done first. Nothing new begins until somebody does.")
    if plan.standing in {Standing.APPROVED, Standing.ACTING}:
        return _(
            "This task came or was reworded after the yes, or what had to come before it was taken away. "
            "Ask for a yes to it, or act first and say why."
        )
    return _("The plan is not approved as it stands. Have it approved, or act first and say why.")


def check_risk(book: Book, by: Person, checked: acts.Checked) -> Plan:
    """Write down what a task may do to others, before it.

    Raises:
        WrongError: for a weighing that leaves somebody out.
        RefusedError: when the plan is closed, or has no such task.
    """
    require_writer(by)
    for name in ("accused", "informants", "bystanders"):
        if len(" ".join(getattr(checked, name).split())) < _SENTENCE:
            raise WrongError(name, _("“None” is no answer: say in a sentence what it may do to them, or why nothing."))

    def change(plan: Plan) -> list[Act]:
        _open(plan)
        if plan.task(checked.task) is None:
            raise RefusedError(_("There is no such task any more."))
        return [checked]

    return book.change(by.pk, change)


# Approval


def ask(book: Book, by: Person, approver: Person, deputy: Person | None, words: str = "") -> Plan:
    """Ask somebody to approve the plan exactly as it stands.

    Raises:
        RefusedError: when nobody needs to, or they may not.
        WrongError: for what is missing from the plan.
    """
    require_writer(by)

    def change(plan: Plan) -> list[Act]:
        _open(plan)
        content.ready(plan.content)
        if plan.standing is Standing.APPROVED and not plan.uncovered:
            raise RefusedError(_("It is approved as it stands."))
        for one in (approver, deputy):
            if one is not None:
                authority.require_approver(plan, one)
        if deputy is not None and deputy.pk == approver.pk:
            raise WrongError("deputy", _("Choose somebody else as deputy."))
        until = plan.pace.told(clock.now()) + answer_within(plan.severity)
        shown = content.material(plan.content)
        second = deputy.pk if deputy is not None else 0
        return [acts.Asked(plan.version, plan.digest, shown, approver.pk, second, until, words.strip())]

    return book.change(by.pk, change)


def approve(book: Book, by: Person, digest: str, words: str = "") -> Plan:
    """A yes to the exact version with this hash; ``words`` say why nobody else looks, where it is one's own.

    Raises:
        ChangedError: when it is not this version any more; nothing is approved.
        RefusedError: when it is not this person's to approve.
        WrongError: for a yes to one's own without a reason.
    """

    def change(plan: Plan) -> list[Act]:
        _answerable(plan, by, digest)
        content.ready(plan.content)
        ratifies = plan.unratified is not None
        own = authority.is_own(plan, by)
        if own and not words.strip():
            raise WrongError("words", _("You wrote it yourself: say why nobody else can look at it first."))
        shown = content.material(plan.content)
        return [acts.Approved(plan.version, plan.digest, shown, words.strip(), own, ratifies)]

    return book.change(by.pk, change)


def decline(book: Book, by: Person, digest: str, reason: str) -> Plan:
    """A no to the exact version with this hash, with a reason.

    Raises:
        ChangedError: when it is not this version any more.
        RefusedError: when it is not this person's to answer.
        WrongError: without a reason.
    """
    if not reason.strip():
        raise WrongError("reason", _("Say why not, and what would change your mind."))

    def change(plan: Plan) -> list[Act]:
        _answerable(plan, by, digest)
        return [acts.Declined(plan.version, plan.digest, reason.strip())]

    return book.change(by.pk, change)


def _answerable(plan: Plan, by: Person, digest: str) -> None:
    _open(plan)
    if plan.standing is Standing.APPROVED and not (plan.unratified or plan.question or plan.uncovered):
        raise RefusedError(_("It is approved as it stands."))
    if plan.standing is Standing.UNPROVED:
        raise RefusedError(_("The log of this plan is not as it was written. Approve nothing; tell whoever leads."))
    if plan.digest != digest:
        read = as_read(plan, digest) or plan.versions[0].content
        raise ChangedError(plan, content.differences(read, plan.content))
    # As of this moment: whoever was signed in when the answer was sent may have left before it is stored.
    authority.require_approver(plan, Person.objects.get(pk=by.pk))


def withdraw(book: Book, by: Person, reason: str) -> Plan:
    """Ask no more, or take back one's own approval.

    Raises:
        RefusedError: when there is nothing of theirs to take back.
        WrongError: without a reason.
    """
    if not reason.strip():
        raise WrongError("reason", _("Say why."))

    def change(plan: Plan) -> list[Act]:
        _open(plan)
        if plan.question is not None and by.may(Right.PLANS):
            return [acts.Withdrew(plan.version, reason.strip())]
        if plan.approved is None or plan.approved.by != by.pk:
            raise RefusedError(_("There is nothing of yours to take back."))
        return [acts.Withdrew(plan.version, reason.strip(), approval=True)]

    return book.change(by.pk, change)


def not_first(plan: Plan) -> str:
    """Why nobody acts first on a plan as it stands, and what to do instead; empty where somebody may."""
    if plan.standing in {Standing.APPROVED, Standing.ACTING} and not plan.uncovered:
        return _("It may be acted on already.")
    if still_refused(plan):
        return _("Somebody said no to this as it stands. Change what they said no to, or ask again.")
    if lapsed(plan, clock.now()):
        return _not_yet(plan)
    if not plan.content.objective.strip():
        return _("Say what is to be reached, in one line.")
    return ""


def act_first(book: Book, by: Person, reason: str, until: datetime | None = None) -> Plan:
    """Act now, since waiting would harm; it is to be ratified within a day, by somebody else.

    Raises:
        RefusedError: as ``not_first`` says, or when it is not this person's to begin.
        WrongError: without a reason.
    """
    require_writer(by)
    if not reason.strip():
        raise WrongError("reason", _("Say what would happen if you waited."))

    def change(plan: Plan) -> list[Act]:
        _open(plan)
        if said := not_first(plan):
            raise RefusedError(said)
        longest = plan.pace.told(clock.now()) + RATIFY
        ends = min(until or longest, longest)
        if (before := plan.unratified) is not None and isinstance(before.act, acts.ActedFirst):
            # Who acts first again has no more time for it.
            ends = min(ends, before.act.until)
        return [acts.ActedFirst(plan.version, plan.digest, content.material(plan.content), reason.strip(), ends)]

    return book.change(by.pk, change)


# On the way


def decide(book: Book, by: Person, what: str, why: str) -> Plan:
    """Add a line to the decision log.

    Raises:
        WrongError: without a decision or its reason.
    """
    require_writer(by)
    for name, given in (("what", what), ("why", why)):
        if not given.strip():
            raise WrongError(name, _("Fill this in."))
    return book.change(by.pk, lambda plan: [_of_open(plan, acts.Decided(what.strip(), why.strip()))])


def update(book: Book, by: Person, text: str) -> Plan:
    """Say how it stands, for everybody with a part in it; the clock of the next update begins anew.

    Raises:
        WrongError: without words.
    """
    require_writer(by)
    if not text.strip():
        raise WrongError("text", _("Say how it stands; that nothing changed is worth saying."))
    return book.change(by.pk, lambda plan: [_of_open(plan, acts.Updated(text.strip()))])


def close(book: Book, by: Person, reached: str, *, met: bool) -> Plan:
    """End it.

    Raises:
        RefusedError: while tasks are open, or something done first is not ratified.
        WrongError: without what was reached.
    """
    require_writer(by)
    if not reached.strip():
        raise WrongError("reached", _("Say what was reached, and what was not."))

    def change(plan: Plan) -> list[Act]:
        _open(plan)
        if plan.open_tasks:
            raise RefusedError(
                _("%(n)s tasks are open. Do them, or drop them with a reason.") % {"n": len(plan.open_tasks)}
            )
        if plan.unratified is not None:
            raise RefusedError(_("What was done first is not ratified yet."))
        return [acts.Closed(met, reached.strip())]

    return book.change(by.pk, change)


def reopen(book: Book, by: Person, reason: str) -> Plan:
    """Go on with a plan that was closed.

    Raises:
        RefusedError: when it is not closed.
        WrongError: without a reason.
    """
    require_writer(by)
    if not reason.strip():
        raise WrongError("reason", _("Say why."))

    def change(plan: Plan) -> list[Act]:
        if plan.closed is None:
            raise RefusedError(_("It is not closed."))
        return [acts.Reopened(reason.strip())]

    return book.change(by.pk, change)


def _of_open(plan: Plan, act: Act) -> Act:
    _open(plan)
    return act


def _open(plan: Plan) -> None:
    if plan.closed is not None:
        raise RefusedError(_("It is closed. Open it again first."))
