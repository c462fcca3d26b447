"""Between the public door and the desks: envelopes come in, answers go out, desks are published. It reads nothing.

Whatever dies in between: what waits at the door is marked there only after its copy is committed here, and the copy
has the envelope's own id; an answer goes out again under its own id until it is known to lie there.
"""

import json
import logging
import os
import secrets
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from tocsin.alerts import accepting, clock
from tocsin.alerts.models import Lane, Severity
from tocsin.config import signing
from tocsin.intake import desks as published
from tocsin.intake import handing
from tocsin.intake.configured import door
from tocsin.intake.handing import Arrived, Stored
from tocsin.keys.models import Epoch
from tocsin.keys.uploads import settle
from tocsin.lib.claims import hold
from tocsin.mailbox import arriving, desks, files, record, wishes
from tocsin.mailbox.arriving import LETTERS, Coming
from tocsin.mailbox.models import Desk, Letter, Outgoing

logger = logging.getLogger("tocsin.door")

BATCH = 50
# The door rounds times down to a quarter of an hour; what is no older came just now.
_JUST_NOW = timedelta(minutes=17)
_SIGNED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Hopeless:
    """An envelope at the door that can't be brought in, its desk's word and key, and why nothing will ever open it."""

    id: UUID
    desk: str
    epoch: int
    why: str


def step() -> bool:
    """Carry what waits, in either direction; False when nothing did."""
    if not hold("mailbox.door") or not door().folder.is_dir() or not handing.reachable():
        return False
    publish()
    return any([bring_in(), take_out(), hear_wishes()])


def publish() -> bool:
    """Tell the door which desks there are, with their keys of now; True when that changed."""
    text = json.dumps(_signed(desks.at_door()), ensure_ascii=False, indent=1, sort_keys=True)
    path = door().folder / "desks.json"
    try:
        if published.written(path.parent) == text.encode():
            return False
    except OSError:
        pass
    _write(path, text)
    return True


def _signed(body: dict[str, Any]) -> dict[str, Any]:
    """With the home's signature, which is made anew each day and counts for a month."""
    signer = signing.signer_of(settings.HOME)
    if signer is None:
        return body
    body = {**body, "signed_until": (timezone.now().date() + _SIGNED_FOR).isoformat()}
    return {**body, "signature": signer.sign(published.signed_bytes(body))}


def _write(path: Path, text: str) -> None:
    # A name that nobody can guess: whoever broke into the door must not have put a link there.
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "wb") as out:
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
        settle(path.parent)
    finally:
        part.unlink(missing_ok=True)


def bring_in() -> bool:
    """Copy envelopes and their files, call the desks, then let the door forget them.

    One that can't be brought stands behind all others from then on, and is tried again each quarter of an hour.
    """
    found = handing.waiting(BATCH)
    brought = sum(_brought(one) for one in found)
    if not found and not handing.waits():
        # Somebody may have died between marking an envelope there and removing it.
        handing.forget()
        _emptied()
    return brought > 0


def _emptied() -> None:
    """Note that nothing waits, except for desks to which something was sealed that stands aside and may open yet."""
    today = timezone.now().date()
    behind = Desk.objects.exclude(emptied_on=today)
    for name, epoch in set(handing.aside()):
        desk = desks.by_public_id(name)
        if desk is not None and _has_key(desk, epoch):
            behind = behind.exclude(pk=desk.pk)
    if behind.exists():
        behind.update(emptied_on=today)


def _brought(one: Arrived) -> bool:
    try:
        return _bring(one)
    except (OperationalError, InterfaceError):
        # It is the database, not this envelope: all of them wait.
        raise
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one stops no other
        logger.error("an envelope at the door can't be brought in (%s)", type(error).__name__)
        if not one.again:
            _call()
        handing.set_aside(one.id)
        return False


class _StuckError(Exception):
    """An envelope that can't be brought in now."""


