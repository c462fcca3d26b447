"""How well probabilities hold: Brier score, reliability, and how well they rank."""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.analysis.evaluation.intervals import Interval, share_interval


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts between two probabilities: how many, their mean, the share that came true and its 95 % interval."""

    low: float
    high: float
    cases: int
    forecast: float
    came_true: float
    interval: Interval

    @property
    def reliable(self) -> bool:
        """Whether the mean forecast lies in the interval of what came true."""
        return self.interval[0] <= self.forecast <= self.interval[1]


def brier(forecasts: Sequence[float], truths: Sequence[bool]) -> float:
    """The mean squared distance of probabilities from what came true; 0 is perfect, 0.25 knows nothing.

    Reference: Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78 (1950).

    Raises:
        ValueError: for no forecasts, another number of truths, or a forecast outside 0 to 1.
    """
    _check(forecasts, truths)
    return sum((forecast - truth) ** 2 for forecast, truth in zip(forecasts, truths, strict=True)) / len(forecasts)


def brier_base_rate(truths: Sequence[bool]) -> float:
    """The Brier score of whoever always says the share that came true."""
    share = sum(truths) / len(truths)
    return share * (1 - share)


def reliability(forecasts: Sequence[float], truths: Sequence[bool], *, bins: int = 10) -> list[Bin]:
    """What came true in each of ``bins`` equal ranges of probability, without the empty ones.

    Raises:
        ValueError: as ``brier``.
    """
    _check(forecasts, truths)
    found = []
    for number in range(bins):
        pairs = [
            (forecast, truth)
            for forecast, truth in zip(forecasts, truths, strict=True)
            if min(int(forecast * bins), bins - 1) == number
        ]
        if pairs:
            right, cases = sum(truth for _, truth in pairs), len(pairs)
            mean = sum(forecast for forecast, _ in pairs) / cases
            interval = share_interval(right, cases)
            found.append(Bin(number / bins, (number + 1) / bins, cases, mean, right / cases, interval))
    return found


def auc(forecasts: Sequence[float], truths: Sequence[bool]) -> float | None:
    """The chance that a case that came true was given more than one that didn't, ties by half; None without both.

    Reference: Hanley and McNeil, "The meaning and use of the area under a ROC curve", Radiology 143 (1982).

    Raises:
        ValueError: as ``brier``.
    """
    _check(forecasts, truths)
    right = sum(truths)
    wrong = len(truths) - right
    if not right or not wrong:
        return None
    order = sorted(range(len(forecasts)), key=lambda place: forecasts[place])
    ranks, start = 0.0, 0
    while start < len(order):
        end = start
        while end < len(order) and forecasts[order[end]] == forecasts[order[start]]:
            end += 1
        middle = (start + end + 1) / 2
        ranks += middle * sum(truths[place] for place in order[start:end])
        start = end
    return (ranks - right * (right + 1) / 2) / (right * wrong)


def _check(forecasts: Sequence[float], truths: Sequence[bool]) -> None:
    if not forecasts or len(forecasts) != len(truths):
        raise ValueError("there must be forecasts, and as many truths")
    if not all(0 <= forecast <= 1 for forecast in forecasts):
        raise ValueError("a forecast lies between 0 and 1")
