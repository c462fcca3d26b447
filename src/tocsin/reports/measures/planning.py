"""Plans: how long until one stood, until it was approved, until what was harmed had recovered; lessons left undone.

Sealed plans count nowhere here: a number could tell that there is one.
"""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tocsin.alerts.models import Alert
from tocsin.lib.tlp import Tlp
from tocsin.reports.gathering.period import Period
from tocsin.reports.measures.base import Better, Measure, Measured, count, median
from tocsin.responses.models import Lesson, Line, Plan
from tocsin.responses.recovering import of, readers_lost, recovered
from tocsin.signals.models import Finding
from tocsin.situations.models import Member

_OVER = ("done", "dropped")


def _plans(exercise: bool) -> QuerySet[Plan]:
    # What some of the team may read counts nowhere either, nor what is legally privileged.
    open_to_all = Q(situation=None) | Q(situation__readers=0)
    return Plan.objects.filter(open_to_all, readers=0, privileged=False, drill=False, exercise=exercise)


def _planned(period: Period, exercise: bool) -> Measured | None:
    rows = _plans(exercise).filter(opened_at__gte=period.since, opened_at__lt=period.until, situation__isnull=False)
    took = []
    for plan in rows.select_related("situation"):
        assert plan.situation is not None
        called = Alert.objects.filter(reference=f"situation:{plan.situation.public_id}", named=False, drill=False)
        first = called.order_by("accepted_at").values_list("accepted_at", flat=True).first()
        if first is not None and first <= plan.opened_at:
            took.append((plan.opened_at - first).total_seconds() / 3600)
    return median(took)


def _approved(period: Period, exercise: bool) -> Measured | None:
    rows = Line.objects.filter(plan__in=_plans(exercise), verb__in=["asked", "approved"])
    rows = rows.filter(at__lt=period.until).order_by("plan", "number")
    asked: dict[int, datetime] = {}
    took = []
    for plan, verb, at in rows.values_list("plan", "verb", "at"):
        if verb == "asked":
            asked.setdefault(plan, at)
        elif (since := asked.pop(plan, None)) is not None and period.holds(at):
            took.append((at - since).total_seconds() / 3600)
    return median(took)


def _recovered(period: Period, exercise: bool) -> Measured | None:
    took = []
    plans = _plans(exercise).filter(opened_at__lt=period.until).select_related("situation")
    for situation in (plan.situation for plan in plans):
        if situation is None:
            continue
        members = Member.objects.filter(situation=situation, signal__finding__isnull=False)
        about = Q(pk__in=members.values("signal__finding")) | readers_lost(situation)
        found = of(Finding.objects.filter(about, readers=0, retired_at=None).order_by("opened_at"))
        whole = recovered(found)
        if whole is not None and period.holds(max(one.back_at for one in found if one.back_at is not None)):
            took.append(whole.total_seconds() / 86_400)
    return median(took)


def _past_due(period: Period, exercise: bool) -> Measured | None:
    rows = Lesson.objects.filter(plan__in=_plans(exercise), due_at__lt=period.until)
    undone = rows.exclude(state__in=_OVER) | rows.filter(ended_at__gte=period.until)
    return count(undone.distinct().count())


TO_PLAN = Measure(
    "to-plan",
    _("Time to plan"),
    _("Hours from the first alert about a situation to the beginning of its plan; the middle one of the plans begun in "
      "the period. Without drills; without plans that are sealed, privileged or for some of the team."),
    "hours",
    Better.LESS,
    Tlp.CLEAR,
    _planned,
)  # fmt: skip
TO_APPROVE = Measure(
    "to-approve",
    _("Time to approve"),
    _("Hours from the first question for approval to the yes that followed; the middle one of those given in the "
      "period. Without drills; without plans that are sealed, privileged or for some of the team."),
    "hours",
    Better.LESS,
    Tlp.CLEAR,
    _approved,
)  # fmt: skip
TO_RECOVER = Measure(
    "to-recover",
    _("Time to recover"),
    _("Days from the first measured fall of what a plan is about to the return of the last of it to what is usual "
      "there; the middle one of those complete in the period. Only what is measured; without drills; without "
      "plans that are sealed, privileged or for some of the team."),
    "days",
    Better.LESS,
    Tlp.CLEAR,
    _recovered,
)  # fmt: skip
PAST_DUE = Measure(
    "past-due",
    _("Actions past due"),
    _("Actions out of debriefs whose day had come by the end of the period and that were neither done nor dropped "
      "then. Without drills; without plans that are sealed, privileged or for some of the team."),
    "",
    Better.LESS,
    Tlp.AMBER,
    _past_due,
)  # fmt: skip
