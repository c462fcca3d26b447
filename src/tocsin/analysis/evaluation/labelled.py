"""How well labels of texts are found, and how much of what matters stands in what an analyst has time to read."""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.analysis.evaluation.intervals import Interval, draws, share_interval
from tocsin.analysis.text.learning import macro_f1


@dataclass(frozen=True, slots=True)
class Reached:
    """``found`` of ``there`` stand in the part that is read; ``most`` is the share that any order could reach."""

    found: int
    there: int
    most: float

    @property
    def recall(self) -> float:
        """The share that is found; 1 where there is nothing to find."""
        return self.found / self.there if self.there else 1.0

    @property
    def interval(self) -> Interval:
        """Wilson's interval of the share."""
        return share_interval(self.found, self.there)


def recall_at(matters: Sequence[bool], scores: Sequence[float], share: float) -> Reached:
    """What matters among the ``share`` of texts with the highest scores; ties stand in their given order.

    ``matters`` and ``scores`` are ``(n,)``.

    Raises:
        ValueError: for sequences of different length, or a share that is none.
    """
    if len(matters) != len(scores) or not 0 < share <= 1:
        raise ValueError("one score for each text, and a share above 0 and up to 1")
    read = max(1, round(share * len(scores))) if scores else 0
    order = sorted(range(len(scores)), key=lambda number: (-scores[number], number))[:read]
    there = sum(matters)
    return Reached(sum(matters[number] for number in order), there, min(1.0, read / there) if there else 1.0)


def macro_f1_interval(truth: Sequence[str], found: Sequence[str], *, times: int = 300, seed: int = 1) -> Interval:
    """The middle 95 % of macro F1 over ``times`` samples of the texts with replacement. ``(n,)`` labels."""
    if not truth:
        return 0.0, 1.0
    samples = draws(len(truth), times, seed=seed)
    values = sorted(macro_f1([truth[n] for n in chosen], [found[n] for n in chosen]) for chosen in samples)
    return values[int(0.025 * times)], values[min(int(0.975 * times), times - 1)]
