"""Who is at risk, what they need, and what they can do themselves."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Choices, Kind, Verb, Words

RELATIONS: Choices = (
    ("contributor", _("contributes")),
    ("organiser", _("organises a community or event")),
    ("affiliate", _("works for an affiliate")),
    ("reader", _("reads or uses the projects")),
    ("family", _("family of one of these")),
    ("staff", _("staff")),
    ("other", _("something else")),
    ("unknown", _("not known")),
)
NEEDS: Choices = (
    ("safety", _("a safe place, or a way out")),
    ("legal", _("a lawyer")),
    ("medical", _("medical care")),
    ("mind", _("somebody to talk to")),
    ("digital", _("safe accounts and devices")),
    ("money", _("money")),
    ("family", _("care for family")),
    ("documents", _("documents, visas")),
    ("voice", _("to be spoken of, or not to be")),
    ("other", _("something else")),
)


@dataclass(frozen=True)
class PersonAtRisk(Kind):
    """A person or group at risk: who they are stands in the identity compartment alone."""

    kind: ClassVar[str] = "person"
    title: ClassVar[Words] = _("Person at risk")
    help: ClassVar[Words] = _("Opened on purpose, and every opening is logged. Write nothing of this elsewhere.")
    compartments: ClassVar[tuple[str, ...]] = ("identity",)

    name: str = base.line(_("Name, or what the group calls itself"), needed=True)
    called: str = base.line(_("How they want to be called, and pronouns"))
    relation: str = base.choice(_("Relation to the movement"), RELATIONS)
    accounts: str = base.text(_("Accounts and roles in the projects"))
    reach: str = base.text(_("How they are reached safely"), _("Who else uses the phone? When never to call?"))
    place: str = base.line(_("Where they are"))
    languages: str = base.line(_("Languages"))
    age: str = base.choice(
        _("Age"),
        (("adult", _("adult")), ("minor", _("under age")), ("unknown", _("not known"))),
        _("Under age: read the rules beside consent before anything else."),
    )
    care: str = base.text(_("Health, family, anything that help must respect"))

    @property
    def headline(self) -> str:
        """Their name."""
        return self.called or self.name


@dataclass(frozen=True)
class Need(Kind):
    """Something that they need."""

    kind: ClassVar[str] = "need"
    title: ClassVar[Words] = _("Need")
    compartments: ClassVar[tuple[str, ...]] = ("account", "legal", "security", "money")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("met", _("It is met"), ("met_how",), {"state": "met"}, lambda one: one.state == "open"),
        Verb("gone", _("No longer needed"), (), {"state": "gone"}, lambda one: one.state == "open"),
    )

    what: str = base.choice(_("What kind"), NEEDS)
    words: str = base.line(_("In their words"), needed=True)
    urgent: str = base.choice(
        _("How soon"), (("now", _("now")), ("days", _("within days")), ("later", _("later"))),
    )  # fmt: skip
    met_how: str = base.line(_("How it was met"), later=True)
    state: str = base.hidden("open")

    @property
    def headline(self) -> str:
        """In their words."""
        return self.words

    @property
    def standing(self) -> Words:
        """How it stands."""
        if self.state != "open":
            return _("met") if self.state == "met" else _("no longer needed")
        return dict(asked(self, "urgent")).get(self.urgent, "")


@dataclass(frozen=True)
class Capacity(Kind):
    """What they have and can do: help builds on it, and does not take it over."""

    kind: ClassVar[str] = "capacity"
    title: ClassVar[Words] = _("Capacity")
    compartments: ClassVar[tuple[str, ...]] = ("account", "security")

    words: str = base.line(_("What they can do or have"), _("People, skills, places, plans of their own."), needed=True)
    limits: str = base.line(_("What they don’t want to be asked for"))

    @property
    def headline(self) -> str:
        """In a line."""
        return self.words


def asked(one: Kind, name: str) -> Choices:
    """The choices of a field."""
    return base.asks(type(one))[name].choices
