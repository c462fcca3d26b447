"""How well the machine's suggestions held against what people came to be sure of."""

from dataclasses import dataclass

from tocsin.analysis.evaluation.calibration import Bin, auc, brier, brier_base_rate, reliability
from tocsin.people.access import readable
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.situations.models import Assessment, Situation

SETTLED = 0.9
"""How sure the newest assessment must be, either way, for a situation to count as decided."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Suggestions, as they stood at the first assessment, against what the newest one settled.

    ``brier`` and the rest are None while nothing is settled; ``bins`` as in ``evaluation.calibration``.
    """

    settled: int
    came_true: int
    brier: float | None = None
    brier_base_rate: float | None = None
    auc: float | None = None
    bins: tuple[Bin, ...] = ()


def calibration(person: Person) -> Calibration:
    """Over all situations that this person may read. Nothing is said about who judged."""
    if not person.may(Right.READ):
        return Calibration(0, 0)
    mine = Situation.objects.filter(readable(person), exercise=False)
    seen = Assessment.objects.filter(situation__in=mine)
    rows = seen.order_by("situation", "version").values_list("situation", "suggested", "probability")
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    for situation, suggested, probability in rows:
        if suggested is not None:
            first.setdefault(situation, suggested)
        last[situation] = probability
    sure = [number for number in sorted(first) if max(last[number], 1 - last[number]) >= SETTLED]
    forecasts = [first[number] for number in sure]
    truths = [last[number] >= SETTLED for number in sure]
    if not sure:
        return Calibration(0, 0)
    return Calibration(
        settled=len(sure),
        came_true=sum(truths),
        brier=brier(forecasts, truths),
        brier_base_rate=brier_base_rate(truths),
        auc=auc(forecasts, truths),
        bins=tuple(reliability(forecasts, truths)),
    )
