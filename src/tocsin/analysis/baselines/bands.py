"""What a baseline holds for normal in one interval."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """The expected level, one usual deviation below and above it, and the number of intervals that it was learned from.

    In the unit of the series: a share between 0 and 1 for counts.
    """

    level: float
    low: float
    high: float
    learned: int
