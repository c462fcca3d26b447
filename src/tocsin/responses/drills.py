"""Drills: a plan that is practised against a scenario, in shortened time, with turns of events that nobody foresaw.

A drill is a plan like any other, marked as a drill everywhere and measured like the real thing. A scenario is a text
file in ``scenarios/``: what is given, and what happens after how many minutes.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from tocsin.alerts import clock as time
from tocsin.people.models import Person
from tocsin.responses.authority import RefusedError, require_writer
from tocsin.responses.log.acts import Act, Injected, Observed, Started
from tocsin.responses.log.content import WrongError
from tocsin.responses.log.folding import Plan
from tocsin.responses.log.keeping import Book

SCENARIOS = Path(__file__).parent / "scenarios"
FASTEST = 240


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
        made = Scenario(key, str(words["title"]), str(words["given"]), str(words.get("playbook", "")), injects)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ScenarioError(f"{key}.toml needs title, given and [[inject]] with minutes and text") from error
    if any(one.minutes < 0 for one in injects) or list(injects) != sorted(injects, key=lambda one: one.minutes):
        raise ScenarioError(f"{key}.toml: turns of events stand in the order of their minutes, from 0 on")
    return made


@dataclass(frozen=True, slots=True)
class Running:
    """A drill under way: when it began, and how fast it goes."""

    scenario: Scenario
    began: datetime
    speed: int
    came: frozenset[str]

    def due(self, inject: Inject) -> datetime:
        """When a turn of events comes."""
        return self.began + timedelta(minutes=inject.minutes) / self.speed


def running(plan: Plan) -> Running | None:
    """The drill that runs on a plan, if one does."""
    found = plan.of(Started)
    if not found or plan.closed is not None or found[-1][1].scenario not in scenarios():
        return None
    line, act = found[-1]
    came = frozenset(one.key for _line, one in plan.of(Injected))
    return Running(scenarios()[act.scenario], line.at, act.speed, came)


def waiting(plan: Plan) -> Iterator[tuple[Inject, datetime]]:
    """Turns of events that have not come yet, with their moments."""
    drill = running(plan)
    for inject in drill.scenario.injects if drill is not None else ():
        if drill is not None and inject.key not in drill.came:
            yield inject, drill.due(inject)


def start(book: Book, by: Person, scenario: str, speed: int) -> Plan:
    """Begin a drill on a plan that was begun as one.

    Raises:
        RefusedError: for a plan in earnest, or a drill that runs already.
        WrongError: for a scenario or a speed that there is not.
    """
    require_writer(by)
    if scenario not in scenarios():
        raise WrongError("scenario", _("Choose one of these."))
    if not 1 <= speed <= FASTEST:
        raise WrongError("speed", _("Give a speed from 1 to %(most)s.") % {"most": FASTEST})

    def change(plan: Plan) -> list[Act]:
        if not plan.begun.drill or plan.closed is not None:
            raise RefusedError(_("A drill runs on a plan that was begun as a drill."))
        if plan.of(Started):
            raise RefusedError(_("It runs already."))
        return [Started(scenario, speed)]

    return book.change(by.pk, change)


def inject(book: Book, by: int) -> bool:
    """Let every turn of events come whose moment has come; done twice, nothing comes twice. True when one came."""
    came: list[Act] = []

    def change(plan: Plan) -> list[Act]:
        came[:] = [Injected(one.key, one.text) for one, due in waiting(plan) if due <= time.now()]
        return came

    book.change(by, change)
    return bool(came)


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
