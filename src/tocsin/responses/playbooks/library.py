"""Which text of each playbook is in force: the team's newest that was reviewed, else the one that came with Tocsin."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tocsin.people.models import Person
from tocsin.responses.playbook_models import PartReview, PlaybookText
from tocsin.responses.playbooks import protecting
from tocsin.responses.playbooks.covering import Part, parts_of
from tocsin.responses.playbooks.protecting import TABLE, protections
from tocsin.responses.playbooks.reading import ReadingError, digest_of, read, read_translation
from tocsin.responses.playbooks.shapes import Playbook
from tocsin.responses.playbooks.table_reading import read_table

ENGLISH: Final = "en"
KEY = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")


@dataclass(frozen=True, slots=True)
class _Around:
    """What texts are read by: the keys of protections, and the newest look at each part as it reads."""

    known: frozenset[str]
    looks: Mapping[tuple[str, str, str, str], PartReview]


@dataclass(frozen=True, slots=True)
class Looked:
    """One part of a text, and who of the team looked at these words of it last; ``on`` is None while nobody did."""

    part: Part
    by: str
    on: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """How one text stands in one language: a playbook, or the table of protections.

    ``row`` is the team's version in force, None for the text that came with Tocsin. ``waiting`` is the newest version
    that nobody has reviewed. ``stale``: a translation of an original that moved on. ``moved``: Tocsin came with
    another text since the team wrote theirs. ``unread`` is the number of a reviewed version that can't be read now.
    """

    key: str
    language: str
    title: str
    version: int
    text: str
    row: PlaybookText | None
    waiting: PlaybookText | None
    stale: bool
    moved: bool
    unread: int
    parts: tuple[Looked, ...]

    @property
    def in_force(self) -> int:
        """The number of the team's version in force; 0 for the text that came with Tocsin, or for none."""
        return self.row.version if self.row is not None else 0

    @property
    def waiting_alone(self) -> bool:
        """Whether nothing is in force, so that what is shown is the version that waits."""
        if self.waiting is None or self.row is not None:
            return False
        # A release may bring a text of the same number.
        return (self.version, self.text) == (self.waiting.version, self.waiting.text)

    @property
    def unreviewed(self) -> tuple[str, ...]:
        """Names of the parts that nobody of the team has looked at as they read now."""
        return tuple(one.part.name for one in self.parts if one.on is None)

    @property
    def reviewed(self) -> bool:
        """Whether somebody looked at every part."""
        return not self.unreviewed

    @property
    def none_reviewed(self) -> bool:
        """Whether nobody looked at any part."""
        return len(self.unreviewed) == len(self.parts)

    @property
    def reviewed_on(self) -> date | None:
        """The day of the oldest look that still counts; None while a part lacks one."""
        return min((one.on for one in self.parts if one.on is not None), default=None) if self.reviewed else None


@dataclass(frozen=True, slots=True)
class Standing(Held):
    """How one playbook stands in one language."""

    playbook: Playbook


def playbook(key: str, language: str = ENGLISH) -> Playbook | None:
    """The text in force, or None. In a language that has none: None, never silently another, nor one that waits."""
    found = standing(key, language)
    return found.playbook if found is not None and not found.waiting_alone else None


def playbooks() -> list[Playbook]:
    """Every original in force, by title."""
    return sorted((one.playbook for one in standings() if not one.waiting_alone), key=lambda one: one.title)


def believed(book: Playbook) -> frozenset[str]:
    """Names of the parts of an original that came with Tocsin, or that somebody looked at who did not write them.

    None of a text that is not in force: what one person wrote alone lets nobody act before a yes.
    """
    found = standing(book.key)
    if found is None or found.waiting_alone or found.playbook.text != book.text:
        return frozenset()
    came = {(one.name, one.digest) for one in parts_of(shipped().get((book.key, ENGLISH), ""))}
    return frozenset(
        one.part.name for one in found.parts if one.on is not None or (one.part.name, one.part.digest) in came
    )


