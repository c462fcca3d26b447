"""How well found groups are the true ones: by pairs, by entry (B-cubed) and by information (V-measure).

Bagga and Baldwin 1998 for B-cubed, Rosenberg and Hirschberg 2007 for the V-measure.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import log


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision, recall and their harmonic mean, each between 0 and 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean; 0 where both are 0."""
        whole = self.precision + self.recall
        return 2 * self.precision * self.recall / whole if whole else 0.0


def pairwise(true: Sequence[Hashable], found: Sequence[Hashable]) -> Agreement:
    """Over pairs of entries in one group. ``true`` and ``found`` are ``(n,)`` labels; without any pair it is perfect.

    Raises:
        ValueError: for labels of different number.
    """
    together = _pairs(Counter(zip(true, found, strict=True)).values())
    ours, theirs = _pairs(Counter(found).values()), _pairs(Counter(true).values())
    return Agreement(together / ours if ours else 1.0, together / theirs if theirs else 1.0)


def bcubed(true: Sequence[Hashable], found: Sequence[Hashable]) -> Agreement:
    """Over entries: the share of an entry's group that is rightly there, and of its story that is. ``(n,)`` labels.

    Raises:
        ValueError: for labels of different number, or none.
    """
    both = _both(true, found)
    groups, stories = Counter(found), Counter(true)
    precise = sum(count * count / groups[group] for (_, group), count in both.items())
    whole = sum(count * count / stories[story] for (story, _), count in both.items())
    return Agreement(precise / len(true), whole / len(true))


def v_measure(true: Sequence[Hashable], found: Sequence[Hashable]) -> Agreement:
    """Homogeneity and completeness, as precision and recall; ``f1`` is the V-measure. ``(n,)`` labels.

    Raises:
        ValueError: for labels of different number, or none.
    """
    both = _both(true, found)
    n = len(true)
    groups, stories = Counter(found), Counter(true)
    of_story = -sum(count / n * log(count / groups[group]) for (_, group), count in both.items())
    of_group = -sum(count / n * log(count / stories[story]) for (story, _), count in both.items())
    stories_in_all, groups_in_all = _entropy(stories.values(), n), _entropy(groups.values(), n)
    return Agreement(
        1 - of_story / stories_in_all if stories_in_all else 1.0,
        1 - of_group / groups_in_all if groups_in_all else 1.0,
    )


def _both(true: Sequence[Hashable], found: Sequence[Hashable]) -> Counter[tuple[Hashable, Hashable]]:
    if not true:
        raise ValueError("there are no entries to compare")
    return Counter(zip(true, found, strict=True))


def _pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)


def _entropy(counts: Iterable[int], n: int) -> float:
    return -sum(count / n * log(count / n) for count in counts)
