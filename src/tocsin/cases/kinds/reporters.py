"""Field reporters: their terms, what they are asked, what they tell, and what of it may leave as a signal."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Due, Kind, Verb, Words, WrongError
from tocsin.cases.kinds.people import asked


@dataclass(frozen=True)
class Terms(Kind):
    """What a reporter allows with what they tell. Without terms that hold, nothing leaves."""

    kind: ClassVar[str] = "terms"
    title: ClassVar[Words] = _("Terms of the reporter")
    compartments: ClassVar[tuple[str, ...]] = ("account",)
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("end", _("They no longer allow it"), (), {"state": "over"}, lambda one: one.state == "given"),
    )

    use: str = base.choice(
        _("What they allow"),
        (
            ("safety", _("only what keeps people safe: nothing leaves")),
            ("extract", _("an extract that tells nothing of them")),
        ),
    )
    called: str = base.choice(
        _("What the extract may call them"),
        (
            ("none", _("nothing: no source is named")),
            ("somebody", _("somebody in the country")),
            ("local", _("somebody in that place")),
        ),
        needed=False,
    )
    wait_days: int = base.number(_("Days that it must wait"), _("So that nobody can tell who was there."), most=366)
    reach: str = base.choice(
        _("Who may read the extract"),
        (("amber", _("our organisation")), ("green", _("our wider community")), ("clear", _("anyone"))),
        needed=False,
    )
    never: str = base.text(
        _("What must never be known"), _("Places, times, turns of phrase that would give them away.")
    )
    risks: str = base.text(_("Risks that we told them of, and that they accept"), needed=True)
    given: str = base.text(_("What we give in return"), _("Expenses, safety training, somebody who answers at night."))
    lapses_on: date | None = base.day(_("Talk it over again by"), needed=True)
    state: str = base.hidden("given")

    @property
    def headline(self) -> str:
        """What they allow."""
        return str(dict(asked(self, "use")).get(self.use, ""))

    @property
    def standing(self) -> Words:
        """Whether they hold."""
        return _("given") if self.state == "given" else _("withdrawn")

    def holds(self, today: date) -> bool:
        """Whether an extract may leave."""
        return (
            self.state == "given" and self.use == "extract" and self.lapses_on is not None and today <= self.lapses_on
        )

    def dues(self, now: datetime) -> list[Due]:
        """To be talked over again."""
        return (
            [Due(self.lapses_on, _("Talk over the reporter’s terms"))]
            if self.state == "given" and self.lapses_on
            else []
        )


@dataclass(frozen=True)
class Task(Kind):
    """What a reporter is asked, because of a requirement; and what they must not do for it."""

    kind: ClassVar[str] = "task"
    title: ClassVar[Words] = _("Task")
    compartments: ClassVar[tuple[str, ...]] = ("account",)
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("done", _("Done, and thanked"), (), {"state": "done"}, lambda one: one.state == "open"),
        Verb("off", _("Called off, and they know"), (), {"state": "off"}, lambda one: one.state == "open"),
    )

    requirement: str = base.line(_("Because of which requirement"))
    words: str = base.text(_("What we want to know"), needed=True)
    limits: str = base.text(_("What they must not do for it"), needed=True)
    owner: int = base.person(_("Who talks with them"))
    due: date | None = base.day(_("By"), needed=True)
    state: str = base.hidden("open")

    @property
    def headline(self) -> str:
        """What we want to know."""
        return self.words

    @property
    def standing(self) -> Words:
        """Where it stands."""
        return {"open": _("open"), "done": _("done"), "off": _("called off")}.get(self.state, "")

    @property
    def is_open(self) -> bool:
        """They still do it."""
        return self.state == "open"

    def dues(self, now: datetime) -> list[Due]:
        """Its day."""
        return [Due(self.due, _("A reporter’s task is due"), who=self.owner)] if self.is_open and self.due else []


_RUN = 5


def copied(extract: str, raw: str) -> str:
    """The first run of five words that stands in both; nothing when there is none."""
    words, known = extract.split(), _folded(raw)
    runs = {tuple(known[at : at + _RUN]) for at in range(len(known) - _RUN + 1)}
    for at in range(len(words) - _RUN + 1):
        if tuple(_folded(" ".join(words[at : at + _RUN]))) in runs:
            return " ".join(words[at : at + _RUN])
    return ""


def _folded(text: str) -> list[str]:
    return ["".join(sign for sign in word if sign.isalnum()) for word in text.casefold().split()]


@dataclass(frozen=True)
class Farewell(Kind):
    """How a reporter was thanked and let go, so that nothing ties them to us and they know how to come back."""

    kind: ClassVar[str] = "farewell"
    title: ClassVar[Words] = _("Letting go")
    help: ClassVar[Words] = _("Talk it over with them. A reporter’s safe closes only once this stands here.")
    compartments: ClassVar[tuple[str, ...]] = ("account",)
    goes_on: ClassVar[bool] = True
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("asked", _("We asked how they are"), ("how_they_are",), {"state": "asked"},
             lambda one: one.state == "open"),
    )  # fmt: skip

    thanked: str = base.text(_("How they were thanked, and by whom"), needed=True)
    owed: str = base.choice(
        _("What we owe them"),
        (("paid", _("all of it reached them")), ("nothing", _("nothing")),
         ("unsafe", _("something: to send it would put them at risk, and they agree"))),
    )  # fmt: skip
    done: tuple[str, ...] = base.several(
        _("Done together"),
        (
            ("open", _("no task is open, and they know it")),
            ("ways", _("ways to us that nobody needs are closed")),
            ("traces", _("what ties them to us is gone from their devices")),
            ("kept", _("they know what we keep of them, and for how long")),
            ("back", _("they know how to call us when danger comes back")),
        ),
        _("Each of these, or the words below say why not."),
        needed=True,
    )
    left_out: str = base.text(_("What was left out, and why"))
    risks: str = base.text(_("Which risks stay, and what we do about them"), needed=True)
    ask_on: date | None = base.day(_("Ask how they are on"), _("Only if that is safe for them."))
    how_they_are: str = base.text(_("How they are"), needed=True, later=True)
    state: str = base.hidden("open")

    def check(self) -> None:
        """Nothing is left out without a word."""
        if len(self.done) < _ALL_OF_IT and not self.left_out.strip():
            raise WrongError("left_out", _("Write why something of the list was left out."))

    @property
    def headline(self) -> str:
        """How they were thanked."""
        return self.thanked

    def dues(self, now: datetime) -> list[Due]:
        """To be asked how they are."""
        waits = self.state == "open" and self.ask_on is not None
        return [Due(self.ask_on, _("Ask a former reporter how they are"))] if waits and self.ask_on else []


_ALL_OF_IT = 5


@dataclass(frozen=True)
class Report(Kind):
    """What a reporter told, as it came. Only an extract leaves, which another person has read against the terms."""

    kind: ClassVar[str] = "report"
    title: ClassVar[Words] = _("Report as it came")
    compartments: ClassVar[tuple[str, ...]] = ("account",)
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("extract", _("Write the extract"), ("extract", "country", "terms", "clean"), {"state": "extracted"},
             lambda one: one.state in {"raw", "extracted"}),
        Verb("release", _("Let the extract become a signal"), (), {"state": "released"},
             lambda one: one.state == "extracted", reader=True),
    )  # fmt: skip

    words: str = base.text(_("What they told, as it came"), needed=True)
    came: str = base.line(_("How it came"), needed=True)
    told_on: date | None = base.day(_("Told on"))
    task: str = base.link(_("Answers the task"), "task")
    extract: str = base.text(
        _("Extract"), _("Written anew in your own words. It leaves the seal."), needed=True, later=True
    )
    country: str = base.line(_("Country"), _("Two letters, or empty."), later=True)
    terms: str = base.link(_("Terms of the reporter"), "terms", needed=True, later=True)
    clean: bool = base.tick(_("Nothing in it tells who, where exactly, or when exactly they saw it"), later=True)
    item: str = base.hidden("")
    state: str = base.hidden("raw")

    def check(self) -> None:
        """An extract tells nothing of its reporter, not even by their turns of phrase."""
        if self.extract and (run := copied(self.extract, self.words)):
            raise WrongError(
                "extract", _("These words are theirs: “%(run)s”. Write it in words of your own.") % {"run": run}
            )
        if self.state != "raw" and not self.clean:
            raise WrongError("clean", _("Read it once more as somebody who looks for them, then tick this."))
        if self.country and not (len(self.country) == 2 and self.country.isascii() and self.country.isupper()):
            raise WrongError("country", _("Give the two capital letters of a country, or leave it empty."))

    @property
    def headline(self) -> str:
        """The extract, once there is one."""
        return self.extract or self.words

    @property
    def standing(self) -> Words:
        """Where it stands."""
        words = {"raw": _("as it came"), "extracted": _("extract waits for a second reader"), "released": _("released")}
        return words.get(self.state, "")

    def dues(self, now: datetime) -> list[Due]:
        """A second reader."""
        return [Due(now.date(), _("An extract waits for a second reader"))] if self.state == "extracted" else []
