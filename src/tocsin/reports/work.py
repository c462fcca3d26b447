"""Drafts what is due, and sends what was released. A tick that was missed is caught up once."""

from zoneinfo import ZoneInfo

from django.db import transaction

from tocsin.alerts import clock
from tocsin.lib.claims import hold
from tocsin.reports import calendar, drafting, sending
from tocsin.reports.gathering.period import Period
from tocsin.reports.models import Cadence, Report
from tocsin.situations.models import Situation

_LEASE = "reports.work"


def step() -> bool:
    """Do one piece of work; False when there was none."""
    if not hold(_LEASE):
        return False
    return any([draft_due(), draft_after_events(), sending.step()])


def draft_due() -> bool:
    """Draft the one report that is due longest."""
    due = Report.objects.filter(due_at__lte=clock.now(), ended_at=None).order_by("due_at", "pk").first()
    if due is None:
        return False
    with transaction.atomic():
        row = Report.objects.select_for_update().get(pk=due.pk)
        at, zone, cadence = clock.now(), ZoneInfo(row.time_zone), Cadence(row.cadence)
        if row.due_at is None or row.due_at > at or row.ended_at is not None:
            return False
        found = calendar.due_period(cadence, row.covered_until, at, zone)
        if found is not None:
            period, missed = found
            drafting.make(row, period, None, missed=missed)
            row.covered_until = period.until
        row.due_at = calendar.next_due(cadence, row.covered_until, zone, row.hour)
        row.save(update_fields=["covered_until", "due_at"])
    return True


def draft_after_events() -> bool:
    """Draft a report whose event is over: its situation was closed, or nothing was heard of it for two weeks."""
    over = Situation.objects.filter(state__in=[Situation.State.CLOSED, Situation.State.QUIET])
    rows = Report.objects.filter(cadence=Cadence.EVENT, ended_at=None, drafts=None, situation__gt="")
    found = rows.filter(situation__in=over.values("public_id")).order_by("pk").first()
    if found is None:
        return False
    with transaction.atomic():
        row = Report.objects.select_for_update().get(pk=found.pk)
        if row.drafts.exists():
            return False
        situation = Situation.objects.get(public_id=row.situation)
        at = clock.now()
        zone = ZoneInfo(row.time_zone)
        since = min(situation.first_at, row.covered_until)
        drafting.make(row, Period(since.astimezone(zone), at.astimezone(zone)), None)
        row.covered_until = at
        row.save(update_fields=["covered_until"])
    return True
