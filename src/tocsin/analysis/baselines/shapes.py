"""The shape of a day and of a week: what to add to the level at this hour on this weekday."""

from dataclasses import dataclass, field
from statistics import median

HOUR = 3_600
DAY = 86_400
WEEK = 7 * DAY


@dataclass(slots=True)
class Shape:
    """Offsets for each slot of the day and of the week, in UTC, on the scale of the levels.

    A slot is one interval, but never shorter than an hour. Intervals under a day have a shape of the day and, on top
    of it, one of the week; those under a week have one of the week; longer ones have none. A slot follows its own
    departures slowly: by a 28th a day, by a sixteenth a week, faster while little is known.
    """

    step: int
    day: list[float] = field(default_factory=list)
    week: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        slot = max(self.step, HOUR)
        if not self.day and self.step < DAY:
            self.day = [0.0] * -(-DAY // slot)
        if not self.week and self.step < WEEK:
            self.week = [0.0] * -(-WEEK // slot)

    def at(self, time: float) -> float:
        """The offset of the interval that begins at ``time``."""
        slot = max(self.step, HOUR)
        offset = self.week[int(time % WEEK / slot)] if self.week else 0.0
        return offset + self.day[int(time % DAY / slot)] if self.day else offset

    def around(self, time: float) -> tuple[float, float]:
        """The lowest and the highest offset if the clock is off by up to an hour, as where summer time begins."""
        here = self.at(time)
        if not self.day:
            return here, here
        part = min(HOUR / self.step, 1.0)
        reach = max(self.step, HOUR)
        before = here + part * (self.at(time - reach) - here)
        after = here + part * (self.at(time + reach) - here)
        return min(here, before, after), max(here, before, after)

    def week_around(self, time: float) -> tuple[float, float]:
        """How far below, and above, this weekday's offset those of the other weekdays lie at the same hour."""
        if not self.week:
            return 0.0, 0.0
        slot = max(self.step, HOUR)
        here = self.week[int(time % WEEK / slot)]
        days = [self.week[int((time + day * DAY) % WEEK / slot)] for day in range(7)]
        return here - min(days), max(days) - here

    def learn(self, time: float, near: float, far: float, learned: int) -> None:
        """Follow the departure from the level of the last days (``near``) and of the last week (``far``)."""
        slot = max(self.step, HOUR)
        days = learned * self.step / DAY
        if self.day:
            self.day[int(time % DAY / slot)] += near * max(1 / 28, 1 / (days + 2))
        if self.week:
            self.week[int(time % WEEK / slot)] += far * max(1 / 16, 1 / (days / 7 + 2))

    def begin(self, times: list[float], values: list[float]) -> None:
        """Take the medians of a first few values, shrunk where the values of a slot differ (empirical Bayes)."""
        level = median(values)
        slots = self.day or self.week
        if not slots:
            return
        span = DAY if self.day else WEEK
        held: list[list[float]] = [[] for _ in slots]
        for time, value in zip(times, values, strict=True):
            held[int(time % span / max(self.step, HOUR))].append(value - level)
        means = [median(each) for each in held if each]
        freedom = sum(len(each) - 1 for each in held if each)
        if not freedom:
            return
        within = sum((value - median(each)) ** 2 for each in held if each for value in each) / freedom
        error = within * len(means) / len(values)
        between = max(sum(mean * mean for mean in means) / len(means) - error, 0.0)
        for number, each in enumerate(held):
            if each and between:
                slots[number] = median(each) * between / (between + within / len(each))
