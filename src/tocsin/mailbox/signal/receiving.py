"""Fetches messages to the desk's Signal number. What the service gave out is gone there, so each fetch is noted first.

The order: a row says that a fetch begins; one message is fetched, and sealed in memory to the desk's key; the sealed
letter is stored, and the row goes, in one transaction. A row of a process that died says that a message may be lost
with it, which nobody can know: the desk is called and asks who wrote to write again. Nothing is ever fetched while it
could not be sealed; until then it waits at Signal's own server.
"""

import hmac
import logging
from collections import deque
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import quote
from uuid import UUID

import httpx
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from tocsin.alerts import clock
from tocsin.alerts.accepting import New, accept
from tocsin.alerts.models import Lane, Severity
from tocsin.keys import sealing
from tocsin.lib import claims
from tocsin.lib.claims import patient
from tocsin.lib.names import random_name
from tocsin.mailbox import arriving
from tocsin.mailbox.arriving import Coming, NoKeyError
from tocsin.mailbox.mail import coarse
from tocsin.mailbox.models import Desk, Fetch
from tocsin.mailbox.signal import reading
from tocsin.mailbox.signal.reading import GarbledError, Note

logger = logging.getLogger("tocsin.mailbox")

_LEASE: Final = "mailbox.signal"
_LEASE_SECONDS: Final = 60.0
_MOST_BYTES: Final = 2_000_000
# One at a time: so many at most are between the service and the database when the power goes.
_AT_ONCE: Final = "1"


@dataclass(frozen=True, slots=True)
class Number:
    """The desk's own number at the service of this base address, or behind the private socket of this path."""

    base: str
    number: str
    socket: str = ""
    timeout: float = 20.0


class Receiver:
    """Fetches for one number. What could not be stored yet waits in memory, sealed."""

    def __init__(self, where: Number) -> None:
        transport = httpx.HTTPTransport(uds=where.socket) if where.socket else None
        self._client = httpx.Client(
            base_url=where.base, transport=transport, timeout=where.timeout, trust_env=False, follow_redirects=False
        )
        self._path = f"/v1/receive/{quote(where.number, safe='')}"
        self._kept: deque[Coming] = deque()
        self._unsure, self._name = False, random_name(20)

    def step(self) -> bool:
        """Fetch what is next, seal and store it; True when something came. One process at a time does it.

        A service that can't be reached is a line in the log, and so is a database that can't: what came is kept.
        """
        try:
            return claims.hold(_LEASE, _LEASE_SECONDS) and self._once()
        except NoKeyError:
            return False
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Signal messages wait for the database", exc_info=error)
            if not connection.in_atomic_block:
                connection.close()
            return False

    def close(self) -> None:
        """Let the connection to the service go."""
        self._client.close()

    def _once(self) -> bool:
        if not self._kept:
            desk = Desk.objects.filter(takes_signal=True, ended_on=None).first()
            if desk is None or not self._gather(desk):
                return False
        came = bool(self._kept)
        while self._kept:
            _store(self._kept[0], last=len(self._kept) == 1)
            self._kept.popleft()
        return came

    def _gather(self, desk: Desk) -> bool:
        """Fetch, and seal at once; False where nothing may be fetched now, or nothing came."""
        try:
            key = arriving.key_of(desk)
        except NoKeyError:
            return False
        # The lease is ours: whoever else began a fetch is dead.
        if self._unsure or Fetch.objects.exclude(holder=self._name).exists():
            _say_lost(desk)
            self._unsure = False
        Fetch.objects.update_or_create(door="signal", defaults={"holder": self._name, "since": clock.now()})
        notes, sure = self._asked()
        self._unsure = not sure
        self._kept.extend(_coming(desk, key.number, bytes(key.public), note) for note in notes)
        if not self._kept and sure:
            Fetch.objects.all().delete()
        return bool(self._kept)

    def _asked(self) -> tuple[list[Note], bool]:
        """What the service gave out, and whether that is surely all that it did."""
        words = {"timeout": "1", "max_messages": _AT_ONCE, "ignore_attachments": "true", "send_read_receipts": "false"}
        try:
            with self._client.stream("GET", self._path, params=words) as answer:
                if answer.status_code != httpx.codes.OK:
                    logger.warning("Signal could not be asked", extra={"status": answer.status_code})
                    return [], True
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _MOST_BYTES:
                        logger.warning("Signal answered too much")
                        return [], False
            return list(reading.read(body)), True
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.WriteError) as error:
            logger.warning("Signal could not be asked", exc_info=error)
            return [], True
        except (httpx.HTTPError, GarbledError) as error:
            logger.warning("Signal broke off", exc_info=error)
            return [], False


def number_of(note: Note) -> UUID:
    """The natural key of a message: a keyed hash, so that nobody can ask a stolen disk whether it came."""
    words = f"mailbox.signal:{note.at}:{note.sender}".encode()
    return UUID(bytes=hmac.new(settings.SECRET_KEY.encode(), words, sha256).digest()[:16])


def _coming(desk: Desk, epoch: int, public: bytes, note: Note) -> Coming:
    found = coarse.judge("", note.text)
    # Whoever rings has nothing to read: as grave as anything can be.
    urgency = "now" if note.call else found.urgency
    return Coming(
        desk=desk,
        door="signal",
        epoch=epoch,
        blob=sealing.seal_to(public, note.sealed_words()),
        id=number_of(note),
        arrived_at=note.came_at,
        language=found.language,
        urgency=urgency,
        lane=Lane.LIFE,
    )


@patient
def _store(coming: Coming, *, last: bool) -> None:
    with transaction.atomic():
        arriving.arrive(coming)
        if last:
            Fetch.objects.all().delete()


@patient
def _say_lost(desk: Desk) -> None:
    """Call the desk: somebody may have written and nobody will ever know what."""
    with transaction.atomic():
        accept(
            New(
                kind="signal_lost",
                severity=Severity.SEVERE,
                lane=Lane.WAKE,
                dedupe=f"signal.lost:{desk.public_id}:{clock.now():%Y%m%d%H}",
                reference=f"desk:{desk.public_id}",
                named=True,
                knowers=arriving.members(desk),
                watchers=arriving.members(desk),
                subjects=arriving.kept_from(desk, ()),
                exercise=settings.EXERCISE,
                via="rule",
            )
        )
        Fetch.objects.all().delete()
