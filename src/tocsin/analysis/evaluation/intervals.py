"""Intervals for rates, shares and means, without chance: the same numbers give the same interval."""

from collections.abc import Callable, Iterator, Sequence
from math import exp, inf, lgamma, log, sqrt

Interval = tuple[float, float]


def poisson_interval(count: int, *, level: float = 0.95) -> Interval:
    """The exact interval of a Poisson mean of which ``count`` was seen.

    Reference: Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936).

    Raises:
        ValueError: for a negative count.
    """
    if count < 0:
        raise ValueError("a count is not negative")
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else _root(lambda mean: gamma_share(count, mean), tail, count)
    high = _root(lambda mean: gamma_share(count + 1, mean), 1 - tail, count + 1)
    return low, high


def rate_interval(count: int, years: float) -> Interval:
    """The exact interval of a rate: ``count`` in ``years``; without any years it may be anything."""
    if years <= 0:
        return 0.0, inf
    low, high = poisson_interval(count)
    return low / years, high / years


def share_interval(successes: float, trials: float, *, z: float = 1.96) -> Interval:
    """Wilson's interval of a share; without trials it may be anything.

    Reference: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if trials <= 0:
        return 0.0, 1.0
    share = successes / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def mean_interval(values: Sequence[float], *, seed: int = 1, draws: int = 2_000) -> Interval | None:
    """The middle 95 % of the means of ``draws`` samples with replacement; None for fewer than two values.

    Reference: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
    """
    size = len(values)
    if size < 2:
        return None
    numbers = _numbers(seed)
    means = sorted(sum(values[next(numbers) % size] for _ in range(size)) / size for _ in range(draws))
    return means[int(0.025 * draws)], means[min(int(0.975 * draws), draws - 1)]


def draws(size: int, times: int, *, seed: int = 1) -> Iterator[list[int]]:
    """``times`` samples with replacement of the numbers below ``size``, each as many; the same for the same seed."""
    numbers = _numbers(seed)
    for _ in range(times):
        yield [next(numbers) % size for _ in range(size)]


def gamma_share(shape: float, x: float) -> float:
    """The regularised lower incomplete gamma function: the chance that a Poisson of mean ``x`` reaches ``shape``.

    Reference: Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), 6.5.29 and 6.5.31.
    """
    if x <= 0:
        return 0.0
    scale = exp(shape * log(x) - x - lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        step = shape
        while abs(term) > 1e-15 * abs(total):
            step += 1
            term *= x / step
            total += term
        return total * scale
    # Lentz's way through the continued fraction of the upper tail.
    tiny = 1e-300
    b = x + 1 - shape
    c, d = 1 / tiny, 1 / b
    fraction = d
    for i in range(1, 100_000):
        a = -i * (i - shape)
        b += 2
        d = 1 / (a * d + b or tiny)
        c = b + a / c or tiny
        fraction *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return 1 - scale * fraction


def _root(share: Callable[[float], float], wanted: float, near: float) -> float:
    """Where a growing function of a positive number reaches ``wanted``, by halving."""
    low, high = 0.0, near + 10 * sqrt(near) + 20
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) < wanted else (low, middle)
    return (low + high) / 2


def _numbers(seed: int) -> Iterator[int]:
    """Evenly spread numbers that follow from the seed (SplitMix64: Steele, Lea and Flood, OOPSLA 2014)."""
    state, mask = seed, (1 << 64) - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        yield (mixed ^ (mixed >> 31)) >> 16
