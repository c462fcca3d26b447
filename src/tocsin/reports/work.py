"""Drafts what is due, and sends what was released. A tick that was missed is caught up once."""

from functools import partial
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from tocsin.alerts import clock
from tocsin.lib.apart import apart
from tocsin.lib.claims import hold
from tocsin.reports import calendar, drafting, sending, together
from tocsin.reports.gathering.period import Period
from tocsin.reports.models import Cadence, Report, ReportSet
from tocsin.situations.models import Situation

_LEASE = "reports.work"
_MOST = 20


def step() -> bool:
    """Do one piece of work; False when there was none."""
    if not hold(_LEASE):
        return False
    return apart([sending.step, draft_due, draft_set_due, draft_after_events, draft_sets_after_events])


def draft_due() -> bool:
    """Draft the one report that is due longest; where that fails, the next."""
    due = Report.objects.filter(due_at__lte=clock.now(), ended_at=None).order_by("due_at", "pk")[:_MOST]
    return apart([partial(_draft, one) for one in due], enough=1)


def _draft(due: Report) -> bool:
    at, zone, cadence = clock.now(), ZoneInfo(due.time_zone), Cadence(due.cadence)

    def go_on(row: Report) -> None:
        row.covered_until = max(row.covered_until, period.until if period is not None else row.covered_until)
        row.due_at = None
        if row.ended_at is None:
            row.due_at = calendar.next_due(cadence, row.covered_until, zone, row.hour)
        row.save(update_fields=["covered_until", "due_at"])

    period, missed = calendar.due_period(cadence, due.covered_until, at, zone) or (None, 0)
    if period is not None:
        drafting.make(due, period, None, missed=missed, then=go_on)
        return True
    with transaction.atomic():
        go_on(Report.objects.select_for_update().get(pk=due.pk))
    return True


def draft_set_due() -> bool:
    """Draft the one set that is due longest, for all its audiences from the same facts; where that fails, the next."""
    due = ReportSet.objects.filter(due_at__lte=clock.now(), ended_at=None).order_by("due_at", "pk")[:_MOST]
    return apart([partial(_draft_set, one) for one in due], enough=1)


def _draft_set(due: ReportSet) -> bool:
    at, zone, cadence = clock.now(), ZoneInfo(due.time_zone), Cadence(due.cadence)
    period, missed = calendar.due_period(cadence, due.covered_until, at, zone) or (None, 0)
    if period is None or not due.members.filter(ended_at=None).exists():
        with transaction.atomic():
            together.go_on(ReportSet.objects.select_for_update().get(pk=due.pk), due.covered_until)
        return True
    together.make(due, period, None, once=f"{due.public_id}:{period.until:%Y%m%dT%H%M%z}", missed=missed)
    return True


def draft_after_events() -> bool:
    """Draft a report whose event is over: its situation was closed, or nothing was heard of it for two weeks."""
    rows = Report.objects.filter(cadence=Cadence.EVENT, ended_at=None, drafts=None, situation__gt="", together=None)
    over = rows.filter(situation__in=_over()).order_by("pk")[:_MOST]
    return apart([partial(_draft_event, one) for one in over], enough=1)


def _draft_event(found: Report) -> bool:
    period = _whole_event(found)

    def go_on(row: Report) -> None:
        row.covered_until = period.until
        row.save(update_fields=["covered_until"])

    drafting.make(found, period, None, then=go_on)
    return True


def draft_sets_after_events() -> bool:
    """Draft a set whose event is over, for all its audiences."""
    rows = ReportSet.objects.filter(cadence=Cadence.EVENT, ended_at=None, rounds=None, situation__gt="")
    over = rows.filter(situation__in=_over()).order_by("pk")[:_MOST]
    return apart([partial(_draft_set_event, one) for one in over], enough=1)


def _draft_set_event(found: ReportSet) -> bool:
    together.make(found, _whole_event(found), None, once=f"{found.public_id}:event")
    return True


def _over() -> QuerySet[Situation, str]:
    over = Situation.objects.filter(state__in=[Situation.State.CLOSED, Situation.State.QUIET])
    return over.values_list("public_id", flat=True)


def _whole_event(row: Report | ReportSet) -> Period:
    situation, zone = Situation.objects.get(public_id=row.situation), ZoneInfo(row.time_zone)
    since = min(situation.first_at, row.covered_until)
    return Period(since.astimezone(zone), clock.now().astimezone(zone))