def _bring(one: Arrived) -> bool:
    desk = desks.by_public_id(one.desk)
    # Where a desk or its key is unknown it stays where it is, sealed. Nobody here could open it.
    if not one.sound or desk is None or not _has_key(desk, one.epoch):
        raise _StuckError
    coming = Coming(
        desk=desk,
        door="intake",
        epoch=one.epoch,
        blob=one.sealed,
        id=one.id,
        arrived_at=_came(one.arrived_at),
        language=one.language,
        urgency=one.urgency,
        lookup=one.lookup,
        box=one.public,
        follows=one.follows,
        files=tuple(_file(one, file) for file in one.files),
    )
    arriving.arrive(coming)
    handing.taken([one.id])
    return True


def _has_key(desk: Desk, epoch: int) -> bool:
    return Epoch.objects.filter(safe=desk.safe, compartment=LETTERS, number=epoch).exists()


def _file(one: Arrived, file: Stored) -> dict[str, Any]:
    """Bring a file; what is noted of it. One that is not there keeps no letter back."""
    if not file.path.parent.is_dir() or _is_anothers(one, file):
        raise _StuckError
    try:
        # A link or a pipe was not put there by the door.
        if stat.S_ISREG(file.path.lstat().st_mode):
            files.bring(file.place, file.path)
            return {"place": file.place, "size": file.size}
    except FileNotFoundError:
        pass
    logger.error("a file of an envelope is not at the door; its letter comes without it")
    return {"place": "", "size": file.size, "missing": True}


def _is_anothers(one: Arrived, file: Stored) -> bool:
    """Whether another letter has a file of this name: whoever ends the one must not end the file of the other."""
    if not files.place_of(file.place).exists():
        return False
    lists = Letter.objects.exclude(pk=one.id).exclude(files=[]).values_list("files", flat=True)
    return any(each["place"] == file.place for listed in lists.iterator() for each in listed)


def _call() -> None:
    accepting.accept(
        accepting.New(
            kind="door_stuck",
            severity=Severity.SEVERE,
            lane=Lane.WAKE,
            dedupe="door.stuck",
            exercise=settings.EXERCISE,
            via="rule",
        )
    )


def _came(rounded: datetime) -> datetime | None:
    return None if clock.now() - rounded <= _JUST_NOW else rounded


def take_out() -> bool:
    """Lay answers into boxes, freeze boxes and remove them."""
    rows = list(Outgoing.objects.all()[:BATCH])
    for row in rows:
        lookup = bytes(row.lookup)
        if row.act == Outgoing.Act.ANSWER:
            handing.deliver(lookup, bytes(row.sealed), row.day, row.answer)
        elif row.act == Outgoing.Act.REMOVE:
            handing.remove(lookup)
        else:
            handing.freeze(lookup, row.act == Outgoing.Act.FREEZE)
        with transaction.atomic():
            row.delete()
    return bool(rows)


def hear_wishes() -> bool:
    """Note what senders take back, then let the door know that it was noted."""
    heard = 0
    for one in handing.withdrawals():
        try:
            wishes.note(one.lookup, delete=one.delete, asked_on=one.asked_at.date())
            handing.noted([one])
            heard += 1
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one stops no other
            logger.error("a wish of a sender can't be noted (%s)", type(error).__name__)
    return heard > 0


def hopeless() -> list[Hopeless]:
    """What was set aside at the door and can never be brought in: its desk or its key is not here, or its row is none
    of the door's. What was set aside for another reason is tried again, and is not in it.
    """
    found = []
    for one in handing.stuck():
        desk = desks.by_public_id(one.desk)
        if not one.sound:
            why = "its row says of files what the door never writes"
        elif desk is None:
            why = "there is no such desk here"
        elif not _has_key(desk, one.epoch):
            why = "its key was destroyed, or never was"
        else:
            continue
        found.append(Hopeless(one.id, one.desk, one.epoch, why))
    return found


def drop(number: UUID) -> bool:
    """Remove one of them at the door, with its files; False where it is none of them."""
    if number not in {one.id for one in hopeless()}:
        return False
    with transaction.atomic():
        record.note(None, "door_dropped", number.hex)
    handing.taken([number])
    return True
