"""Drills: a plan that is practised against a scenario, in shortened time, with turns of events that nobody foresaw.

A drill is a plan like any other, marked as a drill everywhere and measured like the real thing. All of it runs by one
clock of its own (``log.pacing``): what is due, answers, ratification, updates and turns of events. A scenario is a text
file in ``scenarios/``: what is given, and what happens after how many minutes.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.alerts import clock as time
from tocsin.people.models import Person
from tocsin.responses.authority import RefusedError, require_writer
from tocsin.responses.log.acts import Act, Closed, Injected, Moved, Observed, Rested, Resumed, Started
from tocsin.responses.log.content import State, WrongError
from tocsin.responses.log.folding import Plan
from tocsin.responses.log.keeping import Book
from tocsin.responses.playbooks import library

SCENARIOS = Path(__file__).parent / "scenarios"
FASTEST = 240
UNFIT = gettext_lazy(
    "This scenario is about another kind of emergency than the plan. Choose another, or tick that you mean it."
)


@dataclass(frozen=True, slots=True)
class Inject:
    """A turn of events, ``minutes`` after the start in the scenario's time; ``expects`` is what a good team does."""

    key: str
    minutes: int
    text: str
    expects: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a drill is run against."""

    key: str
    title: str
    given: str
    playbook: str
    injects: tuple[Inject, ...]

    @property
    def lasts(self) -> timedelta:
        """From the start to the last turn of events, in its own time."""
        return timedelta(minutes=max((one.minutes for one in self.injects), default=0))


class ScenarioError(ValueError):
    """A scenario's file can't be read; the message says where and what to do."""


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Every scenario by its key.

    Raises:
        ScenarioError: for a file that can't be read.
    """
    return {path.stem: read(path.stem, path.read_text(encoding="utf-8")) for path in sorted(SCENARIOS.glob("*.toml"))}


