"""The head of a safe: who is in it, which epochs hold, which rows there are. And the chain of all its versions."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from tocsin.keys import sealing
from tocsin.keys.consents import Consents, consents, state
from tocsin.keys.directory import Directory, Keys
from tocsin.keys.models import Link, Row
from tocsin.keys.sealing import Context, SealError
from tocsin.keys.tampering import TamperError, mark
from tocsin.keys.vaults import OpenVault, Seen

HEAD = "head"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Member:
    """Which compartments somebody holds, what they are in it, and until when (an ISO time; empty: no end)."""

    compartments: tuple[str, ...]
    role: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """One version, as its members see it.

    ``public`` are keys that anybody may write to. ``ever`` are the digests of all keys that may have granted.
    ``signers`` are the members and ``custodians`` those who keep shares, each with the digest of their keys;
    ``custody`` is what each compartment's shares hash to; nobody who is ``barred`` may be given anything by them.
    ``rows`` are where and in which version each row is, with the digest of its blob; ``keys`` are digests of epochs'
    keys, so that nobody can put another row or key in the place of what members sealed.
    """

    members: dict[int, Member] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)
    rows: dict[str, tuple[str, int, int, str]] = field(default_factory=dict)
    public: dict[str, bytes] = field(default_factory=dict)
    ever: frozenset[str] = frozenset()
    quorum: int = 0
    custodians: dict[int, str] = field(default_factory=dict)
    custody: dict[str, str] = field(default_factory=dict)
    barred: frozenset[int] = frozenset()
    signers: dict[int, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def pack(self) -> bytes:
        """As bytes."""
        words = {
            "members": {str(pk): [list(one.compartments), one.role, one.until] for pk, one in self.members.items()},
            "epochs": self.epochs,
            "rows": self.rows,
            "public": {name: key.hex() for name, key in self.public.items()},
            "ever": sorted(self.ever),
            "quorum": self.quorum,
            "custodians": self.custodians,
            "custody": self.custody,
            "barred": sorted(self.barred),
            "signers": self.signers,
            "keys": self.keys,
        }
        return json.dumps(words, separators=(",", ":")).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "Head":
        """From bytes."""
        words: dict[str, Any] = json.loads(packed)
        return cls(
            {int(pk): Member(tuple(names), role, until) for pk, (names, role, until) in words["members"].items()},
            words["epochs"],
            {row: (name, version, epoch, blob) for row, (name, version, epoch, blob) in words["rows"].items()},
            {name: bytes.fromhex(key) for name, key in words["public"].items()},
            frozenset(words["ever"]),
            words["quorum"],
            {int(pk): keys for pk, keys in words["custodians"].items()},
            words["custody"],
            frozenset(words["barred"]),
            {int(pk): keys for pk, keys in words["signers"].items()},
            words["keys"],
        )

    def holders(self, compartment: str) -> list[int]:
        """Who holds a compartment's key."""
        return sorted(pk for pk, one in self.members.items() if compartment in one.compartments)

    def with_member(self, person: int, member: Member) -> "Head":
        """The same with somebody in it."""
        return replace(self, members={**self.members, person: member})

    def without_compartment(self, name: str) -> "Head":
        """The same without a compartment."""
        epochs, public, custody = _but(name, self.epochs), _but(name, self.public), _but(name, self.custody)
        rows = {row: place for row, place in self.rows.items() if place[0] != name}
        return replace(self, epochs=epochs, public=public, custody=custody, rows=rows)

    def without(self, person: int) -> "Head":
        """The same without somebody."""
        return replace(self, members={pk: one for pk, one in self.members.items() if pk != person})


def _but(name: str, words: dict[str, T]) -> dict[str, T]:
    return {one: value for one, value in words.items() if one != name}


def agree(head: Head, seen: Seen) -> bool:
    """Whether a head says of its people, in secret, what its link says of them for all to see."""
    return (
        head.signers == seen.members
        and head.members.keys() == head.signers.keys()
        and {pk: one.until for pk, one in head.members.items() if one.until} == seen.ends
        and (head.quorum, head.custodians) == (seen.quorum, seen.custodians)
        and entrusted(head.custody) == seen.custody
    )


