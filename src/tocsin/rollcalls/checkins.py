"""When a traveller is asked: pure arithmetic over the clock of a zone, right over every change of clocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tocsin.oncall.walltime import local_date, moment


@dataclass(frozen=True, slots=True)
class Times:
    """The moments of a journey: every so many hours as they pass, or at times of the day; and at its end."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    every_hours: int = 0
    times: tuple[time, ...] = ()

    def moments(self) -> Iterator[datetime]:
        """Every check-in in order, in UTC; the last is the end."""
        seen = None
        for one in self._between():
            if self.starts_at < one < self.ends_at and one != seen:
                seen = one
                yield one
        yield self.ends_at.astimezone(UTC)

    def latest(self, at: datetime) -> datetime | None:
        """The last check-in that is due at this moment, if any."""
        found = None
        for one in self.moments():
            if one > at:
                break
            found = one
        return found

    def next(self, at: datetime) -> datetime | None:
        """The first check-in after this moment; None after the end."""
        return next((one for one in self.moments() if one > at), None)

    def shortest(self) -> timedelta:
        """The shortest time between two check-ins, the last one apart, which may come close to another."""
        regular = list(self.moments())[:-1]
        gaps = [later - earlier for earlier, later in pairwise(regular)]
        return min(gaps, default=self.ends_at - self.starts_at)

    def _between(self) -> Iterator[datetime]:
        if self.every_hours:
            one = self.starts_at.astimezone(UTC)
            while one < self.ends_at:
                one += timedelta(hours=self.every_hours)
                yield one
            return
        day, last = local_date(self.starts_at, self.zone), local_date(self.ends_at, self.zone)
        while day <= last and self.times:
            yield from sorted(moment(day, one, self.zone) for one in self.times)
            day += timedelta(days=1)
