"""Whom an alert can reach: what its calls achieved, and whether they would achieve more by now.

An alert that found nobody, or only what wakes nobody, waits for no round of its policy. As soon as somebody can be
reached better (an account, an address, a rota, a policy, the morning), it calls at once and from its first rung.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F

from tocsin.alerts import clock
from tocsin.alerts.channels.here import channels, usable
from tocsin.alerts.circles import Circles
from tocsin.alerts.models import Alert, Escalation, Lane, Reached
from tocsin.alerts.reach import Book
from tocsin.people.models import Person

# So many of the gravest are looked at together; who reaches one of them reaches most.
_MOST = 200


class Reach:
    """By which ways some people are reached at one moment, read once."""

    def __init__(self, people: Collection[Person], at: datetime, book: Book | None = None) -> None:
        """Read them, unless somebody did already."""
        self._at, self._book = at, book or Book(people, usable())
        self._wakes = {key for key, channel in channels().items() if channel.wakes}

    def reachable(self, person: Person) -> bool:
        """Whether any way leads to this person."""
        return bool(self._book.ways(person, Lane.WAKE, self._at))

    def wakes(self, person: Person) -> bool:
        """Whether one of them wakes."""
        return any(way.channel in self._wakes for way in self._book.ways(person, Lane.WAKE, self._at))

    def best(self, alert: Alert, circles: Circles) -> Reached:
        """What a call from the first rung achieves at this moment."""
        for rung in circles.rungs(alert):
            people = [one for one in circles.people(alert, rung) if self.reachable(one)]
            if people:
                return Reached.STEPS if self._woken(alert, people) else Reached.UNWOKEN
        others = [one for one in [*circles.anybody(alert), *circles.wider(alert)] if self.reachable(one)]
        if not others:
            return Reached.NOBODY
        return Reached.LEADS if self._woken(alert, others) else Reached.LEADS_UNWOKEN

    def _woken(self, alert: Alert, people: Collection[Person]) -> bool:
        return alert.lane == Lane.QUIET or any(self.wakes(one) for one in people)


def call_better() -> int:
    """Let alerts call at once that would reach somebody better than when they last called. Gives how many."""
    at = clock.now()
    rows = Escalation.objects.filter(due_at__gt=at, reached__lt=Reached.STEPS, alert__state=Alert.State.OPEN)
    found = list(rows.select_related("alert__policy").order_by("-alert__severity", "due_at")[:_MOST])
    if not found:
        return 0
    circles = Circles([row.alert for row in found], at)
    reach = Reach(circles.everybody(), at)
    better = [row.alert_id for row in found if reach.best(row.alert, circles) > (row.reached or 0)]
    return _anew(better, at) if better else 0


def _anew(numbers: Collection[int], at: datetime) -> int:
    with transaction.atomic():
        # Alerts are locked before anything else of theirs, as every act does.
        alerts = Alert.objects.filter(pk__in=numbers, state=Alert.State.OPEN).order_by("pk")
        locked = list(alerts.select_for_update(of=("self",)).values_list("pk", flat=True))
        late = Escalation.objects.filter(alert__in=locked, due_at__gt=at)
        return late.update(due_at=at, again=F("again") + 1, round=0, rung=0)


def unreached(alert: Alert) -> Reached | None:
    """What is to be said of an open alert that reached nobody, or nobody who could be woken; None where all is well."""
    row = getattr(alert, "escalation", None)
    if row is None or alert.state != Alert.State.OPEN:
        return None
    poor = {Reached.NOBODY, Reached.LEADS_UNWOKEN, Reached.UNWOKEN}
    return Reached(row.reached) if row.reached in poor else None
