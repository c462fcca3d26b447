"""How often a rule was right, and whether it may still wake people."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.alerts.models import Alert, Lane, Rule

# Precision is looked at over so many judged alerts; fewer than the least say nothing yet.
WINDOW = 20
LEAST = 4
ENOUGH = 0.5
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the last judged alerts of a rule, how many were right and how many false."""

    right: int
    false: int

    @property
    def judged(self) -> int:
        """How many were judged at all."""
        return self.right + self.false

    @property
    def share(self) -> float | None:
        """The share that was right, 0 to 1; None while nothing was judged."""
        return self.right / self.judged if self.judged else None

    @property
    def too_low(self) -> bool:
        """Wrong too often to wake somebody."""
        return self.judged >= LEAST and self.right / self.judged < ENOUGH


def precision(rule: Rule) -> Precision:
    """The precision of a rule over its last judged alerts, from the moment that a person last trusted it.

    Named alerts are not counted, here and in the budget: what follows from a count could tell that there was one.
    """
    judged = Alert.objects.filter(rule=rule, outcome__in=[Alert.Outcome.TRUE, Alert.Outcome.FALSE])
    judged = judged.filter(drill=False, named=False)
    if rule.trusted_since is not None:
        judged = judged.filter(accepted_at__gte=rule.trusted_since)
    outcomes = list(judged.order_by("-pk").values_list("outcome", flat=True)[:WINDOW])
    return Precision(outcomes.count(Alert.Outcome.TRUE), outcomes.count(Alert.Outcome.FALSE))


def used_this_week(rule: Rule, at: datetime) -> int:
    """How many alerts of this rule might wake somebody in the last seven days."""
    woke = Alert.objects.filter(rule=rule, lane=Lane.WAKE, drill=False, named=False, accepted_at__gt=at - _WEEK)
    return woke.count()


def why_withheld(rule: Rule, at: datetime) -> str:
    """Why this rule may not wake anybody now: "precision", "budget", or empty. Never asked about life and liberty."""
    if not rule.may_wake:
        return "precision"
    return "budget" if used_this_week(rule, at) >= rule.budget_per_week else ""


def learn(rule: Rule, at: datetime) -> bool:
    """Look at a rule after an outcome; True when it just lost the right to wake people."""
    if not rule.may_wake or not precision(rule).too_low:
        return False
    return bool(Rule.objects.filter(pk=rule.pk, may_wake=True).update(may_wake=False, stopped_at=at))
