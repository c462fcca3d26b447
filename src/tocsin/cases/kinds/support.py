"""What was offered and promised, to whom they were referred, and money."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Due, Kind, Verb, Words, WrongError
from tocsin.cases.kinds.people import NEEDS, asked

_CHASE = timedelta(days=3)
LEAST_REASON = 20
# What an ally may say through the sealed link, and which answer that is.
_ANSWERED = {"accept": "yes", "cannot": "no"}


@dataclass(frozen=True)
class Support(Kind):
    """Help that was offered. What we will do stands as a promise of its own."""

    kind: ClassVar[str] = "support"
    title: ClassVar[Words] = _("Support offered")
    compartments: ClassVar[tuple[str, ...]] = ("account", "legal", "security", "money")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("taken", _("They take it"), (), {"state": "taken"}, lambda one: one.state == "offered"),
        Verb("declined", _("They decline"), (), {"state": "declined"}, lambda one: one.state == "offered"),
        Verb("ended", _("It ended"), ("came_of_it",), {"state": "ended"}, lambda one: one.state == "taken"),
    )

    what: str = base.choice(_("What kind"), NEEDS)
    words: str = base.text(_("What was offered, in the words that were used"), needed=True)
    honest: str = base.text(_("What we said that we can’t promise"))
    came_of_it: str = base.text(_("What came of it"), later=True, needed=True)
    state: str = base.hidden("offered")

    @property
    def headline(self) -> str:
        """What was offered."""
        return self.words

    @property
    def standing(self) -> Words:
        """Where it stands."""
        words = {"offered": _("offered"), "taken": _("taken"), "declined": _("declined"), "ended": _("ended")}
        return words.get(self.state, "")


@dataclass(frozen=True)
class Promise(Kind):
    """What one of us said that they will do, and by when. Open until it is kept, or told that it can't be."""

    kind: ClassVar[str] = "promise"
    title: ClassVar[Words] = _("Promise")
    compartments: ClassVar[tuple[str, ...]] = ("account", "legal", "security", "communications", "money", "duty")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("kept", _("Kept"), (), {"state": "kept"}, lambda one: one.state == "open"),
        Verb("moved", _("Agree on another day"), ("due", "told"), {"moved": True}, lambda one: one.state == "open"),
        Verb("broken", _("It can’t be kept"), ("told",), {"state": "broken"}, lambda one: one.state == "open"),
    )  # fmt: skip

    words: str = base.line(_("What we promised"), needed=True)
    owner: int = base.person(_("Who does it"), needed=True)
    due: date | None = base.day(_("By"), needed=True)
    told: str = base.line(_("What they were told about it"), later=True, needed=True)
    moved: bool = base.hidden(False)
    state: str = base.hidden("open")

    @property
    def headline(self) -> str:
        """What was promised."""
        return self.words

    @property
    def standing(self) -> Words:
        """Open, kept or broken."""
        return {"open": _("open"), "kept": _("kept"), "broken": _("could not be kept")}.get(self.state, "")

    @property
    def is_open(self) -> bool:
        """Neither kept nor told that it can't be."""
        return self.state == "open"

    def dues(self, now: datetime) -> list[Due]:
        """Its day."""
        return [Due(self.due, self.words, who=self.owner)] if self.is_open and self.due else []


