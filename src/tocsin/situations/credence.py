"""The machine's suggestion of how likely a situation is real, with the explanations that compete with it.

Where access to sites or networks is in question, everything known of the country is weighed by ``analysis.fusion``, no
further than the situation's own origins go; of other harms its own texts and counts are. Only shutdown against outage
was learned from labelled events, the rest is set by hand: a person's assessment takes its place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from tocsin.analysis.fusion import (
    BOUND,
    MARGIN,
    TOLD,
    Cause,
    Clue,
    Door,
    Judgement,
    Turn,
    Window,
    judge,
    own,
    turns,
    turns_told,
    weigh_own,
)
from tocsin.analysis.fusion.measuring import counted
from tocsin.analysis.fusion.telling import reports
from tocsin.analysis.taxonomy import harm as harm_type
from tocsin.situations.reasons import Weighed

RULE = "credence/3"
# What happens to our own people and projects is ours to answer: it stands above the same, and above worse, elsewhere.
OURS = 4.0

HARMS: Final[Mapping[str, tuple[Cause, ...]]] = MappingProxyType(
    {
        "site-ban": (Cause.BLOCKED, Cause.WIDER),
        "throttling": (Cause.BLOCKED, Cause.WIDER),
        "shutdown": (Cause.SHUTDOWN,),
    }
)
"""The causes that are this kind of harm; any other kind either happened as it is told or did not."""

_CLUES = 8


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a situation rests on: reliabilities of independent text sources, and scores of findings by network."""

    reliabilities: tuple[str, ...]
    scores: tuple[float, ...]
    copies: int


@dataclass(frozen=True, slots=True)
class Credence:
    """A probability between 0 and 1, the reasons that led there, the judgement behind it, and what would turn it."""

    probability: float
    reasons: tuple[str, ...]
    judgement: Judgement
    next: tuple[Turn, ...] = ()

    @property
    def rivals(self) -> list[dict[str, Any]]:
        """The competing explanations as a row keeps them, the likeliest first, with their strongest clues."""
        return rows(self.judgement)


def rows(judgement: Judgement) -> list[dict[str, Any]]:
    """Competing explanations as JSON holds them, the likeliest first, with their strongest clues."""
    return [
        {
            "cause": share.cause.value,
            "probability": round(share.probability, 3),
            "for": [_kept(clue, share.cause) for clue in share.speaks_for[:_CLUES]],
            "against": [_kept(clue, share.cause) for clue in share.speaks_against[:_CLUES]],
        }
        for share in judgement.shares
    ]


def credence(harm: str, window: Window, evidence: Evidence) -> Credence:
    """How likely a harm of this kind is real, judged from who says so and what was measured."""
    if harm in HARMS:
        causes = frozenset(HARMS[harm])
        judgement = weigh_own(window, causes)
        following = turns(window, lambda then: weigh_own(then, causes))
        probability = judgement.probability(*HARMS[harm])
    else:
        known = own(window)
        judgement = judge([*reports(known.told), *counted(known.measured)], TOLD)
        # Where nobody tells of a harm there is no question to answer.
        following = turns_told(known.told, known.measured, judgement) if harm else ()
        probability = judgement.probability(Cause.HAPPENED)
    lone = judgement.witnesses <= 1
    return Credence(round(probability, 3), tuple(_reasons(evidence, lone)), judgement, following)


def turn_rows(following: Iterable[Turn]) -> list[dict[str, Any]]:
    """What would change our mind as JSON holds it."""
    return [asdict(one) | {"leader": one.leader.value} for one in following]


def verdict(rivals: list[dict[str, Any]]) -> str:
    """The explanation that stands out among kept rivals; “unattributed” if none does."""
    if len(rivals) < 2 or rivals[0]["probability"] - rivals[1]["probability"] < MARGIN:
        return Cause.UNATTRIBUTED.value
    return str(rivals[0]["cause"])


def spoken(rivals: list[dict[str, Any]], harm: str, most: int = 5) -> list[str]:
    """What measurements say for a harm of this kind among kept rivals, the strongest first; no text is named."""
    causes = HARMS.get(harm, (Cause.HAPPENED,))
    found = [
        (-weight, says)
        for one in rivals
        if one["cause"] in causes
        for says, weight, _sources, door in one["for"]
        if door == Door.MEASURED
    ]
    return list(dict.fromkeys(says for _weight, says in sorted(found)))[:most]


def impact(harm: str, our_link: bool) -> int:
    """How grave it would be, from 1 to 5, before a person judges."""
    base = 2 + round(2 * harm_type(harm).endangers) if harm else 1
    return min(5, base + (1 if our_link else 0))


def rank(probability: float, grave: int, our_link: bool) -> float:
    """Expected harm, which orders lists: what concerns our own people comes before the same elsewhere."""
    return round(probability * grave**2 * (OURS if our_link else 1.0), 4)


def _kept(clue: Clue, cause: Cause) -> list[Any]:
    return [clue.says, round(clue.weight(cause), 2), list(clue.sources[:_CLUES]), clue.origin.door.value]


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
        said.append(Weighed.LONE.format(cap=f"{BOUND:.0%}"))
    return said
