"""Membership that ends by itself: who holds something until when, and whom a commit puts out."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.utils import timezone

from tocsin.keys.heads import HEAD, Head, Member
from tocsin.keys.vaults import OpenVault, UnverifiedError


class NotLastingError(Exception):
    """Who is here for a while changes nothing for those who are here for longer."""


class StaysError(Exception):
    """Somebody can't be left out while a quorum gives keys away: they still have theirs, or hold more than is given."""

    def __init__(self, person: int) -> None:
        super().__init__(person)
        self.person = person


def end_of(member: Member) -> datetime | None:
    """When it ends; None for never."""
    return datetime.fromisoformat(member.until) if member.until else None


def over(member: Member) -> bool:
    """Whether it has ended."""
    end = end_of(member)
    return end is not None and end <= timezone.now()


def no_later(until: datetime | None, granter: Member) -> datetime | None:
    """An end that is no later than the granter's own: who is here for a while lets nobody in for longer."""
    ends = [one for one in (until, end_of(granter)) if one is not None]
    return min(ends, default=None)


def end_for(before: Member | None, until: datetime | None, granter: Member) -> str:
    """The end that somebody gets who is let in, or let in to more; who is here without end stays so.

    Raises:
        NotLastingError: when somebody who is here for a while would change somebody who is here for longer.
    """
    if before is not None and not before.until:
        if granter.until:
            raise NotLastingError
        return ""
    last = end_of(granter)
    if last is not None and before is not None and (end_of(before) or last) > last:
        raise NotLastingError
    end = no_later(until, granter)
    return end.isoformat() if end is not None else ""


def end_given(before: Member | None, until: datetime | None) -> str:
    """The end of somebody to whom a quorum gives keys: theirs, if they were to stay longer anyway."""
    if until is None or (before is not None and not before.until):
        return ""
    kept = end_of(before) if before is not None else None
    return max(until, kept or until).isoformat()


def held_without(head: Head, compartment: str, person: int) -> bool:
    """Whether a compartment keeps a holder when somebody leaves: who is here for a while does not count for others."""
    others = [one for one in head.holders(compartment) if one != person]
    lasting = [one for one in others if not head.members[one].until]
    return bool(lasting) or (bool(others) and bool(head.members[person].until))


def due(head: Head, held: Collection[str], vault: OpenVault) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Whose time is over, with what can be taken from them by who holds these compartments.

    The head goes last, with everything else, so that it is taken only by who can take all.
    """
    for person, member in sorted(head.members.items()):
        if not over(member) or person == vault.person:
            continue
        names = tuple(one for one in member.compartments if one in held and _can_begin(head, one, person, vault))
        if set(names) != set(member.compartments):
            names = tuple(one for one in names if one != HEAD)
        if names:
            yield person, names


def _can_begin(head: Head, compartment: str, person: int, vault: OpenVault) -> bool:
    """Whether this vault can wrap a new key to all who stay, and somebody does."""
    stay = [one for one in head.holders(compartment) if one != person]
    try:
        for one in stay:
            vault.keys_to_wrap_for(one)
    except UnverifiedError:
        return False
    return bool(stay)
