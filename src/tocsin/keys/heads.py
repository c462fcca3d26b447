"""The head of a safe: who is in it, which epochs hold, which rows there are. And the chain of all its versions."""

import json
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from tocsin.keys import sealing
from tocsin.keys.directory import Directory
from tocsin.keys.models import Link
from tocsin.keys.sealing import Context, SealError
from tocsin.keys.tampering import TamperError
from tocsin.keys.vaults import OpenVault, Seen

HEAD = "head"


@dataclass(frozen=True, slots=True)
class Member:
    """Which compartments somebody holds, what they are in it, and until when (an ISO time; empty: no end)."""

    compartments: tuple[str, ...]
    role: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """One version, as its members see it. ``public`` are keys that anybody may write to; ``ever`` may have granted."""

    members: dict[int, Member] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)
    rows: dict[str, tuple[str, int]] = field(default_factory=dict)
    public: dict[str, bytes] = field(default_factory=dict)
    ever: frozenset[int] = frozenset()

    def pack(self) -> bytes:
        """As bytes."""
        words = {
            "members": {str(pk): [list(one.compartments), one.role, one.until] for pk, one in self.members.items()},
            "epochs": self.epochs,
            "rows": self.rows,
            "public": {name: key.hex() for name, key in self.public.items()},
            "ever": sorted(self.ever),
        }
        return json.dumps(words, separators=(",", ":")).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "Head":
        """From bytes."""
        words: dict[str, Any] = json.loads(packed)
        return cls(
            {int(pk): Member(tuple(names), role, until) for pk, (names, role, until) in words["members"].items()},
            words["epochs"],
            {row: (name, version) for row, (name, version) in words["rows"].items()},
            {name: bytes.fromhex(key) for name, key in words["public"].items()},
            frozenset(words["ever"]),
        )

    def holders(self, compartment: str) -> list[int]:
        """Who holds a compartment's key."""
        return sorted(pk for pk, one in self.members.items() if compartment in one.compartments)

    def with_member(self, person: int, member: Member) -> "Head":
        """The same with somebody in it."""
        return replace(self, members={**self.members, person: member}, ever=self.ever | {person})

    def without(self, person: int) -> "Head":
        """The same without somebody."""
        return replace(self, members={pk: one for pk, one in self.members.items() if pk != person})


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
        sealing.encode(*link.members),
        link.person,
        link.generation,
    )


def content(blob: bytes, epoch: int) -> bytes:
    """What a link says of a sealed head."""
    return sealing.digest("head", epoch, bytes(blob))


def walk(safe: UUID, seen: Seen, directory: Directory) -> Seen:
    """Follow the chain from where a vault saw it last to its end.

    Who sees a safe for the first time follows it from its founding, which is whose word one takes.

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
        # Whoever founds a safe signs its first version; every other is signed by somebody who was in the one before.
        allowed = now.members if now.version else (link.person,)
        if link.version != now.version + 1 or bytes(link.previous) != now.head or link.person not in allowed:
            raise TamperError(safe.hex, "head")
        _signed(link, one, directory)
        now = Seen(link.version, one, tuple(link.members))
    if now.version < max(seen.version, 1) or not Link.objects.filter(safe=safe, version=now.version).exists():
        raise TamperError(safe.hex, "head")
    return now


def _signed(link: Link, one: bytes, directory: Directory) -> None:
    keys = directory.at(link.person, link.generation)
    if keys is None:
        raise TamperError(link.safe_id.hex, "head")
    try:
        sealing.verify(keys.sign, one, bytes(link.signature))
    except SealError:
        raise TamperError(link.safe_id.hex, "head") from None


def signed_link(vault: OpenVault, safe: UUID, before: Seen, blob: bytes, head: Head) -> Link:
    """The next version's link, signed by the vault's owner."""
    link = Link(
        safe_id=safe,
        version=before.version + 1,
        content=content(blob, head.epochs[HEAD]),
        previous=before.head,
        members=sorted(head.members),
        person=vault.person,
        generation=vault.generation,
    )
    (link.signature,) = vault.sign(digest(link))
    return link
