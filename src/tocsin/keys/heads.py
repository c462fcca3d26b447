"""The head of a safe: who is in it, which epochs hold, which rows there are. And the chain of all its versions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from tocsin.keys import allowing, sealing
from tocsin.keys.allowing import Signing
from tocsin.keys.consents import Consents
from tocsin.keys.directory import Directory, Keys
from tocsin.keys.models import Link, Row
from tocsin.keys.sealing import Context, SealError
from tocsin.keys.seen import HEAD, Part, Seen
from tocsin.keys.tampering import TamperError
from tocsin.keys.vaults import OpenVault

__all__ = ["HEAD", "Head", "Member", "agree", "chained", "digest", "signed_link", "walk", "with_signers"]

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
    keys, so that nobody can put another row or key in the place of what members sealed. ``ended`` are the last epochs
    of compartments that are no more; ``salt`` hides in the link who is barred; ``order`` is the digest of the order
    by which a timer may shred it; ``heard`` are the digests of the keys of everybody who ever was a custodian.
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
    ended: dict[str, int] = field(default_factory=dict)
    salt: str = ""
    order: str = ""
    heard: frozenset[str] = frozenset()

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
            "ended": self.ended,
            "salt": self.salt,
            "order": self.order,
            "heard": sorted(self.heard),
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
            words["ended"],
            words["salt"],
            words["order"],
            frozenset(words["heard"]),
        )

    def holders(self, compartment: str) -> list[int]:
        """Who holds a compartment's key."""
        return sorted(pk for pk, one in self.members.items() if compartment in one.compartments)

    def with_member(self, person: int, member: Member) -> "Head":
        """The same with somebody in it."""
        return replace(self, members={**self.members, person: member})

    def without_compartment(self, name: str) -> "Head":
        """The same without a compartment, whose last epoch stays known, so that none of its numbers comes twice."""
        epochs, public, custody = _but(name, self.epochs), _but(name, self.public), _but(name, self.custody)
        rows = {row: place for row, place in self.rows.items() if place[0] != name}
        ended = {**self.ended, name: self.epochs[name]}
        return replace(self, epochs=epochs, public=public, custody=custody, rows=rows, ended=ended)

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
        and {pk: one.compartments for pk, one in head.members.items()} == seen.holds
        and (parts(head), head.ended, kept_out(head)) == (seen.parts, seen.ended, seen.barred)
    )


def parts(head: Head) -> dict[str, Part]:
    """What a link says of each compartment: its members alone may change it."""
    rows: dict[str, list[str | int]] = {name: [] for name in head.epochs}
    keys: dict[str, list[str | int]] = {name: [] for name in head.epochs}
    for row, place in sorted(head.rows.items()):
        rows[place[0]] += [row, *place]
    for place_, one in sorted(head.keys.items()):
        keys[place_.rpartition(":")[0]] += [place_, one]
    return {
        name: Part(
            number,
            sealing.digest(
                "part",
                head.public.get(name, b""),
                sealing.encode(*rows[name]),
                sealing.encode(*keys[name]),
            ).hex(),
            head.custody.get(name, ""),
        )
        for name, number in head.epochs.items()
    }


def kept_out(head: Head) -> bytes:
    """A commitment to who is barred, which tells nobody who, or how many."""
    return sealing.digest("barred", head.salt, *sorted(head.barred))


def with_signers(head: Head, vault: OpenVault, fresh: set[int], *, leads: bool = True) -> Head:
    """The head with the keys of each member: of those who are granted something now, the ones that this vault verified.

    Who does not lead names no other keys for anybody.

    Raises:
        UnverifiedError: when it verified none of theirs.
    """
    if not leads:
        fresh = set()
    unknown = head.members.keys() - head.signers.keys()
    me = head.members.get(vault.person)
    if me is not None and me.until:
        # Who is here for a while names no other keys of those who are here for good.
        fresh = {person for person in fresh if head.members[person].until}
    new = {person: vault.keys_to_wrap_for(person).digest.hex() for person in fresh | unknown}
    signers = {person: new.get(person) or head.signers[person] for person in head.members}
    heard = head.heard | set(head.custodians.values())
    return replace(head, signers=signers, ever=head.ever | set(signers.values()), heard=heard)


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
        sealing.encode(*(part for pk in sorted(link.members, key=int) for part in _member(pk, *link.members[pk]))),
        link.person,
        link.generation,
        link.quorum,
        _people(link.custodians),
        bytes(link.custody),
        bytes(link.recovered),
        sealing.encode(*(part for name in sorted(link.parts) for part in (name, *link.parts[name]))),
        sealing.encode(*(part for name in sorted(link.ended) for part in (name, link.ended[name]))),
        bytes(link.barred),
    )


