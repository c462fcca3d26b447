"""What a web worker asks the keyholder. No seed ever comes back: only what a seed opened, or signed."""

import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tocsin.keys.holder.holding import BusyError, ClosedError
from tocsin.keys.holder.protocol import BrokenError, receive, send
from tocsin.keys.holder.vault import Locked
from tocsin.keys.sealing import Cost, SealError

_PATIENCE: Final = 60.0  # ten people who open their vaults at once wait for each other


class NoKeyholderError(Exception):
    """The keyholder does not run, or does not answer."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new vault, the public keys in it, its first memory, and the cookie that opens it now."""

    vault: Locked
    box: bytes
    sign: bytes
    memory: bytes
    cookie: bytes


@dataclass(frozen=True, slots=True)
class Keyholder:
    """The keyholder of this machine, by its socket.

    Every method raises ``NoKeyholderError`` when it doesn't answer, and ``ClosedError`` for a vault that is not open.
    """

    path: Path

    def make(self, person: int, generation: int, passphrase: bytes, memory: bytes) -> Made:
        """A new vault, open."""
        said = self._ask("make", person=person, generation=generation, passphrase=passphrase, memory=memory)
        return Made(_locked(said["vault"]), said["box"], said["sign"], said["memory"], said["cookie"])

    def unlock(self, vault: Locked, passphrase: bytes) -> bytes:
        """Open a vault; gives its cookie.

        Raises:
            SealError: for a wrong passphrase.
            BusyError: when too many are being opened.
        """
        cookie: bytes = self._ask("unlock", vault=asdict(vault), passphrase=passphrase)["cookie"]
        return cookie

    def rewrap(self, vault: Locked, old: bytes, new: bytes) -> Locked:
        """The vault under a new passphrase.

        Raises:
            SealError: when the old one is wrong.
            BusyError: when too many are being opened.
        """
        return _locked(self._ask("rewrap", vault=asdict(vault), old=old, new=new)["vault"])

    def state(self, cookie: bytes) -> tuple[int, float]:
        """Whose vault this is, and the seconds until it locks."""
        said = self._ask("state", cookie=cookie)
        return said["person"], said["seconds"]

    def public(self, cookie: bytes) -> tuple[int, bytes, bytes]:
        """The generation of this vault, and its public keys: for sealed boxes, and for signatures."""
        said = self._ask("public", cookie=cookie)
        return said["generation"], said["box"], said["sign"]

    def boxes(self, cookie: bytes, blobs: Sequence[bytes], active: bool = True) -> list[bytes | None]:
        """What was sealed to this person; None for what does not open."""
        plain: list[bytes | None] = self._ask("boxes", cookie=cookie, blobs=list(blobs), active=active)["plain"]
        return plain

    def sign(self, cookie: bytes, messages: Sequence[bytes], active: bool = True) -> list[bytes]:
        """This person's signatures."""
        said: list[bytes] = self._ask("sign", cookie=cookie, messages=list(messages), active=active)["signatures"]
        return said

    def recall(self, cookie: bytes, version: int, blob: bytes) -> bytes:
        """What the vault remembers.

        Raises:
            SealError: when it was changed or is older than what was seen.
        """
        memory: bytes = self._ask("recall", cookie=cookie, version=version, blob=blob)["memory"]
        return memory

    def remember(self, cookie: bytes, version: int, memory: bytes) -> bytes:
        """What the vault shall remember, sealed."""
        sealed: bytes = self._ask("remember", cookie=cookie, version=version, memory=memory)["memory"]
        return sealed

    def lock(self, cookie: bytes) -> None:
        """Close one vault."""
        self._ask("lock", cookie=cookie)

    def lock_person(self, person: int) -> None:
        """Close every open vault of a person."""
        self._ask("lock_person", person=person)

    def lock_all(self) -> int:
        """Close every vault; how many were open."""
        count: int = self._ask("lock_all")["open"]
        return count

    def _ask(self, verb: str, **words: Any) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
                wire.settimeout(_PATIENCE)
                wire.connect(str(self.path))
                send(wire, {"verb": verb, **words})
                said = receive(wire)
        except (OSError, BrokenError):
            raise NoKeyholderError from None
        match said.get("fault"):
            case None:
                return said
            case "sealed":
                raise SealError
            case "closed":
                raise ClosedError
            case "busy":
                raise BusyError
        raise NoKeyholderError


def _locked(fields: dict[str, Any]) -> Locked:
    return Locked(**{**fields, "cost": Cost(**fields["cost"])})
