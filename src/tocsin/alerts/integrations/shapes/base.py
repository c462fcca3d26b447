"""What every shape is: bytes in, reports out. A report holds nothing that a foreign system wrote in words."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from tocsin.alerts.models import Severity


class BadPayloadError(Exception):
    """A body that is not of the shape. ``message`` says which field, and what is expected; it quotes nothing of it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class State(StrEnum):
    """What the other system says of it."""

    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Reported:
    """One alert as it was reported.

    ``dedupe`` is a hash of the sender's own key, 64 hexadecimal digits; ``earlier`` are hashes of further keys under
    which it may stand already. ``urgency`` is CAP's word or empty, ``language`` a BCP 47 tag or empty. ``assumed``: no
    severity was stated that is known here, so the one given is our assumption.
    """

    dedupe: str
    severity: Severity
    state: State = State.FIRING
    urgency: str = ""
    language: str = ""
    occurred_at: datetime | None = None
    exercise: bool = False
    earlier: tuple[str, ...] = ()
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told: an HTTP status and a JSON object."""

    status: int
    body: Mapping[str, object]


def plain_answer(body: bytes, status: int, state: str, words: Sequence[str]) -> Answer:
    """The answer in our own words, for senders that look at the status alone."""
    return Answer(status, {"status": state, "detail": " ".join(words)})


def no_bearer(body: bytes) -> str:
    """For shapes whose bodies carry no secret."""
    return ""


@dataclass(frozen=True, slots=True)
class Shape:
    """One way of writing alerts.

    ``read`` raises ``BadPayloadError``. ``example`` writes a body with one firing alert that began at a moment: the
    test alert, and what people paste into a terminal. ``bearer`` finds the secret where the body carries it.
    ``answer(body, status, state, words)`` says in the shape's own way what became of it.
    """

    key: str
    title: str
    content_type: str
    read: Callable[[bytes], list[Reported]]
    example: Callable[[datetime], bytes]
    bearer: Callable[[bytes], str] = no_bearer
    answer: Callable[[bytes, int, str, Sequence[str]], Answer] = plain_answer


def key_of(*parts: str) -> str:
    """The hash of a sender's own key. Any text will do, half letters and NULs too."""
    made = hashlib.sha256()
    for part in parts:
        written = part.encode("utf-8", "surrogatepass")
        made.update(len(written).to_bytes(8, "big") + written)
    return made.hexdigest()


_SEVERITIES: Mapping[Severity, str] = {
    Severity.EXTREME: "extreme critical crit emergency fatal disaster page p0 p1 sev0 sev1 s1",
    Severity.SEVERE: "severe error err high major urgent p2 sev2 s2",
    Severity.MODERATE: "moderate warning warn medium average p3 sev3 s3",
    Severity.MINOR: "minor info information informational notice low debug none ok p4 p5 sev4 sev5 s4",
}
_BY_WORD = {word: severity for severity, words in _SEVERITIES.items() for word in words.split()}
_URGENCIES = ("immediate", "expected", "future", "past")
_SCRIPTS = {"arab", "beng", "cyrl", "deva", "ethi", "hans", "hant", "hebr", "jpan", "kore", "latn", "mymr", "thai"}
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?", re.IGNORECASE)
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def severity_of(word: object) -> tuple[Severity, bool]:
    """The severity that a word means, and whether it had to be assumed: what is unknown is taken as severe."""
    found = _BY_WORD.get(word.strip().lower()) if isinstance(word, str) else None
    return (Severity.SEVERE, True) if found is None else (found, False)


def urgency_of(word: object) -> str:
    """CAP's word for the urgency in small letters; empty when it is unknown."""
    known = word.strip().lower() if isinstance(word, str) else ""
    return known if known in _URGENCIES else ""


def most_urgent(words: Sequence[str]) -> str:
    """Of some urgencies the one that leaves the least time; empty ones don't count."""
    return next((one for one in _URGENCIES if one in words), "")


def language_of(tag: object) -> str:
    """A language tag in its usual letters; empty unless it is a plain one, so that no other word hides in it."""
    match = _LANGUAGE.fullmatch(tag.strip()) if isinstance(tag, str) else None
    if match is None or (match[2] and match[2].lower() not in _SCRIPTS):
        return ""
    parts = [match[1].lower(), (match[2] or "").title(), (match[3] or "").upper()]
    return "-".join(part for part in parts if part)


def moment_of(text: object) -> datetime | None:
    """A moment in ISO 8601, UTC where it names no zone; None when it is none, or lies outside 2000 to 2200."""
    try:
        stated = datetime.fromisoformat(text.strip()) if isinstance(text, str) else None
        if stated is None:
            return None
        moment = stated.replace(tzinfo=UTC) if stated.tzinfo is None else stated.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _EARLIEST <= moment < _LATEST else None


def text_in(found: Any, *names: str) -> str:
    """The first of these members that is a text which is not empty; empty where there is none."""
    if not isinstance(found, dict):
        return ""
    return next((found[name] for name in names if isinstance(found.get(name), str) and found[name]), "")
