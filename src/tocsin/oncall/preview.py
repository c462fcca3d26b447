"""What a change to a rota would bring, before anybody saves it.

The change is made with the very verb that would make it, looked at, and taken back in the same transaction: what is
shown is what would be, refusals included.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction
from django.utils import timezone

from tocsin.oncall import schedule
from tocsin.oncall.duty import Gap, Roster
from tocsin.oncall.models import Layer, Rota
from tocsin.oncall.schedule import Slot
from tocsin.oncall.toll import Strain, strains
from tocsin.people.models import Person

AHEAD = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch that would change hands; None stands for nobody."""

    since: datetime
    until: datetime
    before: Person | None
    after: Person | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The four weeks from ``since`` on as they would be, and what of them is new.

    ``positions`` has the place of each layer, by its number. ``strains`` are all people who would go past a limit by
    the plan alone; ``new_strains`` those who now do not.
    """

    since: datetime
    until: datetime
    roster: Roster
    positions: Mapping[int, int]
    changes: tuple[Change, ...]
    gaps: tuple[Gap, ...]
    strains: tuple[Strain, ...]
    new_strains: frozenset[int]


def preview(rota: Rota, act: Callable[[], object]) -> Preview:
    """Look at a rota as it would be after ``act``; nothing of it stays.

    Raises:
        RefusedError: when the act is refused.
    """
    before = Roster.load()
    with transaction.atomic():
        act()
        after = Roster.load()
        positions = dict(Layer.objects.filter(rota=rota).values_list("pk", "position"))
        transaction.set_rollback(True)
    since = timezone.now()
    until = since + AHEAD
    strained = strains(after, since, until)
    already = {one.person.pk for one in strains(before, since, until)}
    return Preview(
        since,
        until,
        after,
        positions,
        tuple(_changes(rota, before, after, since, until)),
        tuple(after.gaps(rota, since, until)),
        tuple(strained),
        frozenset(one.person.pk for one in strained) - already,
    )


def _changes(rota: Rota, before: Roster, after: Roster, since: datetime, until: datetime) -> list[Change]:
    was, will = (schedule.held(schedule.slots(one.plan(rota), since, until)) for one in (before, after))
    bounds = sorted({bound for slot in [*was, *will] for bound in (slot.since, slot.until)})
    found: list[Change] = []
    for begin, end in pairwise(bounds):
        old, new = _holder(was, begin), _holder(will, begin)
        if old == new:
            continue
        change = Change(begin, end, before.people.get(old or 0), after.people.get(new or 0))
        last = found[-1] if found else None
        if last and last.until == begin and (last.before, last.after) == (change.before, change.after):
            found[-1] = Change(last.since, end, last.before, last.after)
        else:
            found.append(change)
    return found


def _holder(slots: list[Slot], at: datetime) -> int | None:
    return next(slot.person for slot in slots if slot.since <= at < slot.until)
