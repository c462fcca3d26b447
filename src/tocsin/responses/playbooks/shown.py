"""What the pages of playbooks show, put together from what is known."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from tocsin.responses.playbook_models import PartReview, PlaybookText
from tocsin.responses.playbooks import differing, library
from tocsin.responses.playbooks.covering import HEAD
from tocsin.responses.playbooks.differing import Difference, by_part, compared
from tocsin.responses.playbooks.library import ENGLISH, Held, Looked, Standing
from tocsin.responses.playbooks.protecting import TABLE
from tocsin.responses.playbooks.protecting import protections as table
from tocsin.responses.playbooks.reading import NOT_REVIEWED
from tocsin.responses.playbooks.shapes import Phase, Playbook, Protection, Severity, Step
from tocsin.responses.playbooks.words import FUNCTIONS, PHASES, SEVERITIES, UNDONE, Words, length, part_name

_ORDER: Final = list(Severity)
_FIRST: Final = timedelta(minutes=15)
_TRANSLATES: Final = re.compile(r'^translates[ \t]*=[ \t]*"([0-9a-f]*)"', re.MULTILINE)


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
    """One protection with its words in the reader's language, and who looked at it."""

    one: Protection
    words: dict[str, str]
    undo: Words
    look: Looked | None


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step with the words of who and by when, and the titles of what it uses."""

    step: Step
    within: str
    who: Words
    uses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownPhase:
    """One phase with its steps, and who looked at it."""

    key: str
    title: Words
    steps: tuple[ShownStep, ...]
    look: Looked | None


@dataclass(frozen=True, slots=True)
class Book:
    """A playbook as its page shows it. ``looks`` says of each part by a short name who looked at it."""

    book: Playbook
    first: tuple["First", ...]
    looks: Mapping[str, Looked | None]
    severity: Words
    told: tuple[tuple[str, Words, str], ...]
    phases: tuple[ShownPhase, ...]
    options: tuple[tuple[object, Words], ...]


@dataclass(frozen=True, slots=True)
class First:
    """One thing that is done at once: a step, or (``tell``) words to somebody."""

    within: str
    who: Words
    text: str
    tell: bool
    approval: bool = False
    second_look: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """One version in the history."""

    number: int
    row: PlaybookText
    standing: str
    at: datetime
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One part of a text: what a page calls it, who looked at it, and whether the reader wrote it."""

    title: str
    looked: Looked
    own: bool


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """One part that reads differently. ``own``: the reader wrote it, so their look does not cover it."""

    title: str
    difference: Difference
    own: bool


def lines(found: Iterable[Standing]) -> list[Line]:
    """The gravest first, then by title."""
    ordered = sorted(found, key=lambda one: (-_ORDER.index(one.playbook.severity), one.playbook.title))
    return [Line(one, SEVERITIES[one.playbook.severity], _languages(one.playbook)) for one in ordered]


def languages(key: str) -> tuple[Language, ...]:
    """Every language of a playbook, English first."""
    original = library.standing(key)
    if original is None:
        return ()
    return (Language(ENGLISH, stale=False, reviewed=original.reviewed), *_languages(original.playbook))


def _languages(original: Playbook) -> tuple[Language, ...]:
    return tuple(Language(one.language, one.stale, one.reviewed) for one in library.translations(original))


_LOOKS: Final = {
    "head": HEAD, "use": "Use this when", "told": "Must be told", "hour": "First hour", "day": "First day",
    "week": "First week", "never": "What not to do", "words": "Words for the person", "signs": "Indicators",
    "stop": "Stop when", "options": "Options", "nobody": "What helps nobody",
}  # fmt: skip


def book(given: Playbook, looked: Iterable[Looked] = ()) -> Book:
    """A playbook for its page, with who looked at which part; without that for one that is only tried."""
    known = {one.part.name: one for one in looked}
    looks = {short: known.get(name) for short, name in _LOOKS.items()}
    phases = (
        ShownPhase(one.value, PHASES[one], tuple(_step(step) for step in given.during(one)), looks[one.value])
        for one in Phase
    )
    told = tuple((length(one.within), FUNCTIONS[one.function], one.text) for one in given.told)
    options = tuple((one, UNDONE[one.reversible]) for one in given.options)
    return Book(given, _first(given), looks, SEVERITIES[given.severity], told, tuple(phases), options)


