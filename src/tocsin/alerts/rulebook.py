"""What each rule was worth so far: how often it was right, with how sure that is, and its budget of the week."""

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from tocsin.alerts import clock, rules
from tocsin.alerts.actions import RefusedError
from tocsin.alerts.models import Alert, Lane, Rule
from tocsin.audit.actions import record
from tocsin.people.models import Person
from tocsin.people.roles import Right

_Z = 1.96
_WEEK = timedelta(days=7)
MOST_A_WEEK = 1000


@dataclass(frozen=True, slots=True)
class Worth:
    """A rule, the precision of its last judged alerts with its range, and how many woke somebody in a week."""

    rule: Rule
    right: int
    judged: int
    low: float
    high: float
    used: int

    @property
    def used_share(self) -> float:
        """How much of the budget is used, 0 to 1."""
        return min(1.0, self.used / self.rule.budget_per_week) if self.rule.budget_per_week else 1.0

    @property
    def spent(self) -> bool:
        """Whether its budget of the week is used up."""
        return self.used >= self.rule.budget_per_week


def wilson(right: int, judged: int) -> tuple[float, float]:
    """The range in which the true share lies, with 95 % confidence; 0 to 1 where nothing was judged.

    Wilson's score interval (Wilson 1927): unlike the plain one it stays true for few judgements.
    """
    if judged == 0:
        return 0.0, 1.0
    share, square = right / judged, _Z * _Z
    middle = (share + square / (2 * judged)) / (1 + square / judged)
    half = _Z * sqrt(share * (1 - share) / judged + square / (4 * judged * judged)) / (1 + square / judged)
    return max(0.0, middle - half), min(1.0, middle + half)


def worth(rule: Rule) -> Worth:
    """What this rule was worth. Named alerts are not counted: a number could tell that there was one."""
    open_ones = Alert.objects.filter(rule=rule, named=False, drill=False)
    judged = open_ones.filter(outcome__in=[Alert.Outcome.TRUE, Alert.Outcome.FALSE])
    if rule.trusted_since is not None:
        judged = judged.filter(accepted_at__gte=rule.trusted_since)
    outcomes = list(judged.order_by("-pk").values_list("outcome", flat=True)[: rules.WINDOW])
    right = outcomes.count(Alert.Outcome.TRUE)
    used = open_ones.filter(lane=Lane.WAKE, accepted_at__gt=clock.now() - _WEEK).count()
    return Worth(rule, right, len(outcomes), *wilson(right, len(outcomes)), used)


def all_rules() -> list[Worth]:
    """Every rule: those that are stopped first, then those that raise most."""
    counted = Alert.objects.filter(rule__isnull=False, named=False).order_by().values_list("rule")
    raised: dict[int | None, int] = dict(counted.annotate(Count("pk")))
    found = sorted(Rule.objects.all(), key=lambda one: (one.may_wake, -raised.get(one.pk, 0), one.name, one.pk))
    return [worth(one) for one in found]


def set_budget(by: Person, rule: Rule, per_week: int) -> None:
    """How many of its alerts may wake people in a week.

    Raises:
        RefusedError: when the person may not, or the number is none.
    """
    if not by.may(Right.DUTY):
        raise RefusedError(_("Only a lead changes rules. Ask one."))
    if not 0 <= per_week <= MOST_A_WEEK:
        raise RefusedError(_("Choose between 0 and %(most)d a week.") % {"most": MOST_A_WEEK})
    with transaction.atomic():
        Rule.objects.filter(pk=rule.pk).update(budget_per_week=per_week)
        record(by.pk, "rule.budget", f"rule:{rule.pk}", per_week=per_week)
