"""Delay against false alarms: operating points, their curve, and its mean over what a team would bear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from tocsin.analysis.evaluation.intervals import Interval, mean_interval, rate_interval

LEAST, MOST = 0.5, 5.0
"""The false alarms per country-year between which delays are averaged."""

MISS_DAYS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Operating:
    """One system at one threshold: its false alarms in so many years, and the days to find each episode.

    ``days`` is by id of the episode; a miss is 30.
    """

    threshold: float
    alarms: int
    years: float
    days: Mapping[str, float]

    @property
    def rate(self) -> float:
        """False alarms per country-year; without any years nothing is known, which reads as none."""
        return self.alarms / self.years if self.years > 0 else 0.0

    @property
    def interval(self) -> Interval:
        """The exact 95 % interval of the rate."""
        return rate_interval(self.alarms, self.years)

    @property
    def mean(self) -> float:
        """The mean delay in days; 30 without any episode."""
        return sum(self.days.values()) / len(self.days) if self.days else MISS_DAYS


@dataclass(frozen=True, slots=True)
class Bearable:
    """The mean delay over the curve, with its 95 % interval over episodes, and each episode's own mean."""

    days: float
    interval: Interval | None
    episodes: Mapping[str, float]


def best_at(curve: Sequence[Operating], budget: float, *, but: str = "") -> Operating | None:
    """The operating point to choose for ``budget`` false alarms, by every episode but one.

    The one with the lowest mean delay among those that keep the budget. Where the other episodes don't tell two of
    them apart, or there is no other, it is the one with more alarms, which is the keener: a budget is there to be
    used. None: at every threshold that was tried the system raises more.
    """
    possible = [one for one in curve if one.rate <= budget]
    if not possible:
        return None

    def cost(one: Operating) -> tuple[float, float]:
        others = [days for name, days in one.days.items() if name != but]
        return (sum(others) / len(others) if others else 0.0), -one.rate

    return min(possible, key=cost)


def bearable(curve: Sequence[Operating], *, least: float = LEAST, most: float = MOST) -> Bearable | None:
    """The delay averaged over all budgets from ``least`` to ``most`` false alarms per country-year, evenly.

    At each budget each episode is scored at the threshold that the other episodes would choose, so that none is
    scored where it chose itself. Between operating points nothing is interpolated (a staircase), and below the
    lowest rate that a system reaches, every episode is missed. The integral is exact. None without episodes.
    """
    names = sorted({name for one in curve for name in one.days})
    if not names:
        return None
    edges = sorted({least, most, *(one.rate for one in curve if least < one.rate < most)})
    sums = dict.fromkeys(names, 0.0)
    for left, right in pairwise(edges):
        for name in names:
            best = best_at(curve, left, but=name)
            days = MISS_DAYS if best is None else best.days.get(name, MISS_DAYS)
            sums[name] += days * (right - left) / (most - least)
    return Bearable(sum(sums.values()) / len(sums), mean_interval(list(sums.values())), sums)
