"""What is known of one country in one window, as fusion takes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import isfinite

from tocsin.analysis.series import Direction, Evidence, Stream
from tocsin.analysis.series.networks import network


def _provider(kind: str) -> str:
    """Kinds of one provider share the first part of their name."""
    return kind.partition(".")[0].strip().casefold()


@dataclass(frozen=True, slots=True)
class Measured:
    """A finding. ``source`` names it, such as ``signal:12``; ``resolution`` is how exactly ``opened`` is known.

    Other fields as in ``series.Finding``; ``ours``: the subject belongs to the movement. ``network`` gets its one name,
    empty for all networks together; a ``score`` that is no number is 0, and others are held between 0 and 1.
    """

    source: str
    stream: Stream
    kind: str
    country: str
    subject: str
    network: str
    ours: bool
    direction: Direction
    opened: datetime
    closed: datetime | None
    score: float
    before: float
    now: float
    points: int
    evidence: Evidence = Evidence.SCORED
    resolution: timedelta = timedelta(days=1)

    def __post_init__(self) -> None:
        object.__setattr__(self, "network", network(self.network))
        object.__setattr__(self, "score", min(max(self.score, 0.0), 1.0) if isfinite(self.score) else 0.0)

    @property
    def provider(self) -> str:
        """Who measures."""
        return _provider(self.kind)

    @property
    def left(self) -> float:
        """The newest level as a share of what was usual."""
        return self.now / self.before if self.before > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """A text: who tells (masthead and the feed that brought it), of which harm, by whom, and how reliable they are.

    ``feed`` is the kind of a source that carries many mastheads, such as ``gdelt``. ``copy`` says that it is a copy of
    another text, which then speaks for both; ``mark`` is its fingerprint, which tells of copies in other words.
    ``host`` is where the text stands. ``technical``: it names a technical cause of a lost network.
    """

    source: str
    masthead: str
    feed: str
    grade: str
    harm: str
    actor: str
    ours: bool
    at: datetime
    copy: bool = False
    mark: bytes = b""
    host: str = ""
    technical: bool = False


@dataclass(frozen=True, slots=True)
class Steady:
    """A series of the same country that was measured of late, and in which nothing was found."""

    stream: Stream
    kind: str
    subject: str
    ours: bool

    @property
    def provider(self) -> str:
        """Who measures."""
        return _provider(self.kind)


class Sort(StrEnum):
    """What a day in the calendar is."""

    HOLIDAY = "holiday"
    ELECTION = "election"
    EXAM = "exam"
    PROTEST = "protest"
    ANNIVERSARY = "anniversary"


@dataclass(frozen=True, slots=True)
class Occasion:
    """A day in the calendar of the country."""

    day: date
    sort: Sort
    name: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """All that is known of one country until ``now``.

    ``elsewhere`` are findings of other countries around the same time, None where nobody looked; ``earlier`` are
    findings of this country from before the window, back to a year and a week. What is not there says nothing.

    ``about`` is the kind of harm that is asked about, empty for the country as a whole; ``own`` names the sources that
    the question itself rests on, None where nothing is set apart.
    """

    country: str
    now: datetime
    measured: tuple[Measured, ...] = ()
    told: tuple[Told, ...] = ()
    steady: tuple[Steady, ...] = ()
    elsewhere: tuple[Measured, ...] | None = None
    earlier: tuple[Measured, ...] | None = None
    occasions: tuple[Occasion, ...] = ()
    about: str = ""
    own: frozenset[str] | None = None


GRADES: Mapping[str, float] = {"A": 2.2, "B": 1.7, "C": 1.2, "D": 0.5, "E": 0.1, "F": 0.6}
"""What one independent text weighs by the grade of its source; F is not known, which is better than known to be bad."""
