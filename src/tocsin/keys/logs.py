"""The log of a safe: lines that anybody may add, sealed to those who may read them, chained."""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from tocsin.keys import sealing, tampering
from tocsin.keys.models import LogLine, Safe
from tocsin.keys.tampering import TamperError

LOG: Final = "log"


def add_to_log(safe: UUID, epoch: int, public: bytes, line: bytes) -> None:
    """Append one line to a safe's log, sealed to its readers."""
    blob = sealing.seal_to(public, line)
    with transaction.atomic():
        # The lines of one safe are a chain: its row is the turn.
        Safe.objects.select_for_update().get(pk=safe)
        last = LogLine.objects.filter(safe=safe).order_by("-number").first()
        number, before = (last.number + 1, bytes(last.digest)) if last else (1, bytes(32))
        LogLine.objects.create(
            safe_id=safe,
            number=number,
            epoch=epoch,
            blob=blob,
            previous=before,
            digest=_log_digest(safe, number, epoch, blob, before),
        )
        tampering.note("logged", safe.hex, number)


def _log_digest(safe: UUID, number: int, epoch: int, blob: bytes, before: bytes) -> bytes:
    return sealing.digest("log", safe.bytes, number, epoch, blob, before)


def read_log(safe: UUID, keys: Mapping[int, bytes]) -> list[Mapping[str, Any]]:
    """Every line that these keys, by epoch, open, in order.

    Raises:
        TamperError: when a line was changed or is missing.
    """
    before, lines = bytes(32), []
    for number, line in enumerate(LogLine.objects.filter(safe=safe).order_by("number"), start=1):
        digest = _log_digest(safe, number, line.epoch, bytes(line.blob), before)
        if line.number != number or bytes(line.previous) != before or bytes(line.digest) != digest:
            raise TamperError(safe.hex, f"log {number}")
        before = digest
        if key := keys.get(line.epoch):
            lines.append(json.loads(sealing.open_box(key, bytes(line.blob))))
    return lines
