"""Learns how regularities tell shutdowns from outages: logistic regression, held back by a ridge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from tocsin.analysis.fusion.starts import Answers, Regularity

_ROUNDS = 100
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class Fit:
    """Log odds of a shutdown: ``start`` plus, for each answer that is known, ``slope`` times (1 or 0) less ``middle``.

    ``terms`` holds slope and middle by regularity. What nobody knows adds nothing.
    """

    start: float
    terms: Mapping[Regularity, tuple[float, float]]

    def weight(self, regularity: Regularity, answer: bool | None) -> float:
        """The log likelihood ratio of an answer, shutdown against outage."""
        if answer is None or regularity not in self.terms:
            return 0.0
        slope, middle = self.terms[regularity]
        return slope * (answer - middle)

    def probability(self, answers: Answers) -> float:
        """The probability that a loss like this was ordered, where both are as frequent as in what was learned from."""
        return 1 / (1 + exp(-self.start - sum(self.weight(one, answer) for one, answer in answers.items())))


def fit(answers: Sequence[Answers], ordered: Sequence[bool], *, ridge: float = 1.0) -> Fit:
    """Learn from losses whose cause is known.

    Each answer is taken from the middle between its share in shutdowns and in outages, so that an unknown one is
    neither. Newton's method; ``ridge`` is the penalty on squared slopes, the start has none.
    Reference: le Cessie and van Houwelingen, "Ridge estimators in logistic regression", Applied Statistics 41 (1992).

    Raises:
        ValueError: unless both kinds are there.
    """
    if len(set(ordered)) != 2 or len(answers) != len(ordered):
        raise ValueError("both shutdowns and outages are needed to tell them apart")
    names = sorted({one for answer in answers for one in answer})
    middles = {one: _middle([answer.get(one) for answer in answers], ordered) for one in names}
    rows = [[1.0, *(_centred(answer.get(one), middles[one]) for one in names)] for answer in answers]
    slopes = _newton(rows, [float(one) for one in ordered], ridge)
    return Fit(slopes[0], {one: (slope, middles[one]) for one, slope in zip(names, slopes[1:], strict=True)})


def _centred(answer: bool | None, middle: float) -> float:
    return 0.0 if answer is None else answer - middle


def _middle(answers: Sequence[bool | None], ordered: Sequence[bool]) -> float:
    shares = []
    for kind in (True, False):
        known = [answer for answer, one in zip(answers, ordered, strict=True) if one is kind and answer is not None]
        shares.append(sum(known) / len(known) if known else 0.5)
    return sum(shares) / 2


def _newton(rows: Sequence[Sequence[float]], truths: Sequence[float], ridge: float) -> list[float]:
    size = len(rows[0])
    found = [0.0] * size
    penalty = [1e-6] + [ridge] * (size - 1)
    for _ in range(_ROUNDS):
        slope = [penalty[i] * found[i] for i in range(size)]
        bend = [[penalty[i] if i == j else 0.0 for j in range(size)] for i in range(size)]
        for row, truth in zip(rows, truths, strict=True):
            chance = 1 / (1 + exp(-max(-30.0, min(30.0, sum(a * b for a, b in zip(row, found, strict=True))))))
            for i in range(size):
                slope[i] += (chance - truth) * row[i]
                for j in range(size):
                    bend[i][j] += chance * (1 - chance) * row[i] * row[j]
        step = _solved(bend, slope)
        found = [one - move for one, move in zip(found, step, strict=True)]
        if max(abs(move) for move in step) < _CLOSE:
            break
    return found


def _solved(matrix: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    """Gauss's elimination with the largest pivot."""
    size = len(wanted)
    rows = [[*line, value] for line, value in zip(matrix, wanted, strict=True)]
    for place in range(size):
        best = max(range(place, size), key=lambda line: abs(rows[line][place]))
        rows[place], rows[best] = rows[best], rows[place]
        for line in range(place + 1, size):
            factor = rows[line][place] / rows[place][place]
            rows[line] = [a - factor * b for a, b in zip(rows[line], rows[place], strict=True)]
    found = [0.0] * size
    for place in reversed(range(size)):
        known = sum(rows[place][other] * found[other] for other in range(place + 1, size))
        found[place] = (rows[place][size] - known) / rows[place][place]
    return found
