"""What somebody could work out who holds every table that was ever issued: exact elimination, then interval bounds.

Tests and the benchmark attack with it. It knows nothing of how blocks are made; ``worlds`` covers who does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.reports.disclosure.cells import Cell

# Two coefficients multiplied still fit in 64 bits.
_PRIME: Final = 2_147_483_647
# Coefficients of sums and differences of tables are small; a larger one is no whole number but a fraction.
_SMALL: Final = 10_000
_ROUNDS: Final = 100

Matrix = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Said:
    """One number of a table: so many are counted in these cells, or at least so many."""

    cells: frozenset[Cell]
    number: int
    exactly: bool = True


@dataclass(frozen=True, slots=True)
class _Line:
    weights: tuple[tuple[int, int], ...]
    number: int
    exactly: bool = True


@dataclass(frozen=True, slots=True)
class Same:
    """What is known without being said: these cells and those count the same people, as two tables of one place do."""

    cells: frozenset[Cell]
    others: frozenset[Cell]


def bounds(
    cells: Iterable[Cell], said: Iterable[Said], same: Iterable[Same] = ()
) -> dict[Cell, tuple[int, int | None]]:
    """The least and the most that each cell can be; no most where nothing bounds it."""
    names = sorted(cells)
    place = {cell: number for number, cell in enumerate(names)}
    told = list(dict.fromkeys(said))
    lines = [_Line(tuple((place[cell], 1) for cell in one.cells), one.number, one.exactly) for one in told]
    for two in same:
        apart = [*((place[cell], 1) for cell in two.cells), *((place[cell], -1) for cell in two.others)]
        lines.append(_Line(tuple(apart), 0))
    lines += _eliminated([one for one in lines if one.exactly], len(names))
    low: list[int] = [0] * len(names)
    high: list[int | None] = [None] * len(names)
    for _round in range(_ROUNDS):
        moved = [_tightened(line, low, high) for line in lines]
        if not any(moved):
            break
    return {cell: (low[number], high[number]) for cell, number in place.items()}


def determined(cells: Iterable[Cell], said: Iterable[Said], same: Iterable[Same] = ()) -> dict[Cell, int]:
    """The cells that can be one number only, with that number."""
    found = bounds(cells, said, same)
    return {cell: low for cell, (low, high) in found.items() if low == high}


def _eliminated(lines: Sequence[_Line], width: int) -> list[_Line]:
    """The same equations, each with as few cells as elimination leaves."""
    if not lines:
        return []
    rows: Matrix = np.zeros((len(lines), width + 1), dtype=np.int64)
    for number, line in enumerate(lines):
        for cell, weight in line.weights:
            rows[number, cell] = weight
        rows[number, width] = line.number
    rank = _reduce(rows, width)
    rows[rows > _PRIME // 2] -= _PRIME
    found = []
    for row in rows[:rank]:
        if int(np.abs(row).max()) <= _SMALL:
            where = np.flatnonzero(row[:width])
            found.append(_Line(tuple((int(one), int(row[one])) for one in where), int(row[width])))
    return found


def _reduce(rows: Matrix, width: int) -> int:
    """Gauss and Jordan, modulo a prime, in place; gives the rank."""
    rank = 0
    for column in range(width):
        if rank == len(rows):
            break
        below = np.flatnonzero(rows[rank:, column])
        if not len(below):
            continue
        pivot = rank + int(below[0])
        rows[[rank, pivot]] = rows[[pivot, rank]]
        rows[rank] = rows[rank] * pow(int(rows[rank, column]), -1, _PRIME) % _PRIME
        others = np.flatnonzero(rows[:, column])
        others = others[others != rank]
        rows[others] = (rows[others] - rows[others, column][:, None] * rows[rank]) % _PRIME
        rank += 1
    return rank


def _tightened(line: _Line, low: list[int], high: list[int | None]) -> bool:
    """Narrow each cell of a line by what the others can be at most and at least."""
    moved = False
    for cell, weight in line.weights:
        most = _reach(line.weights, cell, low, high, upper=True)
        least = _reach(line.weights, cell, low, high, upper=False)
        # weight x cell lies between number - most and number - least
        if most is not None:
            moved |= _narrow(cell, weight, line.number - most, low, high, above=True)
        if least is not None and line.exactly:
            moved |= _narrow(cell, weight, line.number - least, low, high, above=False)
    return moved


def _reach(
    weights: Iterable[tuple[int, int]], but: int, low: Sequence[int], high: Sequence[int | None], *, upper: bool
) -> int | None:
    total = 0
    for cell, weight in weights:
        if cell == but:
            continue
        end = high[cell] if (weight > 0) == upper else low[cell]
        if end is None:
            return None
        total += weight * end
    return total


def _narrow(cell: int, weight: int, edge: int, low: list[int], high: list[int | None], *, above: bool) -> bool:
    """Apply weight x cell >= edge, or <= edge, in whole numbers."""
    if above == (weight > 0):
        least = -(-edge // weight)
        if least > low[cell]:
            low[cell] = least
            return True
        return False
    most, now = edge // weight, high[cell]
    if now is None or most < now:
        high[cell] = most
        return True
    return False


def right(found: Mapping[Cell, int], truth: Mapping[Cell, int]) -> set[Cell]:
    """Those that were worked out, and are so."""
    return {cell for cell, number in found.items() if truth.get(cell) == number}
