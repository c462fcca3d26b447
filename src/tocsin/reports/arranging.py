"""Setting up a standing report, changing when it is due, and ending it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.analysis.taxonomy import HARMS
from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.lib.territories import TERRITORIES
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import calendar, drafting
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.forms.cleaning import unturned
from tocsin.reports.gathering.gather import scope_of
from tocsin.reports.gathering.period import Period
from tocsin.reports.laying import period_of
from tocsin.reports.models import Cadence, Draft, Gathered, Report, ReportSet
from tocsin.reports.refusals import RefusedError, refuse_unseen
from tocsin.situations.access import situations_for

Row = TypeVar("Row", bound=Model)
_HARMS = frozenset(one.key for one in HARMS)
LONGEST = timedelta(days=400)
MOST_LANGUAGES = 12
# What the first issue of a report covers that somebody asks for.
FIRST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a standing report is about, for whom and how often. ``languages`` are others than its own, in which each
    issue is to be had."""

    title: str
    audience: str
    cadence: str
    once: str
    language: str = "en"
    time_zone: str = "UTC"
    hour: int = 6
    places: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    situation: str = ""
    readers: int = 0
    exercise: bool = False
    languages: tuple[str, ...] = ()


def arrange(by: Person, wanted: Wanted) -> Report:
    """Set up a standing report. The same ``once`` gives the one that stands.

    Raises:
        RefusedError: with what to change.
    """
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not set up reports. Ask a lead or an analyst."))
    check(by, wanted)
    same = Report.objects.filter(once__in=(wanted.once, named(by, wanted.once)), made_by=by)
    return same.first() or once(same, lambda: stored(by, wanted))


def named(by: Person, given: str) -> str:
    """What is stored of the name that somebody gave a call: another's same name is another call."""
    return sha256(f"{by.pk}\0{given}".encode()).hexdigest()[:32]


def once(same: QuerySet[Row], make: Callable[[], Row]) -> Row:
    """What this makes, in one transaction; where the same call made it a moment ago, that."""
    try:
        with transaction.atomic():
            return make()
    except IntegrityError:
        found = same.first()
        if found is None:
            raise
        return found


def stored(by: Person, wanted: Wanted, together: ReportSet | None = None) -> Report:
    """Store a report that was checked, in the transaction of the caller; a member of a set is due when its set is."""
    at, cadence = clock.now(), Cadence(wanted.cadence)
    covered, due = due_from(wanted, at)
    made = Report.objects.create(
        public_id=random_name(8),
        once=named(by, wanted.once),
        title=unturned(wanted.title),
        audience=wanted.audience,
        cadence=cadence,
        language=wanted.language,
        time_zone=wanted.time_zone,
        hour=wanted.hour,
        places=list(wanted.places),
        harms=list(wanted.harms),
        situation=wanted.situation,
        readers=wanted.readers,
        exercise=wanted.exercise,
        languages=list(wanted.languages),
        together=together,
        made_by=by,
        made_at=at,
        covered_until=covered,
        due_at=due if together is None else None,
    )
    record(by.pk, "report.arrange", f"report:{made.public_id}", audience=made.audience, cadence=cadence.value)
    return made


def due_from(wanted: Wanted, at: datetime) -> tuple[datetime, datetime | None]:
    """Up to where a report that is set up at this moment counts as covered, and when it is due first, if ever."""
    zone, cadence = ZoneInfo(wanted.time_zone), Cadence(wanted.cadence)
    if cadence not in calendar.REGULAR:
        return at - FIRST, None
    covered = calendar.last_end(cadence, at, zone)
    return covered, calendar.next_due(cadence, covered, zone, wanted.hour)


def check(by: Person, wanted: Wanted) -> None:
    """Whether a report can be set up so.

    Raises:
        RefusedError: with what to change.
    """
    _check_words(wanted)
    _check_scope(by, wanted)


def _check_words(wanted: Wanted) -> None:
    refuse_unseen(wanted.title)
    if not 0 < len(unturned(wanted.title)) <= 120:
        raise RefusedError(_("Give it a title of at most 120 letters."))
    if wanted.audience not in AUDIENCES or wanted.cadence not in Cadence.values:
        raise RefusedError(_("Choose for whom it is, and how often."))
    if wanted.time_zone not in available_timezones() or not 0 <= wanted.hour <= 23:
        raise RefusedError(_("Choose a time zone, and an hour of the day."))
    _check_languages(wanted.language, wanted.languages)


def _check_languages(own: str, others: Sequence[str]) -> None:
    for language in (own, *others):
        check_language(language)
    if len(others) > MOST_LANGUAGES or own in others:
        raise RefusedError(_("Choose at most %(n)d further languages, other than its own.") % {"n": MOST_LANGUAGES})


