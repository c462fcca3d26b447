"""The site of guides, as files that need no server: what stands on each page, and how a folder comes to hold it.

A list of what the builder wrote stands beside the files. Only what it names, and what still reads as it was written, is
ever written over or removed. The list is widened before the first file changes and narrowed after the last, and each
file is replaced whole, so that a build killed at any moment is finished by the next.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from tocsin.resilience.practice_models import GuideRetired
from tocsin.resilience.practices import library, rendering
from tocsin.resilience.practices.library import Standing
from tocsin.resilience.practices.site_words import ENGLISH, WORDS, Words

LIST: Final = ".tocsin-practices.json"
_LARGEST_LIST: Final = 5_000_000
_PATH: Final = re.compile(r"(?:[a-z]{2,3}(?:-[a-z0-9]{2,8})?/)?[a-z][a-z0-9-]{0,40}\.(?:html|css)")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class StrangerError(Exception):
    """Something stands in the folder that the builder did not write. ``path`` is where, below the folder."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: files that the site has, of them written anew, and older ones removed."""

    files: int
    written: int
    removed: int


@dataclass(frozen=True, slots=True)
class _Guide:
    """One guide on its page and in a list. Days are in words of its language."""

    here: Standing
    written: str
    since: str
    review_by: str
    overdue: bool
    retired: GuideRetired | None
    retired_day: str


@dataclass(frozen=True, slots=True)
class _Language:
    code: str
    name: str
    direction: str


def build(folder: Path, today: date) -> Built:
    """Make a folder hold the site as guides stand now. The folder is made where there is none.

    Raises:
        StrangerError: before anything is changed, where a file of somebody else stands in the way.
        OSError: when the folder can't be read or written.
    """
    return keep(folder, pages(today))


def pages(today: date) -> dict[str, bytes]:
    """Every file of the site by its path: UTF-8, without scripts, and with links to itself and to https alone."""
    gone = library.retired()
    guides = [_guide(one, today, gone.get(one.key)) for one in library.standings() if one.published]
    codes = sorted({one.here.language for one in guides} | {library.ENGLISH}, key=lambda one: (one != "en", one))
    tongues = [_language(code) for code in codes]
    found = {"style.css": resources.files(__package__).joinpath("style.css").read_bytes()}
    found["index.html"] = _page("front", tongues[0], {"languages": tongues}, ENGLISH)
    for tongue in tongues:
        mine = sorted((one for one in guides if one.here.language == tongue.code), key=lambda one: one.here.title)
        words = WORDS.get(tongue.code, ENGLISH)
        more = {
            "languages": tongues,
            "guides": [one for one in mine if one.retired is None],
            "gone": [one for one in mine if one.retired is not None],
        }
        found[f"{tongue.code}/index.html"] = _page("index", tongue, more, words)
        for one in mine:
            others = [_language(other.here.language) for other in guides if other.here.key == one.here.key]
            context = {"one": one, "others": [two for two in others if two.code != tongue.code], "original": tongues[0]}
            found[f"{tongue.code}/{one.here.key}.html"] = _page("guide", tongue, context, words)
    return found


def keep(folder: Path, files: Mapping[str, bytes]) -> Built:
    """Make a folder hold these files, and none of a former build beside them.

    Raises:
        StrangerError: before anything is changed, where a file of somebody else stands in the way.
        OSError: when the folder can't be read or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {path: sha256(body).hexdigest() for path, body in files.items()}
    known = _known(folder)
    for path, digest in wanted.items():
        _ours(folder, path, {digest, *known.get(path, ())})
    _write(folder, LIST, _list({path: {digest, *known.get(path, ())} for path, digest in wanted.items()}, known))
    written = sum(_put(folder, path, body, wanted[path]) for path, body in files.items())
    removed = sum(_remove(folder, path, digests) for path, digests in known.items() if path not in wanted)
    _write(folder, LIST, _list({path: {digest} for path, digest in wanted.items()}, {}))
    return Built(len(wanted), written, removed)


def _known(folder: Path) -> dict[str, frozenset[str]]:
    """What the builder wrote here before: digests by path. Whatever else a list says is not believed."""
    file = folder / LIST
    if file.is_symlink() or (file.exists() and (not file.is_file() or file.stat().st_size > _LARGEST_LIST)):
        raise StrangerError(LIST)
    if not file.exists():
        return {}
    try:
        said = json.loads(file.read_text(encoding="utf-8"))["files"]
        found = {str(path): frozenset(map(str, digests)) for path, digests in said.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StrangerError(LIST) from error
    if not all(_PATH.fullmatch(path) and all(map(_DIGEST.fullmatch, digests)) for path, digests in found.items()):
        raise StrangerError(LIST)
    return found


def _ours(folder: Path, path: str, digests: Iterable[str]) -> None:
    target = folder / path
    if target.parent.is_symlink() or (target.parent.exists() and not target.parent.is_dir()):
        raise StrangerError(path.partition("/")[0])
    if target.is_symlink() or (target.exists() and (not target.is_file() or _digest_of(target) not in digests)):
        raise StrangerError(path)


def _put(folder: Path, path: str, body: bytes, digest: str) -> bool:
    target = folder / path
    target.parent.mkdir(exist_ok=True)
    if target.exists() and _digest_of(target) == digest:
        return False
    _write(folder, path, body)
    return True


def _write(folder: Path, path: str, body: bytes) -> None:
    # One name for one path: what a killed build left there is written over by the next.
    part = folder / f".tocsin-{sha256(path.encode()).hexdigest()[:16]}.part"
    if part.is_symlink():
        raise StrangerError(part.name)
    with part.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / path)


def _remove(folder: Path, path: str, digests: frozenset[str]) -> bool:
    target = folder / path
    if target.parent.is_symlink() or target.is_symlink() or not target.is_file() or _digest_of(target) not in digests:
        return False
    target.unlink()
    if target.parent != folder:
        with suppress(OSError):  # somebody else's files are in it
            target.parent.rmdir()
    return True


def _list(files: Mapping[str, Iterable[str]], more: Mapping[str, Iterable[str]]) -> bytes:
    found = {path: sorted(digests) for path, digests in sorted({**more, **files}.items())}
    return json.dumps({"of": "tocsin practices", "files": found}, indent=1).encode()


def _digest_of(file: Path) -> str:
    with file.open("rb") as opened:
        digest = sha256()
        while chunk := opened.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _page(name: str, tongue: _Language, more: Mapping[str, object], words: Words) -> bytes:
    context = {"tongue": tongue, "words": words, "foreign": tongue.code not in WORDS, **more}
    return render_to_string(f"practices_site/{name}.html", context).encode()


def _guide(one: Standing, today: date, retired: GuideRetired | None) -> _Guide:
    return _Guide(
        one,
        mark_safe(rendering.html_of(one.text)),  # noqa: S308  the reader lets no markup through
        _day(one.since, one.language) if one.since is not None else "",
        _day(one.review_by, one.language),
        one.review_by < today,
        retired,
        _day(retired.at.date(), one.language) if retired is not None else "",
    )  # fmt: skip


def _day(day: date, language: str) -> str:
    locale = _locale(language) if language in WORDS else None
    return format_date(day, "long", locale=locale or Locale("en"))


def _language(code: str) -> _Language:
    locale = _locale(code)
    if locale is None:
        return _Language(code, code, "ltr")
    return _Language(code, locale.get_display_name() or code, locale.text_direction)


def _locale(code: str) -> Locale | None:
    try:
        return Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        return None
