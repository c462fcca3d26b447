"""What a playbook says, read: frozen, and without any framework."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Function(StrEnum):
    """Who does something: never a named person. The same keys as the functions of a plan."""

    LEAD = "lead"
    DUTY = "duty"
    CASEWORK = "casework"
    LEGAL = "legal"
    SECURITY = "security"
    COMMUNITY = "community"
    COMMUNICATIONS = "communications"
    POLICY = "policy"
    EXECUTIVE = "executive"


class Phase(StrEnum):
    """When it is done."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


LONGEST: Final = MappingProxyType(
    {Phase.HOUR: timedelta(hours=1), Phase.DAY: timedelta(days=1), Phase.WEEK: timedelta(days=7)}
)
"""How late a step of each phase may be due."""


class Severity(StrEnum):
    """How grave such an event is as a rule, until somebody knows better: CAP 1.2's four."""

    MINOR = "minor"
    MODERATE = "moderate"
    SEVERE = "severe"
    EXTREME = "extreme"


class Undone(StrEnum):
    """Whether it can be taken back."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. ``within`` counts from the moment when somebody took the matter on.

    ``approval``: somebody who may approve says yes first. ``second_look``: a second person looks first.
    ``protections`` are keys of the table of protections. ``line`` is where it stands in its text. ``at_once``: it may
    begin before anybody said yes to the plan, since it only asks, gathers, keeps, calls counsel or checks in.
    """

    phase: Phase
    within: timedelta
    function: Function
    text: str
    approval: bool = False
    second_look: bool = False
    protections: tuple[str, ...] = ()
    line: int = 0
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Who must be told, by when, and of what."""

    within: timedelta
    function: Function
    text: str


@dataclass(frozen=True, slots=True)
class Caution:
    """What not to do, or what helps nobody, and why."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to say to the person, and when."""

    when: str
    text: str


@dataclass(frozen=True, slots=True)
class Sign:
    """Something to watch, and what to do when it moves."""

    text: str
    then: str


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go that is usually weighed."""

    title: str
    benefit: str
    risk: str
    cost: str
    reversible: Undone
    undoing: str


@dataclass(frozen=True, slots=True)
class Protection:
    """One protection. ``minutes`` is how long it usually takes from the call; ``any_hour``: at night as well.

    ``log`` is what a captor reads in public. ``accused``, ``informants`` and ``bystanders`` say whom it may hurt.
    ``risk_check``: no task uses it before that was weighed in writing.
    """

    key: str
    title: str
    does: str
    who: str
    reach: str
    any_hour: bool
    minutes: int
    log: str
    undo: Undone
    undoing: str
    accused: str
    informants: str
    bystanders: str
    risk_check: bool


@dataclass(frozen=True, slots=True)
class Playbook:
    """One playbook in one language.

    ``digest`` (hex) covers what it says, not its version or review. ``translates`` is the digest of the text that a
    translation was made from, empty for an original. ``reviewed_by`` is empty until a second person reviewed it.
    ``text`` is the source, to the letter. ``objective`` is what a plan from it is to reach, until somebody says it
    otherwise; it may be empty.
    """

    key: str
    language: str
    title: str
    version: int
    harms: tuple[str, ...]
    severity: Severity
    reviewed_by: str
    reviewed_on: date | None
    use: tuple[str, ...]
    told: tuple[Told, ...]
    steps: tuple[Step, ...]
    never: tuple[Caution, ...]
    words: tuple[Phrase, ...]
    indicators: tuple[Sign, ...]
    stop: tuple[str, ...]
    options: tuple[Option, ...]
    helps_nobody: tuple[Caution, ...]
    digest: str
    text: str
    translates: str = ""
    objective: str = ""

    @property
    def reviewed(self) -> bool:
        """Whether a second person looked at it."""
        return bool(self.reviewed_by)

    @property
    def protections(self) -> tuple[str, ...]:
        """Keys of every protection that a step uses, each once, in order."""
        return tuple(dict.fromkeys(key for step in self.steps for key in step.protections))

    def during(self, phase: Phase) -> tuple[Step, ...]:
        """The steps of one phase, in their order."""
        return tuple(step for step in self.steps if step.phase == phase)
