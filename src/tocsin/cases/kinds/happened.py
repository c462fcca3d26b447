"""What happened and what threatens: the timeline with its sources, the threat with its rivals, contacts, citations."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Choices, Due, Kind, Verb, Words, WrongError
from tocsin.cases.kinds.people import asked

SOURCES: Choices = (
    ("person", _("the person themselves")),
    ("relative", _("family or friends")),
    ("lawyer", _("their lawyer")),
    ("colleague", _("somebody of the movement")),
    ("ally", _("an ally")),
    ("press", _("press or the open net")),
    ("authority", _("an authority")),
    ("own", _("our own observation")),
    ("unnamed", _("somebody who is not named")),
)
CERTAIN: Choices = (
    ("confirmed", _("confirmed by others")),
    ("likely", _("probably true")),
    ("possible", _("possibly true")),
    ("doubtful", _("doubtful")),
    ("unknown", _("can’t be judged")),
)
THREATS: Choices = (
    ("violence", _("violence by others")),
    ("self", _("harm to themselves")),
    ("detention", _("arrest or detention")),
    ("doxxing", _("publishing of private facts")),
    ("legal", _("legal demand or charge")),
    ("surveillance", _("surveillance, seized devices")),
    ("harassment", _("harassment")),
    ("expulsion", _("loss of work, home or residence")),
    ("family", _("pressure on family")),
    ("other", _("something else")),
)
LEVELS: Choices = (("low", _("low")), ("medium", _("medium")), ("high", _("high")), ("unknown", _("not known")))
WAYS: Choices = (
    ("call", _("call")),
    ("message", _("message")),
    ("mail", _("e-mail")),
    ("met", _("met in person")),
    ("other", _("through somebody else")),
)
_CODE = re.compile(r"[a-z0-9]{4,16}")


@dataclass(frozen=True)
class Happened(Kind):
    """One line of the timeline, with its source."""

    kind: ClassVar[str] = "happened"
    title: ClassVar[Words] = _("What happened")
    compartments: ClassVar[tuple[str, ...]] = ("account", "legal", "security", "communications")

    what: str = base.text(
        _("What happened"), _("As it was told. No names here: they stand under identity."), needed=True
    )
    on: date | None = base.day(_("When"))
    about: bool = base.tick(_("The day is a guess"))
    source: str = base.choice(_("Who says so"), SOURCES)
    source_words: str = base.line(_("More about the source"))
    certain: str = base.choice(_("How sure"), CERTAIN)

    @property
    def headline(self) -> str:
        """Its first words."""
        return self.what


@dataclass(frozen=True)
class Threat(Kind):
    """What threatens them, how likely, how bad, and what else might explain it."""

    kind: ClassVar[str] = "threat"
    title: ClassVar[Words] = _("Threat")
    compartments: ClassVar[tuple[str, ...]] = ("account", "security", "legal")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("over", _("It is over"), ("over_why",), {"state": "over"}, lambda one: one.state == "open"),
    )

    what: str = base.choice(_("What kind"), THREATS)
    words: str = base.text(_("By whom, against whom, how"), needed=True)
    likely: str = base.choice(_("How likely"), LEVELS)
    impact: str = base.choice(_("How bad if it comes"), LEVELS)
    rivals: str = base.text(_("What else might explain the signs"), _("Name at least one, or say why there is none."))
    tell: str = base.line(_("What would change our mind"))
    review_on: date | None = base.day(_("Look again on"), needed=True)
    over_why: str = base.line(_("Why"), later=True, needed=True)
    state: str = base.hidden("open")

    @property
    def headline(self) -> str:
        """Kind and first words."""
        return f"{dict(asked(self, 'what')).get(self.what, '')}: {self.words}"

    @property
    def standing(self) -> Words:
        """Whether it goes on."""
        return _("over") if self.state == "over" else dict(LEVELS).get(self.likely, "")

    def dues(self, now: datetime) -> list[Due]:
        """To be looked at again."""
        return [Due(self.review_on, _("Look at the threat again"))] if self.review_on and self.state == "open" else []


@dataclass(frozen=True)
class Contact(Kind):
    """What was said with somebody, written down in a minute; and when the next contact is due."""

    kind: ClassVar[str] = "contact"
    title: ClassVar[Words] = _("Contact")
    help: ClassVar[Words] = _("Write it within a minute of the call. More can follow later.")
    compartments: ClassVar[tuple[str, ...]] = ("account", "legal", "security", "communications", "duty")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("done", _("The next contact was made"), (), {"next_done": True},
             lambda one: one.next_on is not None and not one.next_done),
    )  # fmt: skip

    way: str = base.choice(_("How"), WAYS)
    with_whom: str = base.choice(_("With whom"), SOURCES)
    said: str = base.text(_("What was said, and how they are"), needed=True)
    reply: str = base.choice(
        _("What we gave"),
        (
            ("none", _("we listened only")),
            ("first-aid", _("first aid: what keeps them safe right now")),
            ("substance", _("a reply of substance: advice, facts, an offer")),
        ),
        _("First aid never waits. A reply of substance needs a vetting first."),
    )
    next_on: date | None = base.day(_("Next contact"))
    next_who: int = base.person(_("By whom"))
    next_done: bool = base.hidden(False)

    @property
    def headline(self) -> str:
        """What was said."""
        return self.said

    def dues(self, now: datetime) -> list[Due]:
        """The next contact."""
        if self.next_on is None or self.next_done:
            return []
        return [Due(self.next_on, _("Next contact"), who=self.next_who)]


@dataclass(frozen=True)
class Citation(Kind):
    """A situation that this case belongs to. The code lies in here, sealed; the situation knows nothing of it."""

    kind: ClassVar[str] = "citation"
    title: ClassVar[Words] = _("Cited situation")
    compartments: ClassVar[tuple[str, ...]] = ("account", "communications")

    code: str = base.line(_("Code of the situation"), _("As it stands in its address."), needed=True)
    why: str = base.line(_("Why it matters here"))

    def check(self) -> None:
        """The code is one."""
        if not _CODE.fullmatch(self.code):
            raise WrongError("code", _("A code has small letters and digits, such as k3f9x2."))

    @property
    def headline(self) -> str:
        """Why, or the code."""
        return self.why or self.code


@dataclass(frozen=True)
class Instruction(Kind):
    """What somebody asks us to do who may not be free to ask. It is paused and reviewed, not obeyed."""

    kind: ClassVar[str] = "instruction"
    title: ClassVar[Words] = _("Instruction from somebody who may not be free")
    help: ClassVar[Words] = _(
        "Such as: withdraw, delete, publish, meet, send money, contact this number. Nothing is done until somebody "
        "else has looked at it; what keeps a person alive is not put off by that."
    )
    compartments: ClassVar[tuple[str, ...]] = ("account", "security", "duty")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("review", _("Review it"), ("decision", "reason"), {"state": "reviewed"},
             lambda one: one.state == "paused", other=True),
    )  # fmt: skip

    words: str = base.text(_("What is asked, in their words"), needed=True)
    way: str = base.line(_("How it reached us"), needed=True)
    free: str = base.choice(
        _("Are they free"),
        (
            ("custody", _("in custody")),
            ("maybe", _("perhaps in custody, or watched")),
            ("pressed", _("free, but perhaps pressed")),
            ("unsure", _("can’t be told")),
        ),
    )
    decision: str = base.choice(
        _("What we do"),
        (
            ("follow", _("follow it: we know that it is free will")),
            ("protect", _("don’t follow it, and protect them")),
            ("ask", _("ask back by a way that was agreed before")),
        ),
        later=True,
    )
    reason: str = base.text(_("Why"), later=True, needed=True)
    state: str = base.hidden("paused")

    @property
    def headline(self) -> str:
        """In their words."""
        return self.words

    @property
    def standing(self) -> Words:
        """Paused, or what came of it."""
        if self.state == "paused":
            return _("paused: nobody acts on it")
        return dict(asked(self, "decision")).get(self.decision, "")

    @property
    def is_open(self) -> bool:
        """Nobody has looked at it."""
        return self.state == "paused"

    def dues(self, now: datetime) -> list[Due]:
        """A review, at once."""
        return [Due(now.date(), _("An instruction waits for review"), grave=True)] if self.is_open else []
