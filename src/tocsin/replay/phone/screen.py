"""What arrived, by address: in memory alone, bounded, the newest first."""

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

MOST_ADDRESSES = 30
MOST_OF_ONE = 40
LONGEST_TEXT = 4000
LONGEST_ADDRESS = 254
_NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)


class Way(StrEnum):
    """By which channel something came."""

    SMS = "text message"
    CALL = "call"
    PUSH = "ntfy"
    MAIL = "mail"


class Ring(StrEnum):
    """What became of a call."""

    RINGS = "rings"
    TAKEN = "taken"
    MISSED = "missed"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Shown:
    """One message or call; ``number`` and ``at`` are given when it arrives.

    ``mine``: written on this phone. Of a call: ``sid`` is the provider's number for it, ``answer`` where pressed keys
    go and ``receipt`` where the provider says what became of it, both paths of the console.
    """

    way: Way
    address: str
    sender: str
    text: str
    link: str = ""
    mine: bool = False
    sid: str = ""
    receipt: str = ""
    answer: str = ""
    ring: Ring | None = None
    number: int = 0
    at: datetime = _NOT_YET


@dataclass(frozen=True, slots=True)
class Face:
    """One address and what came to it, the newest first."""

    address: str
    messages: tuple[Shown, ...]


class Screen:
    """Holds it all. Beyond its limits the oldest messages are forgotten, and the address that was silent longest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, list[Shown]] = {}
        self._count = 0

    def add(self, arrived: Shown) -> Shown:
        """Keep one more; texts and addresses that are too long are cut."""
        address, text = arrived.address[:LONGEST_ADDRESS], arrived.text[:LONGEST_TEXT]
        with self._lock:
            self._count += 1
            made = replace(arrived, address=address, text=text, number=self._count, at=datetime.now(UTC))
            # Taken out and put back, so that the address which was silent longest stands first.
            rows = self._kept.pop(address, [])
            self._kept[address] = [*rows, made][-MOST_OF_ONE:]
            if len(self._kept) > MOST_ADDRESSES:
                del self._kept[next(iter(self._kept))]
            return made

    def ring(self, number: int, ring: Ring, *, only_if: Ring) -> Shown | None:
        """Say what became of a call, if it stands at ``only_if`` now; None if it does not, or is forgotten."""
        with self._lock:
            for address, rows in self._kept.items():
                for place, row in enumerate(rows):
                    if row.number == number and row.ring is only_if:
                        changed = replace(row, ring=ring)
                        self._kept[address] = [*rows[:place], changed, *rows[place + 1 :]]
                        return changed
        return None

    def find(self, number: int) -> Shown | None:
        """One message by its number."""
        with self._lock:
            return next((row for rows in self._kept.values() for row in rows if row.number == number), None)

    def faces(self) -> list[Face]:
        """Every address, the one that heard something last first."""
        with self._lock:
            return [Face(address, tuple(reversed(rows))) for address, rows in reversed(self._kept.items())]

    def face(self, address: str) -> Face | None:
        """One address; None if nothing came to it."""
        with self._lock:
            rows = self._kept.get(address)
            return Face(address, tuple(reversed(rows))) if rows else None