def _member(person: str, keys: str, until: str, names: list[str]) -> tuple[int | str | bytes, ...]:
    return int(person), keys, until, sealing.encode(*names)


def _people(named: Mapping[str, str]) -> bytes:
    return sealing.encode(*(part for pk in sorted(named, key=int) for part in (int(pk), named[pk])))


def content(blob: bytes, epoch: int) -> bytes:
    """What a link says of a sealed head."""
    return sealing.digest("head", epoch, bytes(blob))


def entrusted(custody: Mapping[str, str]) -> bytes:
    """What a link says of everything that is entrusted to custodians."""
    return sealing.digest("entrusted", *(part for pair in sorted(custody.items()) for part in pair)) if custody else b""


def seen_of(link: Link, before: Seen) -> Seen:
    """What a vault remembers of this version, which follows the one before."""
    given = Consents.unpack(bytes(link.recovered)).id if link.recovered else before.recovered
    members = {int(pk): one for pk, one in link.members.items()}
    return replace(
        before,
        version=link.version,
        head=digest(link),
        members={pk: keys for pk, (keys, _until, _names) in members.items()},
        quorum=link.quorum,
        custodians={int(pk): keys for pk, keys in link.custodians.items()},
        custody=bytes(link.custody),
        recovered=given,
        ends={pk: until for pk, (_keys, until, _names) in members.items() if until},
        holds={pk: tuple(names) for pk, (_keys, _until, names) in members.items()},
        parts={name: Part(*part) for name, part in link.parts.items()},
        ended=dict(link.ended),
        barred=bytes(link.barred),
    )


def walk(safe: UUID, seen: Seen, directory: Directory) -> Seen:
    """Follow the chain from where a vault saw it last to its end.

    Who sees a safe for the first time follows it from its founding, which is whose word one takes. Every further
    version is signed with the very keys that the one before names for one of its members, or with a quorum's consents,
    and changes only what its signer may change: see ``allowing``.

    Raises:
        TamperError: when a version is missing, was changed, or was signed by somebody who might not sign it.
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
        if link.version != now.version + 1 or bytes(link.previous) != now.head:
            raise TamperError(safe.hex, "head")
        now = _next(link, keys, now, directory)
    if now.version < max(seen.version, 1) or not Link.objects.filter(safe=safe, version=now.version).exists():
        raise TamperError(safe.hex, "head")
    return now


def _next(link: Link, keys: Keys, now: Seen, directory: Directory) -> Seen:
    """What follows from a version that was signed with these keys.

    Raises:
        TamperError: when these keys may not sign it.
    """
    after = seen_of(link, now)
    custody = entrusted({name: part.custody for name, part in after.parts.items() if part.custody})
    signing = Signing(link.safe_id, keys, digest(link), link.stamp, bytes(link.recovered))
    if custody != after.custody or not allowing.allowed(signing, now, after, directory):
        raise TamperError(link.safe_id.hex, "head")
    return after


def check_own(link: Link, keys: Keys, now: Seen, directory: Directory) -> bool:
    """Whether what this person is about to sign is theirs to sign: others would refuse it, and the safe with it."""
    try:
        _next(link, keys, now, directory)
    except TamperError:
        return False
    return True


def chained(safe: UUID, version: int, seen: Seen) -> Seen | None:
    """An earlier version, if the chain leads from it to the one that was checked; None without."""
    links = list(Link.objects.filter(safe=safe, version__gte=version, version__lte=seen.version).order_by("version"))
    before = bytes(links[0].previous) if links else b""
    for number, link in enumerate(links, start=version):
        if link.version != number or bytes(link.previous) != before:
            return None
        before = digest(link)
    return seen_of(links[0], Seen()) if links and before == seen.head else None


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
        members={
            str(pk): [keys, head.members[pk].until, list(head.members[pk].compartments)]
            for pk, keys in head.signers.items()
        },
        person=vault.person,
        generation=vault.generation,
        quorum=head.quorum,
        custodians={str(pk): keys for pk, keys in head.custodians.items()},
        custody=entrusted(head.custody),
        recovered=given,
        parts={name: list(part) for name, part in parts(head).items()},
        ended=head.ended,
        barred=kept_out(head),
    )
    (link.signature,) = vault.sign(digest(link))
    link.stamp = allowing.stamp(digest(link)) if allowing.still(before, vault.person) else ""
    return link
