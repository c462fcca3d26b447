"""How a measure moved: over several periods of the same length, and whether that is more than chance."""

from dataclasses import dataclass

from tocsin.reports.gathering.period import Period
from tocsin.reports.measures.base import Better, Measure, Measured

PERIODS = 6


@dataclass(frozen=True, slots=True)
class Trend:
    """A measure now and before (the oldest first, the present one last), and which way it went.

    ``shape`` is rising, falling or steady, empty where it can't be told; steady where the ranges of now and before
    meet, since then the difference may be chance. ``good``: whether that way is the good one; None where neither is.
    """

    measure: Measure
    periods: tuple[Period, ...]
    values: tuple[Measured | None, ...]

    @property
    def now(self) -> Measured | None:
        """The value of the present period."""
        return self.values[-1]

    @property
    def before(self) -> Measured | None:
        """The value of the period before it."""
        return self.values[-2] if len(self.values) > 1 else None

    @property
    def shape(self) -> str:
        """Rising, falling or steady; empty where one of the two was not measured."""
        now, before = self.now, self.before
        if now is None or before is None:
            return ""
        if now.amount == before.amount or _meet(now, before):
            return "steady"
        return "rising" if now.amount > before.amount else "falling"

    @property
    def good(self) -> bool | None:
        """Whether it moved the good way; None where it did not move, or no way is better."""
        if self.shape not in {"rising", "falling"} or self.measure.better is Better.NEITHER:
            return None
        return (self.shape == "rising") == (self.measure.better is Better.MORE)


def trend(measure: Measure, period: Period, *, exercise: bool, periods: int = PERIODS) -> Trend:
    """A measure over the last periods of the same length, the given one last."""
    found = [period]
    for _each in range(periods - 1):
        found.insert(0, found[0].before())
    return Trend(measure, tuple(found), tuple(measure.count(one, exercise) for one in found))


def _meet(one: Measured, other: Measured) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high
