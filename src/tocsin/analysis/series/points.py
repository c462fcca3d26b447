"""Measured points, and the cells that they belong to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Evidence(StrEnum):
    """Whether anything was measured: nothing measured never reads as nothing wrong.

    ``none``: no measurement exists. ``discarded``: one exists and can't be used (the reason is kept beside it).
    ``scored``: it was used. The idea of an evidence level beside every score is OONI's.
    """

    NONE = "none"
    DISCARDED = "discarded"
    SCORED = "scored"


class Stream(StrEnum):
    """What a measured series counts, which decides the detectors that watch it."""

    BLOCKING = "blocking"  # n measurements, k of them anomalous
    VIEWS = "views"  # page views per interval
    EVENTS = "events"  # reports or events per interval
    LEVEL = "level"  # any other measured level


@dataclass(frozen=True, slots=True)
class Cell:
    """The address of one series: what is measured, where, of whom, on which network.

    ``country`` is ISO 3166-1 alpha-2 or empty for the whole world; ``subject`` a domain or project; ``network`` an
    autonomous system such as ``AS13335``, or empty for all of them.
    """

    stream: Stream
    kind: str
    country: str
    subject: str
    network: str = ""

    def key(self) -> str:
        """One string that names this cell, for storing its state."""
        return "|".join((self.kind, self.country, self.subject, self.network))


@dataclass(frozen=True, slots=True)
class Point:
    """One interval of one cell.

    ``time`` is the aware start of the interval and ``step`` its length. Counts have ``n`` trials with ``k`` anomalous
    (``k`` may be a fraction); levels have ``value``. A point whose evidence is not ``scored`` carries no number.

    Raises:
        ValueError: for a naive time, a negative count, ``k`` above ``n``, or numbers beside missing evidence.
    """

    time: datetime
    step: timedelta
    n: float | None = None
    k: float | None = None
    value: float | None = None
    evidence: Evidence = Evidence.SCORED

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError("a point's time must name its zone")
        if self.evidence is not Evidence.SCORED:
            if not (self.n is None and self.k is None and self.value is None):
                raise ValueError("a point that was not scored carries no number")
            return
        if self.n is None and self.value is None:
            raise ValueError("a scored point needs n and k, or a value")
        if self.n is not None and not 0 <= (self.k or 0) <= self.n:
            raise ValueError("k must lie between 0 and n")
