"""What a quorum of custodians signs when it gives a safe's keys to somebody: once, to that person, of that state."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from tocsin.keys import sealing
from tocsin.keys.directory import Directory, Keys
from tocsin.keys.sealing import SealError
from tocsin.keys.vaults import Seen


@dataclass(frozen=True, slots=True)
class Given:
    """One custodian's yes."""

    person: int
    generation: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class Consents:
    """To what they said yes. ``until`` is an ISO time; empty: for good. ``id`` is the asking's own."""

    id: bytes
    kind: str
    until: str
    compartments: tuple[str, ...]
    given: tuple[Given, ...] = ()

    def statement(self, safe: UUID, holder: Keys, of: bytes) -> bytes:
        """What each custodian signs; ``of`` is the state of the safe that it was asked of."""
        names = sealing.encode(*self.compartments)
        to = (holder.person, holder.generation, holder.digest)
        return sealing.digest("consent", safe.bytes, self.id, self.kind, self.until, names, *to, of)

    def by(self, given: tuple[Given, ...]) -> "Consents":
        """The same with these people's yes."""
        return replace(self, given=given)

    def pack(self) -> bytes:
        """As bytes."""
        return json.dumps(asdict(self), default=bytes.hex, separators=(",", ":")).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "Consents":
        """From bytes."""
        words: dict[str, Any] = json.loads(packed)
        of, names = bytes.fromhex(words["id"]), tuple(words["compartments"])
        given = [(one["person"], one["generation"], bytes.fromhex(one["signature"])) for one in words["given"]]
        return cls(of, words["kind"], words["until"], names, tuple(Given(*one) for one in given))


def state(seen: Seen) -> bytes:
    """What a consent is bound to: what is entrusted, and the last time that a quorum gave it away.

    Either changes with every new epoch and every use, so that no consent counts twice.
    """
    return sealing.digest("state", seen.custody, seen.recovered)


def consents(one: Given, custodians: Mapping[int, str], message: bytes, directory: Directory) -> bool:
    """Whether one of these custodians signed this with the keys that the safe names for them."""
    keys = directory.at(one.person, one.generation)
    if keys is None or custodians.get(one.person) != keys.digest.hex():
        return False
    try:
        sealing.verify(keys.sign, message, one.signature)
    except SealError:
        return False
    return True
