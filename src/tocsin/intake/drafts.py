"""What somebody has said so far. It travels sealed in their own page, so that the door keeps nothing until it is sent.

Sealed, because browsers write what stands on a page to their own disk; the key is the door's, and only the door's.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tocsin.intake.configured import door, key_for
from tocsin.keys.sealing import Context, SealError, open_sealed, seal
from tocsin.keys.uploads import Posted

KINDS: Final = ("none", "violence", "self", "detention", "legal", "exposed", "threats", "watched", "blocked", "other")
SAFE: Final = ("yes", "no", "unsure", "other")
URGENCY: Final = ("now", "today", "week", "later")
ANSWERS: Final = ("here", "channel", "none")
# A page may be left open over night.
OPEN_FOR: Final = timedelta(hours=24)
SHOWN_FOR: Final = timedelta(minutes=30)
_LINE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers so far. ``form`` is the random number of this form, by which it is taken once only."""

    form: str = field(default_factory=lambda: secrets.token_hex(16))
    text: str = ""
    kind: str = "none"
    safe: str = ""
    urgency: str = ""
    hidden: tuple[str, ...] = ()
    answer: str = "here"
    where: str = ""
    when: str = ""
    say: str = ""

    def with_step(self, step: str, posted: Posted) -> "Draft":
        """With what the page of one step said."""
        return _TAKES[step](self, posted) if step in _TAKES else self


def _tell(draft: Draft, posted: Posted) -> Draft:
    return replace(draft, text=_text(posted), kind=_one_of(posted, "kind", KINDS, "none"))


def _now(draft: Draft, posted: Posted) -> Draft:
    return replace(draft, safe=_one_of(posted, "safe", SAFE, ""), urgency=_one_of(posted, "urgency", URGENCY, ""))


def _who(draft: Draft, posted: Posted) -> Draft:
    return replace(draft, hidden=tuple(one[:80] for one in posted.all("hidden")[:200]))


def _answer(draft: Draft, posted: Posted) -> Draft:
    where, when, say = (posted.one(name).strip()[:_LINE] for name in ("where", "when", "say"))
    answer = _one_of(posted, "answer", ANSWERS, "")
    return replace(draft, answer=answer, where=where, when=when, say=say)


def _check(draft: Draft, posted: Posted) -> Draft:
    return replace(draft, text=_text(posted))


_TAKES: Final[dict[str, Callable[[Draft, Posted], Draft]]] = {
    "tell": _tell,
    "now": _now,
    "who": _who,
    "answer": _answer,
    "check": _check,
}


def _text(posted: Posted) -> str:
    return posted.one("text").replace("\r\n", "\n").strip()


def _one_of(posted: Posted, name: str, known: tuple[str, ...], other: str) -> str:
    return posted.one(name) if posted.one(name) in known else other


@dataclass(frozen=True, slots=True)
class Opened:
    """A box that was opened a moment ago, so that its holder may write without the words again."""

    form: str
    lookup: str
    public: str
    desk: str
    hidden: tuple[str, ...]


def close(draft: Draft) -> str:
    """A draft as a field of a form."""
    return _close("draft", asdict(draft))


def reopen(text: str) -> Draft | None:
    """The draft of a field; None for one that is too old, or not ours."""
    found = _open("draft", text, OPEN_FOR)
    return Draft(**{**found, "hidden": tuple(found["hidden"])}) if found else None


def close_box(opened: Opened) -> str:
    """An opened box as a field of a form."""
    return _close("box", asdict(opened))


def reopen_box(text: str) -> Opened | None:
    """The box of a field; None after half an hour."""
    found = _open("box", text, SHOWN_FOR)
    return Opened(**{**found, "hidden": tuple(found["hidden"])}) if found else None


def may_bring(posted: Posted) -> bool:
    """Whether files may follow these words: they come from a page of ours that asks for files."""
    return reopen(posted.one("draft")) is not None or reopen_box(posted.one("opened")) is not None


def _close(purpose: str, values: dict[str, Any]) -> str:
    body = json.dumps([datetime.now(UTC).timestamp() // 60, values], ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(seal(_key(purpose), body, _context(purpose))).decode()


def _open(purpose: str, text: str, open_for: timedelta) -> dict[str, Any] | None:
    try:
        body = open_sealed(_key(purpose), base64.urlsafe_b64decode(text.encode("ascii")), _context(purpose))
    except (SealError, ValueError, binascii.Error):
        return None
    minute, values = json.loads(body)
    age = datetime.now(UTC).timestamp() - minute * 60
    return values if age < open_for.total_seconds() else None


def _key(purpose: str) -> bytes:
    return key_for(door().folder, f"intake.{purpose}")


def _context(purpose: str) -> Context:
    return Context(b"intake", purpose, 0, b"", "form", 1)
