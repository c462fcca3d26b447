"""Shredding: keys first, then rows and files, the ledger, and a certificate of it all. A legal hold stops it."""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from tocsin.audit.actions import record
from tocsin.keys import directory, files, holds, ledger, sealing, tampering
from tocsin.keys.directory import Directory, Keys
from tocsin.keys.heads import HEAD
from tocsin.keys.ledger import Line
from tocsin.keys.logs import LOG
from tocsin.keys.models import Certificate, Custody, Epoch, Removal, Row, Safe, Shredding, Timer, Wrap
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.tampering import mark
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person
from tocsin.people.roles import Role

LAG_DAYS: Final = 14  # for so long a backup of wraps is kept
_FILE: Final = {"id", "key", "size", "sha256"}
_HOW: Final = (
    "every wrapped key and every custodian's share was deleted, then the rows, the files, and what was kept of it "
    "elsewhere."
)
# Which files belong to a safe stands inside it, sealed: a timer can't read it.
_HOW_BY_TIMER: Final = (
    "every wrapped key and every custodian's share was deleted, then the rows, and what was kept of it elsewhere. "
    "Its sealed files were not removed: they stay, unnamed, and no key to them is left."
)

# What a room below keeps outside of a safe about it: notices, exports, views. None stands for all compartments.
Sweep = Callable[[UUID, str | None], None]
_sweeps: list[Sweep] = []
_by_room: set[str] = set()


def also(sweep: Sweep) -> Sweep:
    """Let a room take away, in the same transaction, what it keeps of a safe elsewhere. Registered at the start."""
    if sweep not in _sweeps:
        _sweeps.append(sweep)
    return sweep


def only_by_its_room(kind: str) -> None:
    """Let safes of this class be shredded by the pages of their own room alone. Registered at the start."""
    _by_room.add(kind)


def is_left_to_room(kind: str) -> bool:
    """Whether safes of this class have pages of their own to be shredded by, which ask for more than one person."""
    return kind in _by_room


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate in plain words, and the signature of whoever shredded; empty where a timer did."""

    text: str
    signature: bytes


def shred(opened: OpenSafe, compartment: str | None = None) -> Certified:
    """Shred one compartment, or the whole safe, of which this person holds everything that is to go.

    Raises:
        NotInError: for somebody who does not hold it.
        HeldError: while a legal hold covers it.
        ValueError: for the head or the log alone: they go with the safe.
        ChangedError: when somebody changed the safe at this moment.
    """
    names = {compartment} if compartment else set(opened.head.epochs)
    if compartment in {HEAD, LOG}:
        raise ValueError("the head and the log go with the safe")
    if not names <= opened.compartments:
        raise NotInError
    with transaction.atomic():
        Safe.objects.select_for_update().get(pk=opened.id)
        holds.check(opened.id, opened.kind)
        vault, id_ = opened.vault, uuid4()
        text = words(id_, opened.kind, compartment, opened.made_on, timezone.now().date(), vault.person)
        (signature,) = vault.sign(_statement(text))
        stored, version = list(_files(opened, names)), 0
        if compartment:
            opened.close_compartment(compartment)
            opened.commit()
            version = opened.version
            opened.log("shredded", compartment=compartment, id=id_.hex)
        _delete(opened.id, compartment)
        certified = Certified(text, signature)
        _write(id_, Line(opened.id.hex, compartment or "", version=version), certified, _readers(vault))
    _sweep_files(stored)
    if not compartment:
        opened.vault.forget(opened.id.hex)
    return certified


def shred_due(safe: Safe, policy: str) -> None:
    """Shred a safe whose time is over; the worker's part, in its transaction, after it asked for holds."""
    id_, today = uuid4(), timezone.now().date()
    text = words(id_, safe.kind, None, safe.made_on, today, None, policy)
    _delete(safe.pk, None)
    _write(id_, Line(safe.pk.hex), Certified(text, b""), auditors(directory.load()))


@transaction.atomic
def again(lines: Iterable[Line]) -> None:
    """After a restore: forget what the ledger says was shredded, wherever it is kept, and keep the ledger whole."""
    known = {(one.safe.hex, one.compartment) for one in Shredding.objects.all()}
    today = timezone.now().date()
    for one in [*ledger.lines(), *lines]:
        if one.person:
            continue
        if not one.compartment or Safe.objects.filter(pk=one.safe, version__lt=one.version).exists():
            _delete(UUID(one.safe), one.compartment or None)
        if (one.safe, one.compartment) not in known:
            known.add((one.safe, one.compartment))
            words_ = {"compartment": one.compartment, "version": one.version}
            Shredding.objects.create(safe=UUID(one.safe), day=today, digest="", stamp=ledger.stamp(one), **words_)
    removals = {(one.safe.hex, one.person, one.version) for one in Removal.objects.all()}
    for one in lines:
        if one.person and (one.safe, one.person, one.version) not in removals:
            ledger.removed(UUID(one.safe), [one.person], one.version)
    record(None, "keys.restored", "keys:all", shredded=len(known))


