"""The few types that disclosure control speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """The finest count: a month (``2026-11``), a place (ISO 3166, a region of UN M49, or nothing), a kind."""

    month: str
    place: str
    kind: str


@dataclass(frozen=True, slots=True)
class Block:
    """Cells of one month that are only ever counted together, and their sum."""

    total: int
    cells: frozenset[Cell]


@dataclass(frozen=True, slots=True)
class Published:
    """How each month that was decided is cut into blocks; none for a month of which nothing is ever shown."""

    months: Mapping[str, tuple[Block, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def blocks(self) -> tuple[Block, ...]:
        """Every block, month after month."""
        return tuple(block for month in sorted(self.months) for block in self.months[month])


@dataclass(frozen=True, slots=True)
class Control:
    """What may be shown of the months that were asked about, and what must be kept for all later ones."""

    blocks: tuple[Block, ...]
    published: Published
