"""Which text of each guide is in force: the newest that was published, else the one that came with Tocsin."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from tocsin.resilience.practice_models import GuideRetired, GuideReview, GuideText
from tocsin.responses.playbooks.reading import digest_of

ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class Shipped:
    """A text that came with Tocsin, as its file says it. ``translates`` is the digest of the English one."""

    title: str
    text: str
    review_by: date
    translates: str
    digest: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How one guide stands in one language.

    ``row`` is the version in force, None for the text that came with Tocsin. ``waiting`` is a newer version that is
    not published. ``published`` is False where nothing is in force and what is shown is the one that waits.
    ``stale``: a translation of English words that moved on.
    """

    key: str
    language: str
    title: str
    text: str
    version: int
    review_by: date
    digest: str
    since: date | None
    row: GuideText | None
    waiting: GuideText | None
    published: bool
    stale: bool
    reviews: tuple[GuideReview, ...]

    @property
    def reviewed(self) -> bool:
        """Whether somebody of the people affected agreed with these very words."""
        return bool(self.reviews)


@dataclass(frozen=True, slots=True)
class _Rows:
    texts: Mapping[tuple[str, str], list[GuideText]]
    reviews: Mapping[tuple[str, str, str], list[GuideReview]]


def digest(title: str, text: str, review_by: date) -> str:
    """The hash (hex) of exactly what is agreed with: title, words, and until when they hold."""
    return digest_of(f"{title}\n{review_by.isoformat()}\n\n{text}")


def standings() -> list[Standing]:
    """How every guide stands in every language that it has, the English one of each first."""
    rows = _rows()
    keys = sorted({key for key, _language in [*shipped(), *rows.texts]})
    return [one for key in keys for one in _languages(key, rows)]


def languages(key: str) -> list[Standing]:
    """How one guide stands in every language that it has, the English one first; empty when there is none."""
    return _languages(key, _rows(key=key))


def standing(key: str, language: str = ENGLISH) -> Standing | None:
    """How one guide stands in one language."""
    return next((one for one in languages(key) if one.language == language), None)


def reviews_of(row: GuideText) -> list[GuideReview]:
    """Who of the people affected agreed with exactly this version."""
    found = GuideReview.objects.filter(key=row.key, language=row.language, digest=row.digest, withdrawn_at=None)
    return list(found.select_related("community", "by").order_by("on", "pk"))


def newest(key: str, language: str) -> int:
    """The number of the newest version, published or not; 0 for none of the team."""
    row = GuideText.objects.filter(key=key, language=language).order_by("-version").first()
    return row.version if row is not None else 0


def retired() -> dict[str, GuideRetired]:
    """Guides that are no longer shown, by key."""
    return {one.key: one for one in GuideRetired.objects.select_related("by")}


@cache
def shipped() -> Mapping[tuple[str, str], Shipped]:
    """Every text that came with Tocsin, by key and language."""
    found: dict[tuple[str, str], Shipped] = {}
    for file in resources.files("tocsin.resilience.practices").joinpath("texts").iterdir():
        key, *language = file.name.removesuffix(".md").split(".")
        if file.name.endswith(".md"):
            found[key, language[0] if language else ENGLISH] = _read(file.read_text(encoding="utf-8"))
    return MappingProxyType(found)


def _read(given: str) -> Shipped:
    _nothing, head, text = re.split(r"^\+\+\+\n", given, maxsplit=2, flags=re.MULTILINE)
    said = tomllib.loads(head)
    text = text.strip()
    found = digest(said["title"], text, said["review_by"])
    return Shipped(said["title"], text, said["review_by"], said.get("translates", ""), found)


def _rows(**which: str) -> _Rows:
    texts: dict[tuple[str, str], list[GuideText]] = {}
    for row in GuideText.objects.filter(**which).select_related("by", "published_by").order_by("-version"):
        texts.setdefault((row.key, row.language), []).append(row)
    reviews: dict[tuple[str, str, str], list[GuideReview]] = {}
    found = GuideReview.objects.filter(withdrawn_at=None, **which).select_related("community", "by")
    for one in found.order_by("on", "pk"):
        reviews.setdefault((one.key, one.language, one.digest), []).append(one)
    return _Rows(texts, reviews)


def _languages(key: str, rows: _Rows) -> list[Standing]:
    english = _standing(key, ENGLISH, rows, "")
    if english is None:
        return []
    others = sorted({language for one, language in [*shipped(), *rows.texts] if one == key} - {ENGLISH})
    found = (_standing(key, one, rows, english.digest) for one in others)
    return [english, *(one for one in found if one is not None)]


def _standing(key: str, language: str, rows: _Rows, original: str) -> Standing | None:
    mine, came = rows.texts.get((key, language), []), shipped().get((key, language))
    row = next((one for one in mine if one.published_at is not None), None)
    waiting = _waiting(mine, row)
    shown = row or (None if came is not None else waiting)
    one = shown or came
    if one is None:
        return None
    return Standing(
        key, language, one.title, one.text, shown.version if shown is not None else 0, one.review_by, one.digest,
        row.published_at.date() if row is not None and row.published_at is not None else None,
        row, waiting, row is not None or came is not None,
        bool(original) and one.translates != original,
        tuple(rows.reviews.get((key, language, one.digest), ())),
    )  # fmt: skip


def _waiting(rows: Iterable[GuideText], row: GuideText | None) -> GuideText | None:
    found = next(iter(rows), None)
    return found if found is not None and (row is None or found.version > row.version) else None