def with_signers(head: Head, vault: OpenVault, fresh: set[int]) -> Head:
    """The head with the keys of each member: of those who are granted something now, the ones that this vault verified.

    Raises:
        UnverifiedError: when it verified none of theirs.
    """
    unknown = head.members.keys() - head.signers.keys()
    me = head.members.get(vault.person)
    if me is not None and me.until:
        # Who is here for a while names no other keys of those who are here for good.
        fresh = {person for person in fresh if head.members[person].until}
    new = {person: vault.keys_to_wrap_for(person).digest.hex() for person in fresh | unknown}
    signers = {person: new.get(person) or head.signers[person] for person in head.members}
    return replace(head, signers=signers, ever=head.ever | set(signers.values()))


def row_of(row: Row) -> tuple[str, int, int, str]:
    """What a head says of a row: compartment, version, epoch, and the digest of its blob."""
    return row.compartment, row.version, row.epoch, sealing.digest("blob", bytes(row.blob)).hex()[:32]


def key_digests(safe: UUID, keys: Mapping[tuple[str, int], bytes]) -> dict[str, str]:
    """What a head says of epochs' keys."""
    return {
        f"{name}:{number}": sealing.digest("epoch", safe.bytes, name, number, key).hex()
        for (name, number), key in keys.items()
    }


def place(safe: UUID, epoch: int, version: int) -> Context:
    """Where a head belongs."""
    return Context(safe.bytes, HEAD, epoch, b"", "head", version)


def digest(link: Link) -> bytes:
    """The digest that the next version continues, and that is signed."""
    return sealing.digest(
        "link",
        link.safe_id.bytes,
        link.version,
        bytes(link.content),
        bytes(link.previous),
        sealing.encode(*(part for pk in sorted(link.members, key=int) for part in (int(pk), *link.members[pk]))),
        link.person,
        link.generation,
        link.quorum,
        _people(link.custodians),
        bytes(link.custody),
        bytes(link.recovered),
    )


def _people(named: Mapping[str, str]) -> bytes:
    return sealing.encode(*(part for pk in sorted(named, key=int) for part in (int(pk), named[pk])))


def _members(link: Link) -> dict[int, str]:
    return {int(pk): keys for pk, (keys, _until) in link.members.items()}


def _ends(link: Link) -> dict[int, str]:
    return {int(pk): until for pk, (_keys, until) in link.members.items() if until}


def _custodians(link: Link) -> tuple[int, dict[int, str]]:
    return link.quorum, {int(pk): keys for pk, keys in link.custodians.items()}


def content(blob: bytes, epoch: int) -> bytes:
    """What a link says of a sealed head."""
    return sealing.digest("head", epoch, bytes(blob))


def entrusted(custody: Mapping[str, str]) -> bytes:
    """What a link says of everything that is entrusted to custodians."""
    return sealing.digest("entrusted", *(part for pair in sorted(custody.items()) for part in pair)) if custody else b""


def seen_of(link: Link, before: Seen) -> Seen:
    """What a vault remembers of this version, which follows the one before."""
    given = Consents.unpack(bytes(link.recovered)).id if link.recovered else before.recovered
    return Seen(
        link.version,
        digest(link),
        _members(link),
        *_custodians(link),
        bytes(link.custody),
        given,
        _ends(link),
    )


def walk(safe: UUID, seen: Seen, directory: Directory) -> Seen:
    """Follow the chain from where a vault saw it last to its end.

    Who sees a safe for the first time follows it from its founding, which is whose word one takes. Every further
    version is signed with the very keys that the one before names for one of its members, or with a quorum's consents.
    Who is in it for a while signed in that time, and changed nothing for who stays longer.

    Raises:
        TamperError: when a version is missing, was changed, or was signed by somebody who was not in it.
    """
    now = seen
    for link in Link.objects.filter(safe=safe, version__gte=max(seen.version, 1)).order_by("version"):
        one = digest(link)
        if link.version == seen.version:
            if one != seen.head:
                raise TamperError(safe.hex, "head")
            _signed(link, one, directory)
            continue
        keys = _signed(link, one, directory)
        if link.version != now.version + 1 or bytes(link.previous) != now.head or not _allowed(link, keys, now):
            raise TamperError(safe.hex, "head")
        if link.recovered and not _consented(link, keys, now, directory):
            raise TamperError(safe.hex, "head")
        now = seen_of(link, now)
    if now.version < max(seen.version, 1) or not Link.objects.filter(safe=safe, version=now.version).exists():
        raise TamperError(safe.hex, "head")
    return now


