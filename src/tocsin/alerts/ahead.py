"""Who is called next, and who would be called now: the pager's own arithmetic, asked without doing anything."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.alerts import clock
from tocsin.alerts.channels.here import channels, usable
from tocsin.alerts.circles import Circles
from tocsin.alerts.escalating import wait_after
from tocsin.alerts.models import Alert, Lane, Policy, Rung
from tocsin.alerts.reach import Book
from tocsin.people.models import Person


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody, by how many ways they can be reached in this lane at this hour, and whether one of them wakes."""

    person: Person
    ways: int
    wakes: bool


@dataclass(frozen=True, slots=True)
class Stair:
    """One step of a policy as it would be called: after so many minutes, these people."""

    position: int
    after_minutes: int
    wait_minutes: int
    people: tuple[Reachable, ...]

    @property
    def reachable(self) -> bool:
        """Whether anybody on it can be reached at all."""
        return any(one.ways for one in self.people)


@dataclass(frozen=True, slots=True)
class Next:
    """The next thing that happens to an alert by itself. ``people`` are called then; ``again`` after a whole round."""

    at: datetime
    people: tuple[Person, ...]
    again: bool


class Ahead:
    """What lies ahead of some alerts, read at once; ``at`` is the moment that it was read for."""

    def __init__(self, alerts: Collection[Alert], at: datetime | None = None) -> None:
        """The alerts come with their ``escalation``; those that are resolved have nothing ahead."""
        self.at = at or clock.now()
        waiting = [one for one in alerts if one.state != Alert.State.RESOLVED]
        self._circles = Circles(waiting, self.at) if waiting else None
        self._book = Book(self._circles.everybody(), usable()) if self._circles is not None else None

    def next(self, alert: Alert) -> Next | None:
        """What happens next to this alert; None when nothing does."""
        row = getattr(alert, "escalation", None)
        if row is None or row.due_at is None or self._circles is None or alert.state == Alert.State.RESOLVED:
            return None
        if alert.state != Alert.State.OPEN:
            return Next(row.due_at, (), again=False)
        rungs = self._circles.rungs(alert)
        for further in range(len(rungs) + 1):
            place = min(row.rung, len(rungs)) + further
            found = self._reachable(self._circles.people(alert, rungs[place % len(rungs)]))
            if found:
                return Next(row.due_at, tuple(found), again=place >= len(rungs))
        return Next(row.due_at, tuple(self._reachable(self._circles.anybody(alert))), again=False)

    def _reachable(self, people: Sequence[Person]) -> list[Person]:
        assert self._book is not None
        return [one for one in people if self._book.ways(one, Lane.WAKE, self.at)]


@dataclass(frozen=True, slots=True)
class Stairs:
    """A policy as it would be climbed now."""

    steps: tuple[Stair, ...]
    wider: tuple[Reachable, ...]
    wider_after_minutes: int
    round_minutes: int

    @property
    def first(self) -> tuple[Reachable, ...]:
        """Whom it calls first: those of the first step on which anybody can be reached."""
        return next((step.people for step in self.steps if step.reachable), ())


def stairs(policy: Policy, lane: Lane, at: datetime | None = None, before: Person | None = None) -> Stairs:
    """Whom an alert under this policy, in this lane, would call, step by step, if it were raised now; ``before`` is a
    person who was chosen to be called first.
    """
    now = at or clock.now()
    alert = Alert(policy=policy, lane=lane)
    circles = Circles([alert], now)
    book = Book(circles.everybody(), usable())
    found = [
        (rung, tuple(_reach(book, one, lane, now) for one in circles.people(alert, rung)))
        for rung in circles.rungs(alert)
    ]
    if before is not None:
        found.insert(0, (Rung(policy=policy, position=0), (_reach(book, before, lane, now),)))
    # Steps without anybody to reach are passed over at once; where nobody can be reached at all, it is as planned.
    called = [rung for rung, people in found if any(one.ways for one in people)] or [rung for rung, _people in found]
    steps, after, wait = [], timedelta(0), timedelta(0)
    for rung, people in found:
        steps.append(Stair(rung.position, _minutes(after), _minutes(wait_after(alert, rung, 0)), people))
        if rung in called:
            wait = wait_after(alert, rung, 0)
            after += wait
    rounds = 1 if lane == Lane.LIFE else policy.wider_after
    wider = tuple(_reach(book, one, lane, now) for one in circles.wider(alert))
    return Stairs(tuple(steps), wider, _minutes(after * (rounds + 1) - wait), _minutes(after))


def _reach(book: Book, person: Person, lane: Lane, at: datetime) -> Reachable:
    ways = book.ways(person, lane, at)
    known = channels()
    return Reachable(person, len(ways), any(one.channel in known and known[one.channel].wakes for one in ways))


def _minutes(time: timedelta) -> int:
    return int(time.total_seconds() // 60)