def _first(given: Playbook) -> tuple[First, ...]:
    """What is due in the first quarter of an hour, in that order; where nothing is, what is due first."""
    limit = max(_FIRST, min(one.within for one in given.steps))
    steps = [
        (one.within, First(length(one.within), FUNCTIONS[one.function], one.text, False, one.approval, one.second_look))
        for one in given.steps
        if one.within <= limit
    ]
    told = [
        (one.within, First(length(one.within), FUNCTIONS[one.function], one.text, True))
        for one in given.told
        if one.within <= limit
    ]
    return tuple(one for _within, one in sorted([*steps, *told], key=lambda pair: pair[0]))


def unreviewed(here: Held) -> list[str]:
    """What a page calls the parts that nobody looked at."""
    return part_names(here.key, here.unreviewed)


def part_names(key: str, names: Iterable[str]) -> list[str]:
    """What a page calls these parts."""
    known = table() if key == TABLE else {}
    return [part_name(key, name, known) for name in names]


def parts(here: Held, own: frozenset[tuple[str, str]]) -> list[ShownPart]:
    """Every part of a text in force, with who looked at it."""
    titles = part_names(here.key, (one.part.name for one in here.parts))
    return [
        ShownPart(title, one, (one.part.name, one.part.digest) in own)
        for title, one in zip(titles, here.parts, strict=True)
    ]


def differences(key: str, before: str, after: str, own: Iterable[str] = ()) -> tuple[list[ShownDifference], list[str]]:
    """The parts that read differently, whole, and what a page calls the others."""
    found, same = by_part(before, after)
    mine = frozenset(own)
    titles = part_names(key, (one.name for one in found))
    shown = [ShownDifference(title, one, one.name in mine) for title, one in zip(titles, found, strict=True)]
    return shown, part_names(key, same)


def _step(step: Step) -> ShownStep:
    known = table()
    uses = tuple((key, _(known[key].title)) for key in step.protections if key in known)
    return ShownStep(step, length(step.within), FUNCTIONS[step.function], uses)


def protections(found: Iterable[Protection], looked: Iterable[Looked] = ()) -> list[ShownProtection]:
    """The table in the reader's language, with who looked at which part."""
    names = ("title", "does", "who", "reach", "log", "undoing", "accused", "informants", "bystanders")
    looks = {one.part.name: one for one in looked}
    return [
        ShownProtection(one, {name: _(getattr(one, name)) for name in names}, UNDONE[one.undo], looks.get(one.key))
        for one in found
    ]


def versions(here: Held, rows: Iterable[PlaybookText]) -> list[Version]:
    """Every version that the team wrote, with how it stands and which parts were looked at in it."""
    seen: dict[int, list[str]] = {}
    for look in PartReview.objects.filter(key=here.key, language=here.language).order_by("pk"):
        seen.setdefault(look.version, []).append(look.part)
    return [
        Version(row.version, row, _how(here, row), row.at, tuple(part_names(here.key, seen.get(row.version, []))))
        for row in rows
    ]


def _how(here: Held, row: PlaybookText) -> str:
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
    came = library.came(key, language)
    if came is not None:
        return came, number
    if not library.KEY.fullmatch(key) or not library.LANGUAGE.fullmatch(language):
        return None, 0
    if language == ENGLISH:
        return EMPTY, 0
    original = library.playbook(key)
    return (None, 0) if original is None else (_to_translate(original), 0)


def made_from(text: str) -> str:
    """The digest of the original that a translation's head names; empty for a text that is none."""
    found = _TRANSLATES.search(text)
    return found[1] if found else ""


def made_anew(text: str, original: Playbook) -> str:
    """A translation as one of the original in force: its head names that, and no word of it changes."""
    return _TRANSLATES.sub(f'translates = "{original.digest}"', text, count=1)


def moved_on(key: str, digest: str, original: Playbook) -> list[differing.Line] | None:
    """What the original says differently since the text with this digest; None when that is kept no longer."""
    before = library.text_of(key, digest)
    return compared(before, original.text) if before is not None else None


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
