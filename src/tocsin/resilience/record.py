"""Who may act, and what is written down of it: who did what to which thing, never the words that were written."""

from django.utils.translation import gettext as _

from tocsin.alliances.refusals import RefusedError
from tocsin.audit import actions as audit
from tocsin.people.models import Person
from tocsin.people.roles import Right


def note(by: Person, verb: str, target: str, **facts: int | str | bool | None) -> None:
    """Add an entry in the transaction of the act; ``target`` is a kind and an id, such as ``community:h7k3``."""
    audit.record(by.pk, f"{target.partition(':')[0]}.{verb}", target, purpose="", **facts)


def needs_right(by: Person, right: Right) -> None:
    """Refuse what this person's roles do not let them do.

    Raises:
        RefusedError: with what to do instead.
    """
    if not by.may(right):
        raise RefusedError(_("Your roles don’t let you do this. Ask whoever leads."))
