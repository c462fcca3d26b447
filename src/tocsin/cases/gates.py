"""What must stand before a step is done: vetting, consent, the do-no-harm check, somebody else's look."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from tocsin.cases.allies import may_help
from tocsin.cases.entries import Entry, first, holds
from tocsin.cases.kinds.base import Kind, Verb, WrongError
from tocsin.cases.kinds.consent import Consent, Vetting
from tocsin.cases.kinds.happened import Contact
from tocsin.cases.kinds.position import Position
from tocsin.cases.kinds.safety import HarmCheck
from tocsin.cases.kinds.support import Money, Referral
from tocsin.cases.refusals import RefusedError


def before_writing(what: Kind, found: Sequence[Entry], today: date) -> None:
    """Ask whether this may be written now.

    Raises:
        WrongError: when something must come first; it names the field.
    """
    if isinstance(what, Contact) and what.reply == "substance" and not vetted(found):
        raise WrongError(
            "reply", _("Write down the vetting first: who asks, verified how. First aid never waits for it.")
        )
    if isinstance(what, Referral | Position) and what.consent and not holds(found, what.consent, Consent, today):
        raise WrongError(
            "consent", _("This consent doesn’t hold: it was withdrawn, has lapsed, or was not given freely.")
        )
    if isinstance(what, Referral):
        may_help(what)
    if isinstance(what, Position) and what.harm_check and not holds(found, what.harm_check, HarmCheck, today):
        raise WrongError(
            "harm_check", _("This check doesn’t hold: it is older than two weeks, or was decided against.")
        )


def may(entry: Entry, verb: Verb, by: int) -> None:
    """Ask whether this person may do this step of a record at all.

    Raises:
        RefusedError: when it stands differently by now, or somebody else must do it.
    """
    if not verb.when(entry.what):
        raise RefusedError(_("It stands differently by now. Look again."))
    if not verb.may(by, entry.by, entry.changed_by):
        raise RefusedError(_("Somebody else must do this: you wrote it."))


def before_verb(verb: Verb, changed: Kind, found: Sequence[Entry], today: date) -> None:
    """Ask whether what a step needs stands there.

    Raises:
        WrongError: when something must come first; it names the field.
        RefusedError: when something else must.
    """
    asked = isinstance(changed, Referral | Money) and "harm_check" in verb.fields
    if asked and not holds(found, getattr(changed, "harm_check", ""), HarmCheck, today):
        raise WrongError(
            "harm_check", _("This check doesn’t hold: it is older than two weeks, or was decided against.")
        )
    if isinstance(changed, Referral) and verb.name == "hand_over":
        may_help(changed)
        if not vetted(found):
            raise RefusedError(_("Write down the vetting first: who asks, verified how. First aid never waits for it."))
        if changed.consent and not holds(found, changed.consent, Consent, today):
            raise RefusedError(_("The consent doesn’t hold any more. Ask again, or plan it anew with a reason."))


def vetted(found: Sequence[Entry]) -> bool:
    """Whether the newest vetting is enough for a reply of substance."""
    _entry, newest = first(found, Vetting)
    return newest is not None and newest.enough in {"yes", "limited"}
