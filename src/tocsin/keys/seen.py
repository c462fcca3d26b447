"""What a vault remembers of a safe: its newest version, who is in it and holds which part, and what was promised."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

HEAD: Final = "head"
LOG: Final = "log"


class Part(NamedTuple):
    """A living compartment for all to see: its epoch, and digests of what stands in it and of what is entrusted."""

    number: int
    state: str
    custody: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest head of a safe that a vault saw, and who might sign the next.

    Members and custodians are ids with the digest of their keys, so that nobody can invent other keys for them.
    ``custody`` is the digest of what is entrusted, ``recovered`` names the last quorum that gave keys away. ``ends``
    are ISO times, of those who are in it for a while. ``holds`` says which compartments each member holds, ``parts``
    how each stands, ``ended`` the last epoch of those that are no more. ``barred`` is a commitment to who is in
    conflict. ``order`` is the digest of the order by which a timer may shred it; ``log`` the number and the digest of
    the newest line of its log.
    """

    version: int = 0
    head: bytes = bytes(32)
    members: Mapping[int, str] = field(default_factory=dict)
    quorum: int = 0
    custodians: Mapping[int, str] = field(default_factory=dict)
    custody: bytes = b""
    recovered: bytes = b""
    ends: Mapping[int, str] = field(default_factory=dict)
    holds: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    ended: Mapping[str, int] = field(default_factory=dict)
    barred: bytes = b""
    order: str = ""
    log: tuple[int, str] = (0, "")

    def leads(self, person: int) -> bool:
        """Whether somebody holds every compartment: they decide who is in it and who keeps its shares."""
        return bool(self.parts) and self.parts.keys() <= set(self.holds.get(person, ()))

    def pack(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {
            "version": self.version,
            "head": text_of(self.head),
            "members": dict(self.members),
            "quorum": self.quorum,
            "custodians": dict(self.custodians),
            "custody": text_of(self.custody),
            "recovered": text_of(self.recovered),
            "ends": dict(self.ends),
            "holds": {pk: list(names) for pk, names in self.holds.items()},
            "parts": {name: list(part) for name, part in self.parts.items()},
            "ended": dict(self.ended),
            "barred": text_of(self.barred),
            "order": self.order,
            "log": list(self.log),
        }

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> "Seen":
        """From what ``pack`` made."""
        number, last = packed["log"]
        return cls(
            packed["version"],
            bytes_of(packed["head"]),
            _ids(packed["members"]),
            packed["quorum"],
            _ids(packed["custodians"]),
            bytes_of(packed["custody"]),
            bytes_of(packed["recovered"]),
            _ids(packed["ends"]),
            {int(pk): tuple(names) for pk, names in packed["holds"].items()},
            {name: Part(*part) for name, part in packed["parts"].items()},
            packed["ended"],
            bytes_of(packed["barred"]),
            packed["order"],
            (number, last),
        )


def text_of(raw: bytes) -> str:
    """Bytes as JSON can hold them."""
    return base64.b64encode(raw).decode()


def bytes_of(text: str) -> bytes:
    """From what ``text_of`` made."""
    return base64.b64decode(text)


def _ids(words: Mapping[str, str]) -> dict[int, str]:
    return {int(person): one for person, one in words.items()}
