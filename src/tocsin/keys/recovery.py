"""A safe's custodians give its keys to a named new holder: asked, announced, waited for, agreed to, put together.

For good (recovery) or until a moment (break-glass). It restores a safe, never a person's key.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tocsin.keys import announcing, custodians, heads, sealing, tampering
from tocsin.keys.consents import Consents, state
from tocsin.keys.custodians import BarredError
from tocsin.keys.expiring import NotLastingError
from tocsin.keys.heads import HEAD
from tocsin.keys.models import Consent, Custody, Link, Recovery
from tocsin.keys.safes import NotInError
from tocsin.keys.sealing import SealError
from tocsin.keys.tampering import TamperError, mark
from tocsin.keys.vaults import OpenVault, Seen, UnverifiedError

LONGEST = timedelta(days=3)


class NothingEntrustedError(Exception):
    """Nothing of this safe is entrusted to custodians, or not what is asked for."""


class NotNowError(Exception):
    """It can't be done. ``why``: it is over, it is early (until ``when``), or the safe or somebody's keys changed."""

    def __init__(self, why: str, when: datetime | None = None) -> None:
        super().__init__(why)
        self.why, self.when = why, when


@dataclass(frozen=True, slots=True)
class Asked:
    """Who shall hold it, why, until when (None: for good), and whether life or liberty is at stake.

    No compartments: all that are entrusted.
    """

    holder: int
    reason: str
    until: datetime | None = None
    life: bool = False
    compartments: tuple[str, ...] = ()

    @property
    def delay(self) -> timedelta:
        """How long everybody concerned has to stop it."""
        configured = settings.CONFIGURATION
        if self.until is None:
            return timedelta(hours=configured.recovery_hours)
        return timedelta(minutes=configured.breakglass_life_minutes if self.life else configured.breakglass_minutes)


def least_delay(kind: str) -> timedelta:
    """How long everybody concerned has at least to stop it, as it is set now."""
    configured = settings.CONFIGURATION
    if kind == Recovery.Kind.RECOVERY:
        return timedelta(hours=configured.recovery_hours)
    return timedelta(minutes=min(configured.breakglass_minutes, configured.breakglass_life_minutes))


def seen_now(vault: OpenVault, safe: UUID) -> Seen:
    """The newest signed version of a safe; whoever asks need not be in it.

    Raises:
        NotInError: when there is none.
        TamperError: when its chain was changed.
    """
    if not Link.objects.filter(safe=safe).exists():
        raise NotInError
    return heads.walk(safe, vault.memory.safes.get(safe.hex, Seen()), vault.directory)


def ask(vault: OpenVault, safe: UUID, asked: Asked) -> UUID:
    """Ask the custodians of a safe to give its keys to somebody. Everybody in it and every custodian hears of it now.

    Raises:
        NotInError: for somebody who is neither in it nor a custodian.
        NotLastingError: for somebody who is in it for a while alone.
        NothingEntrustedError: when its custodians hold nothing, or not what is asked for.
        UnverifiedError: when the new holder has no keys.
        ValueError: without a reason, or for a time that is over or longer than three days.
    """
    now = timezone.now().replace(microsecond=0)
    if not asked.reason.strip() or (asked.until is not None and not now < asked.until <= now + LONGEST):
        raise ValueError("say why, and an end within three days")
    seen = seen_now(vault, safe)
    if vault.person not in seen.members.keys() | seen.custodians.keys():
        raise NotInError
    if vault.person in seen.ends and vault.person not in seen.custodians:
        raise NotLastingError
    stored = entrusted(safe, seen)
    names = {*(asked.compartments or stored), HEAD}
    if not names <= stored.keys():
        raise NothingEntrustedError
    row = _row(vault, safe, asked, now, seen, names)
    with transaction.atomic():
        row.save()
        announcing.log(vault, safe, "recovery asked", kind=str(row.kind), holder=row.holder, id=row.pk.hex)
        announcing.tell({*seen.members, *seen.custodians, row.holder} - {vault.person}, row.pk.hex, life=asked.life)
        tampering.note("recovery asked", row.pk.hex)
    vault.saw(safe.hex, seen)
    return row.pk


def _row(vault: OpenVault, safe: UUID, asked: Asked, now: datetime, seen: Seen, names: set[str]) -> Recovery:
    holder = vault.directory.now(asked.holder)
    if holder is None:
        raise UnverifiedError(asked.holder)
    row = Recovery(
        id=uuid4(),
        safe_id=safe,
        kind=Recovery.Kind.RECOVERY if asked.until is None else Recovery.Kind.BREAKGLASS,
        asker=vault.person,
        asker_generation=vault.generation,
        holder=holder.person,
        holder_generation=holder.generation,
        state=state(seen),
        compartments=sorted(names),
        reasons=_reasons(vault, seen, asked.reason),
        asked_at=now,
        due_at=now + asked.delay,
        until=asked.until.replace(microsecond=0) if asked.until else None,
    )
    (row.signature,) = vault.sign(_asking(row))
    row.stamp = _stamp(row)
    return row


def _stamp(row: Recovery) -> str:
    """This home's mark that somebody asked at that time, so that no asker sets the clock back."""
    return mark("asked at", row.pk.hex, row.asked_at.isoformat(), row.due_at.isoformat())


