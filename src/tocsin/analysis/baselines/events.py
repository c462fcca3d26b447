"""How many events are normal in an interval, and how rare it is to count so many by chance."""

from dataclasses import dataclass, field
from math import exp, lgamma, log, log1p, sqrt

from tocsin.analysis.baselines.bands import Band
from tocsin.analysis.baselines.shapes import DAY, WEEK

_MEMORY = 56 * DAY
_PRIOR_MEAN, _PRIOR_WEIGHT = 0.1, 1.0
_PRIOR_DISPERSION, _DISPERSION_WEIGHT = 0.1, 14.0
_SLOT_WEIGHT = 4.0
_CLIP = 4.0


@dataclass(slots=True)
class Events:
    """A rate of events that fades with time, a factor for each weekday, and how much more than chance counts vary.

    Counts follow a negative binomial law: a Poisson law whose rate itself varies by ``dispersion`` (the variance is
    ``mean + dispersion * mean ** 2``), learned by moments. Doubt about the mean, while little is known, adds to it.
    The factors of the weekdays shrink to one. Counts are clipped to four deviations before they teach. Intervals of
    a week and longer have no weekday. ``step`` and times are in seconds since 1970.

    Noufaily et al., "An improved algorithm for outbreak detection in multiple surveillance systems", Statistics in
    Medicine 32 (2013).
    """

    step: int
    events: float = 0.0
    weight: float = 0.0
    varied: float = 0.0
    squares: float = 0.0
    days: list[list[float]] = field(default_factory=list)
    learned: int = 0
    at: float = 0.0

    def __post_init__(self) -> None:
        if not self.days:
            self.days = [[0.0, 0.0] for _ in range(7 if self.step < WEEK else 1)]

    def mean(self, time: float) -> float:
        """Events expected in the interval that begins at ``time``."""
        return self._rate() * self._factor(time)

    def dispersion(self) -> float:
        """How much more than chance counts vary, with the doubt about the mean."""
        weight = _DISPERSION_WEIGHT * _PRIOR_DISPERSION
        learned = (weight * _PRIOR_DISPERSION + self.varied) / (weight + self.squares)
        return max(learned, 0.001) + 1 / (1 + self.events + _PRIOR_WEIGHT * _PRIOR_MEAN)

    def chance(self, count: float, mean: float, *, intervals: int = 1) -> float:
        """The probability of ``count`` or more events where ``mean`` are expected over so many intervals."""
        return at_least(count, mean, self.dispersion() / intervals)

    def learn(self, time: float, count: float) -> None:
        """Add the count of an interval that is believed to be normal."""
        kept = 0.5 ** (max(time - self.at, 0.0) / _MEMORY) if self.learned else 1.0
        mean = self.mean(time)
        if self.learned >= 7:
            count = min(count, mean + _CLIP * sqrt(mean + self.dispersion() * mean * mean) + 1)
            self.varied = self.varied * kept + max((count - mean) ** 2 - mean, -mean)
            self.varied = max(self.varied, 0.0)
            self.squares = self.squares * kept + mean * mean
        slot = self._slot(time)
        slot[0] = slot[0] * kept**0.25 + count
        slot[1] = slot[1] * kept**0.25 + self._rate()
        self.events = self.events * kept + count
        self.weight = self.weight * kept + 1
        self.learned += 1
        self.at = time

    def adopt(self, counts: list[float]) -> None:
        """Take the mean of these counts as the usual rate, and keep the shape of the week."""
        mean = sum(counts) / len(counts)
        self.events, self.weight = mean * len(counts), float(len(counts))
        self.days = [[each[0] / each[1] * mean, mean] if each[1] else [0.0, 0.0] for each in self.days]

    def band(self, time: float) -> Band:
        """What is normal at ``time``."""
        mean = self.mean(time)
        spread = sqrt(mean + self.dispersion() * mean * mean)
        return Band(mean, max(mean - spread, 0.0), mean + spread, self.learned)

    def _rate(self) -> float:
        return (self.events + _PRIOR_MEAN * _PRIOR_WEIGHT) / (self.weight + _PRIOR_WEIGHT)

    def _slot(self, time: float) -> list[float]:
        return self.days[int(time % WEEK // DAY) % len(self.days)]

    def _factor(self, time: float) -> float:
        counted, expected = self._slot(time)
        shrink = _SLOT_WEIGHT * self._rate() + 1
        return (counted + shrink) / (expected + shrink)


def at_least(count: float, mean: float, dispersion: float) -> float:
    """The probability that a negative binomial count reaches ``count`` (whole, or rounded up).

    ``mean`` is its expectation and ``dispersion`` its relative extra variance, both above zero. Exact, by the
    regularised incomplete beta function.
    """
    whole = -int(-count // 1)
    if whole <= 0:
        return 1.0
    size = 1 / dispersion
    return _beta_share(mean / (mean + size), float(whole), size)


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz)."""
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return min(front * _fraction(x, a, b) / a, 1.0)
    return max(1.0 - front * _fraction(1 - x, b, a) / b, 0.0)


def _fraction(x: float, a: float, b: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 400):
        for top in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + top * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + top / c
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return value
