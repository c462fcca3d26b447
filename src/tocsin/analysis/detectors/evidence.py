"""Evidence for a raised rate of anomalies: for several sizes of rise at once, each network against its own past."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, lgamma, log, sqrt
from typing import Any, NamedTuple

from tocsin.analysis.baselines.rates import Rate
from tocsin.analysis.series import Part

SHARES = (0.15, 0.4, 0.7, 0.95)
"""How far the rate may have risen, as shares of the way from the baseline to a total block."""

DEVIATIONS = (1.5, 3.0)
"""The same for a cell whose past is known, in deviations of its intervals: small lasting shifts of crowded cells."""

ONE_PART_MOST = 0.6
"""What one network, or all networks without a past together, can give to opening a pooled finding, as a share of
what is needed. So one network alone never opens it, whatever it sends and however long; its own cell still can.
Where the networks of several sites are not told, the same holds for each site. A cell of which only one network ever
told anything is that network's, and has no bound."""

_SMALLEST, _SMALLEST_FEW, _MANY = 0.02, 0.2, 1_000.0
_CERTAIN = 0.99
_NOTHING = -100.0  # log evidence for a rise that can't be
_KNOWN = 3  # intervals after which a part has a past
_MOST_KNOWN = 60  # parts whose past is remembered
_WORLD_DOUBT = 0.25  # countries answer to the same movement with log odds that differ by half of it


class Expected(NamedTuple):
    """What an interval should show while nothing is wrong: a rate, its concentration, and how intervals scatter."""

    rate: float
    concentration: float
    dispersion: float

    def moved(self, elsewhere: float) -> "Expected":
        """The same after the rest of the world rose by ``elsewhere`` in log odds; a fall elsewhere changes nothing."""
        if elsewhere <= 0:
            return self
        odds = self.rate / (1 - self.rate) * exp(min(elsewhere, 20.0))
        rate = min(max(odds / (1 + odds), self.rate), 0.98)
        doubt = _WORLD_DOUBT * min(elsewhere, 4.0) ** 2 * rate * (1 - rate)
        spread = min(1 / (self.concentration + 1) + doubt, 0.9)
        return Expected(rate, 1 / spread - 1, min(self.dispersion + doubt, 0.5))


@dataclass(slots=True)
class PartRate:
    """What one part of a pooled cell usually shows: counts that fade, in measurements."""

    trials: float
    anomalous: float
    learned: int
    at: float

    def learn(self, time: float, part: Part, half_life: float, dispersion: float) -> None:
        """Add one calm interval."""
        kept = 0.5 ** (max(time - self.at, 0.0) / half_life)
        crowded = 1 + max(part.n - 1, 0.0) * dispersion
        self.trials = self.trials * kept + part.n / crowded
        self.anomalous = self.anomalous * kept + part.k / crowded
        self.learned += 1
        self.at = max(time, self.at)

    def expected(self, base: Expected, prior_weight: float) -> Expected:
        """Its own rate, shrunk to that of the whole cell."""
        weight = prior_weight + self.trials
        rate = max((base.rate * prior_weight + self.anomalous) / weight, 0.01)
        return Expected(rate, 1 / min(base.dispersion + 1 / (weight + 1), 0.9) - 1, base.dispersion)


@dataclass(slots=True)
class Climb:
    """A row of suspicious intervals, from the first one on which the evidence has not sunk to nothing again.

    ``sums`` is the log evidence for each size of rise, ``peak`` the highest that any of them reached. ``parts`` holds
    what each part gave to each of them.
    """

    sums: list[float] = field(default_factory=lambda: [0.0] * (len(SHARES) + len(DEVIATIONS)))
    parts: dict[str, list[float]] = field(default_factory=dict)
    since: float | None = None
    intervals: int = 0
    n: float = 0.0
    k: float = 0.0
    peak: float = 0.0

    @property
    def evidence(self) -> float:
        """The log evidence for the likeliest size of rise."""
        return max(self.sums)

    def fade(self, kept: float) -> None:
        """Let the evidence fade while nothing is measured."""
        self.sums = [one * kept for one in self.sums]
        self.parts = {name: [one * kept for one in sums] for name, sums in self.parts.items()}

    def add(self, time: float, n: float, k: float, gains: Sequence[float], most: float) -> bool:
        """Add an interval of a cell that is not pooled, or whose parts nobody told; False if nothing speaks for a rise.

        ``gains`` are those of ``log_evidence``; the interval adds no more than ``most``.
        """
        self.sums = [max(one + min(gain, most), 0.0) for one, gain in zip(self.sums, gains, strict=True)]
        if self.parts:
            self.parts = {}
        return self._counted(time, n, k)

    def add_parts(
        self, time: float, n: float, k: float, gains: Sequence[tuple[str, Sequence[float]]], most: float, bound: float
    ) -> bool:
        """Add a pooled interval by its parts; none gives more than ``bound`` over the climb, or takes a quarter."""
        before = self.sums
        for name, row in gains:
            mine = self.parts.setdefault(name, [0.0] * len(self.sums))
            for place, gain in enumerate(row):
                mine[place] = min(max(mine[place] + min(gain, most), -bound / 4), bound)
        self.sums = [0.0] * len(before)
        for place, one in enumerate(before):
            total = sum(mine[place] for mine in self.parts.values())
            if total <= 0:
                total = 0.0
                for mine in self.parts.values():
                    mine[place] = 0.0
            self.sums[place] = min(total, one + most)
        return self._counted(time, n, k)

    def _counted(self, time: float, n: float, k: float) -> bool:
        height = max(self.sums)
        if height <= 0:
            return False
        if self.since is None:
            self.since = time
        self.intervals += 1
        self.n += n
        self.k += k
        self.peak = max(self.peak, height)
        return True

    def save(self) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        return {name: getattr(self, name) for name in self.__slots__}


