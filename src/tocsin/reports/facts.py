"""A fact: one statement with what it rests on, and with whom it may be shared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tocsin.lib.tlp import Tlp


class Nature(StrEnum):
    """How a statement came to be."""

    MEASURED = "measured"
    REPORTED = "reported"
    RECORDED = "recorded"  # the team's own record: an alert, a plan, a clock
    ASSESSED = "assessed"  # somebody's judgement, and it says whose
    COUNTED = "counted"  # a number of people or cases: leaves only through disclosure control


NATURES: Mapping[Nature, str | Promise] = {
    Nature.MEASURED: _("measured"),
    Nature.REPORTED: _("reported"),
    Nature.RECORDED: _("on record"),
    Nature.ASSESSED: _("assessment"),
    Nature.COUNTED: _("counted"),
}


class Topic(StrEnum):
    """What a statement is about; templates ask for facts by it."""

    CHANGE = "change"  # what is new or different since the last issue
    SITUATION = "situation"  # the state of the world
    FORECAST = "forecast"
    ACTIVITY = "activity"  # what the team did
    MEASURE = "measure"  # how well it went
    WORKED = "worked"  # what worked and what did not, from debriefs
    PEOPLE = "people"  # numbers of people and cases
    BLIND = "blind"  # what could not be seen
    ASK = "ask"  # what is asked of the reader
    ADVICE = "advice"  # what a reader can do
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Source:
    """What a fact rests on: a row of a room, by its public id, and the console's page about it."""

    kind: str
    id: str
    title: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Value:
    """The number in a statement. ``low`` to ``high`` is where it may lie, both None where that is not known."""

    amount: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    before: float | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One sourced statement. ``says`` is one plain sentence in ``language``, whole without its neighbours.

    ``key`` is the same for the same statement in each report (``situation:abc123:probability``), so that issues can be
    compared. ``tlp`` and ``readers`` (roles as bits, 0 for everybody) are its ceiling: the strictest of its sources.
    ``author`` names who judged, for an assessment. ``places`` are ISO 3166 codes, ``harms`` keys of the taxonomy.

    Raises:
        ValueError: for a fact without a source, or an assessment without an author.
    """

    key: str
    topic: Topic
    nature: Nature
    says: str
    sources: tuple[Source, ...]
    as_of: datetime
    tlp: Tlp = Tlp.AMBER
    readers: int = 0
    confidence: str = ""
    author: str = ""
    value: Value | None = None
    places: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    rank: float = 0
    exercise: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    """The same statement in words for one audience, by the audience's key; where there is none, ``says`` stands."""
    course: tuple[tuple[datetime, float], ...] = ()
    """How its number moved in the time that it is about: what it was from each moment on. It never leaves."""

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("a fact rests on at least one source")
        if self.nature is Nature.ASSESSED and not self.author:
            raise ValueError("an assessment says whose it is")


# Sources of these kinds have titles that people gave.
_NAMED = frozenset({"situation", "assessment", "item", "case", "plan"})


def wordings(fact: Fact) -> Iterator[str]:
    """Every wording of a fact, and the titles of what it rests on as far as people gave them."""
    yield fact.says
    yield from fact.words.values()
    for source in fact.sources:
        if source.kind in _NAMED:
            yield source.title
