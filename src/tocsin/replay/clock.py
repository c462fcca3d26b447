"""Recorded time against the wall clock: what is visible now, and which date an answer writes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

WEEK = timedelta(weeks=1)


class Dates(StrEnum):
    """Which dates answers carry: those that were recorded, or moved so that the last recorded day is near now."""

    RECORDED = "recorded"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Span:
    """First and last recorded moment of one set, both aware."""

    first: datetime
    last: datetime

    @classmethod
    def of(cls, times: list[datetime]) -> "Span | None":
        """The span of these moments, or None where there are none."""
        return cls(min(times), max(times)) if times else None


@dataclass(frozen=True, slots=True)
class Clock:
    """The replay clock: ``start + (now - launched) * speed``.

    ``speed`` 0 shows everything at once. Without ``start`` each set starts at its own first moment. A ``live`` clock
    belongs to worlds whose times are already given against the launch: it starts there and never moves a date.
    """

    launched: datetime
    speed: float = 0.0
    start: datetime | None = None
    dates: Dates = Dates.NOW
    live: bool = False

    def now(self, span: Span) -> datetime:
        """The recorded moment that this set has reached."""
        if self.speed <= 0:
            return self.launched if self.live else span.last
        elapsed = datetime.now(UTC) - self.launched
        return self._start(span) + elapsed * self.speed

    def visible(self, recorded: datetime, span: Span) -> bool:
        """Whether something recorded at this moment may be seen already."""
        return recorded <= self.now(span)

    def shift(self, span: Span) -> timedelta:
        """What is added to a recorded moment: whole weeks, so that weekdays and hours keep their meaning."""
        if self.live or self.dates is Dates.RECORDED:
            return timedelta(0)
        return (self.launched - span.last) // WEEK * WEEK

    def shown(self, recorded: datetime, span: Span) -> datetime:
        """The date that an answer writes for a recorded moment."""
        return recorded + self.shift(span)

    def recorded(self, shown: datetime, span: Span) -> datetime:
        """The recorded moment behind a date that an answer wrote; the inverse of ``shown``."""
        return shown - self.shift(span)

    def appeared(self, recorded: datetime, span: Span) -> datetime:
        """The wall-clock moment at which this came into sight; never before the launch."""
        if self.speed <= 0:
            return self.launched
        return max(self.launched, self.launched + (recorded - self._start(span)) / self.speed)

    def _start(self, span: Span) -> datetime:
        if self.live:
            return self.launched
        return self.start or span.first


def parse_moment(text: str) -> datetime | None:
    """An ISO 8601 moment or day as an aware datetime (UTC where none is given); None where it is not one."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
