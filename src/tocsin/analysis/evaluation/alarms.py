"""One alarm of any system, in a shape that all of them share."""

from dataclasses import dataclass
from datetime import datetime

from tocsin.analysis.series import Direction


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a system said about one series.

    ``time`` is the earliest moment at which it could have been raised: the end of the interval that opened it.
    ``began`` is the interval in which the system saw the change begin. ``ended`` is when it could first be told that
    it was over (None: it was not told, or the system doesn't tell ends).
    """

    time: datetime
    began: datetime
    direction: Direction
    ended: datetime | None = None

    def open_at(self, time: datetime) -> bool:
        """Whether it had been raised by ``time`` and was not over yet."""
        return self.time <= time and (self.ended is None or self.ended > time)
