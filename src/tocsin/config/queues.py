"""How much waits between the rooms."""

from django.db.models import Exists, OuterRef

from tocsin.alerts import clock, sending
from tocsin.alerts.models import Alert, NoticeAlert, Page
from tocsin.alerts.watch import pulses
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


def paging() -> dict[str, float]:
    """How the pager's own queue is, by the name of the gauge. Alerts that few may know of are not counted."""
    now = clock.now()
    hidden = NoticeAlert.objects.filter(notice=OuterRef("notice"), alert__named=True)
    waiting = Page.objects.filter(~Exists(hidden), state=Page.State.WAITING, due_at__lte=now, notice__ended_at=None)
    found = {
        "tocsin_alerts_open": float(Alert.objects.filter(named=False).exclude(state=Alert.State.RESOLVED).count()),
        "tocsin_pages_waiting": float(waiting.count()),
        "tocsin_paging_overdue_seconds": sending.overdue(now),
    }
    last = pulses.last_returned()
    return found | ({"tocsin_pulse_age_seconds": (now - last.sent_at).total_seconds()} if last is not None else {})


def _highest(model: type[Item]) -> int:
    return model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _highest_item_read() -> int:
    newest = Signal.objects.exclude(item=None).order_by("-item_id").values_list("item_id", flat=True).first()
    return newest or 0
