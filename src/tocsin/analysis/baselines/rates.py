"""How often a measurement of one cell is anomalous while nothing is wrong, and how sure that is."""

from dataclasses import dataclass
from math import lgamma, sqrt

from tocsin.analysis.baselines.bands import Band

_LEAST, _MOST = 0.01, 0.99
_NARROWEST, _WIDEST = 0.0003, 0.5


@dataclass(frozen=True, slots=True)
class Belief:
    """A rate between 0 and 1, and a concentration: the number of measurements that this belief is worth."""

    rate: float
    concentration: float

    def log_likelihood(self, n: float, k: float) -> float:
        """Log probability of k anomalous among n under this belief (beta-binomial), less the binomial coefficient."""
        a = self.rate * self.concentration
        b = self.concentration - a
        return lgamma(a + k) + lgamma(b + n - k) - lgamma(a) - lgamma(b) + lgamma(a + b) - lgamma(a + b + n)


@dataclass(slots=True)
class Rate:
    """A rate learned from counts that fade with time, and the overdispersion of those counts.

    Counts of one interval vary more than coin tosses would (probes, lists and versions differ from day to day).
    ``dispersion`` is the intra-class correlation rho of a beta-binomial, learned by moments (Kleinman, "Proportions
    with extraneous variance", JASA 1973) and clipped, so that one wild day does not widen it for long. An interval
    of n measurements teaches the rate as much as ``n / (1 + (n - 1) * rho)`` independent ones. Times are seconds
    since 1970, ``half_life`` is in seconds. With little data the rate shrinks to ``prior_rate``, which counts as
    ``prior_weight`` measurements.
    """

    prior_rate: float
    prior_weight: float
    half_life: float
    prior_dispersion: float = 0.03
    trials: float = 0.0
    anomalous: float = 0.0
    dispersions: float = 0.0
    intervals: float = 0.0
    learned: int = 0
    at: float = 0.0

    def learn(self, time: float, n: float, k: float) -> None:
        """Add the counts of one interval that is believed to be normal; n = 0 teaches nothing."""
        if n <= 0:
            return
        self._fade(time)
        rate, rho = self.rate, self.dispersion
        spread = n * rate * (1 - rate)
        away = k - n * rate
        if n > 1:
            weight = 1 - 1 / n
            self.dispersions += weight * min(max((away * away / spread - 1) / (n - 1), 0.0), 0.5)
            self.intervals += weight
        crowded = 1 + (n - 1) * rho
        self.learned += 1
        self.trials += n / crowded
        self.anomalous += k / crowded

    @property
    def rate(self) -> float:
        """The expected rate; never within one in a hundred of none or all, since tests go wrong that often."""
        usual = (self.prior_rate * self.prior_weight + self.anomalous) / (self.prior_weight + self.trials)
        return min(max(usual, _LEAST), _MOST)

    @property
    def dispersion(self) -> float:
        """Intra-class correlation between 0.0003 and 0.5; the prior counts as five intervals."""
        learned = (5 * self.prior_dispersion + self.dispersions) / (5 + self.intervals)
        return min(max(learned, _NARROWEST), _WIDEST)

    @property
    def doubt(self) -> float:
        """The dispersion that the next interval should show: that of intervals, and the doubt about the rate."""
        return min(self.dispersion + 1 / (self.prior_weight + self.trials + 1), 0.9)

    def expected(self) -> Belief:
        """What the next interval should show while nothing is wrong."""
        return Belief(self.rate, 1 / self.doubt - 1)

    def band(self, n: float) -> Band:
        """The share of anomalies that is usual in an interval of n measurements, and one deviation around it."""
        belief = self.expected()
        spread = sqrt(belief.rate * (1 - belief.rate) * (1 + (n - 1) / (belief.concentration + 1)) / n)
        return Band(belief.rate, max(belief.rate - spread, 0.0), min(belief.rate + spread, 1.0), self.learned)

    def around(self, rate: float) -> Belief:
        """What the next interval should show if the true rate were ``rate``."""
        return Belief(rate, 1 / self.dispersion - 1)

    def _fade(self, time: float) -> None:
        if time > self.at:
            kept = 0.5 ** ((time - self.at) / self.half_life) if self.at else 1.0
            self.trials *= kept
            self.anomalous *= kept
            self.dispersions *= kept
            self.intervals *= kept
            self.at = time
