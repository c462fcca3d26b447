"""Pulls items and measured days, and turns them into signals."""

from django.db.models import OuterRef

from tocsin.lib.claims import hold, unread
from tocsin.signals import actions, measuring
from tocsin.signals.models import Signal
from tocsin.signals.reading import signal_of
from tocsin.streams.models import Item

BATCH = 100
_CURSOR = "signals.items"


def step() -> bool:
    """Do one piece of work; False when there was none."""
    return any([read_items(), measuring.step()])


def read_items(limit: int = BATCH) -> bool:
    """Read up to ``limit`` items that have no signal yet, oldest first."""
    if not hold("signals.read"):
        return False
    rows = Item.objects.select_related("source").defer("original")
    items = unread(rows, _CURSOR, Signal.objects.filter(item=OuterRef("pk")), limit)
    if not items:
        return False
    # Reading takes most of the time and happens outside the transaction; storing is short.
    actions.store([signal_of(item) for item in items], _CURSOR, items[-1].pk)
    return True
