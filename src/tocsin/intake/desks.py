"""Who can be written to: the desks that the team publishes in ``desks.json``, with their public keys of now.

The file is one object: ``{"desks": [DESK, …], "elsewhere": {LANGUAGE: [LINE, …]}}``. A DESK is ``{"id": WORD,
"names": {LANGUAGE: NAME}, "public": BASE64 of 32 bytes, "epoch": NUMBER, "until": ISO TIME or absent, "languages":
[LANGUAGE, …], "people": [{"id": WORD, "name": NAME}, …]}``. ``people`` are the members who may be named as somebody
who must not see it: somebody in two desks has the same id in both. ``elsewhere`` says how else the team is reached.
``signature`` (Ed25519, hex, over ``signed_bytes``) and ``signed_until`` (a day) are needed with ``intake_signer``.
Replace the file whole (write beside, rename): the door looks at each request whether it is a new one. It must be a
plain file of our own that nobody else can write: whoever could would choose the keys that everything is sealed to.
"""

import base64
import binascii
import json
import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from tocsin.intake import configured
from tocsin.keys.sealing import KEY, SealError, verify

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be named."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A group that envelopes are sealed to."""

    id: str
    names: Mapping[str, str]
    public: bytes
    epoch: int
    until: datetime | None
    languages: frozenset[str]
    people: tuple[Person, ...]

    def name(self, language: str) -> str:
        """Its name in this language, else in English, else in any."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()), self.id)

    def usable(self, now: datetime) -> bool:
        """Whether its key may still be used."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Hidden:
    """Who must not see it: ids of desks and of people."""

    desks: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()

    def bars(self, desk: Desk) -> bool:
        """Whether this desk gets nothing: it was named itself, or one of its people."""
        return desk.id in self.desks or any(one.id in self.people for one in desk.people)


@dataclass(frozen=True, slots=True)
class Desks:
    """The desks whose keys can be used now, and how else the team is reached."""

    usable: tuple[Desk, ...] = ()
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def people(self) -> list[Person]:
        """Everybody who can be named, each once, in the order of the file."""
        return list({one.id: one for desk in self.usable for one in desk.people}.values())

    def choose(self, language: str, hidden: Hidden) -> Desk | None:
        """The desk for somebody who writes this language; None when nobody is left."""
        left = [desk for desk in self.usable if not hidden.bars(desk)]
        return next((desk for desk in left if language in desk.languages), left[0] if left else None)

    def again(self, desk: str, language: str, hidden: Hidden) -> Desk | None:
        """The desk that has the matter already, or another if it is gone or has got somebody who must not see it."""
        same = [one for one in self.usable if one.id == desk and not hidden.bars(one)]
        return same[0] if same else self.choose(language, hidden)

    def lines(self, language: str) -> tuple[str, ...]:
        """How else the team is reached, in this language or in English."""
        return self.elsewhere.get(language) or self.elsewhere.get("en") or ()


def read(folder: Path, now: datetime | None = None) -> Desks:
    """The desks of now. A file that is missing or makes no sense gives none: the door is then closed, never open."""
    try:
        found = json.loads(written(folder))
        _check_signature(found, now or datetime.now(UTC))
        desks = [_desk(one) for one in found["desks"]]
        elsewhere = {str(language): tuple(map(str, lines)) for language, lines in found.get("elsewhere", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Desks()
    moment = now or datetime.now(UTC)
    return Desks(tuple(desk for desk in desks if desk.usable(moment)), elsewhere)


def signed_bytes(body: Mapping[str, Any]) -> bytes:
    """What is signed of such a file: all of it but the signature, in one form."""
    rest = {name: value for name, value in body.items() if name != "signature"}
    return json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _check_signature(body: Mapping[str, Any], now: datetime) -> None:
    """Where the operator named a signer, nobody else's file counts, nor one that was put back after a month.

    Raises:
        ValueError, KeyError, TypeError: when it is not signed so.
    """
    signer = configured.signer()
    if not signer:
        return
    try:
        verify(bytes.fromhex(signer), signed_bytes(body), bytes.fromhex(body["signature"]))
    except SealError:
        raise ValueError("desks.json is not signed by the signer that was named") from None
    if now.date() > date.fromisoformat(body["signed_until"]):
        raise ValueError("the signature of desks.json is over")


def written(folder: Path) -> bytes:
    """What stands in ``desks.json``.

    Raises:
        OSError: when there is none, or somebody else could have written it.
    """
    # Neither a link nor a pipe: the one leads elsewhere, the other holds up whoever opens it.
    file = os.open(folder / "desks.json", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(file, "rb") as opened:
        found = os.fstat(file)
        ours = found.st_uid in {os.geteuid(), 0} and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if not stat.S_ISREG(found.st_mode) or not ours:
            raise PermissionError("desks.json is no plain file that only we can write")
        return opened.read()


def _desk(given: Mapping[str, Any]) -> Desk:
    """One desk.

    Raises:
        ValueError, KeyError, TypeError: for what can't be one. A key that is wrong must close the door.
    """
    public = base64.b64decode(given["public"], validate=True)
    if len(public) != KEY or public == bytes(KEY):
        raise binascii.Error("a public key has 32 bytes")
    until = datetime.fromisoformat(given["until"]) if given.get("until") else None
    if until is not None and until.tzinfo is None:
        raise ValueError("a time needs its zone")
    return Desk(
        id=_id(given["id"]),
        names={str(language): str(name) for language, name in given["names"].items()},
        public=public,
        epoch=int(given["epoch"]),
        until=until,
        languages=frozenset(map(str, given.get("languages", ()))),
        people=tuple(Person(_id(one["id"]), str(one["name"])) for one in given.get("people", ())),
    )


def _id(text: Any) -> str:
    if not _ID.fullmatch(str(text)):
        raise ValueError("an id has letters, digits, - and _")
    return str(text)


def named(ids: Iterable[str]) -> Hidden:
    """The ids of a form, which names both kinds as ``desk:ID`` and ``person:ID``.

    Somebody who is no longer on the list stays named: the envelope says it to those who open it.
    """
    pairs = [(kind, word) for kind, _, word in (one.partition(":") for one in ids) if _ID.fullmatch(word)]
    return Hidden(
        frozenset(word for kind, word in pairs if kind == "desk"),
        frozenset(word for kind, word in pairs if kind == "person"),
    )
