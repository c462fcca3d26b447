"""What a sealed plan's case tells of recovery: the situations that it cites, and whether promises to people are kept.

Read in a member's own open vault when they open the page, and stored nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import Http404

from tocsin.cases.access import access_case
from tocsin.cases.entries import entries, of
from tocsin.cases.kinds.happened import Citation
from tocsin.cases.kinds.support import Promise
from tocsin.keys.safes import OpenSafe
from tocsin.keys.sealing import SealError
from tocsin.keys.vaults import OpenVault, UnverifiedError
from tocsin.responses.log.folding import Plan


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise to somebody: by which day, since when, and when it was kept or told that it can't be; None: open."""

    words: str
    due: date | None
    since: datetime
    kept: bool
    ended_at: datetime | None

    @property
    def lasted(self) -> timedelta | None:
        """How long it took; None while it is open."""
        return self.ended_at - self.since if self.ended_at is not None else None


@dataclass(frozen=True, slots=True)
class OfCase:
    """What one member reads of a plan's case. ``safe`` None: the case is not theirs to open, or not now."""

    safe: OpenSafe | None
    situations: tuple[str, ...] = ()
    promises: tuple[Promised, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether no promise is open any more."""
        return all(one.ended_at is not None for one in self.promises)


def of_case(vault: OpenVault | None, plan: Plan) -> OfCase | None:
    """What the case of a sealed plan tells this member; None for a plan without a case.

    Promises that were over before the plan began are not its own.
    """
    if vault is None or not plan.sealed or not plan.begun.about:
        return None
    try:
        safe = access_case(vault, UUID(plan.begun.about))
        rows = entries(safe)
    except (Http404, SealError, UnverifiedError):
        return OfCase(None)
    made = [
        Promised(one.words, one.due, entry.at, one.state == "kept", None if one.is_open else entry.changed_at)
        for entry, one in of(rows, Promise)
    ]
    mine = [one for one in made if one.ended_at is None or one.ended_at >= plan.opened_at]
    cited = [one.code for _entry, one in of(rows, Citation)]
    return OfCase(safe, tuple(cited), tuple(sorted(mine, key=lambda one: one.since)))


def lasted(promises: Sequence[Promised]) -> timedelta | None:
    """From the first promise to the end of the last; None while one is open, or where none was given."""
    ends = [one.ended_at for one in promises if one.ended_at is not None]
    if not promises or len(ends) < len(promises):
        return None
    return max(ends) - min(one.since for one in promises)