def _reasons(vault: OpenVault, seen: Seen, reason: str) -> dict[str, str]:
    """The reason, sealed to each custodian and each member, by the very keys that the safe names for them."""
    digests = {*seen.members.values(), *seen.custodians.values()}
    plain = json.dumps({"reason": reason.strip()}).encode()
    to = [one for one in vault.directory.keys if one.digest.hex() in digests]
    return {str(one.person): sealing.seal_to(one.box, plain).hex() for one in to}


def _asking(row: Recovery) -> bytes:
    """What the asker signs."""
    times = [one.isoformat() if one else "" for one in (row.asked_at, row.due_at, row.until)]
    to = (row.asker, row.holder, row.holder_generation)
    names, reasons = sealing.encode(*row.compartments), json.dumps(row.reasons, sort_keys=True)
    what = (row.pk.bytes, row.safe_id.bytes, str(row.kind))
    return sealing.digest("asking", *what, *to, *times, names, reasons, bytes(row.state))


def entrusted(safe: UUID, seen: Seen) -> Mapping[str, Custody]:
    """What the custodians hold, by compartment.

    Raises:
        TamperError: when it is not what the safe's newest version names.
    """
    stored = custodians.stored(safe)
    if heads.entrusted({name: custodians.digest_of(one).hex() for name, one in stored.items()}) != seen.custody:
        error = TamperError(safe.hex, "custody")
        tampering.report(error)
        raise error
    return stored


def reason(vault: OpenVault, row: Recovery) -> str:
    """Why it was asked, for somebody to whom that was sealed; empty for others."""
    sealed = row.reasons.get(str(vault.person), "")
    plain = vault.open_boxes([bytes.fromhex(sealed)])[0] if sealed else None
    return str(json.loads(plain)["reason"]) if plain else ""


def concerning(person: int) -> list[Recovery]:
    """Every asking that somebody may see, newest first: of safes that they are in or keep shares of, or to them."""
    rows = Recovery.objects.order_by("-asked_at").prefetch_related("consents")
    return [one for one in rows if person == one.holder or str(person) in one.reasons]


def one_of(person: int, recovery: UUID) -> Recovery:
    """One asking that somebody may see.

    Raises:
        NotInError: when there is none.
    """
    found = Recovery.objects.filter(pk=recovery).first()
    if found is None or not (person == found.holder or str(person) in found.reasons):
        raise NotInError
    return found


def stop(vault: OpenVault, recovery: UUID) -> None:
    """Stop it: anybody in the safe and every custodian may, until it is done.

    Raises:
        NotInError: for anybody else.
        NotNowError: when it is over.
    """
    row = one_of(vault.person, recovery)
    seen = seen_now(vault, row.safe_id)
    if vault.person not in seen.members.keys() | seen.custodians.keys():
        raise NotInError
    with transaction.atomic():
        standing = Recovery.objects.filter(pk=recovery, done_at=None, stopped_at=None)
        if not standing.update(stopped_at=timezone.now(), stopped_by=vault.person):
            raise NotNowError("over")
        Consent.objects.filter(recovery=recovery).delete()
        announcing.log(vault, row.safe_id, "recovery stopped", id=recovery.hex)
        tampering.note("recovery stopped", recovery.hex)


