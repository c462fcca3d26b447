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


def draft_after_events() -> bool:
    """Draft a report whose event is over: its situation was closed, or nothing was heard of it for two weeks."""
    over = Situation.objects.filter(state__in=[Situation.State.CLOSED, Situation.State.QUIET])
    rows = Report.objects.filter(cadence=Cadence.EVENT, ended_at=None, drafts=None, situation__gt="")
    found = rows.filter(situation__in=over.values("public_id")).order_by("pk").first()
    if found is None:
        return False
    situation, at, zone = Situation.objects.get(public_id=found.situation), clock.now(), ZoneInfo(found.time_zone)
    since = min(situation.first_at, found.covered_until)

    def go_on(row: Report) -> None:
        row.covered_until = at
        row.save(update_fields=["covered_until"])

    drafting.make(found, Period(since.astimezone(zone), at.astimezone(zone)), None, then=go_on)
    return True
