"""What level a cell should have at this hour of the week or on this weekday."""

from dataclasses import dataclass, field
from math import copysign, expm1, log1p, sqrt
from statistics import median

from tocsin.analysis.baselines.bands import Band

HOUR = 3_600
DAY = 86_400
WEEK = 7 * DAY
_MONDAY = 4 * DAY  # 1970 began on a Thursday
_TO_SIGMA = 1.4826  # makes a median absolute deviation comparable with a standard deviation


@dataclass(slots=True)
class Seasonal:
    """A robust baseline: a moving median level, an offset for each slot of the week, and the usual error.

    Levels are compared on a logarithmic scale that also takes zero and negative numbers, so that a halving counts
    the same for a large and a small series. The slot is the hour of the week for intervals under a day, the weekday
    for those under a week, and none above; an hour of the week that is hardly known leans on the hour of the day.
    ``errors`` are the errors of its own past forecasts: whatever it can't follow makes it more careful. All parts
    are medians, so one wild interval moves nothing; with few values they shrink to zero offset and to
    ``prior_spread``. Only measured values are learned; a missing interval teaches nothing, and whoever holds a
    finding open stops calling ``learn``. ``step`` and times are in seconds, times since 1970.

    Median and MAD: Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation", JASA 1993.
    """

    step: int
    prior_spread: float = 0.25
    prior_weight: float = 8.0
    weeks: int = 8
    levels: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    slots: list[list[float]] = field(default_factory=list)
    hours: list[list[float]] = field(default_factory=list)
    learned: int = 0
    at: float = 0.0

    def __post_init__(self) -> None:
        if not self.slots:
            self.slots = [[] for _ in range(_slot_count(self.step))]
            self.hours = [[] for _ in range(24 if self.step < DAY else 0)]

    def learn(self, time: float, value: float) -> None:
        """Add the value of one interval that is believed to be normal."""
        x, offset = scaled(value), self._offset(time)
        if self.levels:
            level = median(self.levels)
            _push(self.errors, abs(x - level - offset), self._memory)
            for slot in self._slots(time):
                _push(slot, x - level, self.weeks * max(HOUR // self.step, 1))
        _push(self.levels, x - offset, self._span)
        self.learned += 1
        self.at = time

    def relearn(self) -> None:
        """Forget the level and keep the shape of the week: what follows is a new normal."""
        self.levels.clear()

    @property
    def ready(self) -> bool:
        """Whether it knows any level at all."""
        return bool(self.levels)

    @property
    def season(self) -> int:
        """Values that it takes to see a rhythm at all: two days of shorter intervals, two weeks of days."""
        return 2 * DAY // self.step if self.step < DAY else 14

    def deviation(self, time: float, value: float) -> float:
        """How many robust deviations ``value`` lies above (or, negative, below) what is normal at ``time``.

        Raises:
            ValueError: if it is not ready.
        """
        return (scaled(value) - self._expected(time)) / self._spread(time)

    def band(self, time: float) -> Band:
        """What is normal at ``time``, in the unit of the series.

        Raises:
            ValueError: if it is not ready.
        """
        centre, spread = self._expected(time), self._spread(time)
        return Band(unscaled(centre), unscaled(centre - spread), unscaled(centre + spread), self.learned)

    @property
    def _span(self) -> int:
        """Values in the moving level: two weeks of days, or the last week of shorter intervals, at most 168."""
        return 14 if self.step >= DAY else max(14, min(WEEK // self.step, 168))

    @property
    def _memory(self) -> int:
        return 4 * self._span

    def _slots(self, time: float) -> list[list[float]]:
        """The slots of a time, the broadest first."""
        week = self.slots[int((time - _MONDAY) % WEEK * len(self.slots) // WEEK)]
        return [self.hours[int(time % DAY // HOUR)], week] if self.hours else [week]

    def _offset(self, time: float) -> float:
        """Each slot pulls the offset towards its own median, the more the more it knows."""
        offset = 0.0
        for slot in self._slots(time):
            if slot:
                offset += (median(slot) - offset) * len(slot) / (len(slot) + 2)
        return offset

    def _expected(self, time: float) -> float:
        if not self.levels:
            raise ValueError("nothing was learned yet")
        return median(self.levels) + self._offset(time)

    def _spread(self, time: float) -> float:
        """One robust deviation, never below what counting alone would give, wider after a long gap."""
        seen = len(self.errors)
        usual = median(self.errors) * _TO_SIGMA if seen else self.prior_spread
        shrunk = (usual * seen + self.prior_spread * self.prior_weight) / (seen + self.prior_weight)
        counting = 1 / sqrt(max(abs(unscaled(median(self.levels))), 0.0) + 1)
        gap = max((time - self.at) / self.step - 1, 0.0)
        return max(shrunk, counting, 0.03) * sqrt(1 + gap / self._span)


def scaled(value: float) -> float:
    """A level on the symmetric logarithmic scale."""
    return copysign(log1p(abs(value)), value)


def unscaled(x: float) -> float:
    """The level that ``scaled`` gave ``x`` for."""
    return copysign(expm1(abs(x)), x)


def _slot_count(step: int) -> int:
    if step < DAY:
        return 168
    return 7 if step < WEEK else 1


def _push(values: list[float], value: float, most: int) -> None:
    values.append(round(value, 5))
    if len(values) > most:
        del values[0]
