"""Shares of a safe's keys for a quorum of custodians: made by who holds the keys, checked by who puts them together.

A random R seals every living key of a compartment; R is split as SLIP-0039 describes
(https://github.com/satoshilabs/slips/blob/master/slip-0039.md), without its passphrase. R and each share are committed
to, and the whole is signed by who made it and named in the signed head.
"""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from shamir_mnemonic import EncryptedMasterSecret, MnemonicError  # type: ignore[import-untyped]
from shamir_mnemonic.shamir import ShareGroup, recover_ems, split_ems  # type: ignore[import-untyped]
from shamir_mnemonic.share import Share as Part  # type: ignore[import-untyped]

from tocsin.keys import sealing
from tocsin.keys.directory import Directory, Keys
from tocsin.keys.models import Custody, Epoch, Link, Share
from tocsin.keys.sealing import Context, SealError
from tocsin.keys.vaults import OpenVault

LEAST, MOST = 2, 16
_IDENTIFIERS = 1 << 15


class QuorumError(Exception):
    """So many custodians can't be asked for so many shares."""


class BarredError(Exception):
    """Somebody is in conflict with the safe: they hold no share of it, and get nothing through one."""

    def __init__(self, person: int) -> None:
        super().__init__(person)
        self.person = person


@dataclass(frozen=True, slots=True)
class Made:
    """What is to be stored for one compartment at its newest epoch."""

    compartment: str
    number: int
    custody: Custody
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A custodian's share in clear, and who must get nothing through it."""

    words: str
    barred: frozenset[int]


def check(people: Collection[int], quorum: int, barred: Collection[int] = ()) -> None:
    """Stop here unless these people can be a quorum's custodians.

    Raises:
        QuorumError: for fewer than two of them, more than sixteen, or a quorum that they can't reach.
        BarredError: when one of them is in conflict.
    """
    if not LEAST <= quorum <= len(set(people)) <= MOST:
        raise QuorumError
    for person in people:
        if person in barred:
            raise BarredError(person)


def split(secret: bytes, quorum: int, count: int) -> list[str]:
    """Shares of a secret, in words: any ``quorum`` of them give it back, fewer tell nothing."""
    whole = EncryptedMasterSecret(secrets.randbelow(_IDENTIFIERS), True, 0, secret)
    (parts,) = split_ems(1, [(quorum, count)], whole)
    return [part.mnemonic() for part in parts]


def combine(shares: Sequence[str]) -> bytes:
    """The secret of exactly as many shares as are needed.

    Raises:
        SealError: for too few, too many, doubled, mixed or broken ones.
    """
    group = ShareGroup()
    try:
        for words in shares:
            group.add(Part.from_mnemonic(words))
        if len(group.shares) != len(shares):
            raise SealError
        return bytes(recover_ems({0: group}).ciphertext)
    except (MnemonicError, ValueError, IndexError):
        raise SealError from None


def make(
    vault: OpenVault,
    safe: UUID,
    compartment: str,
    keys: Mapping[int, bytes],
    people: Sequence[Keys],
    quorum: int,
    barred: Iterable[int] = (),
) -> Made:
    """Entrust the keys of a compartment, by epoch, to these people, whose keys came from ``keys_to_wrap_for``."""
    number, secret = max(keys), sealing.new_key()
    plain = json.dumps({str(epoch): key.hex() for epoch, key in keys.items()}).encode()
    custody = Custody(
        quorum=quorum,
        sealed=sealing.seal(sealing.derive(secret, "custody"), plain, _place(safe, compartment, number)),
        commitment=_commitment(safe, compartment, number, secret),
        granter=vault.person,
        granter_generation=vault.generation,
    )
    shares = tuple(
        _share(safe, compartment, number, one, words, barred)
        for one, words in zip(people, split(secret, quorum, len(people)), strict=True)
    )
    (custody.signature,) = vault.sign(digest(safe, compartment, number, custody, shares))
    return Made(compartment, number, custody, shares)


def _share(safe: UUID, compartment: str, number: int, to: Keys, words: str, barred: Iterable[int]) -> Share:
    body = json.dumps({"words": words, "barred": sorted(barred)}).encode()
    return Share(
        person=to.person,
        generation=to.generation,
        sealed=sealing.seal_to(to.box, _prefix(safe, compartment, number, to.person) + body),
        commitment=share_commitment(safe, compartment, number, to.person, words),
    )


def digest(safe: UUID, compartment: str, number: int, custody: Custody, shares: Iterable[Share]) -> bytes:
    """What the maker signs: the sealed keys, and every share with whom it is for."""
    each = [
        part
        for one in sorted(shares, key=lambda one: one.person)
        for part in (one.person, one.generation, bytes(one.sealed), bytes(one.commitment))
    ]
    what = (custody.quorum, bytes(custody.sealed), bytes(custody.commitment))
    return sealing.digest(
        "custody", safe.bytes, compartment, number, *what, custody.granter, custody.granter_generation, *each
    )


