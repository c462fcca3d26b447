"""Tables out of blocks: whatever is asked for is answered with sums of whole blocks, and says what it leaves out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tocsin.reports.disclosure.cells import Block, Cell


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. ``least`` are counted for sure; when not ``whole``, more may lie in what is withheld."""

    key: str
    least: int
    whole: bool

    @property
    def withheld(self) -> bool:
        """Whether nothing at all can be said."""
        return not self.whole and self.least == 0


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Lines, and how many are counted only together with others: ``elsewhere`` belongs to lines that are not whole."""

    rows: tuple[Row, ...]
    elsewhere: int

    @property
    def total(self) -> int:
        """All that is counted in the blocks."""
        return self.elsewhere + sum(row.least for row in self.rows)


def breakdown(blocks: Iterable[Block], by: Callable[[Cell], str]) -> Breakdown:
    """A table by any attribute of the cells: month, place, region, kind, or several of them in one key."""
    sums: dict[str, int] = {}
    mixed: set[str] = set()
    elsewhere = 0
    for block in blocks:
        keys = {by(cell) for cell in block.cells}
        if len(keys) == 1:
            key = keys.pop()
            sums[key] = sums.get(key, 0) + block.total
        else:
            mixed |= keys
            elsewhere += block.total
    rows = (Row(key, sums.get(key, 0), key not in mixed) for key in sorted(sums.keys() | mixed))
    return Breakdown(tuple(rows), elsewhere)
