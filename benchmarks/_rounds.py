"""What every benchmark needs to speak honestly on a shared machine: spread over rounds, and the load meanwhile."""

import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several rounds, with the lowest and the highest."""

    median: float
    low: float
    high: float

    def words(self, digits: int = 0) -> str:
        """``median (low to high)``, rounded for people."""
        return f"{self.median:,.{digits}f} ({self.low:,.{digits}f} to {self.high:,.{digits}f})"

    def rounded(self, digits: int = 2) -> dict[str, float]:
        """For the JSON line."""
        return {name: round(value, digits) for name, value in asdict(self).items()}


def spread(values: Sequence[float]) -> Spread:
    """The spread of at least one value."""
    return Spread(statistics.median(values), min(values), max(values))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    return sorted(values)[max(0, ceil(round(share * len(values), 9)) - 1)]


def load() -> float:
    """How many processes wanted a core, on average over the last minute; the benchmark's own are among them."""
    return os.getloadavg()[0]
