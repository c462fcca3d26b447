"""A letter as a member of its desk reads it, in their own vault, for one request."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from tocsin.alerts import clock
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.sealing import SealError
from tocsin.keys.vaults import OpenVault
from tocsin.mailbox import clocks, desks
from tocsin.mailbox.clocks import Running
from tocsin.mailbox.mail import openpgp, reading
from tocsin.mailbox.models import Desk, Letter


@dataclass(frozen=True, slots=True)
class File:
    """Something that came along. ``place`` names a sealed file in the vault; else ``data`` is in the letter itself."""

    number: int
    name: str
    kind: str
    size: int
    place: str = ""
    key: bytes = b""
    sha256: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Content:
    """What a letter says. Empty fields were not said. ``hidden`` are people who must not see it."""

    text: str
    subject: str = ""
    sender: str = ""
    kind: str = ""
    safe: str = ""
    urgency: str = ""
    how: str = ""
    where: str = ""
    when: str = ""
    say: str = ""
    by: int = 0
    hidden: frozenset[int] = frozenset()
    files: tuple[File, ...] = ()
    number: str = ""
    automatic: bool = False
    encrypted: bool = False
    unreadable: bool = False
    sender_key: bytes = b""


@dataclass(frozen=True, slots=True)
class Did:
    """One line of what was done with a letter."""

    at: datetime
    by: int
    verb: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """What a list shows of a letter, without opening its words."""

    letter: Letter
    came_at: datetime
    clocks: tuple[Running, ...]

    @property
    def late(self) -> bool:
        """Whether one of its clocks is over."""
        return any(one.late for one in self.clocks)


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter with everything that its desk knows of it."""

    desk: Desk
    safe: OpenSafe
    head: Head
    content: Content
    tag: Mapping[str, str]
    did: tuple[Did, ...] = field(default=())

    @property
    def letter(self) -> Letter:
        """Its row."""
        return self.head.letter


def heads(desk: Desk, safe: OpenSafe, *, over: bool = False) -> list[Head]:
    """The letters of a desk: those that wait first, those whose clock runs out soonest before others.

    ``over`` gives those that are done or set aside instead, as long as they can be opened.
    """
    states = [Letter.State.DONE, Letter.State.ASIDE]
    rows = desk.letters.filter(state__in=states) if over else desk.letters.exclude(state__in=states)
    at, found = clock.now(), []
    for row in rows:
        try:
            tag = _tag(safe, row)
        except (NotInError, SealError):
            continue
        found.append(Head(row, datetime.fromisoformat(tag["at"]), tuple(clocks.running(dict(tag), at))))
    return sorted(found, key=lambda one: (*_weight(one), one.came_at))


def _weight(one: Head) -> tuple[int, datetime]:
    bulk = 1 if one.letter.urgency == "bulk" else 0
    waits = 0 if one.clocks else 2
    return bulk + waits, min((running.due_at for running in one.clocks), default=one.came_at)


def one(vault: OpenVault, number: UUID) -> Opened:
    """One letter, opened.

    Raises:
        NotInError: when there is none, it is not for this person, or its key is gone: they look alike.
        TamperError: when it is not as it was sealed.
    """
    row = Letter.objects.select_related("desk").filter(pk=number).first()
    if row is None:
        raise NotInError
    safe = desks.open_safe(vault, row.desk)
    return opened(row.desk, safe, row)


def opened(desk: Desk, safe: OpenSafe, row: Letter) -> Opened:
    """A letter of a desk that is open.

    Raises:
        NotInError: when this person does not hold its key.
        SealError: when it does not open.
    """
    tag = _tag(safe, row)
    head = Head(row, datetime.fromisoformat(tag["at"]), tuple(clocks.running(dict(tag), clock.now())))
    content = _content(row, safe.open_letter("letters", row.epoch, bytes(row.blob)), _private(safe))
    if safe.vault.person in content.hidden:
        raise NotInError
    return Opened(desk, safe, head, content, tag, tuple(_did(safe, row)))


def _tag(safe: OpenSafe, row: Letter) -> dict[str, str]:
    found: dict[str, str] = json.loads(safe.open_letter("letters", row.epoch, bytes(row.tag)))
    return found


def _private(safe: OpenSafe) -> str:
    keys = [one.body for one in safe.records(desks.NOTES) if one.body.get("kind") == "openpgp"]
    return str(keys[-1]["private"]) if keys else ""


def _did(safe: OpenSafe, row: Letter) -> list[Did]:
    lines = [one.body for one in safe.records(desks.NOTES) if one.body.get("letter") == row.pk.hex]
    did = [Did(datetime.fromisoformat(one["at"]), one["by"], one["verb"], one) for one in lines]
    return sorted(did, key=lambda one: one.at)


def _content(row: Letter, plain: bytes, private: str) -> Content:
    return _from_mail(plain, private) if row.door == "mail" else _from_words(json.loads(plain))


def _from_words(body: Mapping[str, Any]) -> Content:
    answer = body.get("answer") or {}
    hidden = body.get("hidden") or {}
    named = desks.people_of([str(one) for one in hidden.get("people", ())])
    return Content(
        text=str(body.get("text", "")),
        kind=str(body.get("kind", "")),
        safe=str(body.get("safe", "")),
        urgency=str(body.get("urgency", "")),
        how=str(answer.get("how", "")),
        where=str(answer.get("where", "")),
        when=str(answer.get("when", "")),
        say=str(answer.get("say", "")),
        by=int(body.get("by", 0)),
        hidden=frozenset(named),
        files=tuple(_file(number, one) for number, one in enumerate(body.get("files", ()))),
    )


def _file(number: int, one: Mapping[str, Any]) -> File:
    return File(
        number=number,
        name=str(one["name"])[:200],
        kind=str(one["type"])[:100],
        size=int(one["size"]),
        place=str(one["place"]),
        key=base64.b64decode(one["key"]),
        sha256=str(one["sha256"]),
    )


def _from_mail(plain: bytes, private: str) -> Content:
    mail = reading.read(plain)
    inside, closed = mail, False
    if mail.encrypted:
        clear = openpgp.decrypt(private, mail.encrypted) if private else None
        closed = clear is None
        inside = _inside(mail, clear) if clear is not None else mail
    files = [
        File(number, part.name, part.kind, len(part.data), data=part.data, sha256=sha256(part.data).hexdigest())
        for number, part in enumerate(inside.attached)
    ]
    return Content(
        text=inside.text,
        subject=inside.subject or mail.subject,
        sender=mail.sender,
        how="mail",
        where=mail.sender,
        files=tuple(files),
        number=mail.number,
        automatic=mail.automatic,
        encrypted=bool(mail.encrypted),
        unreadable=closed,
        sender_key=inside.sender_key or mail.sender_key,
    )


def _inside(mail: reading.Mail, clear: bytes) -> reading.Mail:
    """What was encrypted is a letter of its own, or words alone."""
    if clear[:2_000].lower().lstrip().startswith((b"content-", b"mime-", b"from:", b"subject:", b"date:")):
        return reading.read(clear)
    return replace(mail, text=reading.Part("text/plain", "", clear).text)
