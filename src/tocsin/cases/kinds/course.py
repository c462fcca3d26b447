"""The course of a case: what it is, who must never be let in, how it is handed over, how it was closed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Choices, Due, Kind, Words

# How long after closing each class is kept, in days; then it is shredded, unless somebody extends it with a reason.
RETENTION: dict[str, int] = {"brief": 90, "usual": 2 * 365, "long": 10 * 365}
LONGEST = max(RETENTION, key=lambda name: RETENTION[name])
CLASSES: Choices = (
    ("brief", _("brief: 90 days after closing (advice, nothing that will be asked for again)")),
    ("usual", _("usual: two years after closing")),
    ("long", _("long: ten years after closing (detention, evidence, proceedings)")),
)


@dataclass(frozen=True)
class About(Kind):
    """What the case is about, in one line without a name. There is one in each case."""

    kind: ClassVar[str] = "about"
    title: ClassVar[Words] = _("About this case")
    compartments: ClassVar[tuple[str, ...]] = ("account",)

    line: str = base.line(_("In a line, without names"), needed=True)
    country: str = base.line(_("Country"))
    urgent: str = base.choice(
        _("How urgent"),
        (("now", _("life or liberty, now")), ("days", _("within days")), ("steady", _("steady"))),
    )
    retention: str = base.choice(_("Kept for"), CLASSES)
    state: str = base.hidden("open")
    closed_on: str = base.hidden("")
    erase_on: str = base.hidden("")

    @property
    def headline(self) -> str:
        """In a line."""
        return self.line

    @property
    def policy(self) -> tuple[str, int]:
        """The class as counsel knows it, who may set other days for it; and its days where counsel said nothing."""
        name = self.retention if self.retention in RETENTION else LONGEST
        return f"case {name}", RETENTION[name]

    @property
    def standing(self) -> Words:
        """Open or closed."""
        return _("closed") if self.state == "closed" else dict(base.asks(About)["urgent"].choices).get(self.urgent, "")

    def dues(self, now: datetime) -> list[Due]:
        """Its end."""
        if self.state != "closed" or not self.erase_on:
            return []
        end = date.fromisoformat(self.erase_on)
        return [Due(end, _("This case is due to be shredded"))] if end - timedelta(days=30) <= now.date() else []


@dataclass(frozen=True)
class Conflict(Kind):
    """Somebody who must never be let in, and not even learn that the case exists."""

    kind: ClassVar[str] = "conflict"
    title: ClassVar[Words] = _("Kept out")
    compartments: ClassVar[tuple[str, ...]] = ("security",)

    who: int = base.hidden(0)
    why: str = base.line(_("Why"), needed=True)

    @property
    def headline(self) -> str:
        """Why."""
        return self.why


@dataclass(frozen=True)
class Handover(Kind):
    """What whoever takes over must know that stands nowhere else."""

    kind: ClassVar[str] = "handover"
    title: ClassVar[Words] = _("Hand-over note")
    compartments: ClassVar[tuple[str, ...]] = ("account", "duty")

    to: int = base.person(_("To whom"))
    words: str = base.text(
        _("What they must know"), _("How to talk with the person; what they fear; what we owe them."), needed=True
    )
    goodbye: str = base.text(_("What the person was told about the change, and by whom"))

    @property
    def headline(self) -> str:
        """Its first words."""
        return self.words


@dataclass(frozen=True)
class Closing(Kind):
    """Why a case was closed, and how it was for the person."""

    kind: ClassVar[str] = "closing"
    title: ClassVar[Words] = _("Closing")
    compartments: ClassVar[tuple[str, ...]] = ("account",)

    why: str = base.choice(
        _("Why"),
        (("safe", _("they are safe")), ("wish", _("they want it closed")), ("passed", _("others took over")),
         ("lost", _("contact was lost, and looked for")), ("not", _("not ours to help with, and said so"))),
    )  # fmt: skip
    words: str = base.text(_("What came of it"), needed=True)
    told: str = base.text(_("What the person was told, and how they come back"), needed=True)
    felt: str = base.text(_("What it was like for them"))

    @property
    def headline(self) -> str:
        """What came of it."""
        return self.words


@dataclass(frozen=True)
class Ending(Kind):
    """That an owner asks another one to shred a closed case before its time."""

    kind: ClassVar[str] = "ending"
    title: ClassVar[Words] = _("Asked to shred it")
    compartments: ClassVar[tuple[str, ...]] = ("account",)

    why: str = base.text(_("Why now"), needed=True)

    @property
    def headline(self) -> str:
        """Why."""
        return self.why

    def dues(self, now: datetime) -> list[Due]:
        """Another owner's answer."""
        return [Due(now.date(), _("An owner asks to shred this case"))]


@dataclass(frozen=True)
class Opening(Kind):
    """The words that somebody gave with a purpose for opening an identity. Its log line names this record alone."""

    kind: ClassVar[str] = "opening"
    title: ClassVar[Words] = _("Why it was opened")
    compartments: ClassVar[tuple[str, ...]] = ("identity", "duty")

    words: str = base.line(_("Why"))

    @property
    def headline(self) -> str:
        """Why."""
        return self.words
