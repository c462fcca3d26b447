"""Which text of each playbook is in force: the team's newest that was reviewed, else the one that came with Tocsin."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType

from django.db.models import QuerySet

from tocsin.responses.playbook_models import PlaybookText
from tocsin.responses.playbooks.protecting import protections
from tocsin.responses.playbooks.reading import ReadingError, digest_of, read, read_translation
from tocsin.responses.playbooks.shapes import Playbook

ENGLISH = "en"
KEY = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")


@dataclass(frozen=True, slots=True)
class Standing:
    """How one playbook stands in one language.

    ``row`` is the team's version in force, None for the text that came with Tocsin. ``waiting`` is the newest version
    that nobody has reviewed. ``stale``: a translation of an original that moved on. ``moved``: Tocsin came with
    another text since the team wrote theirs. ``unread`` is the number of a reviewed version that can't be read now.
    """

    playbook: Playbook
    row: PlaybookText | None
    waiting: PlaybookText | None
    stale: bool
    moved: bool
    unread: int

    @property
    def key(self) -> str:
        """The playbook's key."""
        return self.playbook.key

    @property
    def language(self) -> str:
        """The language of this text."""
        return self.playbook.language


def playbook(key: str, language: str = ENGLISH) -> Playbook | None:
    """The text in force, or None. In a language that has none: None, never silently another."""
    found = standing(key, language)
    return found.playbook if found is not None else None


def playbooks() -> list[Playbook]:
    """Every original in force, by title."""
    return sorted((one.playbook for one in standings()), key=lambda one: one.title)


def standings() -> list[Standing]:
    """How every original stands, by title."""
    rows = _rows(language=ENGLISH)
    keys = {key for key, language in shipped() if language == ENGLISH} | set(rows)
    found = (_standing(key, ENGLISH, rows.get(key, []), None) for key in keys)
    return sorted((one for one in found if one is not None), key=lambda one: one.playbook.title)


def translations(original: Playbook) -> list[Standing]:
    """How every translation of an original stands, by language."""
    rows: dict[str, list[PlaybookText]] = {}
    for row in PlaybookText.objects.filter(key=original.key).exclude(language=ENGLISH).order_by("-version"):
        rows.setdefault(row.language, []).append(row)
    languages = {language for key, language in shipped() if key == original.key} - {ENGLISH} | set(rows)
    found = (_standing(original.key, language, rows.get(language, []), original) for language in sorted(languages))
    return [one for one in found if one is not None]


def standing(key: str, language: str = ENGLISH) -> Standing | None:
    """How one playbook stands in one language; None where nothing is in force and nothing waits."""
    original = None
    if language != ENGLISH:
        original = playbook(key)
        if original is None:
            return None
    return _standing(key, language, list(_of(key, language)), original)


def newest(key: str, language: str) -> int:
    """The number of the newest version, reviewed or not; that of the text that came with Tocsin, or 0."""
    row = _of(key, language).first()
    return max(row.version if row is not None else 0, shipped_version(key, language))


def shipped_version(key: str, language: str) -> int:
    """The number of the version that came with Tocsin, 0 for none."""
    text = shipped().get((key, language))
    found = re.search(r"^version\s*=\s*([0-9]{1,6})\s*$", text, re.MULTILINE) if text is not None else None
    return int(found[1]) if found else 0


def parsed(key: str, language: str, text: str, original: Playbook | None = None) -> Playbook:
    """A text, read as what it is to be.

    Raises:
        ReadingError: with every fault; also for a translation of what is not there.
    """
    if language == ENGLISH:
        return _read(f"{key}.md", text)
    original = original or playbook(key)
    if original is None:
        raise ReadingError(())
    return _read_translation(f"{key}.{language}.md", text, original)


@cache
def shipped() -> Mapping[tuple[str, str], str]:
    """Every text that came with Tocsin, by key and language."""
    found: dict[tuple[str, str], str] = {}
    for file in resources.files("tocsin.responses.playbooks").joinpath("texts").iterdir():
        key, *language = file.name.removesuffix(".md").split(".")
        if file.name.endswith(".md"):
            found[key, language[0] if language else ENGLISH] = file.read_text(encoding="utf-8")
    return MappingProxyType(found)


def _rows(**which: str) -> dict[str, list[PlaybookText]]:
    found: dict[str, list[PlaybookText]] = {}
    for row in PlaybookText.objects.filter(**which).select_related("by", "reviewed_by").order_by("-version"):
        found.setdefault(row.key, []).append(row)
    return found


def _of(key: str, language: str) -> QuerySet[PlaybookText]:
    rows = PlaybookText.objects.filter(key=key, language=language).select_related("by", "reviewed_by", "declined_by")
    return rows.order_by("-version")


def _standing(key: str, language: str, rows: list[PlaybookText], original: Playbook | None) -> Standing | None:
    came = shipped().get((key, language))
    book, row, unread = None, None, 0
    for one in (one for one in rows if one.reviewed_at is not None):
        try:
            book, row = _of_row(one, original), one
            break
        except ReadingError:
            unread = unread or one.version
    if book is None and came is not None:
        book = parsed(key, language, came, original)
    in_force = row.version if row is not None else 0
    waiting = next((one for one in rows if one.reviewed_at is None and one.declined_at is None), None)
    if waiting is not None and waiting.version < in_force:
        waiting = None
    if book is None and waiting is not None:
        # Nothing was ever in force: what waits is shown, and says that it does.
        with suppress(ReadingError):
            book = _of_row(waiting, original)
    if book is None:
        return None
    stale = original is not None and book.translates != original.digest
    moved = bool(row is not None and came is not None and row.shipped and row.shipped != digest_of(came))
    return Standing(book, row, waiting, stale, moved, unread)


def _of_row(row: PlaybookText, original: Playbook | None) -> Playbook:
    """A row's text, with the review that the row tells of, whatever its head says."""
    book = parsed(row.key, row.language, row.text, original)
    name = row.reviewed_by.name if row.reviewed_by is not None else ""
    by = (name or "–") if row.reviewed_at is not None else ""
    on = row.reviewed_at.date() if row.reviewed_at is not None else None
    return replace(book, version=row.version, reviewed_by=by, reviewed_on=on)


@lru_cache(maxsize=256)
def _read(name: str, text: str) -> Playbook:
    return read(text, name, protections())


@lru_cache(maxsize=256)
def _read_translation(name: str, text: str, original: Playbook) -> Playbook:
    return read_translation(text, name, original, protections())
