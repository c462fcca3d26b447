"""Detection: how long it took to see what happened, what was missed, and where we began or ceased to look."""

from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from tocsin.lib.tlp import Tlp
from tocsin.reports.gathering.period import Period
from tocsin.reports.measures.base import Better, Measure, Measured, count, median
from tocsin.responses.models import Missed
from tocsin.situations.models import Member, Situation
from tocsin.streams.models import BlindSpot, Source


def _delay(period: Period, exercise: bool) -> Measured | None:
    rows = Situation.objects.filter(readers=0, exercise=exercise, signals__gt=0)
    rows = rows.filter(first_at__gte=period.since, first_at__lt=period.until).exclude(state=Situation.State.MERGED)
    members = Member.objects.filter(situation__in=rows).values("situation")
    seen = members.annotate(seen=Min("signal__created_at"), at=Min("signal__at")).values_list("seen", "at")
    return median([max(0.0, (noticed - at).total_seconds() / 3600) for noticed, at in seen])


def _missed(period: Period, exercise: bool) -> Measured | None:
    rows = Missed.objects.filter(taken_back_at=None, exercise=exercise)
    # What is about something for some of the team counts nowhere.
    rows = rows.filter(Q(situation=None) | Q(situation__readers=0))
    rows = rows.filter(Q(plan=None) | Q(plan__readers=0, plan__privileged=False))
    return count(rows.filter(happened_at__gte=period.since, happened_at__lt=period.until).count())


def _gained(period: Period, exercise: bool) -> Measured | None:
    rows = Source.objects.filter(exercise=exercise, readers=0)
    return count(rows.filter(created_at__gte=period.since, created_at__lt=period.until).count())


def _lost(period: Period, exercise: bool) -> Measured | None:
    rows = Source.objects.filter(exercise=exercise, readers=0)
    removed = Q(removed_at__gte=period.since, removed_at__lt=period.until)
    silent = BlindSpot.objects.filter(Q(until=None) | Q(until__gte=period.until), since__lt=period.until)
    fell_silent = silent.filter(since__gte=period.since).values("source")
    return count(rows.filter(removed | Q(pk__in=fell_silent)).count())


DELAY = Measure(
    "detection-delay",
    _("Detection delay"),
    _("Hours from the time that its first signal names to the moment when that signal was stored here; the middle one "
      "of all situations that began in the period. What we never saw is not in it: see missed events."),
    "hours",
    Better.LESS,
    Tlp.CLEAR,
    _delay,
)  # fmt: skip
MISSED = Measure(
    "missed-events",
    _("Missed events"),
    _("Events that happened in the period and that we learnt of elsewhere first, as far as somebody wrote them down. "
      "None written down does not mean that none was missed. Those about something for some of the team are left out."),
    "",
    Better.LESS,
    Tlp.CLEAR,
    _missed,
)  # fmt: skip
GAINED = Measure(
    "sources-gained",
    _("Sources gained"),
    _("Sources that were added in the period."),
    "",
    Better.MORE,
    Tlp.AMBER,
    _gained,
)
LOST = Measure(
    "sources-lost",
    _("Sources lost"),
    _("Sources that were removed in the period, or fell silent in it and were silent still at its end."),
    "",
    Better.LESS,
    Tlp.AMBER,
    _lost,
)
