"""From when to when facts are gathered, and with whose eyes."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person

_MOMENT = timedelta(microseconds=1)
_MIDNIGHT = time()
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Half open: from ``since`` until just before ``until``; both aware, the days are those of their zone.

    Raises:
        ValueError: for times without a zone, or an end that is not later than its beginning.
    """

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.until.tzinfo is None or self.until <= self.since:
            raise ValueError("a period runs between two aware times, the second later than the first")

    @property
    def first(self) -> date:
        """Its first day."""
        return self.since.date()

    @property
    def last(self) -> date:
        """The last day that lies in it."""
        return (self.until - _MOMENT).date()

    def before(self) -> "Period":
        """The period before this one: of whole months as many, else as long."""
        months = self._months()
        if months:
            return Period(_months_back(self.since, months), self.since)
        return Period(self.since - (self.until - self.since), self.since)

    def _months(self) -> int:
        """How many whole months of its zone it has; 0 where it does not begin and end with one."""
        if any(one.day != 1 or one.time() != _MIDNIGHT for one in (self.since, self.until)):
            return 0
        return 12 * (self.until.year - self.since.year) + self.until.month - self.since.month

    def days(self) -> list[tuple[datetime, datetime]]:
        """Each of its days, from when until when."""
        found, day = [], self.since
        while day < self.until:
            found.append((day, min(day + _DAY, self.until)))
            day += _DAY
        return found

    def holds(self, moment: datetime | None) -> bool:
        """Whether a moment lies in it."""
        return moment is not None and self.since <= moment < self.until


def _months_back(moment: datetime, months: int) -> datetime:
    count = 12 * moment.year + moment.month - 1 - months
    return moment.replace(year=count // 12, month=count % 12 + 1)


def narrowest(*readers: int) -> int:
    """The readers of something that rests on several at once: those who may read each; roles as bits, 0 is everybody.

    Sets that share nobody leave the smallest of them, which nobody who may not read it belongs to.
    """
    closed = [one for one in readers if one]
    shared = closed[0] if closed else 0
    for one in closed[1:]:
        shared &= one
    return shared or min(closed, default=0)


@dataclass(frozen=True, slots=True)
class Gatherer:
    """With whose eyes facts are gathered, in which language, about what.

    ``readers`` are roles as bits: what is for all of them may be gathered too; 0 takes what everybody may read.
    ``places``, ``harms`` and ``situation`` (its public id) narrow; empty takes everything. ``exercise`` gathers what
    belongs to an exercise, and then nothing else. ``person`` and ``vault`` are whose session this is; a worker has
    neither, and counts nothing that is sealed.
    """

    language: str = "en"
    readers: int = 0
    places: frozenset[str] = frozenset()
    harms: frozenset[str] = frozenset()
    situation: str = ""
    exercise: bool = False
    person: Person | None = None
    vault: OpenVault | None = None

    def reads(self, readers: int) -> bool:
        """Whether something for these readers may be gathered: it is for everybody, or for all of ours."""
        return readers == 0 or (self.readers != 0 and self.readers & readers == self.readers)

    def reads_all(self, *readers: int) -> bool:
        """The same for something that rests on several at once."""
        return all(self.reads(one) for one in readers)

    def about(self, country: str, harm: str) -> bool:
        """Whether a country and a kind of harm are what is asked for."""
        return (not self.places or country in self.places) and (not self.harms or harm in self.harms)
