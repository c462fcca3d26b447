"""What makes a threat level, and why a number of a situation may differ from its country's."""

from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.analysis.fusion import HARMFUL, Cause
from tocsin.people.models import Person
from tocsin.situations.access import situations_for
from tocsin.situations.credence import HARMS
from tocsin.situations.explaining import Rival, Spoken, rivals_for
from tocsin.situations.models import Situation, ThreatLevel

_BELOW = 3
_CLUES = 5
_APART = 0.05


@dataclass(frozen=True, slots=True)
class Made:
    """A level, the situation that makes it, and what speaks for and against that one.

    ``maker`` is None where no open situation stands behind the level for this reader. ``by_person``: a person's
    assessment sets the number, the clues are the machine's beside it. ``below`` are as open, and too unlikely to move
    the level.
    """

    level: ThreatLevel
    maker: Situation | None
    by_person: bool
    speaks_for: tuple[Spoken, ...]
    speaks_against: tuple[Spoken, ...]
    below: tuple[Situation, ...]


@dataclass(frozen=True, slots=True)
class Differs:
    """One cause that a situation and its country give different probabilities."""

    cause: str
    situation: Situation
    there: float
    here: float


def made(person: Person, levels: Iterable[ThreatLevel]) -> list[Made]:
    """Of each level of one country, what makes it now. Clues that rest on a signal not for this person are left out."""
    return [_made(person, level) for level in levels]


def _made(person: Person, level: ThreatLevel) -> Made:
    # As levels do: what is for everybody counts, and nothing else.
    rows = situations_for(person).filter(state=Situation.State.OPEN, readers=0, country=level.country, harm=level.harm)
    standing = list(rows.order_by("-probability", "pk")[: 1 + _BELOW])
    if not standing:
        return Made(level, None, False, (), (), ())
    maker = standing[0]
    causes = {one.value for one in HARMS.get(level.harm, (Cause.HAPPENED,))}
    rivals = [one for one in rivals_for(person, maker) if one.cause in causes]
    return Made(
        level,
        maker,
        not maker.probability_rule,
        _strongest(clue for one in rivals for clue in one.speaks_for),
        _strongest(clue for one in rivals for clue in one.speaks_against),
        tuple(standing[1:]),
    )


def _strongest(clues: Iterable[Spoken]) -> tuple[Spoken, ...]:
    """The same words once, with the weight that moves most."""
    best: dict[str, Spoken] = {}
    for clue in clues:
        if clue.says not in best or abs(clue.weight) > abs(best[clue.says].weight):
            best[clue.says] = clue
    return tuple(sorted(best.values(), key=lambda clue: (-abs(clue.weight), clue.says))[:_CLUES])


def differing(person: Person, rivals: Iterable[Rival], makers: Iterable[Made]) -> list[Differs]:
    """Harmful causes to which the country as a whole gives another probability than a situation that makes a level.

    A situation weighs its own signals, at the time of its newest, and is believed no further than they go. The country
    weighs everything known in one week together.
    """
    here = {one.cause: one.probability for one in rivals if one.cause in HARMFUL}
    found = []
    for one in makers:
        if one.maker is None or one.maker.harm not in HARMS:
            continue
        there = [each for each in rivals_for(person, one.maker) if each.cause in here]
        apart = (Differs(each.cause, one.maker, each.probability, here[each.cause]) for each in there)
        found += [each for each in apart if abs(each.there - each.here) >= _APART][:1]
    return found
