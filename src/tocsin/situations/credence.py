"""The machine's first suggestion of how likely a situation is real, with its reasons.

Log-odds of independent sources are added to a low prior. It is plain on purpose and not calibrated: a person's
assessment takes its place, and copies, the same masthead twice and a single network never count twice.
"""

from dataclasses import dataclass
from math import exp, log

from tocsin.analysis.taxonomy import harm as harm_type
from tocsin.situations.reasons import Weighed

RULE = "credence/1"
# What happens to our own people and projects is ours to answer: it stands above the same, and above worse, elsewhere.
OURS = 4.0

_PRIOR = 0.08
_WEIGHT = {"A": 2.2, "B": 1.7, "C": 1.2, "D": 0.5, "E": 0.1, "F": 0.6}
_LONE_SOURCE_CAP = 0.6
_CAP = 0.95
_BOTH_WORDS_AND_NUMBERS = 0.8
_MOST_WORDS = 6
_MOST_NETWORKS = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a situation rests on: reliabilities of independent text sources, and scores of findings by network."""

    reliabilities: tuple[str, ...]
    scores: tuple[float, ...]
    copies: int


@dataclass(frozen=True, slots=True)
class Credence:
    """A probability between 0 and 1 with the reasons that led there, in the order of their weight."""

    probability: float
    reasons: tuple[str, ...]


def credence(evidence: Evidence) -> Credence:
    """How likely the situation is real, judged from who says so and what was measured."""
    words = sorted((_WEIGHT.get(letter, 0.1) for letter in evidence.reliabilities), reverse=True)[:_MOST_WORDS]
    numbers = sorted((2.0 * score for score in evidence.scores), reverse=True)[:_MOST_NETWORKS]
    odds = log(_PRIOR / (1 - _PRIOR)) + sum(words) + sum(numbers)
    if words and numbers:
        odds += _BOTH_WORDS_AND_NUMBERS
    lone = len(words) + len(numbers) <= 1
    probability = min(1 / (1 + exp(-odds)), _LONE_SOURCE_CAP if lone else _CAP)
    return Credence(round(probability, 3), tuple(_reasons(evidence, lone)))


def impact(harm: str, our_link: bool) -> int:
    """How grave it would be, from 1 to 5, before a person judges."""
    base = 2 + round(2 * harm_type(harm).endangers) if harm else 1
    return min(5, base + (1 if our_link else 0))


def rank(probability: float, grave: int, our_link: bool) -> float:
    """Expected harm, which orders lists: what concerns our own people comes before the same elsewhere."""
    return round(probability * grave**2 * (OURS if our_link else 1.0), 4)


def _reasons(evidence: Evidence, lone: bool) -> list[str]:
    said = []
    if count := len(evidence.reliabilities):
        best = min(evidence.reliabilities)
        said.append(Weighed.SOURCES.format(count=count, best=best))
    if count := len(evidence.scores):
        said.append(Weighed.FINDINGS.format(count=count, score=f"{max(evidence.scores):.2f}"))
    if evidence.reliabilities and evidence.scores:
        said.append(Weighed.AGREE.value)
    if evidence.copies:
        said.append(Weighed.COPIES.format(count=evidence.copies))
    if lone:
        said.append(Weighed.LONE.format(cap=f"{_LONE_SOURCE_CAP:.0%}"))
    return said
