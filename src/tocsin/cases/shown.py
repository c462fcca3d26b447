"""Records as pages show them: each field with its label, people and links by their words, and what can be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from tocsin.alliances.words import ANSWERS
from tocsin.cases import protocols, questions
from tocsin.cases.allies import ally_of
from tocsin.cases.entries import Entry
from tocsin.cases.evidence.items import Kept
from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Ask, Kind, Shape, Verb, Words
from tocsin.cases.kinds.reporters import Task
from tocsin.cases.kinds.safety import CheckIn, Protocol
from tocsin.cases.kinds.support import Referral
from tocsin.cases.roles import COMPARTMENTS


@dataclass(frozen=True, slots=True)
class Fact:
    """One field: its label and what stands there; ``day`` and ``at`` are drawn by the page."""

    label: Words
    words: str = ""
    day: date | None = None
    at: datetime | None = None
    zone: str = ""
    long: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """One step of a protocol as it stands."""

    key: str
    words: Words
    needs: Words
    who: str
    on: date | None
    said: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What an ally said through the sealed link."""

    at: datetime
    kind: Words
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """One record as a page shows it."""

    entry: Entry
    title: Words
    standing: Words
    by: str
    changed_by: str
    place: Words
    facts: tuple[Fact, ...]
    verbs: tuple[Verb, ...]
    ticks: tuple[Tick, ...]
    hears: bool
    shares: bool
    replies: tuple[Reply, ...] = ()
    files: tuple[tuple[UUID, str], ...] = ()
    takes_files: bool = False


def with_files(shown: Sequence[Card], files: Mapping[str, Sequence[Kept]], *, holds: bool) -> list[Card]:
    """The same, each with the pieces of evidence that belong to it; ``holds``: and the way to bring one."""
    return [
        replace(
            one,
            files=tuple((kept.id, kept.piece.description[:120]) for kept in files.get(str(one.entry.id), ())),
            takes_files=holds and one.entry.what.kind == "report",
        )
        for one in shown
    ]


def card(one: Entry, known: Mapping[int, str], found: Sequence[Entry], me: int) -> Card:
    """A record of a case whose members are ``known``; ``found`` are the records that it may link to."""
    what = one.what
    verbs = tuple(verb for verb in what.verbs if verb.when(what) and verb.may(me, one.by, one.changed_by))
    return Card(
        entry=one,
        title=what.title,
        standing=what.standing,
        by=known.get(one.by, _("somebody who left")),
        changed_by=known.get(one.changed_by, _("somebody who left")) if one.changed_at != one.at else "",
        place=COMPARTMENTS.get(one.compartment, ""),
        facts=tuple(_facts(one, known, found)),
        verbs=verbs,
        ticks=tuple(_ticks(what, known)) if isinstance(what, Protocol) else (),
        hears=isinstance(what, CheckIn) and what.state == "open",
        shares=isinstance(what, Referral) and what.state == "sent" and not what.slice,
        replies=tuple(_replies(what)) if isinstance(what, Referral) else (),
    )


def _facts(one: Entry, known: Mapping[int, str], found: Sequence[Entry]) -> list[Fact]:
    facts = []
    for name, ask in base.asks(type(one.what)).items():
        value = getattr(one.what, name)
        if (
            ask.shape != Shape.HIDDEN
            and value not in ("", None, (), False)
            and (value != 0 or ask.shape == Shape.NUMBER)
        ):
            zone = one.what.zone if isinstance(one.what, CheckIn) else ""
            facts.append(_fact(ask, _in_words(one.what, name, value), known, found, zone))
    return facts


def _in_words(what: Kind, name: str, value: Any) -> Any:
    """What stands elsewhere by a code, in the words of there."""
    if isinstance(what, Referral) and name == "ally":
        return _ally(what)
    if isinstance(what, Task) and name == "requirement":
        return questions.asked(value)
    return value


def _ally(what: Referral) -> str:
    """The name of a referral's ally, with the code by which they stand in the list if that is what was given."""
    ally = None if what.named else ally_of(what.ally)
    name = what.named or (ally.name if ally is not None else "")
    return f"{name} ({what.ally})" if name and name.casefold() != what.ally.casefold() else what.ally


def _replies(what: Referral) -> list[Reply]:
    return [Reply(at, ANSWERS.get(kind, _("opened the link")), words) for at, kind, words in what.replies]


def _fact(ask: Ask, value: Any, known: Mapping[int, str], found: Sequence[Entry], zone: str = "") -> Fact:
    match ask.shape:
        case Shape.DAY:
            return Fact(ask.label, day=value)
        case Shape.MOMENT:
            return Fact(ask.label, at=value, zone=zone)
        case Shape.CHOICE:
            return Fact(ask.label, str(dict(ask.choices).get(value, value)))
        case Shape.CHOICES:
            words = dict(ask.choices)
            return Fact(ask.label, ", ".join(str(words.get(each, each)) for each in value))
        case Shape.PERSON:
            return Fact(ask.label, known.get(value, _("somebody who left")))
        case Shape.LINK:
            linked = next((each for each in found if str(each.id) == value), None)
            return Fact(ask.label, linked.what.headline if linked else _("stands in a part that you don’t hold"))
        case Shape.TICK:
            return Fact(ask.label, _("yes"))
        case Shape.TEXT:
            return Fact(ask.label, str(value), long=True)
        case _:
            return Fact(ask.label, str(value))


def _ticks(what: Protocol, known: Mapping[int, str]) -> list[Tick]:
    done = what.ticked
    ticks = []
    for step in protocols.steps(what.threat):
        who, on, said = done.get(step.key, (0, "", ""))
        day = date.fromisoformat(on) if on else None
        needs = protocols.APPROVERS.get(step.approver, "")
        ticks.append(Tick(step.key, step.words, needs, known.get(who, _("somebody who left")) if on else "", day, said))
    return ticks