def smallest(size: float) -> float:
    """The smallest rise that is worth an alarm in a cell of ``size`` measurements an interval.

    Where few measure, another probe or another list moves the rate by a tenth; where tens of thousands do, two in a
    hundred that last are news.
    """
    return _SMALLEST + (_SMALLEST_FEW - _SMALLEST) / (1 + size / _MANY)


def rises(base: Expected, least: float, *, known: bool) -> list[float]:
    """The raised rates that compete with what is expected; without a past only those near a total block."""
    rate = base.rate
    left = 1 - rate
    if not known:
        raised = [0.0, 0.0, *(rate + share * left for share in SHARES[2:]), 0.0, 0.0]
    else:
        deviation = sqrt(rate * left * base.dispersion)
        raised = [rate + share * left for share in SHARES]
        raised += [min(rate + steps * deviation, _CERTAIN) for steps in DEVIATIONS]
    return [0.0 if not one else min(max(one, rate + least), _CERTAIN) for one in raised]


def log_evidence(base: Expected, raised: Sequence[float], n: float, k: float, least: float) -> list[float]:
    """For each raised rate, the log of how many times likelier the counts are under it than as expected.

    A rate that lies too near to what is expected gets ``_NOTHING``.
    """
    floor = base.rate + 0.9 * least
    c, d = base.concentration, 1 / base.dispersion - 1
    a = base.rate * c
    against = _pair(a, c - a, n, k) + lgamma(c) - lgamma(c + n)
    common = lgamma(d) - lgamma(d + n) - against
    return [_pair(one * d, d - one * d, n, k) + common if one >= floor else _NOTHING for one in raised]


def part_gains(
    base: Expected,
    parts: Sequence[Part],
    known: dict[str, PartRate],
    raised: Sequence[float],
    *,
    weight: float,
    young: bool,
) -> list[tuple[str, list[float]]]:
    """The log evidence for each size of rise, by network.

    Networks without a past are one, without a name, unless the cell is ``young`` and none has one.

    A part is judged against its own past. A rise is the same share of the way to a total block for all parts that it
    does not spare. What follows a space in a part's name is its site: the sites of one network speak together.
    """
    left = 1 - base.rate
    shares = [(one - base.rate) / left if one else 0.0 for one in raised]
    familiar = {network_of(name) for name, past in known.items() if past.learned >= _KNOWN}
    found: dict[str, list[float]] = {}
    for part in parts:
        if part.n <= 0:
            continue
        past = known.get(part.name)
        mine = base if past is None else past.expected(base, weight)
        rates = [min(mine.rate + share * (1 - mine.rate), _CERTAIN) if share else 0.0 for share in shares]
        gains = log_evidence(mine, rates, part.n, part.k, 0.01)
        network = network_of(part.name)
        name = network if young or network in familiar else ""
        before = found.get(name) or [0.0] * len(raised)
        found[name] = [one + _perhaps(gain) for one, gain in zip(before, gains, strict=True)]
    return list(found.items())


def network_of(name: str) -> str:
    """The network of a part; the site, where its network is not told."""
    return name.split(" ", 1)[0]


def learn_parts(
    known: dict[str, PartRate], time: float, parts: Sequence[Part], base: Rate, *, half_life: float
) -> None:
    """Teach each part's past one calm interval, and forget the parts that have been silent the longest."""
    for part in parts:
        if part.n > 0:
            past = known.setdefault(part.name, PartRate(0.0, 0.0, 0, time))
            past.learn(time, part, half_life, base.dispersion)
    while len(known) > _MOST_KNOWN:
        del known[min(known, key=lambda name: (known[name].at, known[name].trials, name))]


def _perhaps(gain: float) -> float:
    """The gain if a rise spares every second part: one that is spared hardly speaks against the others' rise."""
    return gain if gain == _NOTHING else log(0.5 * (1 + exp(min(gain, 50.0)))) + max(gain - 50.0, 0.0)


def _pair(a: float, b: float, n: float, k: float) -> float:
    return lgamma(a + k) + lgamma(b + n - k) - lgamma(a) - lgamma(b)
