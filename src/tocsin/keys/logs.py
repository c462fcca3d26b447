"""The log of a safe: lines sealed to those who may read them, each signed by who wrote it, in its place of a chain."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from tocsin.keys import sealing, tampering
from tocsin.keys.directory import Directory
from tocsin.keys.models import LogLine, Safe
from tocsin.keys.sealing import SealError
from tocsin.keys.seen import LOG
from tocsin.keys.tampering import TamperError
from tocsin.keys.vaults import OpenVault

__all__ = ["LOG", "Writers", "add_to_log", "goes_on", "read_log"]

Line = Mapping[str, Any]
_OWN: Final = ("generation", "signature")


@dataclass(frozen=True, slots=True)
class Writers:
    """Whose signature counts in a log: of keys in the directory with one of these digests."""

    directory: Directory
    digests: Collection[str]

    def check(self, person: int, generation: int, message: bytes, signature: bytes) -> None:
        """Stop here unless this person, who was in it or kept a share of it, signed this.

        Raises:
            SealError: when not.
        """
        keys = self.directory.at(person, generation)
        if keys is None or keys.digest.hex() not in self.digests:
            raise SealError
        sealing.verify(keys.sign, message, signature)


def add_to_log(vault: OpenVault, safe: UUID, epoch: int, public: bytes, line: Line) -> tuple[int, str]:
    """Append one line to a safe's log, sealed to its readers and signed by its writer; gives its number and digest."""
    with transaction.atomic():
        # The lines of one safe are a chain: its row is the turn.
        Safe.objects.select_for_update().get(pk=safe)
        last = LogLine.objects.filter(safe=safe).order_by("-number").first()
        number, before = (last.number + 1, bytes(last.digest)) if last else (1, bytes(32))
        said = {**line, "by": vault.person}
        (signature,) = vault.sign(_statement(safe, number, before, said))
        signed = {**said, "generation": vault.generation, "signature": signature.hex()}
        blob = sealing.seal_to(public, json.dumps(signed).encode())
        digest = _log_digest(safe, number, epoch, blob, before)
        LogLine.objects.create(safe_id=safe, number=number, epoch=epoch, blob=blob, previous=before, digest=digest)
        tampering.note("logged", safe.hex, number)
    return number, digest.hex()


def _statement(safe: UUID, number: int, before: bytes, said: Line) -> bytes:
    return sealing.digest("log line", safe.bytes, number, before, json.dumps(dict(said), sort_keys=True))


def _log_digest(safe: UUID, number: int, epoch: int, blob: bytes, before: bytes) -> bytes:
    return sealing.digest("log", safe.bytes, number, epoch, blob, before)


def goes_on(safe: UUID, seen: tuple[int, str]) -> bool:
    """Whether a log still has the newest line that somebody saw of it."""
    number, digest = seen
    line = LogLine.objects.filter(safe=safe, number=number).only("digest").first() if number else None
    return not number or (line is not None and bytes(line.digest).hex() == digest)


def newest(safe: UUID) -> tuple[int, str]:
    """The number and the digest of the newest line."""
    line = LogLine.objects.filter(safe=safe).order_by("-number").only("number", "digest").first()
    return (line.number, bytes(line.digest).hex()) if line is not None else (0, "")


def read_log(safe: UUID, keys: Mapping[int, bytes], writers: Writers) -> list[Line]:
    """Every line that these keys, by epoch, open, in order.

    Raises:
        TamperError: when a line was changed, is missing, or was not signed by somebody who might write it.
    """
    before, lines = bytes(32), []
    for number, line in enumerate(LogLine.objects.filter(safe=safe).order_by("number"), start=1):
        digest = _log_digest(safe, number, line.epoch, bytes(line.blob), before)
        if line.number != number or bytes(line.previous) != before or bytes(line.digest) != digest:
            raise TamperError(safe.hex, f"log {number}")
        if key := keys.get(line.epoch):
            lines.append(_opened(safe, number, before, sealing.open_box(key, bytes(line.blob)), writers))
        before = digest
    return lines


def _opened(safe: UUID, number: int, before: bytes, plain: bytes, writers: Writers) -> Line:
    try:
        words: dict[str, Any] = json.loads(plain)
        said = {name: one for name, one in words.items() if name not in _OWN}
        message = _statement(safe, number, before, said)
        writers.check(words["by"], words["generation"], message, bytes.fromhex(words["signature"]))
    except (SealError, ValueError, LookupError, TypeError, AttributeError):
        raise TamperError(safe.hex, f"log {number}") from None
    return said
