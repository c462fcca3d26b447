"""Lets alerts climb: each rung that is due tells its people, in one transaction with the moment of the next."""

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from time import monotonic

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from tocsin.alerts import clock
from tocsin.alerts.actions import remind_after, start_anew
from tocsin.alerts.calling import Calls
from tocsin.alerts.circles import Circles
from tocsin.alerts.models import Alert, Escalation, Event, Knower, Lane, Reached, Rung
from tocsin.alerts.reach import MORNING, morning_after, zone_of
from tocsin.alerts.record import Line, note_all
from tocsin.alerts.telling import tell
from tocsin.people.models import Person

logger = logging.getLogger("tocsin.alerts.escalating")

# Short transactions: whoever accepts an alert at this moment waits for them.
BATCH = 50
# Nobody can be reached at all: the next look. ``reaching`` looks every second whether somebody can be by now.
NOBODY = timedelta(minutes=1)
_LIFE_WAIT = timedelta(minutes=5)
_QUIET_WAIT = timedelta(minutes=60)
_LONGEST_WAIT = timedelta(minutes=30)
_DAY_ENDS = 20
# Alerts that could not climb at all, and until when this process lets them be.
_resting: dict[int, float] = {}
# So many reminders without an outcome, and an answered alert counts as answered by nobody.
REMINDERS = 2


def climb(limit: int = BATCH) -> int:
    """Do what is due of up to ``limit`` alerts; gives how many were.

    An alert that can't climb as its policy says holds up no other, and calls whoever leads instead.
    """
    due = _due(clock.now()).order_by("due_at", "pk").values_list("alert", flat=True)
    resting = _still_resting()
    numbers = list((due.exclude(alert__in=resting) if resting else due)[:limit])
    if not numbers:
        return 0
    try:
        return _together(numbers)
    except (OperationalError, InterfaceError):
        raise  # the database's own trouble, which is no alert's fault
    except Exception:
        logger.exception("alerts could not climb together; each is tried alone", extra={"count": len(numbers)})
    return sum(_alone(number) for number in numbers)


def call_anew() -> int:
    """Let alerts call at once whose holder's account was closed: nobody has them any more. Gives how many."""
    left = Q(answered_by=None) | Q(answered_by__is_active=False)
    rows = Alert.objects.filter(left, state=Alert.State.ANSWERED)
    if not rows.exists():
        return 0
    with transaction.atomic():
        at = clock.now()
        numbers = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
        late = Escalation.objects.filter(alert__in=numbers).filter(Q(due_at=None) | Q(due_at__gt=at))
        return late.update(due_at=at)


def _together(numbers: Collection[int], *, by_policy: bool = True) -> int:
    with transaction.atomic():
        at = clock.now()
        # Alerts are locked before anything else of theirs, as every act does, so that none waits for the other.
        alerts = Alert.objects.filter(pk__in=numbers).order_by("pk")
        if connection.vendor == "postgresql":
            alerts = alerts.select_for_update(skip_locked=True, of=("self",))
        locked = {alert.pk: alert for alert in alerts.select_related("policy", "answered_by")}
        # One of them may have been answered between the two questions.
        found = list(_due(at).filter(alert__in=locked).order_by("due_at", "pk"))
        for row in found:
            row.alert = locked[row.alert_id]
        if found:
            _Climb(found, at, by_policy=by_policy).run()
        return len(found)


def _alone(number: int) -> int:
    for by_policy in (True, False):
        try:
            return _together([number], by_policy=by_policy)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("an alert could not climb")
    # Not even whoever leads can be called for it now: it stays overdue, for all to see, and lets the others pass.
    _resting[number] = monotonic() + NOBODY.total_seconds()
    return 0


def _still_resting() -> list[int]:
    for number in [number for number, until in _resting.items() if until < monotonic()]:
        del _resting[number]
    return list(_resting)


def _due(at: datetime) -> QuerySet[Escalation]:
    return Escalation.objects.filter(due_at__lte=at)


