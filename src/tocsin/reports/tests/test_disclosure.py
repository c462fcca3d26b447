"""What leaves of numbers of people: blocks that nobody can take apart, whatever they know of how they were made."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.reports.disclosure import Block, Cell, Published, breakdown, controlled
from tocsin.reports.disclosure.attacking import Said, determined
from tocsin.reports.disclosure.deciding import breadth
from tocsin.reports.disclosure.keeping import packed, unpacked
from tocsin.reports.disclosure.worlds import rivals

NOTHING = Published()
Month = tuple[dict[Cell, int], int, frozenset[Cell]]
Rule = Callable[[Mapping[Cell, int]], tuple[Block, ...]]


def region(place: str) -> str:
    """Places are named by their region and a letter: 1a, 1b, 2a."""
    return place[:1]


def cells(*counts: int, places: str = "1a 1b 2a 2b", kinds: int = 1, month: str = "2026-10") -> dict[Cell, int]:
    names = [Cell(month, place, str(kind)) for place in places.split() for kind in range(kinds)]
    return dict(zip(names, counts, strict=True))


def shared(total: int, among: int) -> Iterator[tuple[int, ...]]:
    """Every way in which a sum can be shared out."""
    if among == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *rest) for rest in shared(total - first, among - 1))


def told_apart(names: list[Cell], most: int, rule: Rule) -> list[tuple[tuple[Block, ...], Cell, set[int]]]:
    """Attack with everything but the counts: run the rule on every world there can be, and see what each output leaves.

    Gives each cell that is not shown by itself, with the numbers that it can have for whoever saw that output.
    """
    worlds: dict[tuple[Block, ...], list[tuple[int, ...]]] = defaultdict(list)
    for total in range(most + 1):
        for counts in shared(total, len(names)):
            worlds[rule(dict(zip(names, counts, strict=True)))].append(counts)
    found = []
    for output, all_of_them in worlds.items():
        alone = {cell for block in output if len(block.cells) == 1 for cell in block.cells}
        for number, cell in enumerate(names):
            if cell not in alone:
                found.append((output, cell, {counts[number] for counts in all_of_them}))
    return found


SHAPES = {
    "five kinds in a place": ("1a", 5, 11),
    "six places in a region": ("1a 1b 1c 1d 1e 1f", 1, 10),
    "two regions": ("1a 1b 2a 2b", 1, 16),
    "places with kinds": ("1a 1b 2a", 2, 10),
    "regions of different sizes": ("1a 1b 1c 2a 3a", 1, 11),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("k", [3, 4, 5])
def test_who_knows_the_rule_and_saw_everything_can_tell_no_cell(shape: str, k: int) -> None:
    places, kinds, most = SHAPES[shape]
    names = list(cells(*[0] * len(places.split()) * kinds, places=places, kinds=kinds))
    found = told_apart(names, most, lambda world: controlled(world, NOTHING, k, region=region).blocks)
    assert found
    for output, cell, numbers in found:
        assert 0 in numbers, (output, cell)
        assert max(numbers) >= min(2, k - 1), (output, cell)


@pytest.mark.parametrize("k", [3, 4])
def test_a_cell_forbidden_by_hand_can_not_be_told_either(k: int) -> None:
    names = list(cells(0, 0, 0, 0, 0, places="1a 1b 1c 2a 2b"))
    for never in ({names[0]}, {names[0], names[1]}, {names[3], names[4]}, set(names[:3])):
        found = told_apart(names, 10, lambda w: controlled(w, NOTHING, k, never, region).blocks)  # noqa: B023
        hidden = {cell for _output, cell, _numbers in found}
        assert never <= hidden
        for output, cell, numbers in found:
            assert len(numbers) > 1, (output, cell)
            assert not any(block.cells <= never for block in output)


def merged_small(k: int, counts: Mapping[Cell, int]) -> tuple[Block, ...]:
    """A rule that looks good: whoever is below k is merged with the others who are, if that makes k."""
    small = {cell: count for cell, count in counts.items() if count < k}
    total = sum(small.values())
    if small and total < k:
        return (Block(sum(counts.values()), frozenset(counts)),)
    merged = (Block(total, frozenset(small)),) if small else ()
    return *merged, *(Block(count, frozenset({cell})) for cell, count in counts.items() if count >= k)


def zeros_shown(k: int, counts: Mapping[Cell, int]) -> tuple[Block, ...]:
    """Another: what is nought is said to be nought, and the rest follows the first one."""
    some = {cell: count for cell, count in counts.items() if count}
    return *(Block(0, frozenset({cell})) for cell in counts.keys() - some.keys()), *merged_small(k, some)


@pytest.mark.parametrize("rule", [merged_small, zeros_shown])
def test_the_attack_finds_cells_of_rules_that_only_look_good(rule: Callable[..., tuple[Block, ...]]) -> None:
    names = list(cells(0, 0, 0, 0))
    found = told_apart(names, 12, lambda world: tuple(sorted(rule(3, world), key=lambda one: sorted(one.cells))))
    assert any(len(numbers) == 1 for _output, _cell, numbers in found)


@st.composite
def months(draw: st.DrawFn) -> Month:
    """A month of up to 72 cells, most of them small, a k, and what a person forbade."""
    k = draw(st.integers(3, 11))
    places = [
        f"{one}{letter}" for one in range(draw(st.integers(1, 4))) for letter in "abcdef"[: draw(st.integers(1, 6))]
    ]
    kinds = draw(st.integers(1, 3))
    count = st.one_of(st.just(0), st.integers(0, k), st.integers(0, 4 * k))
    found = {Cell("2026-10", place, str(kind)): draw(count) for place in places for kind in range(kinds)}
    never = draw(st.frozensets(st.sampled_from(sorted(found)), max_size=3))
    return found, k, never


@given(months())
@settings(max_examples=80, deadline=None)
def test_each_hidden_cell_has_two_worlds_that_are_published_alike(
    given: tuple[dict[Cell, int], int, frozenset[Cell]],
) -> None:
    truth, k, never = given
    blocks = set(controlled(truth, NOTHING, k, never, region).blocks)
    for block in blocks:
        for cell in sorted(block.cells if len(block.cells) > 1 else ())[:12]:
            numbers = {world[cell] for world in rivals(block, cell, truth, k, region)
                       if set(controlled(world, NOTHING, k, never, region).blocks) == blocks}  # fmt: skip
            assert 0 in numbers
            assert len(numbers) > 1


@given(months())
@settings(max_examples=80, deadline=None)
def test_every_block_is_large_and_every_cell_lies_in_one(given: Month) -> None:
    truth, k, never = given
    blocks = controlled(truth, NOTHING, k, never, region).blocks
    held = [cell for block in blocks for cell in block.cells]
    assert sorted(held) == (sorted(truth) if blocks else [])
    for block in blocks:
        assert block.total == sum(truth[cell] for cell in block.cells) >= k
        assert not block.cells <= never
    assert bool(blocks) == (sum(truth.values()) >= k and not truth.keys() <= never)


@given(st.lists(st.integers(0, 16), min_size=2, max_size=12), st.integers(3, 11))
def test_who_knows_which_cells_are_empty_still_has_room_between_the_others(counts: list[int], k: int) -> None:
    truth = {Cell("2026-10", "1a", str(number)): count for number, count in enumerate(counts)}
    for block in controlled(truth, NOTHING, k, region=region).blocks:
        some = sum(1 for cell in block.cells if truth[cell])
        if 1 < len(block.cells) < len(truth):
            least = max(1, block.total - (some - 1) * (k - 1))
            most = min(k - 1, block.total - (some - 1))
            assert most - least >= min(breadth(k), k - 2)


def test_small_cells_with_the_largest_sum_that_they_can_have_are_not_put_together() -> None:
    """Who knows that each is below five would know that each is four."""
    truth = cells(4, 4, 4, 30, places="1a 1b 1c 1d")
    assert [block.total for block in controlled(truth, NOTHING, 5).blocks] == [42]


def test_nought_is_never_shown_nor_told_by_its_neighbour() -> None:
    """To show 12 of one of two would be to show that the other has none."""
    for truth in (cells(12, 0, places="1a 1b"), cells(12, 0, 0, 15, places="1a 1b 1c 1d")):
        (block,) = controlled(truth, NOTHING, 5).blocks
        assert block.cells == frozenset(truth)


def test_a_month_is_decided_once_and_never_again() -> None:
    first = controlled(cells(12, 1, 2, 15), NOTHING, 5, region=region)
    late = controlled(cells(13, 1, 2, 15), first.published, 5, region=region)
    assert late.blocks == first.blocks
    assert late.published == first.published


def test_a_late_record_counts_in_the_month_in_which_it_was_written_and_tells_nothing_of_the_first() -> None:
    october = cells(12, 1, 2, 15)
    kept = controlled(october, NOTHING, 5, region=region).published
    november = cells(8, 1, 0, 9, month="2026-11")
    both = controlled(october | november, kept, 5, region=region)
    said = [Said(block.cells, block.total) for block in both.blocks]
    shown = {cell for block in both.blocks if len(block.cells) == 1 for cell in block.cells}
    assert set(determined(october | november, said)) == shown


def test_a_month_below_k_is_not_shown_and_no_total_gives_it() -> None:
    known = controlled(cells(40, 50, 30, 20) | cells(1, 0, 0, 1, month="2026-11"), NOTHING, 5, region=region)
    assert known.published.months["2026-11"] == ()
    assert {cell.month for block in known.blocks for cell in block.cells} == {"2026-10"}


def test_all_issues_to_all_readers_together_tell_no_hidden_cell() -> None:
    """Months, quarters and running years, by place, kind, region and all of them: the tables of parallel readers."""
    truth: dict[Cell, int] = {}
    for number in range(1, 7):
        counts = [(number * 7 + 5 * place * place) % 13 for place in range(12)]
        truth |= cells(*counts, places="1a 1b 1c 2a 2b 2c", kinds=2, month=f"2026-{number:02}")
    control, said = controlled(truth, NOTHING, 5, region=region), []
    keys: list[Callable[[Cell], str]] = [
        lambda cell: "", lambda cell: cell.place, lambda cell: cell.kind, lambda cell: region(cell.place),
        lambda cell: cell.place + "/" + cell.kind,
    ]  # fmt: skip
    for last in range(1, 7):
        for first in range(1, last + 1):
            span = {f"2026-{number:02}" for number in range(first, last + 1)}
            blocks = [one for one in control.blocks if {cell.month for cell in one.cells} <= span]
            universe = frozenset(cell for block in blocks for cell in block.cells)
            for by in keys:
                for row in breakdown(blocks, by).rows:
                    of = frozenset(cell for cell in universe if by(cell) == row.key)
                    said.append(Said(of, row.least, exactly=row.whole))
    said += [Said(block.cells, block.total) for block in control.blocks]
    shown = {cell for block in control.blocks if len(block.cells) == 1 for cell in block.cells}
    assert set(determined(truth, said)) <= shown
    naive = []
    for until in {cell.month for cell in truth}:
        for by in keys:
            for key in {by(cell) for cell in truth}:
                of = frozenset(cell for cell in truth if cell.month <= until and by(cell) == key)
                naive.append(Said(of, sum(truth[cell] for cell in of)))
    assert determined(truth, naive) == truth


def test_a_correction_that_is_issued_again_says_the_same_numbers() -> None:
    truth = cells(12, 1, 2, 15)
    control = controlled(truth, NOTHING, 5, region=region)
    kept = Published({"2026-10": unpacked("2026-10", packed(control.blocks))})
    wrong = controlled(cells(3, 9, 9, 9), kept, 5, {Cell("2026-10", "2b", "0")}, region)
    assert set(wrong.blocks) == set(control.blocks)


def test_a_forbidden_cell_does_not_follow_from_a_total() -> None:
    truth, secret = cells(20, 20, 20, 20), Cell("2026-10", "1a", "0")
    control = controlled(truth, NOTHING, 5, {secret}, region)
    said = [Said(block.cells, block.total) for block in control.blocks]
    said.append(Said(frozenset(truth), 80))
    assert secret not in determined(truth, said)
    assert Block(40, frozenset({secret, Cell("2026-10", "1b", "0")})) in control.blocks


def test_a_table_says_what_it_withholds_and_never_nought_for_it() -> None:
    control = controlled(cells(12, 1, 2, 15, 0, 3, places="1a 1b 1c 1d 1e 1f"), NOTHING, 5, region=region)
    rows = {row.key: row for row in breakdown(control.blocks, lambda cell: cell.place).rows}
    assert (rows["1a"].least, rows["1a"].whole) == (12, True)
    assert rows["1e"].withheld
    assert rows["1b"].withheld
    assert breakdown(control.blocks, lambda cell: cell.place).total == 33


@pytest.mark.parametrize("k", [0, 1, 2])
def test_a_k_that_hides_nothing_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="k is at least 3"):
        controlled(cells(1, 2, 3, 4), NOTHING, k)


def test_a_count_below_nought_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        controlled(cells(1, -2, 3, 4), NOTHING, 5)
