"""Which words that people at risk read were reviewed by somebody who grew up with the language; one file for each."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

PARTS: Final = ("door", "safe_words", "secret_words")
_HERE: Final = Path(__file__).parent
_ROOMS: Final = _HERE.parents[1]


@dataclass(frozen=True, slots=True)
class Review:
    """One part of one language. ``holds``: somebody reviewed these very words; ``stale``: words of before."""

    language: str
    part: str
    reviewer: str = ""
    on: date | None = None
    holds: bool = False
    stale: bool = False


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a file, by their codes."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.toml")))


@cache
def of(language: str, part: str) -> Review:
    """How far a part of a language is; not reviewed where nothing, or not all, was filled in."""
    path = _HERE / f"{language}.toml"
    found = tomllib.loads(path.read_text(encoding="utf-8")).get(part, {}) if path.is_file() else {}
    return _judged(language, part, found, words_of(language, part))


def every() -> tuple[tuple[Review, ...], ...]:
    """Each language with its parts."""
    return tuple(tuple(of(language, part) for part in PARTS) for language in languages())


def waiting() -> tuple[str, ...]:
    """The languages of which some part was not reviewed."""
    return tuple(parts[0].language for parts in every() if not all(one.holds for one in parts))


def words_of(language: str, part: str) -> bytes:
    """The words themselves, as they are kept in the rooms that say them; b"" where there are none."""
    lists = _ROOMS / "keys" / "wordlists"
    places = {
        "door": [_ROOMS / "intake" / "words" / f"{language}.toml"],
        "safe_words": [_ROOMS / "mailbox" / "phrases" / f"{language}.toml"],
        "secret_words": [lists / f"{language}.txt", lists / "left_out" / f"{language}.txt"],
    }
    return next((path.read_bytes() for path in places[part] if path.is_file()), b"")


def _judged(language: str, part: str, found: dict[str, Any], words: bytes) -> Review:
    reviewer, said = str(found.get("reviewer", "")).strip(), str(found.get("on", ""))
    checks = [value for value in found.values() if isinstance(value, bool)]
    try:
        on = date.fromisoformat(said)
    except ValueError:
        on = None
    done = bool(reviewer and on and checks and all(checks))
    same = str(found.get("sha256", "")).lower() == sha256(words).hexdigest()
    return Review(language, part, reviewer, on, done and same, done and not same)
