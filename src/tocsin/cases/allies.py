"""Whether an ally may be turned to in a referral, as the list of allies says at this moment."""

from dataclasses import replace
from typing import TypeVar

from django.db.models import Q
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances.models import Contact
from tocsin.alliances.refusals import RefusedError
from tocsin.alliances.usability import require_usable
from tocsin.cases.kinds.base import Kind, WrongError
from tocsin.cases.kinds.support import LEAST_REASON, Referral

K = TypeVar("K", bound=Kind)


def may_help(what: Referral) -> None:
    """Ask whether they may be turned to now; one who is proposed, stale or in no list needs a written reason.

    Raises:
        WrongError: when not.
    """
    ally = ally_of(what.ally)
    if ally is None:
        if len(what.override.strip()) < LEAST_REASON:
            why = _("Nobody in the list of allies has this name or code. Write why it is safe to turn to them.")
            raise WrongError("override", why)
        return
    try:
        require_usable(ally, clock.now(), what.override)
    except RefusedError as refused:
        raise WrongError("ally", refused.args[0]) from None


def named(what: K) -> K:
    """A referral with the name of its ally, whom people may have given by their code; anything else as it is."""
    if not isinstance(what, Referral):
        return what
    ally = ally_of(what.ally)
    return replace(what, named=ally.name if ally is not None else "")


def ally_of(words: str) -> Contact | None:
    """The ally of this code, or of this name if only one has it."""
    named = list(Contact.objects.filter(Q(public_id=words.strip()) | Q(name__iexact=words.strip()))[:2])
    return named[0] if len(named) == 1 else None
