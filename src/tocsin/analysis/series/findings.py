"""What a detector concludes, with the rule that concluded it and the explanations that compete with it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.analysis.series.points import Cell, Evidence


class Direction(StrEnum):
    """Which way the measured quantity moved."""

    RISE = "rise"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class RuleId:
    """A rule and its version: every verdict names both."""

    name: str
    version: int

    def __str__(self) -> str:
        return f"{self.name}/{self.version}"


@dataclass(frozen=True, slots=True)
class Rival:
    """Another explanation of the same numbers: a short key, what speaks for and what against it."""

    key: str
    speaks_for: str
    speaks_against: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A change that a detector found in one cell.

    ``opened`` and ``closed`` are aware times (``closed`` None: it lasts). ``score`` lies between 0 and 1 and grows
    with the evidence for a real change; it is not a calibrated probability. ``before`` and ``now`` are the baseline
    and the newest level, in the unit of the series. ``delay`` is the time that the detector would need at the cell's
    present rate of data. ``summary`` says in one plain sentence what was seen, in numbers. Rule, cell and ``opened``
    together name a finding: a later one with the same three is its newer state. ``withdrawn`` says that later data no
    longer show it; one that is only over is not.
    """

    rule: RuleId
    cell: Cell
    opened: datetime
    closed: datetime | None
    seen: datetime
    direction: Direction
    score: float
    before: float
    now: float
    evidence: Evidence
    points: int
    delay: timedelta | None = None
    rivals: tuple[Rival, ...] = field(default=())
    summary: str = ""
    withdrawn: bool = False
