"""What the worker does for this room: forgets what nobody needs any more. Nothing of an alert that is not resolved."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tocsin.alerts import clock
from tocsin.alerts.integrations import receiving
from tocsin.alerts.models import Address, Alert, Attempt, Event, Heard, Notice, NoticeAlert, Page
from tocsin.lib.claims import advance, hold, position

_CURSOR = "alerts.forgot"
_EVERY_SECONDS = 3_600
# Short transactions: whoever accepts an alert at this moment waits for them.
AT_ONCE = 50
HEARD_KEPT = timedelta(days=30)
UNPROVED_KEPT = timedelta(days=7)
ALERTS_KEPT = timedelta(days=400)
_NOTICES_KEPT = {
    Notice.Purpose.PULSE: timedelta(days=14),
    Notice.Purpose.VERIFY: timedelta(days=30),
    Notice.Purpose.TOLD: ALERTS_KEPT,
    Notice.Purpose.ASK: ALERTS_KEPT,
}


def step() -> bool:
    """Once an hour forget what is old, a little at a time; True while there may be more."""
    if not hold("alerts.work"):
        return False
    now = clock.now()
    hour = int(now.timestamp()) // _EVERY_SECONDS
    if position(_CURSOR) >= hour:
        return False
    if forget(now):
        return True
    advance(_CURSOR, hour)
    return False


def forget(now: datetime) -> int:
    """Forget some of what is old; gives how many rows went."""
    gone = receiving.forget(now)
    gone += _delete(Heard.objects.filter(at__lt=now - HEARD_KEPT))
    gone += _delete(Address.objects.filter(verified_at=None, made_at__lt=now - UNPROVED_KEPT))
    for purpose, kept in _NOTICES_KEPT.items():
        gone += _delete(Notice.objects.filter(purpose=purpose, made_at__lt=now - kept))
    return gone + _forget_calls(now - ALERTS_KEPT)


def _delete(rows: "QuerySet[Heard] | QuerySet[Address] | QuerySet[Notice]") -> int:
    """Delete up to ``AT_ONCE`` of these, with what hangs on them."""
    numbers = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if numbers:
        rows.model.objects.filter(pk__in=numbers).delete()
    return len(numbers)


def _forget_calls(before: datetime) -> int:
    """Forget who was called about alerts that were resolved long ago; how many calls there were stays in the timeline.

    What was also about an alert that still stands is kept whole.
    """
    over = Q(state=Alert.State.RESOLVED, resolved_at__lt=before)
    old = Alert.objects.filter(over, Exists(NoticeAlert.objects.filter(alert=OuterRef("pk"))))
    standing = NoticeAlert.objects.filter(notice=OuterRef("notice")).exclude(alert__in=Alert.objects.filter(over))
    gone = 0
    for alert in old.order_by("pk")[:AT_ONCE]:
        links = NoticeAlert.objects.filter(~Exists(standing), alert=alert)
        gone += _forget_calls_of(alert, list(links.values_list("notice", flat=True).distinct()))
    return gone


@transaction.atomic
def _forget_calls_of(alert: Alert, notices: list[int]) -> int:
    if not notices:
        return 0
    pages = Page.objects.filter(notice__in=notices)
    counts = pages.aggregate(pages=Count("pk", distinct=True), people=Count("notice__person", distinct=True))
    tries = Attempt.objects.filter(page__in=pages).count()
    for other in Alert.objects.filter(notices__notice__in=notices).distinct():
        facts = {"pages": counts["pages"], "people": counts["people"], "attempts": tries}
        Event.objects.create(
            alert=other, at=other.resolved_at or other.accepted_at, verb="forgotten", via="rule", facts=facts
        )
    Notice.objects.filter(pk__in=notices).delete()
    return len(notices)
