"""How far the rate of a cell drifts up and down by itself over weeks, and how high its evidence climbs for nothing."""

from dataclasses import dataclass
from math import log, sqrt

_DAY = 86_400.0
_YEAR = 365.25 * _DAY
_FAST = 1 - 0.5 ** (1 / 5)  # a smoothed rate that remembers five intervals
_YOUNG = 14.0  # intervals that the prior of a steady rate is worth
_FEW = 10.0  # measurements that move the smoothed rate half as far as many would


@dataclass(slots=True)
class Wandering:
    """The smoothed rate of a cell over months: where it lies, and how far it wanders.

    A rate that has been high before, for weeks and without anybody's doing, is no news when it is high again. What
    the luck of few measurements moves is no wandering: ``chance`` is how far the smoothed rate would spread by luck
    alone (``drawn`` now), and is taken off. It begins as if some quiet measurements had come before, so that the
    first reading says little. ``half_life`` is in seconds. It learns from every interval, those of an open finding
    too: ``top`` says how much of that may count.
    """

    half_life: float
    smooth: float = 0.0
    middle: float = 0.0
    spread: float = 0.0
    drawn: float = 0.0
    chance: float = 0.0
    seen: float = 0.0
    at: float = 0.0

    def learn(self, time: float, n: float, k: float) -> None:
        """Add the counts of one interval."""
        share = k / n
        if not self.seen:
            self.smooth = self.middle = k / (n + _FEW)
        else:
            quick = _FAST * (0.25 + 0.75 * min(1.0, n / (n + _FEW)))
            self.smooth += quick * (share - self.smooth)
            self.drawn = (1 - quick) ** 2 * self.drawn + quick**2 * self.middle * (1 - self.middle) / n
            gain = max(1 - 0.5 ** ((time - self.at) / self.half_life), 1 / (self.seen + _YOUNG))
            self.middle += gain * (self.smooth - self.middle)
            self.spread += gain * ((self.smooth - self.middle) ** 2 - self.spread)
            self.chance += gain * (self.drawn - self.chance)
        self.seen += 1
        self.at = time

    def top(self, rate: float, deviations: float, most: float) -> float:
        """The rate that is nothing new: at least ``rate``, at most ``most`` of the way from there to one."""
        high = self.middle + deviations * sqrt(max(self.spread - self.chance, 0.0))
        return rate if high <= rate else min(high, rate + most * (1 - rate))


_NOISE = 2.0  # log evidence that chance alone reaches now and then
_HIGHEST = 10.0  # how much one climb can teach
_CLIMBS, _A_YEAR = 4.0, 12.0  # the prior: what it is worth, and climbs a year


@dataclass(slots=True)
class Climbs:
    """How often and how high the evidence of one cell climbs by itself, learned from its own past.

    In a cell whose intervals are independent the chance that a climb reaches x more falls as exp(-x). Where it drifts
    or comes in waves, climbs are higher: their mean height takes the place of 1. Climbs that opened a finding count
    as far as they had to go, so a cell that cries wolf is heard less. Fades with ``half_life``, in seconds.
    """

    half_life: float
    heights: float = 0.0
    number: float = 0.0
    years: float = 0.0
    at: float = 0.0

    def needed(self, entry: float, gap: float) -> float:
        """The evidence that opens a finding: ``entry`` climbs of the usual height above what is noise.

        More where the cell climbs more often than once a month, less where it climbs less often. Until its own past
        tells, a cell that is read more often than once a day, or less often, has more or fewer chances to: ``gap`` is
        how far its intervals lie apart, in seconds.
        """
        height = max((_CLIMBS + self.heights) / (_CLIMBS + self.number), 1.0)
        chances = _DAY / gap if gap else 1.0
        often = (_CLIMBS * chances + self.number) / (_CLIMBS + _A_YEAR * self.years)
        return _NOISE + height * max(entry + log(often), 0.0)

    def pass_time(self, time: float) -> None:
        """Let time pass, up to ``time``, in seconds since 1970."""
        if self.at and time > self.at:
            kept = 0.5 ** ((time - self.at) / self.half_life)
            self.heights *= kept
            self.number *= kept
            self.years = self.years * kept + (time - self.at) / _YEAR
        self.at = max(time, self.at)

    def ended(self, peak: float) -> None:
        """Learn a climb that went up to ``peak`` and came to nothing, or opened a finding there."""
        if peak > _NOISE:
            self.heights += min(peak - _NOISE, _HIGHEST)
            self.number += 1
