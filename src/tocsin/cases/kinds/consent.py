"""Who asks, and who agreed to what: vetting comes before anything of substance, consent before anything leaves."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Choices, Due, Kind, Verb, Words, WrongError
from tocsin.cases.kinds.happened import LEVELS, SOURCES
from tocsin.cases.kinds.people import asked

_SOON = timedelta(days=14)
_LONGEST = timedelta(days=366)
GIVERS: Choices = (
    ("person", _("the person themselves")),
    ("guardian", _("guardian of somebody under age")),
    ("mandate", _("somebody with a written mandate: lawyer, attorney")),
    ("relative", _("a relative, without a mandate")),
)
FREE: Choices = (
    ("free", _("free, alone, with time to think")),
    ("pressed", _("perhaps under pressure")),
    ("custody", _("in custody, or perhaps")),
    ("unknown", _("can’t be told")),
)
PURPOSES: Choices = (
    ("hold", _("we keep what they told us")),
    ("referral", _("an ally learns what they need to help")),
    ("advocacy", _("quiet talks on their behalf")),
    ("public", _("speaking about it in public")),
    ("evidence", _("use as evidence")),
    ("contact", _("contact with family or others")),
    ("report", _("use in reports, without anything that tells who")),
)


@dataclass(frozen=True)
class Vetting(Kind):
    """Who asks, in what capacity, how that was verified, and how likely it is that somebody pretends or is forced."""

    kind: ClassVar[str] = "vetting"
    title: ClassVar[Words] = _("Vetting")
    help: ClassVar[Words] = _("First aid never waits for this. A reply of substance, a disclosure or a referral does.")
    compartments: ClassVar[tuple[str, ...]] = ("account", "security")

    asker: str = base.choice(_("Who asks"), SOURCES)
    capacity: str = base.line(
        _("In what capacity"), _("Such as: on her own behalf; as his lawyer since May."), needed=True
    )
    how: tuple[str, ...] = base.several(
        _("Verified how"),
        (
            ("known", _("somebody whom we trust knows them")),
            ("callback", _("we called back by a way that we had before")),
            ("account", _("they acted from an account of theirs, as we asked")),
            ("facts", _("they know what only they would know")),
            ("document", _("a document, checked with who issued it")),
            ("met", _("met in person")),
            ("none", _("not verified yet")),
        ),
        needed=True,
    )
    words: str = base.text(_("What was checked, by whom"))
    impersonation: str = base.choice(_("Chance that somebody pretends to be them"), LEVELS)
    coercion: str = base.choice(_("Chance that they are forced"), LEVELS)
    enough: str = base.choice(
        _("Enough for a reply of substance?"),
        (("yes", _("yes")), ("limited", _("yes, but nothing that would hurt if it is a trap")), ("no", _("not yet"))),
    )

    def check(self) -> None:
        """Nobody is vetted by nothing."""
        if "none" in self.how and (len(self.how) > 1 or self.enough == "yes"):
            raise WrongError("how", _("“Not verified yet” stands alone, and is not enough for a reply of substance."))
        if self.enough == "yes" and "high" in (self.impersonation, self.coercion):
            raise WrongError("enough", _("With a high chance of a trap, choose “limited” or “not yet”."))

    @property
    def headline(self) -> str:
        """In what capacity."""
        return self.capacity

    @property
    def standing(self) -> Words:
        """Whether it is enough."""
        return {"yes": _("enough"), "limited": _("limited"), "no": _("not enough yet")}.get(self.enough, "")


@dataclass(frozen=True)
class Consent(Kind):
    """Who agreed, how free they were, to what purpose, for whom, until when. Withdrawn as easily as it was given."""

    kind: ClassVar[str] = "consent"
    title: ClassVar[Words] = _("Consent")
    compartments: ClassVar[tuple[str, ...]] = ("account", "legal", "communications")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("withdraw", _("They withdraw it"), (), {"state": "withdrawn"}, lambda one: one.state == "given"),
    )

    giver: str = base.choice(_("Who agreed"), GIVERS)
    free: str = base.choice(_("How free they were"), FREE)
    purpose: str = base.choice(_("To what"), PURPOSES)
    recipient: str = base.line(_("For whom"), _("Name every recipient; “partners” is nobody."), needed=True)
    what: str = base.text(_("What may be shared or done"), needed=True)
    limits: str = base.text(_("What may not"))
    how: str = base.line(_("How they said so"), _("Such as: by voice on Signal, in their own words."), needed=True)
    given_on: date | None = base.day(_("On"), needed=True)
    lapses_on: date | None = base.day(_("Lapses on"), _("Within a year; ask again before."), needed=True)
    state: str = base.hidden("given")

    def check(self) -> None:
        """It ends, and what nobody can give is not given."""
        if self.given_on and self.lapses_on and not self.given_on < self.lapses_on <= self.given_on + _LONGEST:
            raise WrongError("lapses_on", _("Choose a day after it was given, within a year."))
        if self.giver == "relative" and self.purpose not in {"hold", "contact"}:
            raise WrongError(
                "giver", _("A relative without a mandate can’t agree to this for them. Read the rules above.")
            )

    @property
    def headline(self) -> str:
        """To what, for whom."""
        return f"{dict(asked(self, 'purpose')).get(self.purpose, '')}: {self.recipient}"

    @property
    def standing(self) -> Words:
        """Withdrawn, or how free it was given."""
        if self.state == "withdrawn":
            return _("withdrawn")
        return _("given") if self.free == "free" else _("given, but perhaps not freely")

    def holds(self, today: date) -> bool:
        """Whether it can be built on: not withdrawn, not lapsed, not given in custody or under pressure."""
        return self.state == "given" and self.free == "free" and self.lapses_on is not None and today <= self.lapses_on

    def dues(self, now: datetime) -> list[Due]:
        """To be asked for again before it lapses."""
        if self.state != "given" or self.lapses_on is None:
            return []
        if self.lapses_on < now.date():
            return [Due(self.lapses_on, _("A consent has lapsed: stop, or ask again"), grave=True)]
        return [Due(self.lapses_on - _SOON, _("A consent lapses soon: ask again"))]