def standings() -> list[Standing]:
    """How every original stands, by title."""
    rows = _rows(language=ENGLISH)
    around = _around(PartReview.objects.filter(language=ENGLISH))
    keys = ({key for key, language in shipped() if language == ENGLISH} | set(rows)) - {TABLE}
    found = (_standing(key, ENGLISH, rows.get(key, []), None, around) for key in keys)
    return sorted((one for one in found if one is not None), key=lambda one: one.playbook.title)


def translations(original: Playbook) -> list[Standing]:
    """How every translation of an original stands, by language."""
    rows: dict[str, list[PlaybookText]] = {}
    for row in PlaybookText.objects.filter(key=original.key).exclude(language=ENGLISH).order_by("-version"):
        rows.setdefault(row.language, []).append(row)
    languages = {language for key, language in shipped() if key == original.key} - {ENGLISH} | set(rows)
    around = _around(PartReview.objects.filter(key=original.key))
    found = (_standing(original.key, one, rows.get(one, []), original, around) for one in sorted(languages))
    return [one for one in found if one is not None]


def standing(key: str, language: str = ENGLISH) -> Standing | None:
    """How one playbook stands in one language; None where nothing is in force and nothing waits."""
    original = None
    if key == TABLE:
        return None
    if language != ENGLISH:
        original = playbook(key)
        if original is None:
            return None
    return _standing(key, language, list(_of(key, language)), original, _around_of(key, language))


def table() -> Held:
    """How the table of protections stands."""
    rows, text = list(_of(TABLE, ENGLISH)), protecting.shipped_text()
    row, unread = None, 0
    for one in (one for one in rows if one.reviewed_at is not None):
        try:
            read_table(one.text, guarded=protecting.guarded())
        except ReadingError:
            unread = unread or one.version
        else:
            row, text = one, one.text
            break
    version = row.version if row is not None else 0
    moved = row is not None and row.shipped != digest_of(protecting.shipped_text())
    parts = _parts(text, TABLE, ENGLISH, _around_of(TABLE, ENGLISH))
    title = _("Protections on the wikis")
    return Held(TABLE, ENGLISH, title, version, text, row, _waiting(rows, version), False, moved, unread, parts)


def held(key: str, language: str) -> Held | None:
    """How a text stands, a playbook or the table of protections."""
    if key == TABLE:
        return table() if language == ENGLISH else None
    return standing(key, language)


def came(key: str, language: str) -> str | None:
    """The text that came with Tocsin, or None."""
    if key == TABLE:
        return protecting.shipped_text() if language == ENGLISH else None
    return shipped().get((key, language))


def check(key: str, language: str, text: str) -> None:
    """See whether a text can be used.

    Raises:
        ReadingError: with every fault; also for a table that lacks what a playbook in force uses.
    """
    if key != TABLE:
        parsed(key, language, text)
        return
    used = {one: book.title for book in playbooks() for one in book.protections}
    read_table(text, used=used, guarded=protecting.guarded())


def unreviewed_of(key: str, digest: str) -> tuple[str, ...] | None:
    """Which parts of the original with this digest nobody has looked at until now; None when it is not kept here."""
    text = text_of(key, digest)
    if text is None:
        return None
    return tuple(one.part.name for one in _parts(text, key, ENGLISH, _around_of(key, ENGLISH)) if one.on is None)


def to_look_at(person: Person) -> int:
    """How many texts wait for a second look that this person may give: of each the newest version, of somebody else."""
    rows = PlaybookText.objects.filter(declined_at=None).order_by("key", "language", "-version")
    newest = {(row.key, row.language): row for row in reversed(rows.only("key", "language", "by", "reviewed_at"))}
    return sum(row.reviewed_at is None and row.by_id != person.pk for row in newest.values())


def text_of(key: str, digest: str) -> str | None:
    """The text of the original with this digest, in force or not; None when it is not kept here."""
    texts = [came(key, ENGLISH), *(row.text for row in _of(key, ENGLISH))]
    return next((text for text in texts if text is not None and digest_of(text) == digest), None)


def newest(key: str, language: str) -> int:
    """The number of the newest version, reviewed or not; that of the text that came with Tocsin, or 0."""
    row = _of(key, language).first()
    return max(row.version if row is not None else 0, shipped_version(key, language))


