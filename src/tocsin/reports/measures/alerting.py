"""Alerts: how fast a person answered, and how many called somebody for nothing."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tocsin.alerts.models import Alert, Lane
from tocsin.lib.tlp import Tlp
from tocsin.reports.gathering.period import Period
from tocsin.reports.measures.base import Better, Measure, Measured, median, share


def _alerts(period: Period, exercise: bool) -> QuerySet[Alert]:
    # What only named people may know of counts nowhere: a number could tell that there was one.
    # What asks a person for a yes or tells them of a task is no alarm that could be false.
    rows = Alert.objects.exclude(kind__startswith="plan_").filter(
        named=False, readers=0, drill=False, exercise=exercise
    )
    return rows.filter(accepted_at__gte=period.since, accepted_at__lt=period.until)


def _acknowledged(period: Period, exercise: bool) -> Measured | None:
    rows = _alerts(period, exercise).exclude(lane=Lane.QUIET).values_list("accepted_at", "first_answered_at")
    never = float("inf")
    return median([(at - since).total_seconds() / 60 if at is not None else never for since, at in rows])


def _false(period: Period, exercise: bool) -> Measured | None:
    rows = _alerts(period, exercise).exclude(lane=Lane.QUIET)
    judged = rows.filter(outcome__in=[Alert.Outcome.TRUE, Alert.Outcome.FALSE])
    return share(judged.filter(outcome=Alert.Outcome.FALSE).count(), judged.count())


ACKNOWLEDGE = Measure(
    "acknowledge",
    _("Time to acknowledge an alert"),
    _("Minutes from an alert that may wake people to the first answer of a person; the middle one of all of them. One "
      "that nobody answered counts as longer than any. Without drills, without alerts that only named people know of."),
    "minutes",
    Better.LESS,
    Tlp.CLEAR,
    _acknowledged,
    silence=_("no alert, or most were answered by nobody"),
    standard=5,
    standard_of=_("the first step of the policy that every alert takes"),
)  # fmt: skip
FALSE_PAGES = Measure(
    "false-pages",
    _("False pages"),
    _("Of the alerts that may wake people and that a person judged, the share that were false. Those that nobody "
      "judged are left out."),
    "share",
    Better.LESS,
    Tlp.CLEAR,
    _false,
    standard=0.5,
    standard_of=_("a rule that is wrong more often may wake nobody"),
)  # fmt: skip
