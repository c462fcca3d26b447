"""Between the public door and the desks: envelopes come in, answers go out, desks are published. It reads nothing.

Whatever dies in between: what waits at the door is marked there only after its copy is committed here, and the copy
has the envelope's own id; an answer goes out again under its own id until it is known to lie there.
"""

import json
import logging
import os
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from tocsin.alerts import clock
from tocsin.intake import handing
from tocsin.intake.configured import door
from tocsin.intake.handing import Arrived
from tocsin.keys.models import Epoch
from tocsin.lib.claims import hold
from tocsin.mailbox import arriving, desks, files, wishes
from tocsin.mailbox.arriving import LETTERS, Coming
from tocsin.mailbox.models import Desk, Outgoing

logger = logging.getLogger("tocsin.door")

BATCH = 50
# The door rounds times down to a quarter of an hour; what is no older came just now.
_JUST_NOW = timedelta(minutes=17)


def step() -> bool:
    """Carry what waits, in either direction; False when nothing did."""
    if not hold("mailbox.door") or not door().folder.is_dir() or not handing.reachable():
        return False
    publish()
    return any([bring_in(), take_out(), hear_wishes()])


def publish() -> bool:
    """Tell the door which desks there are, with their keys of now; True when that changed."""
    text = json.dumps(desks.at_door(), ensure_ascii=False, indent=1, sort_keys=True)
    path = door().folder / "desks.json"
    try:
        if path.read_text(encoding="utf-8") == text:
            return False
    except (OSError, UnicodeDecodeError):
        pass
    _write(path, text)
    return True


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with part.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.rename(path)


def bring_in() -> bool:
    """Copy envelopes and their files, call the desks, then let the door forget them."""
    found = handing.waiting(BATCH)
    brought = sum(_bring(one) for one in found)
    if not found:
        # Somebody may have died between marking an envelope there and removing it.
        handing.forget()
        today = timezone.now().date()
        behind = Desk.objects.exclude(emptied_on=today)
        if behind.exists():
            behind.update(emptied_on=today)
    return brought > 0


def _bring(one: Arrived) -> bool:
    desk = desks.by_public_id(one.desk)
    if desk is None or not Epoch.objects.filter(safe=desk.safe, compartment=LETTERS, number=one.epoch).exists():
        # It stays where it is, sealed. Nobody here has its key.
        logger.error("an envelope at the door is sealed to no key of a desk")
        return False
    for file in one.files:
        files.bring(file.place, file.path)
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
        files=tuple({"place": file.place, "size": file.size} for file in one.files),
    )
    arriving.arrive(coming)
    handing.taken([one.id])
    return True


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
    found = handing.withdrawals()
    for one in found:
        wishes.note(one.lookup, delete=one.delete, asked_on=one.asked_at.date())
        handing.noted([one])
    return bool(found)
