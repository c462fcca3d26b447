"""Pulls items and measured days, and turns them into signals."""

from django.db import transaction
from django.db.models import F, OuterRef, Q

from tocsin.lib.claims import advance, confirm, hold, position, unread
from tocsin.signals import actions, backfilling, measuring, teaching
from tocsin.signals.models import Signal
from tocsin.signals.reading import signal_of
from tocsin.streams.models import Item, ReadersChange

BATCH = 100
_LEASE = "signals.read"
_CURSOR = "signals.items"
_READERS = "signals.readers"


def step() -> bool:
    """Do one piece of work; False when there was none."""
    return any([read_items(), follow_readers(), measuring.step(), backfilling.step()])


def read_items(limit: int = BATCH) -> bool:
    """Read up to ``limit`` items that have no signal yet, oldest first."""
    if not hold(_LEASE):
        return False
    rows = Item.objects.select_related("source").defer("original")
    items = unread(rows, _CURSOR, Signal.objects.filter(item=OuterRef("pk")), limit)
    if not items:
        return False
    # Reading takes most of the time and happens outside the transaction; storing is short.
    model = teaching.in_force()
    signals = [signal_of(item, model) for item in items]
    with transaction.atomic():
        if not confirm(_LEASE):
            return False
        actions.store(signals, _CURSOR, items[-1].pk)
    return True


def follow_readers(limit: int = BATCH) -> bool:
    """Give signals the readers and the TLP that their items got later, as when a source was restricted."""
    if not hold(_LEASE):
        return False
    change = ReadersChange.objects.filter(pk__gt=position(_READERS)).order_by("pk").first()
    if change is None:
        return False
    mine = Signal.objects.filter(item__source=change.source_id)
    behind = mine.filter(~Q(readers=F("item__readers")) | ~Q(tlp=F("item__tlp"))).select_related("item")
    rows = list(behind.defer("item__text", "item__original")[:limit])
    actions.restrict(rows)
    if len(rows) < limit:
        advance(_READERS, change.pk)
    return True
