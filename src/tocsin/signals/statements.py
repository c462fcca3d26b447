"""What a text says happened, value by value: what the machine read, and what people said of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tocsin.analysis.text.persecution.masking import Names
from tocsin.lib import territories
from tocsin.lib.locales import locale_of
from tocsin.signals.models import Account, Judgement, Signal
from tocsin.signals.passages import Passage, passage
from tocsin.streams import masking

ATTACK = "attack"
YES, NO = "yes", "no"
LONGEST = 60
SHOWN = 3  # passages of one value

Labels = Mapping[str, Any]
_YES_NO: Labels = {YES: _("yes"), NO: _("no")}
_VIOLATIONS: Labels = {
    "arbitrary detention": _("arbitrary detention"),
    "enforced disappearance": _("enforced disappearance"),
    "kidnapping": _("kidnapping"),
    "killing": _("killing"),
    "torture": _("torture"),
    "other": _("another violation"),
}
_PERPETRATORS: Labels = {
    "state actor": _("the state"),
    "other state actors": _("another state"),
    "other actors with permissions": _("others, with the state’s permission"),
    "other actors without permissions": _("others, without the state’s permission"),
    "other non-state actors": _("others, of no state"),
    "regional orgs": _("a regional organisation"),
}
_KINDS: Labels = {
    "journalist": _("journalist"),
    "human rights defender": _("human rights defender"),
    "trade unionist": _("trade unionist"),
}
_SEX: Labels = {"man": _("man"), "woman": _("woman"), "other": _("several")}
_AGE: Labels = {"adult": _("adult"), "child": _("child"), "other": _("several")}


@dataclass(frozen=True, slots=True)
class Field:
    """What can be said of a text. ``most`` is the largest number; without it and without labels it is told in words."""

    key: str
    title: Any
    labels: Labels = field(default_factory=dict)
    many: bool = False
    least: int = 1
    most: int = 0


FIELDS: Final = (
    Field("violation", _("Violation"), _VIOLATIONS, many=True),
    Field("mentioned", _("Somebody is said to have done it"), _YES_NO),
    Field("perpetrator", _("By whom"), _PERPETRATORS),
    Field("country", _("Country")),
    Field("region", _("Region")),
    Field("city", _("Town")),
    Field("year", _("Year"), least=1900, most=2199),
    Field("month", _("Month"), most=12),
    Field("day", _("Day"), most=31),
    Field("count", _("How many people"), most=10_000_000),
    Field("kind", _("Who they are by work"), _KINDS, many=True),
    Field("sex", _("Sex"), _SEX),
    Field("age", _("Age"), _AGE),
)
BY_KEY: Final[Mapping[str, Field]] = MappingProxyType(
    {one.key: one for one in (Field(ATTACK, _("Attack on a person"), _YES_NO), *FIELDS)}
)
IN_WORDS: Final = frozenset({"region", "city"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One value: what the machine read (``before``) and how sure it is, what holds now, and who said so.

    Without a judgement the machine's word holds. Names are masked in all of it.
    """

    field: Field
    slot: str
    before: str
    now: str
    confidence: float | None
    passages: tuple[Passage, ...]
    judgement: Judgement | None = None

    @property
    def was(self) -> str:
        """The machine's value in words."""
        return words_of(self.field, self.before)

    @property
    def words(self) -> str:
        """The value that holds, in words."""
        return words_of(self.field, self.now)

    @property
    def correctable(self) -> bool:
        """Whether another value can take its place; what a person added to several is undone instead."""
        return bool(self.before) or not self.field.many

    @property
    def choices(self) -> list[tuple[str, Any]]:
        """The values that a person may choose from; none where they write one."""
        return choices_of(self.field)


def words_of(field: Field, value: str) -> str:
    """A value in the reader's language; empty for none."""
    if field.key == "country":
        return territories.name(value, get_language() or "en")
    if field.key == "month" and value:
        return str(_months()[int(value) - 1][1])
    return str(field.labels.get(value, value))


def choices_of(field: Field) -> list[tuple[str, Any]]:
    """All values of a field with their words; none for a number or words."""
    if field.key == "country":
        return territories.choices(get_language() or "en")
    if field.key == "month":
        return _months()
    return list(field.labels.items())


def _months() -> list[tuple[str, Any]]:
    names = locale_of(get_language() or "en").months["stand-alone"]["wide"]
    return [(str(number), names[number]) for number in range(1, 13)]


def statements_of(signal: Signal) -> list[Statement]:
    """Everything that is said of a signal's text, in the order of the fields; ``attack`` is told by ``attack_of``."""
    standing = standing_of(signal)
    names = masking.names_kept(signal.item) if signal.item is not None else None
    told = _told(signal, names)
    return [one for each in FIELDS for one in _of_field(signal, each, told.get(each.key, []), standing)]


def attack_of(signal: Signal) -> Statement:
    """Whether the text tells of an attack on a person at all: by the machine where it found a violation."""
    found = any(row[0] == "violation" for row in _rows(signal))
    judged = standing_of(signal).get((ATTACK, ""))
    before = YES if found else NO
    return Statement(
        BY_KEY[ATTACK], "", judged.before if judged else before, judged.after if judged else before, None, (), judged
    )


def standing_of(signal: Signal) -> dict[tuple[str, str], Judgement]:
    """The word of a person that holds, by field and slot."""
    rows = Judgement.objects.filter(signal=signal, undone_at=None).select_related("by").order_by("pk")
    return {(one.field, one.slot): one for one in rows}


def machine_says(signal: Signal, field: str) -> list[str]:
    """The machine's values of a field as they are shown."""
    names = masking.names_kept(signal.item) if signal.item is not None and field in IN_WORDS else None
    if field == ATTACK:
        return [YES if _told(signal, None).get("violation") else NO]
    return [value for value, _confidence, _spans in _told(signal, names).get(field, [])]


_Told = tuple[str, float, list[list[int]]]


def _rows(signal: Signal) -> list[Any]:
    found = Account.objects.filter(signal=signal).values_list("told", flat=True).first()
    return found or []


def _told(signal: Signal, names: Names | None) -> dict[str, list[_Told]]:
    found: dict[str, list[_Told]] = {}
    for key, value, confidence, spans in _rows(signal):
        shown = names.masked(value)[:LONGEST] if names is not None and key in IN_WORDS else value
        found.setdefault(key, []).append((shown, confidence, spans))
    return found


def _of_field(
    signal: Signal, field: Field, told: list[_Told], standing: Mapping[tuple[str, str], Judgement]
) -> Iterator[Statement]:
    slots = {value if field.many else "": (value, confidence, spans) for value, confidence, spans in told}
    judged = {slot: one for (key, slot), one in standing.items() if key == field.key}
    for slot in dict.fromkeys([*slots, *judged] if field.many else [""]):
        value, confidence, spans = slots.get(slot, ("", None, []))
        word = judged.get(slot)
        if word is None:
            yield Statement(field, slot, value, value, confidence, _passages(signal, spans))
        else:
            chosen = [[word.start, word.end]] if word.start is not None and word.end is not None else []
            shown = chosen or (spans if word.confirms else [])
            yield Statement(field, slot, word.before, word.after, confidence, _passages(signal, shown), word)


def _passages(signal: Signal, spans: list[list[int]]) -> tuple[Passage, ...]:
    item = signal.item
    if item is None:
        return ()
    return tuple(one for start, end in spans[:SHOWN] if (one := passage(item, start, end)) is not None)
