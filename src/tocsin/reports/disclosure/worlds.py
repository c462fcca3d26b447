"""Other worlds that would have been published alike: the witnesses that a cell can't be worked out by any means.

Whoever knows the rule, ``k``, every place and month and all that was issued can tell a cell only if every world that
gives the same blocks has the same number in it. Two worlds that differ in a cell show that nobody can.
"""

from collections.abc import Iterator, Mapping, Sequence

from tocsin.reports.disclosure.cells import Block, Cell
from tocsin.reports.disclosure.deciding import Region, shares

World = dict[Cell, int]


def rivals(block: Block, cell: Cell, truth: Mapping[Cell, int], k: int, region: Region) -> Iterator[World]:
    """Worlds that should give the same blocks, some with nobody in the cell and some with somebody."""
    children = _children(block, [one for one in truth if one.month == cell.month], region)
    others = {one: truth[one] for one in truth if one not in block.cells} | dict.fromkeys(block.cells, 0)
    if children is None:
        yield others | {cell: block.total}
        yield from (others | {one: block.total} for one in sorted(block.cells - {cell})[:1])
        return
    mine = next(one for one in children if cell in one)
    rest = [one[0] for one in children if one is not mine]
    for among in range(1, len(children)):
        if shares(block.total, among, k):
            parts = _spread(block.total, among, k)
            yield others | dict(zip(rest, parts, strict=False))
            yield others | {cell: parts[0]} | dict(zip(rest, parts[1:], strict=False))


def _children(block: Block, month: Sequence[Cell], region: Region) -> list[list[Cell]] | None:
    """The children that were merged into a block; None for a node that was not cut."""
    for by in (lambda one: "", lambda one: region(one.place), lambda one: one.place):
        names = {by(one) for one in block.cells}
        if len(names) > 1:
            return [[one for one in sorted(block.cells) if by(one) == name] for name in sorted(names)]
        if block.cells == {one for one in month if by(one) in names}:
            return None
    return [[one] for one in sorted(block.cells)]


def _spread(total: int, among: int, k: int) -> list[int]:
    """A sum shared out in numbers from 1 to k - 1, the largest first."""
    shares = [1] * among
    left = total - among
    for number in range(among):
        more = min(k - 2, left)
        shares[number] += more
        left -= more
    return shares
