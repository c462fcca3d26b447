"""Blocks as JSON, small enough to keep: cells that make a rectangle of places and kinds are written as one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tocsin.reports.disclosure.cells import Block, Cell

Kept = Mapping[str, Any]


def packed(blocks: Iterable[Block]) -> list[Kept]:
    """Blocks of one month, to be kept; sums and which cells they are made of, never a cell's own count."""
    return [{"total": one.total, "parts": _parts(one.cells)} for one in blocks]


def unpacked(month: str, kept: Sequence[Kept]) -> tuple[Block, ...]:
    """The same blocks again."""
    return tuple(
        Block(
            int(one["total"]),
            frozenset(Cell(month, place, kind) for places, kinds in one["parts"] for place in places for kind in kinds),
        )
        for one in kept
    )


def _parts(cells: Iterable[Cell]) -> list[list[list[str]]]:
    kinds: dict[str, list[str]] = {}
    for cell in sorted(cells):
        kinds.setdefault(cell.place, []).append(cell.kind)
    places: dict[tuple[str, ...], list[str]] = {}
    for place, found in kinds.items():
        places.setdefault(tuple(found), []).append(place)
    return [[found, list(same)] for same, found in places.items()]
