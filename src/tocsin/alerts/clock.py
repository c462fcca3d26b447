"""The one clock of this room: the database's, watched for being set back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from tocsin.alerts.models import Alert, Escalation, Notice, Page, Tide
from tocsin.lib import claims

# A clock that is corrected by less than this moves nothing.
TOLERANCE = timedelta(seconds=5)
_MARK_EVERY = timedelta(seconds=1)


def now() -> datetime:
    """The database's own time, aware, in UTC."""
    return claims.database_now()


def watch() -> timedelta:
    """Notice a clock that was set back, and move everything that waits by as much; gives by how much, mostly zero.

    Without this an alert that is due in five minutes would wait an hour longer when a clock is set back by one. A
    clock that jumps forward needs no help: what is overdue is due, once.
    """
    with transaction.atomic():
        here = now()
        tide, _ = Tide.objects.select_for_update().get_or_create(pk=1, defaults={"latest": here})
        back = tide.latest - here
        if back <= TOLERANCE:
            if here - tide.latest >= _MARK_EVERY:
                Tide.objects.filter(pk=1).update(latest=here)
            return timedelta(0)
        Tide.objects.filter(pk=1).update(latest=here)
        Escalation.objects.filter(due_at__isnull=False).update(due_at=F("due_at") - back)
        open_pages = Page.objects.filter(state__in=[Page.State.WAITING, Page.State.SENDING])
        open_pages.update(due_at=F("due_at") - back, leased_until=F("leased_until") - back)
        # A notice that still seems to gather would take in what then never leaves.
        Notice.objects.filter(leaves_at__gt=here).update(leaves_at=F("leaves_at") - back)
        Alert.objects.filter(unconfirmed_until__isnull=False).update(unconfirmed_until=F("unconfirmed_until") - back)
        return back
