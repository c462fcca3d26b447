"""Layers as arithmetic: whose turn it is at a moment, and which hours a layer covers. No rows, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tocsin.oncall.walltime import local_date, moment

EVERY_DAY = 0b1111111
_DAY = timedelta(days=1)


class Unit(StrEnum):
    """What a turn is counted in."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Layer:
    """People who take turns. ``people`` are ids in the order of their turns; turn 0 begins at the first hand-over.

    ``key`` tells layers apart. ``opened_at`` and ``closed_at`` cut what it covers, not how its turns are counted.
    """

    key: int
    people: tuple[int, ...]
    zone: ZoneInfo
    starts_on: date
    handover_at: time
    unit: Unit = Unit.WEEK
    length: int = 1
    weekdays: int = EVERY_DAY
    from_time: time | None = None
    until_time: time | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    def start_of(self, turn: int) -> datetime:
        """The hand-over at which this turn begins, in UTC. Turns are counted in local calendar days."""
        if self.unit is Unit.HOUR:
            days, slot = divmod(turn, 24 // self.length)
            wall = datetime.combine(self.starts_on, self.handover_at) + timedelta(days=days, hours=slot * self.length)
            return moment(wall.date(), wall.time(), self.zone)
        return moment(self.starts_on + timedelta(days=turn * self._days), self.handover_at, self.zone)

    def turn_at(self, at: datetime) -> int:
        """The turn at a moment; below 0 before the first one."""
        turn = self._about(at)
        while self.start_of(turn + 1) <= at:
            turn += 1
        while self.start_of(turn) > at:
            turn -= 1
        return turn

    def person_of(self, turn: int) -> int:
        """Whose turn it is."""
        return self.people[turn % len(self.people)]

    def following(self, turn: int) -> tuple[int, ...]:
        """Everybody of the layer, from the one whose turn it is, in the order of their turns, each once."""
        start = turn % len(self.people)
        return tuple(dict.fromkeys(self.people[start:] + self.people[:start]))

    def covered(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime, int]]:
        """What it covers between two moments, as ``(since, until, turn)`` in order; no turn is cut but by hours."""
        since, until = self._within(since, until)
        if since >= until or not self.people:
            return
        for begin, end in self._windows(since, until):
            turn = self.turn_at(begin)
            while begin < end:
                handover = self.start_of(turn + 1)
                stop = min(end, handover)
                if begin < stop:
                    yield begin, stop, turn
                begin, turn = max(begin, stop), turn + 1

    @property
    def _days(self) -> int:
        return self.length * (7 if self.unit is Unit.WEEK else 1)

    def _about(self, at: datetime) -> int:
        shown = at.astimezone(self.zone).replace(tzinfo=None)
        passed = shown - datetime.combine(self.starts_on, self.handover_at)
        length = timedelta(hours=self.length) if self.unit is Unit.HOUR else timedelta(days=self._days)
        return passed // length

    def _within(self, since: datetime, until: datetime) -> tuple[datetime, datetime]:
        since = max(since, self.start_of(0), *([self.opened_at] if self.opened_at else []))
        return since, min(until, self.closed_at) if self.closed_at else until

    def _windows(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The hours of the week that it covers, those that touch joined."""
        if self.weekdays == EVERY_DAY and self.from_time == self.until_time:
            yield since, until
            return
        begin: datetime | None = None
        end = since
        day = local_date(since, self.zone) - _DAY
        while (opens := moment(day, self.from_time or time(0), self.zone)) < until:
            if self.weekdays >> day.weekday() & 1:
                if begin is not None and opens > end:
                    yield begin, end
                    begin = None
                closes = min(self._closes(day), until)
                if closes > max(opens, since):
                    begin, end = begin or max(opens, since), max(end, closes)
            day += _DAY
        if begin is not None:
            yield begin, end

    def _closes(self, day: date) -> datetime:
        from_time, until_time = self.from_time or time(0), self.until_time or time(0)
        return moment(day if until_time > from_time else day + _DAY, until_time, self.zone)