def words(
    id_: UUID, kind: str, compartment: str | None, made_on: date, on: date, by: int | None, policy: str = ""
) -> str:
    """A certificate's text. It tells what and when by random ids and days, never whose."""
    what = f"one compartment ({compartment}) of a safe" if compartment else "a whole safe"
    who = f"person {by}" if by is not None else f"the retention timer of class “{policy}”"
    return "\n".join(
        [
            f"Certificate of shredding {id_}",
            "",
            f"What: {what} of class “{kind}”, begun on {made_on.isoformat()}.",
            f"When: {on.isoformat()} (UTC).",
            f"By: {who}.",
            f"How: {_HOW_BY_TIMER if by is None else _HOW}",
            f"Backups: copies of wrapped keys are kept for {LAG_DAYS} days. Until {LAG_DAYS} days after this date a "
            "backup together with a member's passphrase could still open it; a restore applies this shredding first.",
            "Not reached: what a member wrote down, printed or exported, and a partner's own copy.",
        ]
    )


def _statement(text: str) -> bytes:
    return sealing.digest("certificate", text)


def verify(text: str, signature: bytes, keys: Keys) -> None:
    """Stop here unless the holder of these keys signed this certificate.

    Raises:
        SealError: when not.
    """
    sealing.verify(keys.sign, _statement(text), signature)


def _files(opened: OpenSafe, names: Collection[str]) -> Iterable[str]:
    """The files that records name."""
    waiting: list[Any] = [one.body for one in opened.records(*names)] if names else []
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.keys() >= _FILE:
                yield str(one["id"])
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _sweep_files(stored: Iterable[str]) -> None:
    for ident in stored:
        files.drop(settings.SEALED_FILES, ident)


def _delete(safe: UUID, compartment: str | None) -> None:
    """Keys first."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    only: dict[str, Any] = {"compartment": compartment} if compartment else {}
    epochs = Epoch.objects.filter(safe=safe, **only)
    Wrap.objects.filter(epoch__in=epochs).delete()
    Custody.objects.filter(epoch__in=epochs).delete()
    epochs.delete()
    Row.objects.filter(safe=safe, **only).delete()
    if not compartment:
        Safe.objects.filter(pk=safe).delete()
        Timer.objects.filter(mark=mark("timer", safe.hex)).delete()
    for sweep in _sweeps:
        sweep(safe, compartment)


def _write(id_: UUID, line: Line, certified: Certified, readers: Iterable[Keys]) -> None:
    digest = mark("certificate", certified.text)
    today = timezone.now().date()
    words_ = {"compartment": line.compartment, "version": line.version, "digest": digest}
    stamp = ledger.stamp(line)
    row = Shredding.objects.create(id=id_, safe=UUID(line.safe), day=today, stamp=stamp, **words_)
    plain = json.dumps({"text": certified.text, "signature": certified.signature.hex()}).encode()
    Certificate.objects.bulk_create(
        Certificate(shredding=row, person=one.person, generation=one.generation, sealed=sealing.seal_to(one.box, plain))
        for one in readers
    )
    tampering.note("shredded", id_.hex)


def auditors(known: Directory) -> list[Keys]:
    """The newest keys of every auditor."""
    rows = [one for one in Person.objects.filter(is_active=True) if Role.AUDITOR in one.role_set]
    return [keys for one in rows if (keys := known.now(one.pk)) is not None]


def _readers(vault: OpenVault) -> list[Keys]:
    """Who keeps the certificate: auditors whose keys were compared with whoever shredded; without any, that person."""
    compared = [one for one in auditors(vault.directory) if vault.trusts(one)]
    return compared or [vault.keys_to_wrap_for(vault.person)]


def certificates(vault: OpenVault) -> list[tuple[date, Certified]]:
    """Those that were sealed to this person, newest first."""
    mine = list(Certificate.objects.filter(person=vault.person).select_related("shredding").order_by("-pk"))
    plain = vault.open_boxes([bytes(one.sealed) for one in mine])
    found = []
    for one, box in zip(mine, plain, strict=True):
        if box is not None:
            body = json.loads(box)
            found.append((one.shredding.day, Certified(body["text"], bytes.fromhex(body["signature"]))))
    return found
