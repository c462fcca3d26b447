"""Cuts a month into blocks, once, so that nobody can work out a cell that is not shown by itself.

The months' cells form a tree: world, region, place, kind. From the top down, the children of a node are

- all shown apart, when each of them counts ``k`` or more;
- or in part: the small ones (and, where they are too few to hide among themselves, the smallest of the others) are
  merged into one block that *hides* them, and the rest are shown apart;
- or not at all: then the node is one block.

What is shown apart is cut further in the same way. A month below ``k`` is not shown at all.

Why knowing all of this helps nobody. A merged block hides (``hides``) when its sum can be shared out among its children
in small numbers, none of them ``k`` or more, in several ways, with any one of them at nought. Every such sharing, put
in place of the truth, gives the very same blocks with the very same sums: all its children are small, so they are
merged at once. A node that is not cut stays uncut also when all its people are in any single one of its cells. So each
cell has, for whoever sees the blocks and knows the rule, the number nought and at least one other, whatever is known of
the rest of the tree. Somebody who even knows which children of a merged block are empty still can't tell the others by
less than ``breadth(k)``.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from tocsin.reports.disclosure.cells import Block, Cell, Control, Published

LEAST: Final = 3
"""Below three there is nothing to hide among: a small number would be one."""

Region: TypeAlias = Callable[[str], str]
Level: TypeAlias = Callable[[Cell], str]


@dataclass(frozen=True, slots=True)
class _Node:
    name: str
    total: int
    cells: frozenset[Cell]
    parts: tuple["_Node", ...] = ()


def controlled(
    cells: Mapping[Cell, int],
    before: Published,
    k: int,
    never: Collection[Cell] = frozenset(),
    region: Region = lambda _place: "",
) -> Control:
    """Decide each month of ``cells`` that was not decided before, and give what may be shown of all of them.

    ``cells`` must hold every cell that could be, empty ones too: which ones there are must not tell what was counted.
    Only months that are over may be given. ``never`` are cells that a person forbids: none of them, and nothing made of
    them alone, is ever a block. ``region`` leads from a place to its region.

    Raises:
        ValueError: for ``k`` below ``LEAST``, or a count below nought.
    """
    if k < LEAST:
        raise ValueError(f"k is at least {LEAST}")
    if any(count < 0 for count in cells.values()):
        raise ValueError("a count is not negative")
    forbidden = frozenset(never)
    months = {month: list(found) for month, found in groupby(sorted(cells), key=lambda one: one.month)}
    decided = dict(before.months)
    for month, found in months.items():
        if month not in decided:
            root = _tree({one: cells[one] for one in found}, region)
            may = root.total >= k and not root.cells <= forbidden
            decided[month] = tuple(_cut(root, k, forbidden)) if may else ()
    return Control(tuple(block for month in months for block in decided[month]), Published(decided))


def alike(
    tables: Sequence[Mapping[Cell, int]],
    k: int,
    never: Sequence[Collection[Cell]] = (),
    region: Region = lambda _place: "",
) -> tuple[tuple[Block, ...], ...]:
    """Decide several tables of the same people in one month, such as what threatened them and what helped them.

    Each place counts as many people in each table. Which places stand apart follows from those sums alone, and from
    which places are forbidden: one of which a person forbids every cell of one table is forbidden in all. So every
    table cuts the world alike, and below a place a table tells nothing of another but the sum that both show. Whoever
    lays all of them side by side has, for each hidden cell of each, the same worlds as before.

    Raises:
        ValueError: for tables that do not count the same people in each place, or as ``controlled`` says.
    """
    forbidden = [frozenset(one) for one in never] or [frozenset[Cell]()] * len(tables)
    sums = [_by_place(table) for table in tables]
    if any(one != sums[0] for one in sums):
        raise ValueError("the tables do not count the same people")
    shut = {
        place for table, hand in zip(tables, forbidden, strict=True) for place in sums[0]
        if hand.issuperset(cell for cell in table if cell.place == place)
    }  # fmt: skip
    return tuple(
        controlled(table, Published(), k, hand | {cell for cell in table if cell.place in shut}, region).blocks
        for table, hand in zip(tables, forbidden, strict=True)
    )


def _by_place(table: Mapping[Cell, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for cell, count in table.items():
        found[cell.place] = found.get(cell.place, 0) + count
    return found


def breadth(k: int) -> int:
    """How far apart two numbers are at least that a hidden child may have, for who knows which ones are empty."""
    return (k - 1) // 2


def hides(counts: Sequence[int], k: int) -> bool:
    """Whether a block of children with these counts gives none of them away."""
    total, some = sum(counts), sum(1 for count in counts if count)
    # With one child fewer too: then nobody can say of any of them that there was somebody.
    return total >= k and shares(total, some, k) and any(shares(total, one, k) for one in range(1, len(counts)))


def shares(total: int, among: int, k: int) -> bool:
    """Whether so many children can share a sum in numbers from 1 to k - 1, with room to move."""
    room = breadth(k)
    return among + room <= total <= among * (k - 1) - room


def _tree(cells: Mapping[Cell, int], region: Region) -> _Node:
    levels: tuple[Level, ...] = (lambda one: region(one.place), lambda one: one.place)
    return _node("", sorted(cells), cells, levels)


def _node(
    name: str, found: Sequence[Cell], cells: Mapping[Cell, int], levels: Sequence[Callable[[Cell], str]]
) -> _Node:
    if levels:
        by = levels[0]
        grouped = groupby(sorted(found, key=by), key=by)
        parts = tuple(_node(one, list(inner), cells, levels[1:]) for one, inner in grouped)
    else:
        parts = tuple(_Node(one.kind, cells[one], frozenset({one})) for one in found) if len(found) > 1 else ()
    if len(parts) == 1:
        return _Node(name, parts[0].total, parts[0].cells, parts[0].parts)
    return _Node(name, sum(cells[one] for one in found), frozenset(found), parts)


def _cut(node: _Node, k: int, never: frozenset[Cell]) -> Iterable[Block]:
    merged = _merged(node.parts, k, never) if node.parts else None
    if merged is None:
        return [Block(node.total, node.cells)]
    together = frozenset(cell for one in merged for cell in one.cells)
    blocks = [Block(sum(one.total for one in merged), together)] if merged else []
    return blocks + [block for one in node.parts if one not in merged for block in _cut(one, k, never)]


def _merged(parts: Sequence[_Node], k: int, never: frozenset[Cell]) -> Sequence[_Node] | None:
    """The children to be counted together; none when each may be shown apart, None when none may."""
    small = [one for one in parts if one.total < k or one.cells <= never]
    if not small:
        return ()
    others = sorted((one for one in parts if one not in small), key=lambda one: (one.total, one.name))
    for more in range(len(others)):
        block = [*small, *others[:more]]
        if hides([one.total for one in block], k) and not all(one.cells <= never for one in block):
            return block
    return None
