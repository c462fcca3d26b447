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
    CONNECTIVITY = "connectivity"  # how much of a network can be reached: routes, answering addresses, probes


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
class Part:
    """What one network, or one domain, gave to the counts of a pooled interval: ``k`` of ``n`` were anomalous.

    Raises:
        ValueError: for a negative count or ``k`` above ``n``.
    """

    name: str
    n: float
    k: float

    def __post_init__(self) -> None:
        if not 0 <= self.k <= self.n:
            raise ValueError("k must lie between 0 and n")


@dataclass(frozen=True, slots=True)
class Point:
    """One interval of one cell.

    ``time`` is the aware start of the interval and ``step`` its length. Counts have ``n`` trials with ``k`` anomalous
    (``k`` may be a fraction); levels have ``value``. A point whose evidence is not ``scored`` carries no number.
    ``parts`` tells which networks and domains a pooled count came from, so that each is judged against its own past.
    ``elsewhere`` is how far the same interval stood from what is usual in the rest of the world, as a natural
    logarithm (0: as usual; None: nobody knows), so that a world-wide movement is taken out before a place is judged.

    Raises:
        ValueError: for a naive time, a negative count, ``k`` above ``n``, or numbers beside missing evidence.
    """

    time: datetime
    step: timedelta
    n: float | None = None
    k: float | None = None
    value: float | None = None
    evidence: Evidence = Evidence.SCORED
    parts: tuple[Part, ...] = ()
    elsewhere: float | None = None

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError("a point's time must name its zone")
        if self.evidence is not Evidence.SCORED:
            if not (self.n is None and self.k is None and self.value is None) or self.parts:
                raise ValueError("a point that was not scored carries no number")
            return
        if self.n is None and self.value is None:
            raise ValueError("a scored point needs n and k, or a value")
        if self.n is not None and not 0 <= (self.k or 0) <= self.n:
            raise ValueError("k must lie between 0 and n")
