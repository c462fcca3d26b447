"""What competes to explain a situation, as a page or a program shows it to one person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import exp
from typing import Any

from tocsin.analysis.fusion import turns, weigh
from tocsin.lib import territories
from tocsin.people.models import Person
from tocsin.signals.access import signals_for
from tocsin.situations.credence import rows, turn_rows, verdict
from tocsin.situations.known import country_window, number
from tocsin.situations.models import Situation


@dataclass(frozen=True, slots=True)
class Spoken:
    """One clue: its sentence, how much it weighs (a natural logarithm of a likelihood ratio), the signals behind it."""

    says: str
    weight: float
    signals: tuple[int, ...]

    @property
    def odds(self) -> float:
        """How many times the odds are what they would be without it, as far as its origin is believed."""
        return exp(self.weight)


@dataclass(frozen=True, slots=True)
class Rival:
    """One explanation with its probability, and what speaks for and against it."""

    cause: str
    probability: float
    stands_out: bool
    speaks_for: tuple[Spoken, ...]
    speaks_against: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class Turning:
    """Something that may be seen or told next, and what would follow.

    ``leader`` would lead then, with ``probability``; what leads now stands at ``before``, and then at ``after``.
    """

    says: str
    leader: str
    probability: float
    before: float
    after: float
    turns: bool


def turns_for(situation: Situation) -> list[Turning]:
    """What would change our mind of a situation that the reader may read; it rests on no single signal."""
    return [Turning(**one) for one in situation.turns]


def rivals_for(person: Person, situation: Situation) -> list[Rival]:
    """The explanations that compete, the likeliest first. What rests on a signal that is not for them is left out."""
    return _shown(person, situation.rivals)


def country_rivals(person: Person, country: str, now: datetime) -> list[Rival]:
    """What could explain losses of access in a country around ``now``; see ``country_explained``."""
    return country_explained(person, country, now)[0]


def country_explained(person: Person, country: str, now: datetime) -> tuple[list[Rival], list[Turning]]:
    """What could explain losses of access in a country around ``now``, and what would change our mind of it.

    It rests on what everybody may read, whatever situations it is in; in a country of an exercise, on what the exercise
    made up. Both are empty where nothing wants an explanation.
    """
    known = country_window(country, now=now, exercise=country in territories.INVENTED)
    if not known.measured and not known.told:
        return [], []
    return _shown(person, rows(weigh(known))), [Turning(**one) for one in turn_rows(turns(known, weigh))]


def _shown(person: Person, kept: list[dict[str, Any]]) -> list[Rival]:
    readable = _readable(person, kept)
    first = verdict(kept)
    return [
        Rival(
            cause=one["cause"],
            probability=one["probability"],
            stands_out=one["cause"] == first,
            speaks_for=_spoken(one["for"], readable),
            speaks_against=_spoken(one["against"], readable),
        )
        for one in kept
    ]


def _readable(person: Person, kept: Iterable[dict[str, Any]]) -> set[int]:
    clues = [clue for one in kept for side in ("for", "against") for clue in one[side]]
    named = {found for clue in clues for source in clue[2] if (found := number(source)) is not None}
    return set(signals_for(person).filter(pk__in=named).values_list("pk", flat=True))


def _spoken(clues: Iterable[list[Any]], readable: set[int]) -> tuple[Spoken, ...]:
    """Clues of the same words stand in one line."""
    found: dict[str, Spoken] = {}
    for says, weight, sources, _door in clues:
        signals = tuple(one for source in sources if (one := number(source)) is not None)
        if readable.issuperset(signals):
            before = found.get(says, Spoken(says, weight, ()))
            found[says] = Spoken(says, before.weight, tuple(dict.fromkeys(before.signals + signals)))
    return tuple(found.values())
