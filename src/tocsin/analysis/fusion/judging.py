"""Turns clues into probabilities of rival causes, each with what speaks for and against it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import exp

from tocsin.analysis.fusion.causes import ACCESS, BOUND, CEILING, HARMFUL, MARGIN, Cause, caps
from tocsin.analysis.fusion.clues import Clue
from tocsin.analysis.fusion.pooling import pooled, witnesses


@dataclass(frozen=True, slots=True)
class Share:
    """One cause with its probability and the clues that speak of it, the strongest first."""

    cause: Cause
    probability: float
    speaks_for: tuple[Clue, ...] = ()
    speaks_against: tuple[Clue, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Rival causes, the likeliest first. Their probabilities add up to 1.

    ``verdict`` is the likeliest cause if it stands above the next one by ``MARGIN``, else "unattributed".
    ``witnesses`` counts independent origins that speak for a harmful cause.
    """

    shares: tuple[Share, ...]
    verdict: Cause
    witnesses: int

    def probability(self, *causes: Cause) -> float:
        """The probability that it is one of these causes."""
        return min(1.0, sum(share.probability for share in self.shares if share.cause in causes))


def judge(clues: Iterable[Clue], priors: Mapping[Cause, float] = ACCESS) -> Judgement:
    """Weigh clues of one country in one window. Causes without a prior are not considered.

    A log-linear model: the log odds of a cause against "unattributed" are those before plus what its clues weigh, each
    origin within ``caps``. With fewer than two independent origins the harmful causes together, and the harmless ones
    together, stay at ``BOUND`` or below; with more, at ``CEILING``.

    Reference: Good, "Probability and the weighing of evidence" (1950), for weights of evidence.
    """
    heard = [clue for clue in clues if any(cause in priors for cause, _ in clue.weights)]
    total = pooled(heard, caps(priors))
    raw = {cause: prior * exp(total.get(cause, 0.0)) for cause, prior in priors.items()}
    whole = sum(raw.values())
    chances = {cause: weight / whole for cause, weight in raw.items()}
    harmless = frozenset(priors) - HARMFUL - {Cause.UNATTRIBUTED}
    seen = witnesses(heard, HARMFUL)
    _hold(chances, HARMFUL & frozenset(priors), seen)
    _hold(chances, harmless, witnesses(heard, harmless))
    return _ordered([_share(cause, chance, heard) for cause, chance in _filled(chances).items()], seen)


def held(judgement: Judgement, causes: frozenset[Cause], limit: float) -> Judgement:
    """The same with these causes together at ``limit`` or below; what they lose is unattributed."""
    chances = {share.cause: share.probability for share in judgement.shares}
    _limit(chances, causes & frozenset(chances), limit)
    filled = _filled(chances)
    shares = [replace(share, probability=filled[share.cause]) for share in judgement.shares]
    return _ordered(shares, judgement.witnesses)


def _filled(chances: dict[Cause, float]) -> dict[Cause, float]:
    """With what is left for “unattributed”."""
    named = sum(one for cause, one in chances.items() if cause is not Cause.UNATTRIBUTED)
    return {**chances, Cause.UNATTRIBUTED: 1 - named}


def _ordered(shares: Iterable[Share], seen: int) -> Judgement:
    order = sorted(shares, key=lambda share: (-share.probability, share.cause))
    stands_out = order[0].probability - order[1].probability >= MARGIN
    return Judgement(tuple(order), order[0].cause if stands_out else Cause.UNATTRIBUTED, seen)


def _hold(chances: dict[Cause, float], causes: frozenset[Cause], heard: int) -> None:
    """Scale these down to the bound, or to the ceiling if two origins speak for them."""
    _limit(chances, causes, BOUND if heard < 2 else CEILING)


def _limit(chances: dict[Cause, float], causes: frozenset[Cause], limit: float) -> None:
    together = sum(chances[cause] for cause in sorted(causes))
    if together > limit:
        for cause in causes:
            chances[cause] *= limit / together


def _share(cause: Cause, probability: float, clues: Iterable[Clue]) -> Share:
    speaking = sorted(
        (clue for clue in clues if clue.weight(cause)), key=lambda clue: (-abs(clue.weight(cause)), clue.says)
    )
    return Share(
        cause,
        probability,
        tuple(clue for clue in speaking if clue.weight(cause) > 0),
        tuple(clue for clue in speaking if clue.weight(cause) < 0),
    )
