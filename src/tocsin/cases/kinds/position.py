"""Whether one speaks of the case: silent, in quiet talks, or in public; who decided; and the words."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Choices, Due, Kind, Verb, Words, WrongError

STANCES: Choices = (
    ("silent", _("silent: we say nothing, not even that we know")),
    ("quiet", _("quiet diplomacy: named people are told, nobody else")),
    ("public", _("public: we speak of it, in these words")),
)


@dataclass(frozen=True)
class Position(Kind):
    """The newest one holds. Without any, the case is silent."""

    kind: ClassVar[str] = "position"
    title: ClassVar[Words] = _("Publicity")
    compartments: ClassVar[tuple[str, ...]] = ("communications", "account")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("replaced", _("It no longer holds"), (), {"state": "over"}, lambda one: one.state == "holds"),
    )

    stance: str = base.choice(_("Position"), STANCES)
    decided_by: str = base.line(_("Who decided, when"), needed=True)
    wish: str = base.line(_("What the person or their counsel wants"), needed=True)
    consent: str = base.link(_("Consent"), "consent", hint=_("Needed for everything but silence."))
    harm_check: str = base.link(_("Do-no-harm check"), "harm", hint=_("Needed for everything but silence."))
    lines: str = base.text(_("Lines to use, word by word"))
    if_asked: str = base.text(_("If somebody asks"), _("What to say to a reporter at the door."))
    never: str = base.text(_("Never say"))
    review_on: date | None = base.day(_("Look again on"), needed=True)
    state: str = base.hidden("holds")

    def check(self) -> None:
        """Nobody is spoken of without consent and a check."""
        if self.stance in {"quiet", "public"}:
            if not self.consent:
                raise WrongError("consent", _("Choose the consent to this. Without one the case is silent."))
            if not self.harm_check:
                raise WrongError("harm_check", _("Do the do-no-harm check first."))
        if self.stance == "public" and not self.lines.strip():
            raise WrongError("lines", _("Write the words that may be used."))

    @property
    def headline(self) -> str:
        """The position."""
        return str(dict(STANCES).get(self.stance, ""))

    @property
    def standing(self) -> Words:
        """Whether it holds."""
        return _("holds") if self.state == "holds" else _("no longer holds")

    def dues(self, now: datetime) -> list[Due]:
        """To be looked at again."""
        return [Due(self.review_on, _("Look at publicity again"))] if self.state == "holds" and self.review_on else []
