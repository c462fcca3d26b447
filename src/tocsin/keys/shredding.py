"""Shredding: keys first, then rows and files, the ledger, and a certificate of it all. A legal hold stops it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from tocsin.audit.actions import record
from tocsin.keys import directory, filing, holds, ledger, proofs, sealing, tampering
from tocsin.keys.directory import Directory, Keys
from tocsin.keys.expiring import NotLastingError
from tocsin.keys.heads import HEAD
from tocsin.keys.ledger import Line
from tocsin.keys.logs import LOG
from tocsin.keys.models import Certificate, Custody, Epoch, Removal, Row, Safe, Shredding, Timer, Wrap
from tocsin.keys.proofs import Order, Proof
from tocsin.keys.safes import ChangedError, NotInError, OpenSafe
from tocsin.keys.seen import Seen
from tocsin.keys.tampering import TamperError, mark
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person
from tocsin.people.roles import Role

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
    """A certificate in plain words, and the signature of whoever shredded; empty where a timer did.

    ``proof`` is the whole of what was signed, with the order of a timer.
    """

    text: str
    signature: bytes
    proof: Proof


def _certified(proof: Proof) -> Certified:
    return Certified(proof.text, bytes.fromhex(proof.signature), proof)


def shred(opened: OpenSafe, compartment: str | None = None) -> Certified:
    """Shred one compartment, or the whole safe, of which this person holds everything that is to go.

    Raises:
        NotInError: for somebody who does not hold it.
        NotLastingError: for somebody who is in it for a while.
        HeldError: while a legal hold covers it.
        ValueError: for the head or the log alone: they go with the safe.
        ChangedError: when somebody changed the safe at this moment.
    """
    names = {compartment} if compartment else set(opened.head.epochs)
    if compartment in {HEAD, LOG}:
        raise ValueError("the head and the log go with the safe")
    if not names <= opened.compartments:
        raise NotInError
    if opened.me.until:
        raise NotLastingError
    with transaction.atomic():
        # Holds first, then the safe: in this order everywhere, so that no hold is set between the look and the end.
        holds.check(opened.id, opened.kind)
        safe = Safe.objects.select_for_update().get(pk=opened.id)
        if safe.version != opened.version:
            raise ChangedError
        vault, id_ = opened.vault, uuid4()
        proof = proofs.sign(vault, proofs.of_newest(id_, safe, compartment or ""))
        named = [(one.compartment, file) for one in opened.records(*names) for file in filing.named_in(one.body)]
        filing.note(opened.id, named)
        line = Line(opened.id.hex)
        if compartment:
            opened.close_compartment(compartment)
            opened.commit()
            line = Line(opened.id.hex, compartment, version=opened.version)
        _delete(opened.id, compartment)
        _write(id_, line, proof, _readers(vault))
        if compartment:
            opened.log("shredded", compartment=compartment, id=id_.hex)
    if not compartment:
        opened.vault.forget(opened.id.hex)
    return _certified(proof)


def accept_loss(vault: OpenVault, safe: UUID, compartment: str) -> Certified:
    """Sign for a compartment of which something was deleted and nobody signed, so that the rest opens again.

    Its certificate says that it was found gone. What is left of it is deleted.

    Raises:
        NotInError: for somebody who did not hold it for good when their vault last looked.
        ValueError: when nothing of it is missing.
        TamperError: when something else is wrong.
        HeldError: while a legal hold covers the safe: what is left may be evidence.
    """
    before = vault.memory.safes.get(safe.hex, Seen())
    held = compartment in before.holds.get(vault.person, ()) and vault.person not in before.ends
    if not held or before.members[vault.person] != vault.own.digest.hex():
        raise NotInError
    try:
        OpenSafe(vault, safe)
    except TamperError as error:
        if error.deleted != compartment or compartment in {HEAD, LOG}:
            raise
    else:
        raise ValueError("nothing of it is missing")
    with transaction.atomic():
        row = Safe.objects.get(pk=safe)
        holds.check(safe, row.kind)
        row = Safe.objects.select_for_update().get(pk=safe)
        id_ = uuid4()
        proof = proofs.sign(vault, replace(proofs.of_newest(id_, row, compartment), lost=True))
        _delete(safe, compartment)
        _write(id_, Line(safe.hex, compartment, version=row.version + 1), proof, _readers(vault))
        opened = OpenSafe(vault, safe)
        opened.commit()
        opened.log("loss accepted", compartment=compartment, id=id_.hex)
    return _certified(proof)


def shred_due(safe: Safe, order: Order | None) -> None:
    """Shred a safe whose time is over; the worker's part, in its transaction, after it asked for holds.

    The certificate cites the order that a member signed in advance; without one it is nobody's, and shown so.
    """
    id_ = uuid4()
    proof = proofs.by_timer(proofs.of_newest(id_, safe), order)
    _delete(safe.pk, None)
    _write(id_, Line(safe.pk.hex), proof, auditors(directory.load()))


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
            words_ = {"compartment": one.compartment, "version": one.version, "proof": bytes.fromhex(one.proof)}
            Shredding.objects.create(safe=UUID(one.safe), day=today, digest="", stamp=ledger.stamp(one), **words_)
    removals = {(one.safe.hex, one.person, one.version) for one in Removal.objects.all()}
    for one in lines:
        if one.person and (one.safe, one.person, one.version) not in removals:
            words_ = {"compartment": one.compartment, "version": one.version, "proof": bytes.fromhex(one.proof)}
            Removal.objects.create(safe=UUID(one.safe), person=one.person, **words_)
    record(None, "keys.restored", "keys:all", shredded=len(known))


def verify(text: str, signature: bytes, keys: Keys) -> None:
    """Stop here unless the holder of these keys signed this certificate.

    Raises:
        SealError: when not.
    """
    sealing.verify(keys.sign, proofs.statement(text), signature)


def _delete(safe: UUID, compartment: str | None) -> None:
    """Keys first."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    filing.end(safe, compartment)
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


def _write(id_: UUID, line: Line, proof: Proof, readers: Iterable[Keys]) -> None:
    today = timezone.now().date()
    words_ = {"compartment": line.compartment, "version": line.version, "digest": mark("certificate", proof.text)}
    packed = proof.pack()
    row = Shredding.objects.create(
        id=id_, safe=UUID(line.safe), day=today, stamp=ledger.stamp(line), proof=packed, **words_
    )
    Certificate.objects.bulk_create(
        Certificate(
            shredding=row, person=one.person, generation=one.generation, sealed=sealing.seal_to(one.box, packed)
        )
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
    found = [(one.shredding.day, Proof.unpack(box or b"")) for one, box in zip(mine, plain, strict=True)]
    return [(day, _certified(proof)) for day, proof in found if proof is not None]