def read(key: str, text: str) -> Scenario:
    """A scenario from its file.

    Raises:
        ScenarioError: when it can't be read.
    """
    try:
        words = tomllib.loads(text)
        injects = tuple(
            Inject(f"i{number}", int(one["minutes"]), str(one["text"]), str(one.get("expects", "")))
            for number, one in enumerate(words["inject"], 1)
        )
        made = Scenario(
            key, str(words["title"]), _flowing(str(words["given"])), str(words.get("playbook", "")), injects
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ScenarioError(f"{key}.toml needs title, given and [[inject]] with minutes and text") from error
    if any(one.minutes < 0 for one in injects) or list(injects) != sorted(injects, key=lambda one: one.minutes):
        raise ScenarioError(f"{key}.toml: turns of events stand in the order of their minutes, from 0 on")
    return made


def _flowing(text: str) -> str:
    """A line's end in the file is none on the page; an empty line begins a paragraph."""
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def waiting(plan: Plan) -> Iterator[tuple[Inject, datetime]]:
    """Turns of events that have not come yet, with their moments by the drill's clock."""
    found, began = plan.of(Started), plan.pace.begins
    if not found or began is None or plan.closed is not None or found[-1][1].scenario not in scenarios():
        return
    came = {one.key for _line, one in plan.of(Injected)}
    for inject in scenarios()[found[-1][1].scenario].injects:
        if inject.key not in came:
            yield inject, began + timedelta(minutes=inject.minutes)


def fits(scenario: Scenario, playbook: str) -> bool:
    """Whether a scenario is about what a plan from this playbook is for; also where nothing says otherwise."""
    if playbook in {"", scenario.playbook}:
        return True
    mine, its = library.playbook(playbook), library.playbook(scenario.playbook)
    return mine is None or its is None or bool(set(mine.harms) & set(its.harms))


def suited(playbook: str) -> list[tuple[str, Scenario]]:
    """Every scenario by its key, those that fit this playbook first."""
    return sorted(scenarios().items(), key=lambda one: not fits(one[1], playbook))


def start(book: Book, by: Person, scenario: str, speed: int, *, anyway: bool = False) -> Plan:
    """Begin a drill on a plan that was begun as one; without a scenario nothing comes but what the plan holds.

    ``anyway``: also against a scenario that is about another kind of emergency than the plan's playbook.

    Raises:
        RefusedError: for a plan in earnest, or a drill that runs already.
        WrongError: for a scenario or a speed that there is not, and for one that does not fit.
    """
    require_writer(by)
    if scenario and scenario not in scenarios():
        raise WrongError("scenario", _("Choose one of these."))
    if not 1 <= speed <= FASTEST:
        raise WrongError("speed", _("Give a speed from 1 to %(most)s.") % {"most": FASTEST})

    def change(plan: Plan) -> list[Act]:
        if not plan.begun.drill or plan.closed is not None:
            raise RefusedError(_("A drill runs on a plan that was begun as a drill."))
        if plan.of(Started):
            raise RefusedError(_("It runs already."))
        if scenario and not anyway and not fits(scenarios()[scenario], plan.begun.playbook):
            raise WrongError("anyway", str(UNFIT))
        return [Started(scenario, speed)]

    return book.change(by.pk, change)


def joined(plan: Plan) -> set[int]:
    """Who takes part: whoever did anything in it themselves. Nobody else is ever called by it."""
    return {line.by for line in plan.lines if line.by}


def inject(book: Book, by: int) -> bool:
    """Let every turn of events come whose moment has come; done twice, nothing comes twice. True when one came."""
    came: list[Act] = []

    def change(plan: Plan) -> list[Act]:
        now = plan.pace.told(time.now())
        came[:] = [Injected(one.key, one.text) for one, due in waiting(plan) if due <= now]
        return came

    book.change(by, change)
    return bool(came)


def rest(book: Book, by: Person, words: str = "") -> Plan:
    """Let the drill's clock stand still: nothing comes due and nobody is chased until it goes on.

    Raises:
        RefusedError: when it does not run.
    """
    require_writer(by)

    def change(plan: Plan) -> list[Act]:
        if not plan.begun.drill or not plan.pace.runs:
            raise RefusedError(_("Its clock stands still already."))
        return [Rested(words.strip())]

    return book.change(by.pk, change)


def go_on(book: Book, by: Person) -> Plan:
    """Let it go on, as fast as before.

    Raises:
        RefusedError: when it does not rest.
    """
    require_writer(by)

    def change(plan: Plan) -> list[Act]:
        if plan.closed is not None or plan.pace.begins is None or plan.pace.runs:
            raise RefusedError(_("Only a drill that rests can go on."))
        return [Resumed()]

    return book.change(by.pk, change)


def end(book: Book, by: Person, reached: str = "", *, met: bool = False) -> Plan:
    """End a drill: whatever is open is dropped, each by a line of its own, and the plan is closed.

    Nothing in it was real, so what was done first needs nobody's yes any more.

    Raises:
        RefusedError: for a plan in earnest, or one that is over.
    """
    require_writer(by)

    def change(plan: Plan) -> list[Act]:
        if not plan.begun.drill:
            raise RefusedError(_("Only a drill ends like this. Close the plan instead."))
        if plan.closed is not None:
            raise RefusedError(_("It is over already."))
        dropped = [Moved(one.key, State.DROPPED, _("The drill ended.")) for one in plan.open_tasks]
        return [*dropped, Closed(met, reached.strip() or _("The drill ended."))]

    return book.change(by.pk, change)


def observe(book: Book, by: Person, key: str, words: str, *, met: bool) -> Plan:
    """Write down how a turn of events was met.

    Raises:
        WrongError: for one that did not come.
    """
    require_writer(by)

    def change(plan: Plan) -> list[Act]:
        if key not in {one.key for _line, one in plan.of(Injected)}:
            raise WrongError("key", _("This has not happened yet."))
        return [Observed(key, met, words.strip())]

    return book.change(by.pk, change)