def shipped_version(key: str, language: str) -> int:
    """The number of the version that came with Tocsin, 0 for none."""
    text = shipped().get((key, language))
    found = re.search(r"^version\s*=\s*([0-9]{1,6})\s*$", text, re.MULTILINE) if text is not None else None
    return int(found[1]) if found else 0


def parsed(
    key: str, language: str, text: str, original: Playbook | None = None, known: frozenset[str] | None = None
) -> Playbook:
    """A text, read as what it is to be. ``known`` are the keys of protections, by default those in force.

    Raises:
        ReadingError: with every fault; also for a translation of what is not there.
    """
    known = frozenset(protections()) if known is None else known
    if text == shipped().get((key, language)):
        # A release may bring a playbook with a protection that the team's own table lacks. It is readable all the same.
        known |= frozenset(protecting.shipped())
    if language == ENGLISH:
        return _read(f"{key}.md", text, known)
    original = original or playbook(key)
    if original is None:
        raise ReadingError(())
    return _read_translation(f"{key}.{language}.md", text, original, known)


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


def _standing(
    key: str, language: str, rows: list[PlaybookText], original: Playbook | None, around: _Around
) -> Standing | None:
    came = shipped().get((key, language))
    book, row, unread = None, None, 0
    for one in (one for one in rows if one.reviewed_at is not None):
        try:
            book, row = _of_row(one, original, around.known), one
            break
        except ReadingError:
            unread = unread or one.version
    if book is None and came is not None:
        book = parsed(key, language, came, original, around.known)
    waiting = _waiting(rows, row.version if row is not None else 0)
    if book is None and waiting is not None:
        # Nothing was ever in force: what waits is shown, and says that it does.
        with suppress(ReadingError):
            book = _of_row(waiting, original, around.known)
    if book is None:
        return None
    stale = original is not None and book.translates != original.digest
    moved = bool(row is not None and came is not None and row.shipped and row.shipped != digest_of(came))
    parts = _parts(book.text, key, language, around, book if row is None else None)
    return Standing(
        key, language, book.title, book.version, book.text, row, waiting, stale, moved, unread, parts, book
    )  # fmt: skip


def _waiting(rows: Iterable[PlaybookText], in_force: int) -> PlaybookText | None:
    found = next((one for one in rows if one.reviewed_at is None and one.declined_at is None), None)
    return found if found is not None and found.version > in_force else None


def _around_of(key: str, language: str) -> _Around:
    return _around(PartReview.objects.filter(key=key, language=language))


def _around(rows: QuerySet[PartReview]) -> _Around:
    found = rows.select_related("by").order_by("at", "pk")
    looks = {(one.key, one.language, one.part, one.digest): one for one in found}
    return _Around(frozenset(protections()), looks)


def _parts(text: str, key: str, language: str, around: _Around, came: Playbook | None = None) -> tuple[Looked, ...]:
    looks = around.looks
    return tuple(_looked(part, looks.get((key, language, part.name, part.digest)), came) for part in parts_of(text))


def _looked(part: Part, look: PartReview | None, came: Playbook | None) -> Looked:
    if look is not None:
        return Looked(part, (look.by.name if look.by is not None else "") or "–", look.at.date())
    if came is not None and came.reviewed:
        # A text whose own head says that somebody reviewed it before it came.
        return Looked(part, came.reviewed_by, came.reviewed_on)
    return Looked(part, "", None)


def _of_row(row: PlaybookText, original: Playbook | None, known: frozenset[str]) -> Playbook:
    """A row's text with the row's number. Who reviewed what is told by ``PartReview``, whatever its head says."""
    book = parsed(row.key, row.language, row.text, original, known)
    return replace(book, version=row.version, reviewed_by="", reviewed_on=None)


@lru_cache(maxsize=256)
def _read(name: str, text: str, known: frozenset[str]) -> Playbook:
    return read(text, name, known)


@lru_cache(maxsize=256)
def _read_translation(name: str, text: str, original: Playbook, known: frozenset[str]) -> Playbook:
    return read_translation(text, name, original, known)
