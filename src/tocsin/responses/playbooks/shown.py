"""What the pages of playbooks show, put together from what is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from tocsin.responses.playbook_models import PlaybookText
from tocsin.responses.playbooks import library
from tocsin.responses.playbooks.library import ENGLISH, Standing
from tocsin.responses.playbooks.protecting import Protection
from tocsin.responses.playbooks.protecting import protections as table
from tocsin.responses.playbooks.reading import NOT_REVIEWED
from tocsin.responses.playbooks.shapes import Phase, Playbook, Severity, Step
from tocsin.responses.playbooks.words import FUNCTIONS, PHASES, SEVERITIES, UNDONE, Words, length

_ORDER: Final = list(Severity)
_ALL_LETTERS: Final = 2


@dataclass(frozen=True, slots=True)
class Language:
    """One language that a playbook can be read in."""

    code: str
    stale: bool
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One playbook in the list."""

    here: Standing
    severity: Words
    languages: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class ShownProtection:
    """One protection with its words in the reader's language."""

    one: Protection
    words: dict[str, str]
    undo: Words


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step with the words of who and by when, and the titles of what it uses."""

    step: Step
    within: str
    who: Words
    uses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownPhase:
    """One phase with its steps."""

    key: str
    title: Words
    steps: tuple[ShownStep, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """A playbook as its page shows it."""

    book: Playbook
    severity: Words
    told: tuple[tuple[str, Words, str], ...]
    phases: tuple[ShownPhase, ...]
    options: tuple[tuple[object, Words], ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version in the history."""

    number: int
    row: PlaybookText
    standing: str
    at: datetime


def lines(found: Iterable[Standing]) -> list[Line]:
    """The gravest first, then by title."""
    ordered = sorted(found, key=lambda one: (-_ORDER.index(one.playbook.severity), one.playbook.title))
    return [Line(one, SEVERITIES[one.playbook.severity], _languages(one.playbook)) for one in ordered]


def languages(key: str) -> tuple[Language, ...]:
    """Every language of a playbook, English first."""
    original = library.standing(key)
    if original is None:
        return ()
    return (Language(ENGLISH, stale=False, reviewed=original.playbook.reviewed), *_languages(original.playbook))


def _languages(original: Playbook) -> tuple[Language, ...]:
    return tuple(Language(one.language, one.stale, one.playbook.reviewed) for one in library.translations(original))


def book(given: Playbook) -> Book:
    """A playbook for its page."""
    phases = (ShownPhase(one.value, PHASES[one], tuple(_step(step) for step in given.during(one))) for one in Phase)
    told = tuple((length(one.within), FUNCTIONS[one.function], one.text) for one in given.told)
    options = tuple((one, UNDONE[one.reversible]) for one in given.options)
    return Book(given, SEVERITIES[given.severity], told, tuple(phases), options)


def _step(step: Step) -> ShownStep:
    known = table()
    uses = tuple((key, _(known[key].title)) for key in step.protections if key in known)
    return ShownStep(step, length(step.within), FUNCTIONS[step.function], uses)


def protections(found: Iterable[Protection]) -> list[ShownProtection]:
    """The table in the reader's language."""
    names = ("title", "does", "who", "reach", "log", "undoing", "accused", "informants", "bystanders")
    return [ShownProtection(one, {name: _(getattr(one, name)) for name in names}, UNDONE[one.undo]) for one in found]


def versions(here: Standing, rows: Iterable[PlaybookText]) -> list[Version]:
    """Every version that the team wrote, with how it stands."""
    return [Version(row.version, row, _how(here, row), row.at) for row in rows]


def _how(here: Standing, row: PlaybookText) -> str:
    if here.row is not None and here.row.pk == row.pk:
        return _("in force")
    if row.declined_at is not None:
        return _("put aside")
    if here.waiting is not None and here.waiting.pk == row.pk:
        return _("waits for a second look")
    return _("was in force") if row.reviewed_at is not None else _("was replaced before anybody looked")


def beginning(key: str, language: str) -> tuple[str | None, int]:
    """The text that an editor starts with, and the number of the newest version; None where nothing can be begun."""
    number = library.newest(key, language)
    row = PlaybookText.objects.filter(key=key, language=language).order_by("-version").first()
    if row is not None:
        return row.text, number
    came = library.shipped().get((key, language))
    if came is not None:
        return came, number
    if not library.KEY.fullmatch(key) or not library.LANGUAGE.fullmatch(language):
        return None, 0
    if language == ENGLISH:
        return EMPTY, 0
    original = library.playbook(key)
    return (None, 0) if original is None else (_to_translate(original), 0)


def _to_translate(original: Playbook) -> str:
    """The original's text behind the head of a translation: its words are to be replaced, nothing else."""
    body = original.text[original.text.index("\n+++", 3) + 4 :]
    head = ("+++", f'title = "{original.title}"', "version = 1", f'translates = "{original.digest}"')
    return "\n".join((*head, f'reviewed_by = "{NOT_REVIEWED}"', "+++")) + body


EMPTY: Final = f"""+++
title = "…"
version = 1
harms = ["threat"]
severity = "moderate"
reviewed_by = "{NOT_REVIEWED}"
+++

# Use this when

What happened, and what to assume until you know better.

# Must be told

- [1 h] lead: What to tell them.

# First hour

- [10 min] on duty: What comes first.

# First day

- [4 h] legal · approval: What comes next.

# First week

- [3 d] lead: What comes then.

# What not to do

- Do not … | Why not.

# Words for the person

- First answer | Thank you for telling us. Are you safe right now?

# Indicators

- What to watch. | What to do when it moves.

# Stop when

- What must be true before this is over.

# Options

## Wait and prepare, with a date
- benefit: …
- risk: …
- cost: …
- reversible: yes | …

# What helps nobody

- … | Why it helps nobody.
"""
