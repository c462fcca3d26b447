"""What a measure is, and the plain statistics that all of them share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb, sqrt
from statistics import fmean, stdev

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tocsin.alerts.rulebook import wilson
from tocsin.lib.tlp import Tlp
from tocsin.reports.gathering.period import Period

_Z = 1.96
_SURE = 0.95


NOTHING = gettext_lazy("nothing happened that it could measure")


class Better(StrEnum):
    """Which way is good."""

    LESS = "less"
    MORE = "more"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Measured:
    """A number for one period, the range in which it lies with 95 % confidence (None: not known), out of how many.

    ``of`` is 0 for a number of things that were counted one by one.
    """

    amount: float
    of: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. ``count`` gives it for a period, of an exercise or of the world; None where there was nothing.

    ``definition`` says what is counted and what is left out. ``unit`` is one of drawing.said. ``standard`` is the
    number that it is held against, with where that comes from; None where there is none. ``silence`` says what no
    number means: that there was nothing, or that it is not told; a nought is a number.
    """

    key: str
    title: str | Promise
    definition: str | Promise
    unit: str
    better: Better
    tlp: Tlp
    count: Callable[[Period, bool], Measured | None]
    standard: float | None = None
    standard_of: str | Promise = ""
    silence: str | Promise = NOTHING


def share(part: int, whole: int) -> Measured | None:
    """A share with Wilson's range; None of nothing."""
    return Measured(part / whole, whole, *wilson(part, whole)) if whole else None


def count(amount: int) -> Measured:
    """A number of things that were counted one by one: there is no range."""
    return Measured(float(amount), 0)


def mean(values: Sequence[float]) -> Measured | None:
    """An average with the range of its standard error; of one value there is no range."""
    if not values:
        return None
    middle = fmean(values)
    if len(values) == 1:
        return Measured(middle, 1)
    half = _Z * stdev(values) / sqrt(len(values))
    return Measured(middle, len(values), middle - half, middle + half)


def median(values: Sequence[float]) -> Measured | None:
    """The middle value, with the range that order statistics give whatever the values' distribution is.

    The range lies between two of the values themselves; fewer than six give none. A value may be infinite (it never
    happened); a median that is infinite is not given.
    """
    if not values:
        return None
    ordered, size = sorted(values), len(values)
    middle = ordered[size // 2] if size % 2 else (ordered[size // 2 - 1] + ordered[size // 2]) / 2
    if middle == float("inf"):
        return None
    rank = _rank(size)
    if rank is None:
        return Measured(middle, size)
    high = ordered[size - 1 - rank]
    return Measured(middle, size, ordered[rank], None if high == float("inf") else high)


def _rank(size: int) -> int | None:
    """The largest place so that between it and its mirror the median lies with 95 %; None for too few values."""
    # Beyond this the sum of binomials is told from its normal form by nobody.
    if size > 500:
        return max(0, int(size / 2 - _Z * sqrt(size) / 2) - 1)
    outside, found = 0.0, None
    for rank in range(size // 2):
        outside += 2 * comb(size, rank) / 2**size
        if outside > 1 - _SURE:
            break
        found = rank
    return found


# Words for numbers of so few that they would speak of one person: whether there was anything is not told either.
FEWER_THAN_TEN = gettext_lazy("not told: fewer than ten, or none")
FEWER_THAN_THREE = gettext_lazy("not told: fewer than three people, or none")