class _Climb:
    """One transaction's worth of alerts that are due."""

    def __init__(self, rows: Sequence[Escalation], at: datetime, *, by_policy: bool) -> None:
        self._rows, self._at = rows, at
        # Without their policies nobody stands on any rung, and whoever leads is called.
        self._by_policy = by_policy
        self._circles = Circles([row.alert for row in rows] if by_policy else [], at)
        if not by_policy:
            for row in rows:
                row.again += 1
        self._calls = Calls(self._circles.everybody(), at)
        # Written together at the end: an alert that stands in a storm of others costs few statements of its own.
        self._lines: list[Line] = []
        self._knowers: list[Knower] = []

    def run(self) -> None:
        for row in self._rows:
            self._climb(row)
        self._calls.store()
        Knower.objects.bulk_create(self._knowers, ignore_conflicts=True)
        note_all(self._lines)
        for row in self._rows:
            # One by one: an update of many rows with values of their own takes longer to write than to do.
            row.save(update_fields=["again", "round", "rung", "due_at", "reached"])

    def _climb(self, row: Escalation) -> None:
        alert = row.alert
        if alert.state == Alert.State.RESOLVED:
            row.due_at = None
        elif alert.state == Alert.State.ANSWERED and alert.unconfirmed_until is None:
            self._remind(row, alert)
        else:
            if alert.state != Alert.State.OPEN:
                self._return(row, alert)
            self._call(row, alert)

    def _return(self, row: Escalation, alert: Alert) -> None:
        """A snooze that ended, or an answer that nobody confirmed: it calls from the first rung.

        The second time that nobody confirmed, it calls the last rung with the wider circle.
        """
        verb = "woke" if alert.state == Alert.State.SNOOZED else "lapsed"
        before = alert.answered_by
        start_anew(alert, self._at)
        alert.save()
        row.again, row.round, row.rung, row.reached = row.again + 1, 0, 0, None
        if verb == "lapsed" and Event.objects.filter(alert=alert, verb=verb).exists():
            # Somebody said so before and did not come: now others are called, too.
            row.round, row.rung = max(1, alert.policy.wider_after), len(self._circles.rungs(alert)) - 1
        self._note(alert, verb, before)
        if verb == "lapsed" and before is not None and before.is_active:
            tell([before], alert, verb, self._at)

    def _remind(self, row: Escalation, alert: Alert) -> None:
        """Somebody has it, and it has no outcome: ask whoever has it, and after some times everybody."""
        holder = alert.answered_by
        if holder is None or not holder.is_active or row.round >= REMINDERS:
            self._note(alert, "left", holder)
            start_anew(alert, self._at)
            alert.save()
            row.again, row.round, row.rung, row.reached = row.again + 1, 0, 0, None
            self._call(row, alert)
            return
        self._note(alert, "reminded", holder)
        self._calls.call(alert, [holder], row)
        row.again, row.round = row.again + 1, row.round + 1
        row.due_at = self._at + remind_after(alert)

    def _call(self, row: Escalation, alert: Alert) -> None:
        rungs = self._circles.rungs(alert)
        for _ in range(len(rungs) + 1):
            row.rung = min(row.rung, len(rungs))
            if row.rung == len(rungs):
                row.round, row.rung = row.round + 1, 0
            rung = rungs[row.rung]
            people = self._people(row, alert, rung, last=row.rung == len(rungs) - 1)
            if people:
                self._tell(row, alert, rung, people)
                return
            row.rung += 1
        self._nobody(row, alert)

    def _people(self, row: Escalation, alert: Alert, rung: Rung, *, last: bool) -> list[Person]:
        people = self._circles.people(alert, rung)
        wider = row.round >= (1 if alert.lane == Lane.LIFE else alert.policy.wider_after)
        if last and wider:
            people = [*people, *self._circles.wider(alert)]
        return self._reachable(people)

    def _reachable(self, people: Iterable[Person]) -> list[Person]:
        once = {person.pk: person for person in people}
        return [person for person in once.values() if self._calls.reach.reachable(person)]

    def _tell(self, row: Escalation, alert: Alert, rung: Rung, people: list[Person]) -> None:
        self._reached(row, alert)
        if alert.lane == Lane.QUIET:
            awake = [person for person in people if _awake(person, self._at)]
            if not awake:
                row.due_at = min(morning_after(person, self._at) for person in people)
                return
            people = awake
        self._let_know(alert, people)
        self._calls.call(alert, people, row)
        self._note(alert, "called", rung=row.rung, round=row.round, people=len(people))
        row.due_at = self._at + wait_after(alert, rung, row.round)
        row.rung += 1
        if row.rung >= len(self._circles.rungs(alert)):
            row.round, row.rung = row.round + 1, 0

    def _let_know(self, alert: Alert, people: Iterable[Person]) -> None:
        if alert.named:
            self._knowers += [Knower(alert=alert, person=person, why="told", at=self._at) for person in people]

    def _note(self, alert: Alert, verb: str, person: Person | None = None, **facts: object) -> None:
        self._lines.append(Line(alert, verb, self._at, person, facts=facts))

    def _reached(self, row: Escalation, alert: Alert) -> None:
        # Where its policy can't be read, no better call is waited for: it would fail again.
        now = self._calls.reach.best(alert, self._circles) if self._by_policy else Reached.STEPS
        row.reached = max(row.reached or 0, now)

    def _nobody(self, row: Escalation, alert: Alert) -> None:
        """No rung has anybody who can be reached: whoever leads is called, then anybody who may answer."""
        people = self._reachable(self._circles.anybody(alert)) or self._reachable(self._circles.wider(alert))
        if not people:
            self._stand(row, alert)
            return
        self._reached(row, alert)
        self._let_know(alert, people)
        self._calls.call(alert, people, row)
        if row.round <= 1:
            self._note(alert, "nobody", people=len(people))
        row.due_at = self._at + wait_after(alert, None, row.round)
        row.round, row.rung = row.round + 1, 0

    def _stand(self, row: Escalation, alert: Alert) -> None:
        """Nobody at all can be reached. Such a round is none: who can be reached later is called at the usual pace."""
        if row.reached != Reached.NOBODY:
            self._note(alert, "nobody", people=0)
            # What was called before has the numbers of its rungs; from here on they are counted anew.
            row.again += 1
        row.reached, row.round, row.rung = Reached.NOBODY, 0, 0
        row.due_at = self._at + NOBODY


def wait_after(alert: Alert, rung: Rung | None, rounds: int) -> timedelta:
    """How long a rung may take before the next is called."""
    wait = timedelta(minutes=rung.wait_minutes) if rung is not None else _LIFE_WAIT
    if alert.lane == Lane.LIFE:
        return min(wait, _LIFE_WAIT)
    if alert.lane == Lane.QUIET:
        return max(wait, _QUIET_WAIT)
    # Everybody was called more than once: calling on, at a pace at which a phone is not switched off.
    beyond = max(0, rounds - alert.policy.wider_after)
    return min(wait * (1 << min(beyond, 6)), max(wait, _LONGEST_WAIT))


def _awake(person: Person, at: datetime) -> bool:
    here = at.astimezone(zone_of(person))
    return MORNING.hour <= here.hour < _DAY_ENDS