def agree(vault: OpenVault, recovery: UUID) -> None:
    """A custodian's yes: their shares, opened in their own vault and sealed again to the new holder, signed.

    Raises:
        NotInError: for somebody who is no custodian.
        NotNowError: while the delay runs, when it is over, or when the safe's keys changed since it was asked.
        UnverifiedError: when the new holder's keys were not compared with them.
        BarredError: when the new holder is in conflict with the safe.
        TamperError: when anything is not as it was signed.
    """
    row = one_of(vault.person, recovery)
    seen = standing(vault, row)
    own = vault.directory.at(vault.person, vault.generation)
    if own is None or seen.custodians.get(vault.person) != own.digest.hex():
        raise NotInError
    check_asked(vault, row, seen)
    holder = vault.keys_to_wrap_for(row.holder)
    if holder.generation != row.holder_generation:
        raise NotNowError("changed")
    shares = _my_shares(vault, row, entrusted(row.safe_id, seen))
    sealed = sealing.seal_to(holder.box, json.dumps(shares).encode())
    said = what_is_agreed(row).statement(row.safe_id, holder, state(seen))
    signature, sealed_signature = vault.sign(said, handed_on(row, vault.person, sealed))
    yes = {"generation": vault.generation, "signature": signature}
    shares_sealed = {"sealed": sealed, "sealed_signature": sealed_signature}
    with transaction.atomic():
        if not Recovery.objects.select_for_update().filter(pk=row.pk, done_at=None, stopped_at=None).exists():
            raise NotNowError("over")
        Consent.objects.update_or_create(recovery=row, person=vault.person, defaults=yes | shares_sealed)
        announcing.log(vault, row.safe_id, "recovery agreed", id=row.pk.hex)
        tampering.note("recovery agreed", row.pk.hex, vault.person)
    vault.saw(row.safe_id.hex, seen)


def standing(vault: OpenVault, row: Recovery) -> Seen:
    """The safe as it is, if the asking still stands.

    Raises:
        NotNowError: when it doesn't, or not yet.
    """
    now = timezone.now()
    if row.done_at or row.stopped_at or (row.until and row.until <= now):
        raise NotNowError("over")
    if row.due_at > now:
        raise NotNowError("early", row.due_at)
    seen = seen_now(vault, row.safe_id)
    if bytes(row.state) != state(seen):
        raise NotNowError("changed")
    return seen


def check_asked(vault: OpenVault, row: Recovery, seen: Seen) -> None:
    """The asking is what somebody in the safe, or a custodian, signed, and they left time enough to stop it.

    Raises:
        NotNowError: when they left less than is set.
        TamperError: when it is not what they signed.
    """
    asker = vault.directory.at(row.asker, row.asker_generation)
    member = None if row.asker in seen.ends else seen.members.get(row.asker)
    allowed = {member, seen.custodians.get(row.asker)}
    try:
        if asker is None or asker.digest.hex() not in allowed:
            raise SealError
        sealing.verify(asker.sign, _asking(row), bytes(row.signature))
    except SealError:
        error = TamperError(row.safe_id.hex, "recovery")
        tampering.report(error)
        raise error from None
    if row.due_at - row.asked_at < least_delay(row.kind):
        raise NotNowError("short")
    if not hmac.compare_digest(row.stamp, _stamp(row)):
        error = TamperError(row.safe_id.hex, "recovery")
        tampering.report(error)
        raise error


def _my_shares(vault: OpenVault, row: Recovery, stored: Mapping[str, Custody]) -> dict[str, str]:
    wanted = [stored[name] for name in row.compartments]
    mine = [next((one for one in custody.shares.all() if one.person == vault.person), None) for custody in wanted]
    plain = vault.open_boxes([bytes(one.sealed) if one else b"" for one in mine])
    shares = {}
    for custody, box in zip(wanted, plain, strict=True):
        try:
            custodians.check_signature(custody, vault.directory)
            opened = custodians.open_share(custody, vault.person, box)
        except SealError:
            error = TamperError(row.safe_id.hex, f"share {custody.epoch.compartment}")
            tampering.report(error)
            raise error from None
        if row.holder in opened.barred:
            raise BarredError(row.holder)
        shares[custody.epoch.compartment] = opened.words
    return shares


def what_is_agreed(row: Recovery) -> Consents:
    """What each custodian says yes to, still without anybody's yes."""
    until = row.until.isoformat() if row.until else ""
    return Consents(row.pk.bytes, row.kind, until, tuple(row.compartments))


def handed_on(row: Recovery, person: int, sealed: bytes) -> bytes:
    """What a custodian signs of the shares that they seal again to the new holder."""
    to = (row.holder, row.holder_generation)
    return sealing.digest("handed on", row.pk.bytes, row.safe_id.bytes, person, *to, sealed)


def keeps(person: int) -> list[UUID]:
    """The safes of which somebody keeps shares."""
    return list(Custody.objects.filter(shares__person=person).values_list("epoch__safe", flat=True).distinct())
