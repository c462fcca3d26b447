"""Two tables of the same people side by side: what threatened them and what helped them, country by country."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement

import pytest

from tocsin.reports.disclosure import Block, Cell, Published, alike, controlled
from tocsin.reports.disclosure.attacking import Said, Same, bounds, determined

PLACES, KINDS, HELP = ("1a", "1b", "1c"), ("k1", "k2"), ("h1", "h2")
Person = tuple[str, str, str]
Tables = tuple[dict[Cell, int], dict[Cell, int]]


def tables(people: tuple[Person, ...], places: tuple[str, ...] = PLACES) -> Tables:
    """The same people counted twice: by what threatened and by what helped; every cell that could be is there."""
    first = {Cell("2026-10", place, kind): 0 for place in places for kind in KINDS}
    second = {Cell("2026-10", place, kind): 0 for place in places for kind in HELP}
    for place, kind, helped in people:
        first[Cell("2026-10", place, kind)] += 1
        second[Cell("2026-10", place, helped)] += 1
    return first, second


def worlds(most: int, places: tuple[str, ...]) -> Iterator[tuple[Person, ...]]:
    """Every month of so many people at most."""
    everybody = [(place, kind, helped) for place in places for kind in KINDS for helped in HELP]
    for number in range(most + 1):
        yield from combinations_with_replacement(everybody, number)


def of(blocks: tuple[Block, ...]) -> frozenset[Cell]:
    return frozenset(cell for block in blocks if len(block.cells) == 1 for cell in block.cells)


def test_who_knows_the_rule_and_holds_both_tables_can_tell_no_hidden_cell() -> None:
    places = PLACES[:2]
    seen: dict[tuple[frozenset[Block], ...], dict[tuple[int, Cell], set[int]]] = defaultdict(lambda: defaultdict(set))
    for people in worlds(7, places):
        both = tables(people, places)
        shown = alike(both, 3)
        numbers = seen[tuple(frozenset(one) for one in shown)]
        for at, table in enumerate(both):
            for cell in table.keys() - of(shown[at]):
                numbers[at, cell].add(table[cell])
    issued = [numbers for output, numbers in seen.items() if any(output)]
    assert len(issued) > 5
    for numbers in issued:
        assert all(0 in one and len(one) > 1 for one in numbers.values())


def test_every_table_cuts_the_places_alike() -> None:
    dice = random.Random(7)
    for _each in range(200):
        people = tuple(
            (dice.choice(PLACES), dice.choice(KINDS), dice.choice(HELP)) for _person in range(dice.randrange(30))
        )
        both = tables(people)
        never = tuple(frozenset(dice.sample(sorted(table), dice.randrange(4))) for table in both)
        first, second = alike(both, 4, never)
        assert _sums(first) == _sums(second)


def _sums(blocks: tuple[Block, ...]) -> Counter[frozenset[str]]:
    found: Counter[frozenset[str]] = Counter()
    for block in blocks:
        found[frozenset(cell.place for cell in block.cells)] += block.total
    return found


def test_a_place_that_is_forbidden_in_one_table_alone_would_be_told_by_the_other() -> None:
    people = tuple([("1a", "k1", "h1")] * 6 + [("1b", "k1", "h1")] * 6 + [("1c", "k2", "h2")] * 6)
    kinds, helped = tables(people)
    never = frozenset(cell for cell in helped if cell.place == "1a")
    apart = (*controlled(kinds, Published(), 4).blocks, *controlled(helped, Published(), 4, never).blocks)
    together = [one for table in alike((kinds, helped), 4, (frozenset(), never)) for one in table]
    assert _sum_of("1a", kinds, apart) == 6
    assert _sum_of("1a", kinds, together) is None


def _sum_of(place: str, kinds: dict[Cell, int], blocks: Iterable[Block]) -> int | None:
    """How many people a place has, as far as that can be worked out from blocks."""
    inside = frozenset(cell for cell in kinds if cell.place == place)
    everybody = Cell("2026-10", place, "everybody")
    said = [Said(one.cells, one.total) for one in blocks]
    cells = {everybody, *inside, *(cell for one in said for cell in one.cells)}
    return determined(cells, said, [Same(inside, frozenset({everybody}))]).get(everybody)


def test_the_attack_uses_that_two_tables_count_the_same_people() -> None:
    one, two, other = Cell("m", "p", "a"), Cell("m", "p", "b"), Cell("m", "p", "x")
    same = [Same(frozenset({one, two}), frozenset({other}))]
    found = bounds([one, two, other], [Said(frozenset({other}), 7), Said(frozenset({one}), 3)], same)
    assert found[two] == (4, 4)


def test_tables_of_other_people_are_refused() -> None:
    first, second = tables((("1a", "k1", "h1"),))
    with pytest.raises(ValueError, match="same people"):
        alike((first, {**second, Cell("2026-10", "1b", "h1"): 1}), 3)
