"""Fetches what came in by Signal from signal-cli's REST interface on its private socket, which has no authentication.

What is fetched is gone there, so it is kept here until it was counted.
"""

import json
import logging
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard
from urllib.parse import quote

import httpx
from django.db import DatabaseError, InterfaceError, connection

from tocsin.alerts import answering
from tocsin.alerts.doors import receipts
from tocsin.alerts.models import Address
from tocsin.lib import claims

logger = logging.getLogger("tocsin.alerts.doors")

_LEASE = "alerts.signal"
_LEASE_SECONDS = 30.0
_MOST_BYTES = 2_000_000
_MOST_KEPT = 1_000
_MOST_RECEIPTS = 200
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message or receipt. ``senders`` are the names of who sent it: number and account id; ``at`` is the sender's
    own stamp in milliseconds, which with the sender names a message. ``arrived`` are the stamps of ours that a device
    has."""

    senders: tuple[str, ...]
    at: int
    text: str
    arrived: tuple[int, ...]


class Receiver:
    """Polls for one account of the service at ``base``, or behind the private socket of this path."""

    def __init__(self, base: str, account: str, socket: str = "", timeout: float = 20.0) -> None:
        transport = httpx.HTTPTransport(uds=socket) if socket else None
        self._client = httpx.Client(base_url=base, transport=transport, timeout=timeout, trust_env=False)
        self._path = f"/v1/receive/{quote(account, safe='')}"
        self._kept: deque[Envelope] = deque(maxlen=_MOST_KEPT)

    def step(self) -> bool:
        """Fetch and count what came; True when something did. One process at a time does it.

        A service that can't be reached is a line in the log, and so is a database that can't: what came is kept.
        """
        came = False
        try:
            if not claims.hold(_LEASE, _LEASE_SECONDS):
                return False
            if not self._kept:
                self._kept.extend(self._fetch())
            while self._kept:
                _count(self._kept[0])
                self._kept.popleft()
                came = True
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Signal messages wait for the database", exc_info=error)
            connection.close()
        return came

    def close(self) -> None:
        """Let the connection to the service go."""
        self._client.close()

    def _fetch(self) -> list[Envelope]:
        try:
            with self._client.stream("GET", self._path, params={"timeout": "1"}) as answer:
                if answer.status_code != httpx.codes.OK:
                    logger.warning("Signal could not be asked", extra={"status": answer.status_code})
                    return []
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _MOST_BYTES:
                        logger.warning("Signal answered too much")
                        return []
        except httpx.HTTPError as error:
            logger.warning("Signal could not be asked", exc_info=error)
            return []
        return list(read(body))


def read(body: bytes) -> Iterator[Envelope]:
    """The messages and receipts in an answer of signal-cli; what is neither, or of a group, is passed over."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return
    for one in found if isinstance(found, list) else []:
        envelope = _part(one, "envelope")
        names = [envelope.get(key) for key in ("sourceNumber", "sourceUuid", "source")]
        senders = tuple(dict.fromkeys(name for name in names if isinstance(name, str) and 0 < len(name) <= 300))
        at = envelope.get("timestamp")
        message, receipt = _part(envelope, "dataMessage"), _part(envelope, "receiptMessage")
        if not senders or not _is_stamp(at):
            continue
        text = "" if message.get("groupInfo") or message.get("groupV2") else message.get("message")
        arrived = receipt.get("timestamps") if receipt.get("isDelivery") or receipt.get("isRead") else []
        yield Envelope(
            senders,
            at,
            text[:_LONGEST_TEXT] if isinstance(text, str) else "",
            tuple(one for one in arrived if _is_stamp(one))[:_MOST_RECEIPTS] if isinstance(arrived, list) else (),
        )


def _part(whole: Any, name: str) -> Mapping[str, Any]:
    part = whole.get(name) if isinstance(whole, dict) else None
    return part if isinstance(part, dict) else {}


def _is_stamp(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53


def _count(envelope: Envelope) -> None:
    known = Address.objects.filter(channel="signal", value__in=envelope.senders, ended_at=None)
    sender = known.values_list("value", flat=True).first()
    if sender is None:
        return
    for stamp in envelope.arrived:
        page = receipts.page_of("signal", str(stamp), sender)
        if page is not None:
            receipts.delivered(page, _moment(envelope.at))
    if envelope.text.strip():
        answering.by_message("signal", sender, envelope.text, f"{sender[:80]}:{envelope.at}")


def _moment(stamp: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(stamp / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
