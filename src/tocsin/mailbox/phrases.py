"""The words of acknowledgements: for a watched inbox, in the sender's language, kept in ``phrases/``, one file each.

A file is named by its language. Whether a speaker who does such work read it stands in ``reviews``. It has any number
of ``[[acknowledge]]`` with ``key``, ``subject`` and ``text``. Nothing in them names us, a threat, a case or a country.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tocsin.mailbox import reviews

FALLBACK: Final = "en"
_FOLDER: Final = Path(__file__).parent / "phrases"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way of saying that a person has read it."""

    key: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Language:
    """What can be said in one language."""

    code: str
    reviewed: bool
    acknowledge: tuple[Phrase, ...]


@cache
def languages() -> dict[str, Language]:
    """Every language that has words, by its code."""
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def of(code: str) -> Language:
    """The words in this language, or in English."""
    found = languages()
    return found.get(code) or found.get(code.replace("_", "-").partition("-")[0]) or found[FALLBACK]


def one(code: str, key: str) -> Phrase:
    """One phrase, by its key; the first where there is none of this key."""
    phrases = of(code).acknowledge
    return next((phrase for phrase in phrases if phrase.key == key), phrases[0])


def _read(path: Path) -> Language:
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    phrases = tuple(Phrase(one["key"], one["subject"], one["text"]) for one in found["acknowledge"])
    return Language(path.stem, reviews.of(path.stem, "safe_words").holds, phrases)
