"""One thing that speaks for or against a cause, where it comes from, and what may be said of it."""

from dataclasses import dataclass
from enum import StrEnum

from tocsin.analysis.fusion.causes import Cause


class Says(StrEnum):
    """Every sentence of a clue, so that whoever shows one can translate it."""

    TOLD = "told by {origin}, rated {grade}"
    NOTICE = "a regulator, court or government is named as ordering it"
    FAULT = "a technical cause is named by {origin}, rated {grade}: a cable, power, maintenance or weather"
    DEMAND = "an authority or a claimant demanded something of us"
    LAW = "a law or a rule against open access is spoken of"
    OURS_FAIL = "measurements of {subject} failed more often: {before} before, {now} now"
    OTHERS_FAIL = "measurements of {subject}, which is not ours, failed more often: {before} before, {now} now"
    OTHERS_FINE = "other sites are measured in the same country and are as usual: {count}"
    MANY_FAIL = "several sites fail in the same country at once: {count}"
    REACH_FELL = "the network of the country can be reached less: {left} of the usual is left"
    LEVEL_FELL = "the level of {subject} fell: {left} of the usual is left"
    LEVEL_ROSE = "the level of {subject} rose to {left} of the usual"
    NOT_YET = "a shutdown is told of, and the network can be reached as usual"
    REACH_STEADY = "the network of the country can be reached as usual"
    FELL_TOGETHER = "the network and what people read over it fell together"
    NEARLY_ALL = "most of it is gone, as when all networks are switched off together"
    PARTLY = "a part is left, as when power or one cable fails"
    ALIKE = "the same was found in other countries at the same time: {count}"
    VANISHED = "the level all but vanished, as it does when a place gets another name"
    HEIR = "{country} rose at the same time by about what is missing here"
    NOT_SCORED = "the newest measurements can't be used, or are missing"
    FEW = "only few intervals speak for it: {count}"
    SAME_DATE = "the same happened about this date in an earlier year"
    HOLIDAY = "it falls on a holiday: {name}"
    OCCASION = "it falls on a day on which networks have been cut elsewhere: {name}"
    ROUND = "it began on the full or half hour of local time"
    NOT_ROUND = "it did not begin on the full or half hour of local time"
    NIGHT = "it began at night"
    NOT_NIGHT = "it did not begin at night"
    AGAIN = "it came back after one to four whole days"
    NOT_AGAIN = "it did not come back after whole days, so far"
    OFTEN = "it came back more than once in two weeks"
    NOT_OFTEN = "it has not come back more than once in two weeks"
    ABROAD = "other countries lost their network in the same hours"
    NOT_ABROAD = "no other country lost its network in the same hours"
    EVERY_SIGNAL = "every kind of signal fell"
    NOT_EVERY_SIGNAL = "only some kinds of signals fell"
    BRIEF = "it was over within two hours"
    NOT_BRIEF = "it lasted longer than two hours"
    LONG = "it lasted longer than a day"
    NOT_LONG = "it was over within a day"


class Door(StrEnum):
    """By what way a clue came."""

    TEXT = "text"
    MEASURED = "measured"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who says so. A text has its masthead as ``name`` and the feed that brought it as ``carrier``; a measurement has
    the provider as ``name`` and the network as ``carrier``, which is empty when networks are counted together."""

    door: Door
    name: str
    carrier: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.carrier}".strip() if self.door is Door.MEASURED else self.name


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that speaks.

    ``key`` says what kind of thing: of several of one kind from one origin only the strongest counts. ``weights`` are
    natural logarithms of likelihood ratios against "unattributed": positive speaks for a cause, negative against it.
    ``sources`` name what it rests on, such as ``signal:12``, so that a page can lead there.

    Raises:
        ValueError: for a weight of "unattributed", which nothing speaks for or against, or one that is no number.
    """

    key: str
    says: str
    origin: Origin
    weights: tuple[tuple[Cause, float], ...]
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for cause, weight in self.weights:
            if cause is Cause.UNATTRIBUTED or not -100 < weight < 100:
                raise ValueError("a clue speaks for or against a cause with a finite weight, never of what is left")

    def weight(self, cause: Cause) -> float:
        """How it speaks of this cause; 0: not at all."""
        return sum(weight for one, weight in self.weights if one is cause)
