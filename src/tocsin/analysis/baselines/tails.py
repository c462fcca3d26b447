"""How often a departure as large as this one happens by itself, learned from a series' own past."""

from dataclasses import dataclass, field
from math import exp, log

SHARE = 0.05
_PRIOR, _PRIOR_INDEX = 8.0, 4.0
_MEMORY = 60.0
_GAIN, _EARLY = 0.03, 200.0
_MOST = 1.0
FLOOR = 0.02


@dataclass(slots=True)
class Tails:
    """The largest twentieth of the departures that one series makes by itself, for each of several kinds of them.

    ``usual`` is the size that one interval in twenty passes: it sinks a little with every interval and rises with
    each departure that passes it (a stochastic quantile, quicker in the first months), and is never below a fiftieth.
    It moves the slower the longer the ``memory`` of its kind, in intervals: a slow average departs for long. Beyond
    it sizes fall off as a power (Pareto), whose exponent is learned: ``seen`` departures passed, ``excess`` is the
    sum of the logarithms of how far. The prior is worth eight departures with the exponent four; the newest sixty
    count. With the doubt about the exponent averaged out, the share beyond a size is ``(excess / (excess + log(size
    / usual))) ** seen`` of the twentieth (a Lomax law), so a short past makes careful. Departures within the memory
    of one another are one event, and one event adds at most a factor e, so one disaster does not deafen.

    Hill, "A simple general approach to inference about the tail of a distribution", Annals of Statistics 3 (1975).
    """

    usual: list[float]
    memory: list[float]
    intervals: int = 0
    last: list[int] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    excess: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.seen:
            self.last = [-1] * len(self.usual)
            self.seen = [_PRIOR] * len(self.usual)
            self.excess = [_PRIOR / _PRIOR_INDEX] * len(self.usual)

    def size(self, kind: int) -> float:
        """What one interval in twenty passes."""
        return max(self.usual[kind], FLOOR)

    def share(self, kind: int, size: float, widened: float = 0.0) -> float:
        """The share of intervals that depart by ``size`` or more; ``widened`` adds doubt to what is usual."""
        usual = self.size(kind) + widened
        if size <= usual:
            return 1.0
        excess = self.excess[kind]
        return float(SHARE * (excess / (excess + log(size / usual))) ** self.seen[kind])

    def passed(self, kind: int, size: float) -> None:
        """Learn that this interval departed by more than usual."""
        usual, memory = self.size(kind), self.memory[kind]
        self.usual[kind] = usual * exp(self._gain() / memory)
        again = self.last[kind] >= 0 and self.intervals - self.last[kind] <= memory
        self.last[kind] = self.intervals
        if size <= usual or again:
            return
        seen, excess = self.seen[kind] + 1, self.excess[kind] + min(log(size / usual), _MOST)
        if seen > _MEMORY:
            seen, excess = _MEMORY, excess * _MEMORY / seen
        self.seen[kind], self.excess[kind] = seen, excess

    def fade(self) -> None:
        """End the interval: what is usual sinks."""
        self.intervals += 1
        sinks = SHARE * self._gain()
        self.usual = [usual - usual * sinks / memory for usual, memory in zip(self.usual, self.memory, strict=False)]

    def _gain(self) -> float:
        return _GAIN * (1 + _EARLY / (20 + self.intervals))