def _allowed(link: Link, keys: Keys, now: Seen) -> bool:
    """Whether these keys may sign: the founder's own, a member's, or those that a quorum named."""
    if link.recovered:
        return bool(now.version)
    signing = now.members if now.version else _members(link)
    return signing.get(link.person) == keys.digest.hex() and _in_time(link, now)


def _in_time(link: Link, now: Seen) -> bool:
    """Whether a signer's time was not over, and they changed nothing for those who stay longer.

    The moment of signing is this home's word, by its mark: what somebody signed in their time stands after it.
    """
    if link.person not in now.ends:
        return True
    end, after, ends = _time(now.ends[link.person]), _members(link), _ends(link)
    if end <= timezone.now() and not hmac.compare_digest(link.stamp, _stamp(digest(link))):
        return False
    lasting = now.members.keys() - now.ends.keys()
    kept = all(after.get(one) == now.members[one] and one not in ends for one in lasting)
    shorter = all(
        one in ends and (ends[one] == now.ends.get(one) or _time(ends[one]) <= end) for one in after.keys() - lasting
    )
    return kept and shorter and _custodians(link) == (now.quorum, now.custodians)


def _time(end: str) -> datetime:
    return datetime.fromisoformat(end)


def _stamp(one: bytes) -> str:
    return mark("signed in time", one.hex())


def _consented(link: Link, keys: Keys, now: Seen, directory: Directory) -> bool:
    """Whether enough of the custodians whom the version before names gave this very person these keys, once."""
    given = Consents.unpack(bytes(link.recovered))
    members = _members(link)
    same = _custodians(link) == (now.quorum, now.custodians)
    known = members.keys() <= now.members.keys() | {link.person}
    if not same or not known or not _ends_as_given(link, given, now) or members.get(link.person) != keys.digest.hex():
        return False
    message = given.statement(link.safe_id, keys, state(now))
    agreed = {one.person for one in given.given if consents(one, now.custodians, message, directory)}
    return now.quorum > 1 and len(agreed) >= now.quorum


def _ends_as_given(link: Link, given: Consents, now: Seen) -> bool:
    """Whether a quorum's gift ends when they said, changes nobody else's end, and for a while puts out nobody."""
    me, ends, lasting = link.person, _ends(link), now.members.keys() - now.ends.keys()
    mine = {""} if me in lasting or not given.until else {given.until, now.ends.get(me, given.until)}
    others = all(until == now.ends.get(one) for one, until in ends.items() if one != me)
    stay = all(one not in ends for one in lasting) and (not given.until or lasting <= _members(link).keys())
    return ends.get(me, "") in mine and others and stay


def _signed(link: Link, one: bytes, directory: Directory) -> Keys:
    keys = directory.at(link.person, link.generation)
    if keys is None:
        raise TamperError(link.safe_id.hex, "head")
    try:
        sealing.verify(keys.sign, one, bytes(link.signature))
    except SealError:
        raise TamperError(link.safe_id.hex, "head") from None
    return keys


def signed_link(vault: OpenVault, safe: UUID, before: Seen, blob: bytes, head: Head, *, given: bytes = b"") -> Link:
    """The next version's link, signed by the vault's owner; ``given`` are a quorum's consents, packed."""
    link = Link(
        safe_id=safe,
        version=before.version + 1,
        content=content(blob, head.epochs[HEAD]),
        previous=before.head,
        members={str(pk): [keys, head.members[pk].until] for pk, keys in head.signers.items()},
        person=vault.person,
        generation=vault.generation,
        quorum=head.quorum,
        custodians={str(pk): keys for pk, keys in head.custodians.items()},
        custody=entrusted(head.custody),
        recovered=given,
    )
    (link.signature,) = vault.sign(digest(link))
    end = before.ends.get(vault.person, "")
    link.stamp = _stamp(digest(link)) if end and _time(end) > timezone.now() else ""
    return link
