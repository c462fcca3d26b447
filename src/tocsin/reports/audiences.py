"""Who reads a report: how much, how strict, in which words. One line each in ``AUDIENCES``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tocsin.lib.tlp import Tlp
from tocsin.reports.facts import Fact, Nature, Topic

_ORDER: Sequence[Tlp] = (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED)


@dataclass(frozen=True, slots=True)
class Audience:
    """One kind of reader.

    ``kind`` is what a report for them is called. ``ceiling`` is the strictest TLP that they may receive. ``topics`` is
    what they need, in order; ``most`` facts of each at most. ``outside``: leaves the organisation, so names and handles
    are masked, places and dates of dangerous countries are made coarser, and numbers of people are controlled.
    ``agreed``: must be agreed with them first. ``brief``: one line for each country and harm, without headlines.
    """

    key: str
    name: str | Promise
    kind: str | Promise
    what_for: str | Promise
    ceiling: Tlp
    topics: tuple[Topic, ...]
    most: int
    outside: bool = False
    agreed: bool = False
    brief: bool = False


_ALL = tuple(Topic)
AUDIENCES: Mapping[str, Audience] = {
    one.key: one
    for one in (
        Audience(
            "executive",
            _("Executives"),
            _("Brief for executives"),
            _("One page: what changed, what matters, what we ask."),
            Tlp.AMBER_STRICT,
            (Topic.CHANGE, Topic.SITUATION, Topic.ASK, Topic.CORRECTION),
            4,
            brief=True,
        ),
        Audience(
            "vice-president",
            _("Vice president"),
            _("Report to the vice president"),
            _("What we did, the state of the world, what works and what does not, measures and their trend."),
            Tlp.AMBER_STRICT,
            (
                Topic.CHANGE,
                Topic.SITUATION,
                Topic.FORECAST,
                Topic.ACTIVITY,
                Topic.WORKED,
                Topic.MEASURE,
                Topic.PEOPLE,
                Topic.BLIND,
                Topic.ASK,
                Topic.CORRECTION,
            ),
            12,
        ),
        Audience(
            "community",
            _("Affected community"),
            _("Report for the affected community"),
            _("Plain language, and what you can do. Agreed with them before it is released."),
            Tlp.GREEN,
            (Topic.ADVICE, Topic.SITUATION, Topic.CHANGE, Topic.CORRECTION),
            6,
            outside=True,
            agreed=True,
        ),
        Audience(
            "operational",
            _("The team"),
            _("Report for the team"),
            _("Everything that the team needs to act."),
            Tlp.RED,
            _ALL,
            200,
        ),
        Audience(
            "policy",
            _("Policy brief"),
            _("Policy brief"),
            _("The evidence for a position, with its limits."),
            Tlp.GREEN,
            (Topic.SITUATION, Topic.CHANGE, Topic.FORECAST, Topic.PEOPLE, Topic.BLIND, Topic.CORRECTION),
            15,
            outside=True,
        ),
        Audience(
            "public",
            _("Public transparency"),
            _("Transparency report"),
            _("What anybody may know: what happened, how often, what we did, how well."),
            Tlp.CLEAR,
            (Topic.SITUATION, Topic.ACTIVITY, Topic.MEASURE, Topic.PEOPLE, Topic.BLIND, Topic.CORRECTION),
            20,
            outside=True,
        ),
    )
}


def within(tlp: Tlp, ceiling: Tlp) -> bool:
    """Whether something of this TLP may go to an audience with that ceiling."""
    return _ORDER.index(tlp) <= _ORDER.index(ceiling)


FEWEST = 10
"""Of fewer than this nothing that we did is told outside: whoever knows of one would learn what became of it."""


def _few(fact: Fact) -> bool:
    if fact.value is None:
        return False
    many = fact.value.of if fact.value.of is not None else fact.value.amount
    return 0 < many < FEWEST


def barred(fact: Fact, audience: Audience) -> str | Promise | None:
    """Why no sentence for an audience may rest on a fact, whatever it is about; None where one may."""
    if not within(fact.tlp, audience.ceiling):
        return _("Above what this audience may receive.")
    if fact.readers and audience.key != "operational":
        return _("Rests on a source for some of the team only.")
    if audience.outside and fact.topic in {Topic.ACTIVITY, Topic.MEASURE} and _few(fact):
        return _("Too few to be told outside: what we did about one thing would show.")
    if fact.nature is Nature.COUNTED and fact.topic is not Topic.PEOPLE:
        return _("Numbers of people leave only through disclosure control.")
    return None


def why_not(fact: Fact, audience: Audience) -> str | Promise | None:
    """Why a fact does not go to an audience, in words for the editor; None where it may."""
    if (why := barred(fact, audience)) is not None:
        return why
    return _("Not what this audience needs.") if fact.topic not in audience.topics else None
