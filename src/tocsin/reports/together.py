"""Reports for several audiences at once: a set is due once, and each of its drafts rests on what was gathered once.

Its members are reports like any other: each is edited, agreed with, released, sent and corrected by itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import arranging, calendar, drafting
from tocsin.reports.arranging import Wanted
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.forms.cleaning import unturned
from tocsin.reports.gathering.gather import gather
from tocsin.reports.gathering.period import Period
from tocsin.reports.models import Cadence, Draft, Report, ReportSet, Round
from tocsin.reports.refusals import RefusedError

WEEK = timedelta(days=7)
_EARLIEST = 1900


def arrange(by: Person, wanted: Wanted, audiences: Collection[str]) -> ReportSet:
    """Set up reports for several audiences about the same. The same ``once`` gives the set that stands.

    What ``wanted`` says of its audience and of its readers counts for nothing: a set is for everybody who reads drafts.

    Raises:
        RefusedError: with what to change.
    """
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not set up reports. Ask a lead or an analyst."))
    chosen = [one for one in AUDIENCES if one in audiences]
    if not chosen or not set(audiences) <= AUDIENCES.keys():
        raise RefusedError(_("Choose for whom it is, and how often."))
    members = [replace(wanted, audience=one, readers=0) for one in chosen]
    for one in members:
        arranging.check(by, one)
    same = ReportSet.objects.filter(once__in=(wanted.once, arranging.named(by, wanted.once)), made_by=by)
    return same.first() or arranging.once(same, lambda: _stored(by, wanted, members))


def _stored(by: Person, wanted: Wanted, members: Sequence[Wanted]) -> ReportSet:
    at = clock.now()
    covered, due = arranging.due_from(wanted, at)
    made = ReportSet.objects.create(
        public_id=random_name(8), once=arranging.named(by, wanted.once), title=unturned(wanted.title),
        cadence=wanted.cadence, language=wanted.language, time_zone=wanted.time_zone, hour=wanted.hour,
        situation=wanted.situation, exercise=wanted.exercise, made_by=by, made_at=at, covered_until=covered, due_at=due,
    )  # fmt: skip
    for one in members:
        arranging.stored(by, replace(one, once=f"{made.public_id}:{one.audience}"), made)
    audiences = ",".join(one.audience for one in members)
    record(by.pk, "report.set", f"set:{made.public_id}", audiences=audiences, cadence=wanted.cadence)
    return made


def draft_now(
    by: Person, row: ReportSet, once: str, period: Period | None = None, audiences: Collection[str] = ()
) -> Round:
    """Draft its audiences at once, all or those given: for a period, or from where the last round ended until now.

    The same ``once`` gives the round that stands.

    Raises:
        RefusedError: when this person may not, it has ended, or the period can't be.
    """
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not draft reports. Ask a lead or an analyst."))
    members = row.members.filter(ended_at=None)
    if row.ended_at is not None or not members.exists():
        raise RefusedError(_("This set has ended."))
    if audiences and not members.filter(audience__in=audiences).exists():
        raise RefusedError(_("Choose for whom it is."))
    at, zone = clock.now(), ZoneInfo(row.time_zone)
    begin = min(row.covered_until, at - timedelta(seconds=1))
    chosen = period or Period(begin.astimezone(zone), at.astimezone(zone))
    if chosen.until > at + timedelta(days=1) or chosen.until - chosen.since > arranging.LONGEST:
        raise RefusedError(_("Choose a time that ends no later than today, of at most 400 days."))
    # With the set's own id: the same name for another set is another call.
    return make(row, chosen, by, once=f"{row.public_id}:{by.pk}:{once}"[:64], audiences=audiences)


def the_week(by: Person, once: str, audiences: Collection[str], *, exercise: bool) -> Round:
    """The last seven days, everywhere, for all audiences or those given: set up by the first press, drafted by each.

    Raises:
        RefusedError: when this person may not.
    """
    title = _("The week")
    name = f"the-week:{by.pk}{':exercise' if exercise else ''}"
    wanted = Wanted(title, "", Cadence.BY_HAND, name, time_zone=by.time_zone or "UTC", exercise=exercise)
    row = arrange(by, wanted, tuple(AUDIENCES))
    if row.ended_at is not None:
        reopen(by, row)
        row.refresh_from_db()
    now = clock.now().astimezone(ZoneInfo(row.time_zone))
    return draft_now(by, row, once, Period(now - WEEK, now), audiences)


def days(first: date, last: date, zone: ZoneInfo) -> Period:
    """From the first to the last of two days, both whole; of today as much as there is.

    Raises:
        RefusedError: for days in the wrong order, to come, or too many.
    """
    now = clock.now().astimezone(zone)
    # Days are compared as days: the first and the last year know no moment in every zone.
    if not first <= last or first > now.date() or first.year < _EARLIEST:
        raise RefusedError(_("Choose a first day that is over, and a last one that is not before it."))
    last = min(last, now.date())
    if last + timedelta(days=1) - first > arranging.LONGEST:
        raise RefusedError(_("Choose a time that ends no later than today, of at most 400 days."))
    since, until = datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)
    return Period(since, min(until, now))


def make(
    row: ReportSet, period: Period, by: Person | None, *, once: str, missed: int = 0, audiences: Collection[str] = ()
) -> Round:
    """Gather once, lay every audience out, and store all of it or nothing; the round that stands is given instead."""
    found = row.rounds.filter(once=once).first()
    if found is not None:
        return found
    rows = row.members.filter(ended_at=None).order_by("pk")
    members = [one for one in rows if not audiences or one.audience in audiences]
    # Gathering and laying out take seconds, and other writers wait for a transaction: done before one begins.
    gathered = gather(period, drafting.reader_of(members[0]))
    drafts = [drafting.laid_out(one, period, gathered, by, missed) for one in members]
    with transaction.atomic():
        kept = ReportSet.objects.select_for_update().get(pk=row.pk)
        found = kept.rounds.filter(once=once).first()
        if found is not None:
            return found
        made = Round.objects.create(
            public_id=random_name(10), together=kept, once=once, gathered=gathered, since=period.since,
            until=period.until, missed=missed, made_by=by, made_at=clock.now(),
        )  # fmt: skip
        for draft in drafts:
            # A draft of its own may stand for the very same time; it stays.
            if drafting.standing(draft.report, period) is None:
                draft.round = made
                drafting.store(draft, by)
        record(by.pk if by is not None else None, "report.round", f"round:{made.public_id}", missed=missed)
        if by is None or kept.cadence not in calendar.REGULAR:
            go_on(kept, period.until)
        return made


def again(by: Person, row: Round, report: Report) -> Draft:
    """Draft one audience of a round anew, from the same facts, after its draft was put away.

    Raises:
        RefusedError: when this person may not, or it is no member of the set.
    """
    if report.together_id != row.together_id:
        raise RefusedError(_("This report is no member of the set."))
    zone = ZoneInfo(report.time_zone)
    made = arranging.draft_now(by, report, Period(row.since.astimezone(zone), row.until.astimezone(zone)), row.gathered)
    Draft.objects.filter(pk=made.pk, gathered=row.gathered).update(round=row)
    return made


def go_on(row: ReportSet, until: datetime) -> None:
    """Say up to where rounds reach, and when the next one is due; in the transaction of the caller."""
    cadence, zone = Cadence(row.cadence), ZoneInfo(row.time_zone)
    row.covered_until = max(row.covered_until, until)
    row.due_at = None
    if row.ended_at is None and cadence in calendar.REGULAR:
        row.due_at = calendar.next_due(cadence, row.covered_until, zone, row.hour)
    row.save(update_fields=["covered_until", "due_at"])
    row.members.filter(covered_until__lt=row.covered_until).update(covered_until=row.covered_until)


def end(by: Person, row: ReportSet) -> None:
    """Draft no further round. Its drafts and issues stay."""
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not end reports. Ask a lead or an analyst."))
    with transaction.atomic():
        if ReportSet.objects.filter(pk=row.pk, ended_at=None).update(ended_at=clock.now(), due_at=None):
            record(by.pk, "report.set_ended", f"set:{row.public_id}")


def reopen(by: Person, row: ReportSet) -> None:
    """Take it up again: its first round covers the time between."""
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not do this. Ask a lead or an analyst."))
    with transaction.atomic():
        kept = ReportSet.objects.select_for_update().get(pk=row.pk)
        if kept.ended_at is not None:
            kept.ended_at = None
            kept.save(update_fields=["ended_at"])
            go_on(kept, kept.covered_until)
            record(by.pk, "report.set_reopened", f"set:{kept.public_id}")