def check_language(language: str) -> None:
    """Whether a language is one.

    Raises:
        RefusedError: for anything else.
    """
    try:
        Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        raise RefusedError(_("Write a language as its code, such as en, ar or pt-BR.")) from None


def _check_scope(by: Person, wanted: Wanted) -> None:
    if not set(wanted.places) <= TERRITORIES or not set(wanted.harms) <= _HARMS:
        raise RefusedError(_("Choose countries and kinds of harm from the lists."))
    if wanted.cadence == Cadence.EVENT and not wanted.situation:
        raise RefusedError(_("Choose the situation after which it is due."))
    if wanted.situation and not situations_for(by).filter(public_id=wanted.situation).exists():
        raise RefusedError(_("There is no such situation, or it is not for you."))
    if wanted.readers and wanted.audience != "operational":
        raise RefusedError(_("Only a report for the team can hold what is for some of the team only."))
    if wanted.readers and not wanted.readers & by.roles:
        raise RefusedError(_("Choose roles of which you have one, or you could not read it yourself."))


def draft_now(by: Person, report: Report, period: Period | None = None, gathered: Gathered | None = None) -> Draft:
    """Draft an issue at once: for a period, or from where the last one ended until now.

    Raises:
        RefusedError: when this person may not, or the period can't be.
    """
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not draft reports. Ask a lead or an analyst."))
    if report.ended_at is not None:
        raise RefusedError(_("This report has ended."))
    at, zone = clock.now(), ZoneInfo(report.time_zone)
    begin = min(_uncovered_since(report, zone), at - timedelta(seconds=1))
    chosen = period or Period(begin.astimezone(zone), at.astimezone(zone))
    if chosen.until > at + timedelta(days=1) or chosen.until - chosen.since > LONGEST:
        raise RefusedError(_("Choose a time that ends no later than today, of at most 400 days."))

    def cover(row: Report) -> None:
        if row.covered_until < chosen.until <= at and row.cadence not in calendar.REGULAR:
            row.covered_until = chosen.until
            row.save(update_fields=["covered_until"])

    return drafting.make(report, chosen, by, gathered=gathered, then=cover)


def _uncovered_since(report: Report, zone: ZoneInfo) -> datetime:
    """From when on a draft on request tells: of a new report the last whole period too, else Monday's has nothing."""
    if report.cadence not in calendar.REGULAR or report.drafts.exists():
        return report.covered_until
    before = report.covered_until.astimezone(zone).date() - timedelta(days=1)
    return calendar.moment(calendar.begin_of(Cadence(report.cadence), before), zone)


def same_scope(report: Report, draft: Draft) -> bool:
    """Whether a report would gather what was gathered for a draft."""
    return draft.gathered.scope == scope_of(drafting.reader_of(report))


def draft_from(by: Person, report: Report, other: Draft) -> Draft:
    """Draft an issue for the time of another draft and from the very same facts.

    Raises:
        RefusedError: when the two are not about the same, or this person may not.
    """
    if not same_scope(report, other):
        raise RefusedError(_("The two reports are not about the same, in the same language, for the same people."))
    return draft_now(by, report, period_of(other), other.gathered)


def translate_into(by: Person, report: Report, languages: Sequence[str]) -> None:
    """Choose the languages, other than its own, in which each issue is to be had from now on.

    Raises:
        RefusedError: for what is no language, too many, or when this person may not.
    """
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not change reports. Ask a lead or an analyst."))
    chosen = [one for one in dict.fromkeys(languages) if one != report.language]
    _check_languages(report.language, chosen)
    with transaction.atomic():
        Report.objects.filter(pk=report.pk).update(languages=chosen)
        record(by.pk, "report.languages", f"report:{report.public_id}", languages=",".join(chosen))


def end(by: Person, report: Report) -> None:
    """Draft no further issue. What was released stays."""
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not end reports. Ask a lead or an analyst."))
    with transaction.atomic():
        if Report.objects.filter(pk=report.pk, ended_at=None).update(ended_at=clock.now(), due_at=None):
            record(by.pk, "report.end", f"report:{report.public_id}")


def reopen(by: Person, report: Report) -> None:
    """Take it up again: it is due as if it had never ended, and its first issue covers the time between."""
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not do this. Ask a lead or an analyst."))
    with transaction.atomic():
        row = Report.objects.select_for_update().get(pk=report.pk)
        if row.ended_at is None:
            return
        row.ended_at = None
        if row.cadence in calendar.REGULAR and row.together_id is None:
            zone = ZoneInfo(row.time_zone)
            row.due_at = calendar.next_due(Cadence(row.cadence), row.covered_until, zone, row.hour)
        row.save(update_fields=["ended_at", "due_at"])
        record(by.pk, "report.reopen", f"report:{row.public_id}")
