"""Several tasks that nobody will do are dropped for one reason."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from tocsin.people.models import Person
from tocsin.responses.authority import RefusedError, require_writer
from tocsin.responses.log.acts import Act, Moved
from tocsin.responses.log.content import State, WrongError
from tocsin.responses.log.folding import Plan
from tocsin.responses.log.keeping import Book


def drop(book: Book, by: Person, keys: Collection[str], words: str) -> Plan:
    """Drop several open tasks for one reason; each stands in the log with it.

    Raises:
        RefusedError: when one of them is not open, or they are not this person's to drop.
        WrongError: without a task or a reason.
    """
    require_writer(by)
    if not keys:
        raise WrongError("tasks", _("Tick the tasks that nobody will do."))
    if not words.strip():
        raise WrongError("words", _("Say why they are not done."))

    def change(plan: Plan) -> list[Act]:
        if plan.closed is not None:
            raise RefusedError(_("It is closed. Open it again first."))
        if not set(keys) <= {one.key for one in plan.open_tasks}:
            raise RefusedError(_("Somebody did or dropped one of them meanwhile. Look again."))
        return [Moved(one.key, State.DROPPED, words.strip()) for one in plan.open_tasks if one.key in keys]

    return book.change(by.pk, change)
