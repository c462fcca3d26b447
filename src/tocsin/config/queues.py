"""How much waits between the rooms."""

from tocsin.audit.models import Entry, Seal
from tocsin.lib.claims import database_now
from tocsin.signals.models import Signal
from tocsin.streams.models import Item, Source


def lags() -> dict[str, int]:
    """Rows that wait, by queue. The differences of counts are exact enough for a dial and cost no join."""
    return {
        "sources_due": Source.objects.filter(paused=False, next_fetch_at__lte=database_now()).count(),
        "items_to_read": max(0, _highest(Item) - _highest_item_read()),
        "entries_to_seal": max(0, Entry.objects.count() - Seal.objects.count()),
    }


def _highest(model: type[Item]) -> int:
    return model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _highest_item_read() -> int:
    newest = Signal.objects.exclude(item=None).order_by("-item_id").values_list("item_id", flat=True).first()
    return newest or 0
