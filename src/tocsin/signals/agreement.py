"""How often people found the machine's account of what happened right: each of their words is an example.

Judgements of restricted texts, of exercises and copies teach nothing, as with kinds of harm.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tocsin.analysis.evaluation.intervals import share_interval
from tocsin.analysis.series import RuleId
from tocsin.analysis.text.persecution.account import RULE
from tocsin.signals.models import Judgement
from tocsin.signals.statements import BY_KEY, Field

MOST = 20_000  # judgements, the newest


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one field, as one version of the rule read it: how many values people confirmed, changed, and added.

    ``low`` and ``high`` bound the share that is right, in percent (95 %, Wilson).
    """

    field: Field
    version: int
    right: int
    wrong: int
    missed: int
    low: float
    high: float

    @property
    def rule(self) -> str:
        """The rule and version that read it."""
        return str(RuleId(RULE.name, self.version))

    @property
    def judged(self) -> int:
        """How many values of the machine were judged."""
        return self.right + self.wrong


def examples() -> list[Judgement]:
    """The newest word that holds on each value, of texts that may teach; with start and end of chosen words."""
    rows = Judgement.objects.filter(
        undone_at=None, signal__readers=0, signal__exercise=False, signal__copy_of=None, signal__replayed=False
    )
    newest: dict[tuple[Any, ...], Judgement] = {}
    for one in rows.order_by("-pk")[:MOST]:
        newest.setdefault((one.signal_id, one.field, one.slot), one)
    return list(newest.values())


def agreements(given: Iterable[Judgement]) -> Iterator[Agreement]:
    """Field by field in their order, the newest version first."""
    counts: Counter[tuple[str, int, str]] = Counter()
    for one in given:
        counts[one.field, one.version, _kind(one)] += 1
    for key, field in BY_KEY.items():
        for version in sorted({version for told, version, _kind in counts if told == key}, reverse=True):
            right, wrong, missed = (counts[key, version, kind] for kind in ("right", "wrong", "missed"))
            low, high = share_interval(right, right + wrong)
            yield Agreement(field, version, right, wrong, missed, 100 * low, 100 * high)


def _kind(one: Judgement) -> str:
    # Only other words for the same value: the value itself is right.
    if one.confirms:
        return "right"
    return "missed" if not one.before else "wrong"
