"""Sealing: chains the entries as they come, and tells the witness every hour."""

import logging
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, OuterRef, QuerySet

from tocsin.audit import witness
from tocsin.audit.chain import GENESIS, seal
from tocsin.audit.models import Checkpoint, Entry, Seal
from tocsin.lib.claims import advance, database_now, hold, rewind, unread

log = logging.getLogger("tocsin.audit")

BATCH = 200
CURSOR = "audit.seal"
CHECKPOINT_EVERY = timedelta(hours=1)
ASK_WITNESS_AGAIN = timedelta(minutes=5)
# Short, so that another sealer follows one that died within the five seconds that are promised.
_LEASE_SECONDS = 4


def step() -> bool:
    """Seal what waits, and write the checkpoint that is due. True if there is more to do now.

    One sealer at a time holds the lease. Should two run all the same, the chain can't fork: a sequence exists once.
    """
    waiting = bool(_waiting(1))
    if not waiting and not _checkpoint_is_due():
        return False
    if not hold(CURSOR, _LEASE_SECONDS):
        return False
    sealed = _seal() if waiting else 0
    if _checkpoint_is_due():
        _write_checkpoint()
    return sealed == BATCH


def _waiting(limit: int) -> list[Entry]:
    sealed: QuerySet[Seal] = Seal.objects.filter(entry=OuterRef("pk"))
    return unread(Entry.objects.all(), CURSOR, sealed, limit)


def _seal() -> int:
    try:
        with transaction.atomic():
            head = Seal.objects.order_by("-sequence").first()
            first, previous = (head.sequence + 1, head.digest) if head else (1, GENESIS)
            entries, now = _waiting(BATCH), database_now()
            links = []
            for sequence, entry in enumerate(entries, first):
                links.append(seal(sequence, previous, now, entry))
                previous = links[-1].digest
            Seal.objects.bulk_create(links)
            if entries:
                advance(CURSOR, entries[-1].pk)
    except IntegrityError:
        # Another sealer, whose lease had lapsed unnoticed, was there first: its links stand.
        return 0
    return len(links)


def _checkpoint_is_due() -> bool:
    last = Checkpoint.objects.order_by("-pk").first()
    if last is None:
        return True
    unheard = settings.CONFIGURATION.audit_witness and not last.witness
    return database_now() - last.at >= (ASK_WITNESS_AGAIN if unheard else CHECKPOINT_EVERY)


def _write_checkpoint() -> None:
    head = Seal.objects.order_by("-sequence").first()
    noted = witness.Noted(head.sequence if head else 0, head.digest if head else GENESIS, database_now())
    told = _told(noted)
    Checkpoint.objects.create(sequence=noted.sequence, digest=noted.digest, at=noted.at, witness=told)
    _sweep()


def _told(noted: witness.Noted) -> str:
    path: str = settings.CONFIGURATION.audit_witness
    if not path:
        return ""
    try:
        witness.tell(Path(path), noted)
    except OSError as error:
        log.error("the audit witness can't be written: mend audit_witness or its folder", extra={"code": error.errno})
        return ""
    return path[:200]


def _sweep() -> None:
    """Look once at every entry, for one that appeared below those already read."""
    highest = Entry.objects.aggregate(highest=Max("pk"))["highest"] or 0
    rewind(CURSOR)
    if not _waiting(1):
        advance(CURSOR, highest)
