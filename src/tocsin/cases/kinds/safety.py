"""What keeps somebody safe: check-ins, the do-no-harm check before a step, protocols, and the sheet for the night."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Due, Kind, Verb, Words, WrongError
from tocsin.cases.kinds.happened import THREATS, WAYS
from tocsin.cases.kinds.people import asked

HOLDS = timedelta(days=14)


@dataclass(frozen=True)
class CheckIn(Kind):
    """When we must hear from them, by which way, with which words; silence calls whoever is on duty."""

    kind: ClassVar[str] = "checkin"
    title: ClassVar[Words] = _("Check-in")
    help: ClassVar[Words] = _("Agree on all of it with the person, and on what they want done in silence.")
    compartments: ClassVar[tuple[str, ...]] = ("duty",)
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("end", _("End these check-ins"), ("ended_why",), {"state": "ended"}, lambda one: one.state == "open"),
    )

    channel: str = base.line(_("Safe way"), _("Who writes or calls whom, by what, under which pretext."), needed=True)
    next_at: datetime | None = base.moment(_("We must hear by"), needed=True)
    every_hours: int = base.number(_("Then again every so many hours"), _("0: only once."), start=24, most=24 * 90)
    grace_minutes: int = base.number(_("Minutes of grace"), start=30, most=24 * 60)
    safe_word: str = base.line(_("Safe word"), _("Says: I am well, and free to say so."), needed=True)
    duress_word: str = base.line(
        _("Duress word"),
        _("Says: I am not free. Whoever types it sees what they always see; duty is called."),
        needed=True,
    )
    in_silence: str = base.text(_("In silence, do this"), _("As the person wants it, step by step."), needed=True)
    never: str = base.text(_("In silence, never do this"))
    ended_why: str = base.line(_("Why"), later=True, needed=True)
    zone: str = base.hidden("")  # IANA name of the time where they are
    policy: str = base.hidden("")
    first: int | None = base.hidden(None)  # the owner whom silence wakes first; 0: nobody before the policy
    deadline: str = base.hidden("")
    earlier: tuple[str, ...] = base.hidden(())  # deadlines of before: an alert about one still leads here
    heard_at: str = base.hidden("")
    duress_at: str = base.hidden("")
    state: str = base.hidden("open")

    def check(self) -> None:
        """Two words that nobody mixes up."""
        if self.safe_word and folded(self.safe_word) == folded(self.duress_word):
            raise WrongError("duress_word", _("Choose another word than the safe word."))

    @property
    def headline(self) -> str:
        """By which way."""
        return self.channel

    @property
    def standing(self) -> Words:
        """Whether it goes on."""
        return _("ended") if self.state == "ended" else _("agreed")

    @property
    def is_open(self) -> bool:
        """They are still waited for."""
        return self.state == "open"

    def dues(self, now: datetime) -> list[Due]:
        """The next one."""
        if not self.is_open or self.next_at is None:
            return []
        return [Due(self.next_at.date(), _("Check-in"), at=self.next_at, grave=self.next_at < now)]


def folded(word: str) -> str:
    """A word as it is compared: whatever its case and the spaces around it."""
    return " ".join(word.casefold().split())


@dataclass(frozen=True)
class HarmCheck(Kind):
    """What one asks before a step that others can see: could it make things worse?"""

    kind: ClassVar[str] = "harm"
    title: ClassVar[Words] = _("Do-no-harm check")
    help: ClassVar[Words] = _("Before every step that others can see: a referral, a call, a statement, money, a visit.")
    compartments: ClassVar[tuple[str, ...]] = ("account", "security", "communications", "money", "legal")

    step: str = base.line(_("The step"), needed=True)
    seen_by: str = base.text(_("Who can see it, and what would they conclude"), needed=True)
    worse: str = base.text(
        _("How could it make things worse, and for whom"), _("Family, cell-mates, helpers, us."), needed=True
    )
    wish: str = base.choice(
        _("What does the person want"),
        (("wants", _("they want it")), ("against", _("they don’t want it")), ("cant", _("they can’t be asked")),
         ("notasked", _("they were not asked"))),
    )  # fmt: skip
    instead: str = base.text(_("What else could be done, also: nothing"), needed=True)
    decision: str = base.choice(
        _("So"), (("go", _("do it")), ("changed", _("do it, changed as written here")), ("no", _("don’t do it")))
    )
    changed: str = base.text(_("What is changed"))
    on: date | None = base.day(_("Checked on"), needed=True)

    def check(self) -> None:
        """What they don't want isn't done."""
        if self.wish in {"against", "notasked"} and self.decision != "no":
            raise WrongError("decision", _("Ask them first. What they don’t want is not done."))
        if self.decision == "changed" and not self.changed.strip():
            raise WrongError("changed", _("Write what is changed."))

    @property
    def headline(self) -> str:
        """The step."""
        return self.step

    @property
    def standing(self) -> Words:
        """What was decided."""
        return dict(asked(self, "decision")).get(self.decision, "")

    def holds(self, today: date) -> bool:
        """Whether a step may build on it: decided for it, within the last two weeks."""
        return self.decision in {"go", "changed"} and self.on is not None and self.on <= today <= self.on + HOLDS


@dataclass(frozen=True)
class Protocol(Kind):
    """A list for one kind of threat: what to do, in which order, and who must approve what."""

    kind: ClassVar[str] = "protocol"
    title: ClassVar[Words] = _("Protocol")
    compartments: ClassVar[tuple[str, ...]] = ("account", "security", "legal")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("over", _("End it"), ("over_why",), {"state": "over"}, lambda one: one.state == "open"),
    )

    threat: str = base.choice(_("For which threat"), THREATS)
    over_why: str = base.line(_("Why it ends, and what was left out"), later=True, needed=True)
    done: tuple[str, ...] = base.hidden(())  # "step key|person|day|who said so"
    state: str = base.hidden("open")

    @property
    def headline(self) -> str:
        """For which threat."""
        return str(dict(THREATS).get(self.threat, ""))

    @property
    def standing(self) -> Words:
        """Whether it goes on."""
        return _("over") if self.state == "over" else _("open")

    @property
    def is_open(self) -> bool:
        """Somebody still follows it."""
        return self.state == "open"

    @property
    def ticked(self) -> dict[str, tuple[int, str, str]]:
        """What was done: by step, who ticked it, on which day (ISO), and who said so."""
        found = {}
        for one in self.done:
            key, who, on, said = one.split("|", 3)
            found[key] = (int(who), on, said)
        return found


@dataclass(frozen=True)
class DutySheet(Kind):
    """What is needed tonight, and nothing else. There is one for each case."""

    kind: ClassVar[str] = "sheet"
    title: ClassVar[Words] = _("Duty sheet")
    help: ClassVar[Words] = _(
        "For somebody who knows nothing of the case, on a phone, at three in the morning. Short lines."
    )
    compartments: ClassVar[tuple[str, ...]] = ("duty",)

    tonight: str = base.text(_("What to do tonight"), _("One step a line, the first one first."), needed=True)
    call: str = base.text(_("Whom to call"), _("One a line: who, number, language, hours."), needed=True)
    never: str = base.text(_("Whom NEVER to call or write to"), _("One a line, with the reason."), needed=True)
    words: str = base.text(_("Safe words"), _("Those of the check-ins are added by themselves."))
    promised: str = base.text(_("What was promised to them"))
    may_say: str = base.text(_("What you may say, and to whom nothing"))
    signs: str = base.text(_("When to wake the owner"))

    @property
    def headline(self) -> str:
        """The first step."""
        return self.tonight


@dataclass(frozen=True)
class Eligible(Kind):
    """Who may open the duty sheet beside those who hold it by their role. It is kept by its own page."""

    kind: ClassVar[str] = "eligible"
    title: ClassVar[Words] = _("Who may open the duty sheet")
    compartments: ClassVar[tuple[str, ...]] = ("duty",)

    follows: bool = base.hidden(True)  # whoever is on the rota is let in, and put out when they no longer are
    by_hand: tuple[int, ...] = base.hidden(())  # let in whatever the rota says
    left_out: tuple[int, ...] = base.hidden(())  # on the rota, and not let in


@dataclass(frozen=True)
class Duress(Kind):
    """That a duress word was given. It stands on the duty sheet alone."""

    kind: ClassVar[str] = "duress"
    title: ClassVar[Words] = _("Duress")
    compartments: ClassVar[tuple[str, ...]] = ("duty",)
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("over", _("They are free again"), ("over_how",), {"state": "over"}, lambda one: one.state == "open"),
    )

    way: str = base.choice(_("How"), WAYS, needed=False)
    over_how: str = base.line(_("How we know"), later=True, needed=True)
    state: str = base.hidden("open")

    @property
    def is_open(self) -> bool:
        """Nobody knows that they are free."""
        return self.state == "open"
