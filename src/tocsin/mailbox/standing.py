"""How things stand at a desk: its canary, its key, and who must not be let in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tocsin.alerts import clock
from tocsin.keys.models import Epoch
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.mailbox import letters
from tocsin.mailbox.arriving import LETTERS
from tocsin.mailbox.models import Canary, Desk

ABSENT_AFTER: Final = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Lag:
    """When the hourly mail from outside was last seen; None for never. ``absent``: for too long."""

    seen_at: datetime | None
    absent: bool


def canary_of(desk: Desk) -> Lag | None:
    """How the hourly mail of a desk does; None where none is set up."""
    row = Canary.objects.filter(desk=desk).first()
    return lag_of(row, clock.now()) if row is not None else None


def lag_of(row: Canary, at: datetime) -> Lag:
    """How long ago it was seen, counted from its beginning where it never was."""
    return Lag(row.seen_at, at - (row.seen_at or row.since) > ABSENT_AFTER)


def key_of(desk: Desk) -> Epoch | None:
    """The key that letters are sealed to now."""
    return Epoch.objects.filter(safe=desk.safe, compartment=LETTERS).order_by("-number").first()


def barred(desk: Desk, safe: OpenSafe) -> set[int]:
    """Everybody whom a sender of a letter that is still here excluded. A letter that can't be read excludes nobody."""
    found, reading = set[int](), letters.known(safe)
    for row in desk.letters.exclude(door="mail").iterator(50):
        try:
            found |= letters.opened(desk, safe, row, reading).content.hidden
        except NotInError:
            continue
    return found
