"""A letter as a member of its desk reads it, in their own vault, for one request."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, QuerySet, When

from tocsin.alerts import clock
from tocsin.alerts.models import Alert
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.sealing import SealError
from tocsin.keys.vaults import OpenVault
from tocsin.mailbox import clocks, contents, desks
from tocsin.mailbox.arriving import LETTERS
from tocsin.mailbox.clocks import Running
from tocsin.mailbox.contents import Content, File
from tocsin.mailbox.mail import addresskeys
from tocsin.mailbox.models import Desk, Letter

__all__ = [
    "Content",
    "Did",
    "File",
    "Head",
    "Known",
    "Opened",
    "heads",
    "known",
    "one",
    "opened",
    "over",
    "raw",
    "tag_of",
    "waiting",
]

_OVER: Final = (Letter.State.DONE, Letter.State.ASIDE)


@dataclass(frozen=True, slots=True)
class Did:
    """One line of what was done with a letter."""

    at: datetime
    by: int
    verb: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What a desk knows that its letters are read with, gathered once for many: its OpenPGP keys, what was done with
    which letter, and the door's words for people.
    """

    privates: tuple[str, ...]
    did: Mapping[str, tuple[Did, ...]]
    people: Mapping[str, int]


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


def waiting(desk: Desk) -> QuerySet[Letter]:
    """The letters of a desk that are not over, as far as rows tell which is first: those that nobody acknowledged, then
    those that nobody answered, older days before newer ones, in a day by the urgency that was stated; machines last.
    """
    rows = desk.letters.exclude(state__in=_OVER).annotate(
        bulk=Case(When(urgency="bulk", then=1), default=0),
        far=Case(When(state=Letter.State.NEW, then=0), When(state=Letter.State.ACKNOWLEDGED, then=1), default=2),
        soon=Case(When(urgency="now", then=0), When(urgency__in=["week", "later"], then=2), default=1),
    )
    return rows.order_by("bulk", "far", "arrived_on", "soon", "pk").defer("blob")


def over(desk: Desk) -> QuerySet[Letter]:
    """The letters of a desk that are done or set aside, the newest day first, as long as they can be opened."""
    return desk.letters.filter(state__in=_OVER).order_by("-arrived_on", "pk").defer("blob")


def heads(safe: OpenSafe, rows: Iterable[Letter]) -> list[Head]:
    """What a list shows of these letters: those that wait first, those whose clock runs out soonest before others.

    Each tag is opened, so give a page of them, not all. Rows that this person does not hold the key of are left out.
    """
    at, found = clock.now(), list[tuple[Letter, Mapping[str, str]]]()
    for row in rows:
        try:
            found.append((row, tag_of(safe, row)))
        except NotInError:
            continue
    running = clocks.running([tag for _row, tag in found], at)
    made = [
        Head(row, datetime.fromisoformat(tag["at"]), times) for (row, tag), times in zip(found, running, strict=True)
    ]
    return sorted(made, key=lambda one: (*_weight(one), one.came_at))


def _weight(one: Head) -> tuple[int, datetime]:
    bulk = 1 if one.letter.urgency == "bulk" else 0
    waits = 0 if one.clocks else 2
    return bulk + waits, min((running.due_at for running in one.clocks), default=one.came_at)


def one(vault: OpenVault, number: UUID) -> Opened:
    """One letter, opened.

    Raises:
        NotInError: when there is none, it is not for this person, or its key is gone: they look alike.
        TamperError: when the desk is not as it was sealed.
    """
    row = Letter.objects.select_related("desk").filter(pk=number).first()
    if row is None:
        raise NotInError
    safe = desks.open_safe(vault, row.desk)
    return opened(row.desk, safe, row)


def by_arrival(desk: Desk, safe: OpenSafe, called: str) -> UUID | None:
    """The letter that an alert called about, by the alert's own word for it; None where there is none any more."""
    alert = Alert.objects.filter(reference=f"arrival:{desk.public_id}.{called}").first()
    if alert is None:
        return None
    day = alert.accepted_at.date()
    for row in desk.letters.filter(arrived_on__in=(day, day - timedelta(days=1))).defer("blob"):
        try:
            if tag_of(safe, row).get("alert") == called:
                return row.pk
        except NotInError:
            continue
    return None


def known(safe: OpenSafe) -> Known:
    """What the letters of this desk are read with, of now.

    Raises:
        TamperError: when a note is not as it was sealed.
    """
    did, notes = dict[str, list[Did]](), list(safe.records(desks.NOTES))
    for note in notes:
        body = note.body
        if "letter" in body:
            line = Did(datetime.fromisoformat(body["at"]), body["by"], body["verb"], body)
            did.setdefault(body["letter"], []).append(line)
    ordered = {number: tuple(sorted(lines, key=lambda line: line.at)) for number, lines in did.items()}
    keys = addresskeys.of((note.id, note.body) for note in notes)
    return Known(tuple(key.private for key in keys), ordered, desks.door_names())


def opened(desk: Desk, safe: OpenSafe, row: Letter, reading: Known | None = None) -> Opened:
    """A letter of a desk that is open. ``reading`` spares whoever opens many the gathering for each.

    A letter that nobody can read is one all the same: its content is ``unreadable``.

    Raises:
        NotInError: when this person does not hold its key, or must not see it.
    """
    using, tag = reading or known(safe), tag_of(safe, row)
    head = Head(row, datetime.fromisoformat(tag["at"]), clocks.running([tag], clock.now())[0])
    try:
        plain = safe.open_letter(LETTERS, row.epoch, bytes(row.blob))
        content = contents.read(row, plain, using.privates, using.people)
    except SealError:
        content = Content(text="", unreadable=True)
    did = using.did.get(row.pk.hex, ())
    barred = {int(line.facts["person"]) for line in did if line.verb == "kept_from"}
    content = replace(content, hidden=content.hidden | barred)
    if safe.vault.person in content.hidden:
        raise NotInError
    return Opened(desk, safe, head, content, tag, did)


def raw(one: Opened) -> bytes:
    """The bytes of a letter as they came: opened, or sealed still where they don't open."""
    blob = bytes(one.letter.blob)
    try:
        return one.safe.open_letter(LETTERS, one.letter.epoch, blob)
    except SealError:
        return blob


def tag_of(safe: OpenSafe, row: Letter) -> Mapping[str, str]:
    """When a letter came, which clocks are its, which alert called; the day alone where it can't be read.

    Raises:
        NotInError: when this person does not hold its key.
    """
    try:
        found = json.loads(safe.open_letter(LETTERS, row.epoch, bytes(row.tag)))
        tag = {"at": datetime.fromisoformat(found["at"]).astimezone(UTC).isoformat()}
        return {**tag, **{name: UUID(hex=found[name]).hex for name in ("alert", *clocks.WITHIN) if name in found}}
    except (SealError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        return {"at": datetime.combine(row.arrived_on, time(), UTC).isoformat()}