def share_commitment(safe: UUID, compartment: str, number: int, person: int, words: str) -> bytes:
    """What tells whether these words are somebody's share."""
    return sealing.digest("share", safe.bytes, compartment, number, person, words)


@transaction.atomic
def store(safe: UUID, made: Iterable[Made], kept: Collection[str]) -> None:
    """Store what was made, in place of what was entrusted before; what is not ``kept`` goes."""
    Custody.objects.filter(epoch__safe=safe).exclude(epoch__compartment__in=kept).delete()
    for one in made:
        Custody.objects.filter(epoch__safe=safe, epoch__compartment=one.compartment).delete()
        one.custody.epoch = Epoch.objects.get(safe=safe, compartment=one.compartment, number=one.number)
        one.custody.save()
        for share in one.shares:
            share.custody = one.custody
        Share.objects.bulk_create(one.shares)


def chosen_by(safe: UUID) -> int | None:
    """Who chose the custodians of now, as the chain of the safe says; None without any."""
    later, found = None, None
    for link in Link.objects.filter(safe=safe).order_by("-version"):
        if later is not None and (link.quorum, link.custodians.keys()) != later:
            break
        later, found = (link.quorum, link.custodians.keys()), link
    return found.person if found is not None and found.custodians else None


def stored(safe: UUID) -> dict[str, Custody]:
    """What is entrusted of a safe, by compartment, with its shares; nothing is checked yet."""
    rows = Custody.objects.filter(epoch__safe=safe).select_related("epoch").prefetch_related("shares")
    return {one.epoch.compartment: one for one in rows}


def digest_of(custody: Custody) -> bytes:
    """The digest of what is stored."""
    epoch = custody.epoch
    return digest(epoch.safe_id, epoch.compartment, epoch.number, custody, custody.shares.all())


def check_signature(custody: Custody, directory: Directory) -> None:
    """Stop here unless its maker signed it.

    Raises:
        SealError: when not.
    """
    keys = directory.at(custody.granter, custody.granter_generation)
    if keys is None:
        raise SealError
    sealing.verify(keys.sign, digest_of(custody), bytes(custody.signature))


def open_share(custody: Custody, person: int, plain: bytes | None) -> Opened:
    """A share as its custodian's vault opened it.

    Raises:
        SealError: when it is another's, of another place, or not what was committed to.
    """
    epoch = custody.epoch
    prefix = _prefix(epoch.safe_id, epoch.compartment, epoch.number, person)
    if plain is None or not plain.startswith(prefix):
        raise SealError
    body = json.loads(plain[len(prefix) :])
    check_share(custody, person, body["words"])
    return Opened(body["words"], frozenset(body["barred"]))


def check_share(custody: Custody, person: int, words: str) -> None:
    """Stop here unless these words are this custodian's share.

    Raises:
        SealError: when not.
    """
    epoch = custody.epoch
    mine = next((one for one in custody.shares.all() if one.person == person), None)
    said = share_commitment(epoch.safe_id, epoch.compartment, epoch.number, person, words)
    if mine is None or bytes(mine.commitment) != said:
        raise SealError


def is_share(custody: Custody, person: int, words: str) -> bool:
    """Whether these words are this custodian's share."""
    try:
        check_share(custody, person, words)
    except SealError:
        return False
    return True


def open_keys(custody: Custody, shares: Mapping[int, str]) -> dict[int, bytes]:
    """The keys of a compartment, by epoch, from shares by custodian.

    Raises:
        SealError: for too few, or one that is not what was committed to.
    """
    epoch = custody.epoch
    if len(shares) < custody.quorum:
        raise SealError
    for person, words in shares.items():
        check_share(custody, person, words)
    secret = combine([shares[person] for person in sorted(shares)[: custody.quorum]])
    if _commitment(epoch.safe_id, epoch.compartment, epoch.number, secret) != bytes(custody.commitment):
        raise SealError
    place = _place(epoch.safe_id, epoch.compartment, epoch.number)
    plain = sealing.open_sealed(sealing.derive(secret, "custody"), bytes(custody.sealed), place)
    return {int(number): bytes.fromhex(key) for number, key in json.loads(plain).items()}


def _place(safe: UUID, compartment: str, number: int) -> Context:
    return Context(safe.bytes, compartment, number, b"", "custody", 0)


def _commitment(safe: UUID, compartment: str, number: int, secret: bytes) -> bytes:
    return sealing.digest("entrusted", safe.bytes, compartment, number, secret)


def _prefix(safe: UUID, compartment: str, number: int, person: int) -> bytes:
    return sealing.encode("share", safe.bytes, compartment, number, person)