@dataclass(frozen=True)
class Referral(Kind):
    """Help by an ally: with consent or a reasoned override, a safe hand-over, the answer, and how it was for them."""

    kind: ClassVar[str] = "referral"
    title: ClassVar[Words] = _("Referral")
    compartments: ClassVar[tuple[str, ...]] = ("account", "legal", "security")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("hand_over", _("Hand it over"), ("harm_check", "told", "handed_how"), {"state": "sent"},
             lambda one: one.state == "planned"),
        Verb("answered", _("They answered"), ("answer", "answer_words"), {"state": "answered"},
             lambda one: one.state == "sent"),
        Verb("ended", _("What came of it"), ("helped", "outcome", "felt"), {"state": "ended"},
             lambda one: one.state == "answered"),
        Verb("recall", _("Recall it"), ("why_recalled",), {"state": "recalled"},
             lambda one: one.state in {"sent", "answered"}),
    )  # fmt: skip

    ally: str = base.line(_("Which ally"), _("Their code in the list of allies, or their name."), needed=True)
    need: str = base.choice(_("For what"), NEEDS)
    consent: str = base.link(_("Consent"), "consent")
    override: str = base.text(
        _("Why without consent, or with an ally whom nobody vetted"),
        _("Without consent only to keep somebody alive or free who can’t be asked. Say who decided it."),
    )
    harm_check: str = base.link(_("Do-no-harm check"), "harm", needed=True, later=True)
    told: str = base.text(_("What they are told"), _("The least that lets them help."), needed=True, later=True)
    handed_how: str = base.line(_("By what way"), needed=True, later=True)
    answer: str = base.choice(
        _("Answer"),
        (("yes", _("they help")), ("part", _("in part")), ("no", _("they can’t")), ("silent", _("no answer"))),
        later=True,
    )
    answer_words: str = base.line(_("In their words"), later=True)
    helped: str = base.choice(
        _("Did it help them"),
        (("yes", _("yes")), ("part", _("in part")), ("no", _("no")), ("worse", _("it made things worse")),
         ("unknown", _("not known"))),
        later=True,
    )  # fmt: skip
    outcome: str = base.text(_("What came of it"), needed=True, later=True)
    felt: str = base.text(
        _("What it was like for the person"),
        _("In their words. Ask them; don’t guess. If they can’t be asked, write so."),
        needed=True,
        later=True,
    )
    why_recalled: str = base.line(_("Why"), needed=True, later=True)
    slice: str = base.hidden("")
    named: str = base.hidden("")  # as the list of allies called them when this was written
    came: tuple[str, ...] = base.hidden(())  # through the sealed link: "moment|kind|words"
    state: str = base.hidden("planned")

    def check(self) -> None:
        """No referral without consent, or a reason that somebody stands for."""
        if not self.consent and len(self.override.strip()) < LEAST_REASON:
            raise WrongError("consent", _("Choose the consent, or write below why it is done without."))

    @property
    def headline(self) -> str:
        """For what, to whom."""
        return f"{dict(asked(self, 'need')).get(self.need, '')}: {self.named or self.ally}"

    def with_reply(self, at: datetime, kind: str, words: str) -> "Referral":
        """The same with what came through the sealed link: a yes or a no moves it on, a question asks for an answer."""
        came = (*self.came, f"{at.isoformat()}|{kind}|{words}")
        if kind not in _ANSWERED or self.state not in {"sent", "answered"}:
            return replace(self, came=came)
        line = " ".join(words.split())[: base.LINE_MOST]
        return replace(self, came=came, state="answered", answer=_ANSWERED[kind], answer_words=line)

    @property
    def replies(self) -> list[tuple[datetime, str, str]]:
        """What came through the sealed link: when, of which kind, in which words; the oldest first."""
        split = (one.split("|", 2) for one in self.came)
        return [(datetime.fromisoformat(at), kind, words) for at, kind, words in split]

    @property
    def standing(self) -> Words:
        """Where it stands."""
        words = {"planned": _("planned"), "sent": _("handed over"), "ended": _("ended"), "recalled": _("recalled")}
        if self.state == "answered":
            return dict(asked(self, "answer")).get(self.answer, _("answered"))
        return words.get(self.state, "")

    @property
    def is_open(self) -> bool:
        """Somebody still works on it."""
        return self.state in {"sent", "answered"}

    def dues(self, now: datetime) -> list[Due]:
        """An answer is to be asked for; a question waits for ours; what came of it is to be asked."""
        if self.state == "answered":
            return [Due(self.replied_on(now) + _CHASE, _("Ask what came of a referral, and how it was for them"))]
        if self.state != "sent":
            return []
        asks = bool(self.replies) and self.replies[-1][1] == "question"
        return [Due(now.date(), _("An ally asks back") if asks else _("A referral waits for its answer"))]

    def replied_on(self, now: datetime) -> date:
        """The day of the newest reply; today where it came by another way."""
        return self.replies[-1][0].date() if self.replies else now.date()


@dataclass(frozen=True)
class Money(Kind):
    """Money: asked for, approved by another person, delivered safely, with a receipt only if that is safe."""

    kind: ClassVar[str] = "money"
    title: ClassVar[Words] = _("Money")
    compartments: ClassVar[tuple[str, ...]] = ("money",)
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("approve", _("Approve"), ("approval_words",), {"state": "approved"}, lambda one: one.state == "asked",
             other=True),
        Verb("refuse", _("Refuse"), ("approval_words",), {"state": "refused"}, lambda one: one.state == "asked",
             other=True),
        Verb("deliver", _("It was delivered"), ("harm_check", "delivered_how"), {"state": "delivered"},
             lambda one: one.state == "approved"),
        Verb("receipt", _("Close it"), ("receipt",), {"state": "closed"}, lambda one: one.state == "delivered"),
    )  # fmt: skip

    amount: int = base.number(_("How much"))
    currency: str = base.line(_("Currency"), _("Such as EUR"), needed=True)
    why: str = base.text(_("For what"), needed=True)
    way: str = base.text(_("How it would reach them safely"), _("Who sees a transfer, at either end?"), needed=True)
    sanctions: str = base.choice(
        _("Sanctions check"),
        (
            ("clear", _("done, nothing found")),
            ("licence", _("a licence is needed, and there")),
            ("open", _("not done")),
        ),
    )
    sanctions_words: str = base.line(_("Against which lists, by whom, when"))
    approval_words: str = base.line(_("On what terms"), needed=True, later=True)
    harm_check: str = base.link(_("Do-no-harm check"), "harm", needed=True, later=True)
    delivered_how: str = base.line(_("How and when it reached them"), needed=True, later=True)
    receipt: str = base.choice(
        _("Receipt"),
        (("have", _("there, kept under evidence")), ("unsafe", _("none: a receipt would put them at risk"))),
        later=True,
    )
    state: str = base.hidden("asked")

    def check(self) -> None:
        """No money without an amount; none leaves before the check."""
        if not self.amount:
            raise WrongError("amount", _("Give an amount."))
        if self.sanctions == "open" and self.state not in {"asked", "refused"}:
            raise WrongError("sanctions", _("Check against sanctions first, and ask anew."))

    @property
    def headline(self) -> str:
        """How much, for what."""
        return f"{self.amount} {self.currency}: {self.why}"

    @property
    def standing(self) -> Words:
        """Where it stands."""
        words = {"asked": _("waits for approval"), "approved": _("approved"), "refused": _("refused"),
                 "delivered": _("delivered"), "closed": _("closed")}  # fmt: skip
        return words.get(self.state, "")

    @property
    def is_open(self) -> bool:
        """Neither refused nor closed."""
        return self.state in {"asked", "approved", "delivered"}

    def dues(self, now: datetime) -> list[Due]:
        """An approval, or a delivery."""
        words = {"asked": _("Money waits for approval"), "approved": _("Money waits to be delivered")}
        return [Due(now.date(), words[self.state])] if self.state in words else []
