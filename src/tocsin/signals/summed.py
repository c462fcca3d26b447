"""What several texts say happened, summed up: each value with the texts that say so; a person's word stands first."""

from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.signals.models import Account, Judgement, Signal
from tocsin.signals.statements import ATTACK, BY_KEY, NO, Field, words_of

# Towns and regions are told in words, which would have to be masked text by text.
SUMMED = ("violation", "perpetrator", "country", "count", "kind")


@dataclass(frozen=True, slots=True)
class Sum:
    """One value of a field: the texts that say so, and how many of these a person confirmed or wrote."""

    field: Field
    value: str
    texts: tuple[Signal, ...]
    judged: int

    @property
    def words(self) -> str:
        """The value in the reader's language."""
        return words_of(self.field, self.value)


def summed(signals: Iterable[Signal]) -> list[Sum]:
    """Of signals that somebody may read, without copies and what a person called no attack; most told first."""
    texts = {one.pk: one for one in signals if one.item_id is not None and one.copy_of_id is None}
    standing: dict[int, dict[tuple[str, str], Judgement]] = {}
    for one in Judgement.objects.filter(signal__in=texts, undone_at=None).order_by("pk"):
        standing.setdefault(one.signal_id, {})[one.field, one.slot] = one
    told: dict[tuple[str, str], list[tuple[Signal, bool]]] = {}
    for account in Account.objects.filter(signal__in=texts, version__gt=0):
        judged = standing.get(account.signal_id, {})
        attack = judged.get((ATTACK, ""))
        if attack is None or attack.after != NO:
            for key, value, by_person in _values(account, judged):
                told.setdefault((key, value), []).append((texts[account.signal_id], by_person))
    sums = [
        Sum(BY_KEY[key], value, tuple(text for text, _by in found), sum(by for _text, by in found))
        for (key, value), found in told.items()
    ]
    return sorted(sums, key=lambda one: (SUMMED.index(one.field.key), -len(one.texts), one.value))


def _values(account: Account, judged: dict[tuple[str, str], Judgement]) -> Iterable[tuple[str, str, bool]]:
    """Field, value, and whether a person says so."""
    held = {(key, value if BY_KEY[key].many else ""): value for key, value, _sure, _spans in account.told}
    found = {place: (value, False) for place, value in held.items()}
    found |= {place: (one.after, True) for place, one in judged.items()}
    return {(key, value, by) for (key, _slot), (value, by) in found.items() if key in SUMMED and value}
