"""What the worker asks of the door: it copies envelopes away, brings answers, freezes boxes. It reads nothing.

These functions run in a process of the console's side, over the door's database and its folder of sealed files.
The order that loses nothing: copy what ``waiting`` gives and commit, then say ``taken``.
"""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import DatabaseError, connections, transaction
from django.db.models import F, Q

from tocsin.intake import storing
from tocsin.intake.configured import door
from tocsin.intake.models import Box, Envelope, Message

_QUARTER: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Arrived:
    """An envelope at the door. ``sealed`` opens with the key that ``desk`` had in ``epoch``; see ``envelopes``.

    Not ``sound`` is one whose row says of its files what the door never writes: nothing may be touched for it.
    ``again``: it was set aside before.
    """

    id: uuid.UUID
    desk: str
    epoch: int
    sealed: bytes
    arrived_at: datetime
    language: str
    urgency: str
    lookup: bytes
    public: bytes
    follows: bool
    files: tuple["Stored", ...]
    sound: bool
    again: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A sealed file at the door: its random name, its size there in bytes, and where to copy it from."""

    place: str
    size: int
    path: Path


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A sender takes back what they sent. Sharing stops now; ``delete``: it goes after the delay and a call-back."""

    lookup: bytes
    delete: bool
    asked_at: datetime


def reachable() -> bool:
    """Whether the door's database answers and has its tables."""
    try:
        with connections[door().database].cursor() as cursor:
            return Envelope._meta.db_table in connections[door().database].introspection.table_names(cursor)
    except DatabaseError:
        return False


def waiting(limit: int = 100) -> list[Arrived]:
    """Envelopes that were not taken yet, oldest first; behind them those set aside whose time has come.

    Giving them again does no harm: their ids stay.
    """
    alias = door().database
    due = Q(aside_until=None) | Q(aside_until__lte=datetime.now(UTC))
    found = Envelope.objects.using(alias).filter(due, taken=False)
    rows = list(found.order_by(F("aside_until").asc(nulls_first=True), "arrived_at", "id")[:limit])
    boxes = Box.objects.using(alias).filter(lookup__in=[row.lookup for row in rows])
    public = {bytes(box.lookup): bytes(box.public) for box in boxes}
    return [_arrived(row, public.get(bytes(row.lookup), b"")) for row in rows]


def _arrived(row: Envelope, public: bytes) -> Arrived:
    files = _stored(row)
    return Arrived(
        id=row.id,
        desk=row.desk,
        epoch=row.epoch,
        sealed=bytes(row.sealed),
        arrived_at=row.arrived_at,
        language=row.language,
        urgency=row.urgency,
        lookup=bytes(row.lookup),
        public=public,
        follows=row.follows,
        files=files or (),
        sound=files is not None,
        again=row.aside_until is not None,
    )


def _stored(row: Envelope) -> tuple["Stored", ...] | None:
    folder = door().files
    if not isinstance(row.files, list):
        return None
    try:
        return tuple(
            Stored(one["place"], int(one["stored"]), storing.path_of(folder, one["place"])) for one in row.files
        )
    except (TypeError, KeyError, ValueError, OverflowError):
        return None


def set_aside(number: uuid.UUID) -> None:
    """This one could not be brought in: it stands behind all others, and is given again after a quarter of an hour."""
    # On the quarter, so that the row does not tell the minute at which somebody sent it.
    now = datetime.now(UTC)
    until = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + _QUARTER
    Envelope.objects.using(door().database).filter(id=number).update(aside_until=until)


def aside() -> list[tuple[str, int]]:
    """The desk and the epoch of each envelope that was set aside and not brought in since."""
    rows = Envelope.objects.using(door().database).filter(taken=False, aside_until__isnull=False)
    return list(rows.values_list("desk", "epoch"))


def stuck() -> list[Arrived]:
    """Every envelope that was set aside and not brought in since."""
    rows = Envelope.objects.using(door().database).filter(taken=False, aside_until__isnull=False)
    return [_arrived(row, b"") for row in rows.order_by("arrived_at", "id")]


def waits() -> bool:
    """Whether anything waits that was not tried yet."""
    return Envelope.objects.using(door().database).filter(taken=False, aside_until=None).exists()


def taken(ids: Iterable[uuid.UUID]) -> int:
    """These were copied, with their files, and the copy is committed: forget them here; says how many there were."""
    alias = door().database
    with transaction.atomic(using=alias):
        # Marked first: whatever dies in between, a taken one is never handed over again.
        rows = Envelope.objects.using(alias).filter(id__in=list(ids))
        rows.update(taken=True)
    return forget()


def forget() -> int:
    """Remove what was taken, files first; says how many. Repeated after a crash it goes on where it ended."""
    alias, gone = door().database, list[uuid.UUID]()
    for row in Envelope.objects.using(alias).filter(taken=True):
        # A file that can't be removed keeps its own row alone.
        with suppress(OSError):
            storing.remove(door().files, storing.places_of(row.files))
            gone.append(row.id)
    Envelope.objects.using(alias).filter(id__in=gone).delete()
    return len(gone)


def deliver(lookup: bytes, sealed: bytes, day: date, answer: uuid.UUID | None = None) -> bool:
    """Lay an answer into a box, sealed to its public key; False if there is no such box.

    The same ``answer`` is laid in once, however often this is called, as long as it was not read.
    """
    alias = door().database
    box = Box.objects.using(alias).filter(lookup=lookup).first()
    if box is None:
        return False
    Message.objects.using(alias).get_or_create(
        id=answer or uuid.uuid4(), defaults={"box": box, "sealed": sealed, "day": day}
    )
    return True


def unread(lookup: bytes) -> int:
    """How many answers lie in a box that nobody has read."""
    return Message.objects.using(door().database).filter(box__lookup=lookup).count()


def freeze(lookup: bytes, frozen: bool = True) -> bool:
    """Let a box look empty from now on, or no longer; False if there is no such box. Nobody at the door is told."""
    return bool(Box.objects.using(door().database).filter(lookup=lookup).update(frozen=frozen))


def withdrawals() -> list[Withdrawal]:
    """What senders take back and the worker has not noted yet."""
    rows = Box.objects.using(door().database).exclude(wish=Box.Wish.NONE).filter(wish_taken=False)
    return [
        Withdrawal(bytes(row.lookup), row.wish == Box.Wish.DELETE, row.withdrawn_at)
        for row in rows.order_by("withdrawn_at")
        if row.withdrawn_at is not None
    ]


def noted(withdrawn: Iterable[Withdrawal]) -> None:
    """These were noted and the note is committed. One that was changed in between stays."""
    for one in withdrawn:
        wish = Box.Wish.DELETE if one.delete else Box.Wish.STOP
        rows = Box.objects.using(door().database).filter(lookup=one.lookup, wish=wish, withdrawn_at=one.asked_at)
        rows.update(wish_taken=True)


def remove(lookup: bytes) -> bool:
    """Remove a box with what is in it, when its matter is closed; False if there is none."""
    removed, _ = Box.objects.using(door().database).filter(lookup=lookup).delete()
    return removed > 0
