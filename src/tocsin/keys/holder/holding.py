"""Keeps opened vaults: sealed under what only a browser's cookie can open, for as long as somebody works with them."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tocsin.keys import sealing
from tocsin.keys.holder import vault
from tocsin.keys.holder.vault import Locked, Opened
from tocsin.keys.sealing import Context, Cost, SealError

IDLE: Final = 15 * 60.0
LONGEST: Final = 10 * 3600.0
AT_ONCE: Final = 2  # each takes half a gigabyte
_WAITING: Final = 8


class ClosedError(Exception):
    """There is no open vault for this cookie: it was locked, or its time is over."""


class BusyError(Exception):
    """Too many vaults are being opened at this moment."""


@dataclass(slots=True)
class _Held:
    person: int
    generation: int
    sealed: bytes
    since: float
    used: float
    remembered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Holder:
    """The vaults that are open now. Nothing here ever reaches a disk or a log."""

    def __init__(self, cost: Cost, idle: float = IDLE, now: Callable[[], float] = time.monotonic) -> None:
        self._cost, self._idle, self._now = cost, idle, now
        self._held: dict[bytes, _Held] = {}
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._line = threading.BoundedSemaphore(AT_ONCE + _WAITING)
        self._trying: set[int] = set()
        self._mutex = threading.Lock()

    def make(self, person: int, generation: int, passphrase: bytes) -> tuple[Locked, Opened]:
        """A new vault; the caller keeps the locked one. It is not held open.

        Raises:
            BusyError: when too many are being opened.
        """
        with self._turn(person):
            return vault.make(person, generation, passphrase, self._cost)

    def unlock(self, locked: Locked, passphrase: bytes) -> bytes:
        """Open a vault and hold it; gives the cookie that opens it from now on.

        Raises:
            SealError: for a wrong passphrase.
            BusyError: when too many are being opened.
        """
        with self._turn(locked.person):
            opened = vault.unlock(locked, passphrase)
        return self.hold(opened)

    def rewrap(self, locked: Locked, old: bytes, new: bytes) -> Locked:
        """The vault under a new passphrase.

        Raises:
            SealError: when the old one is wrong.
            BusyError: when too many are being opened.
        """
        with self._turn(locked.person):
            return vault.wrap(locked, vault.unlock(locked, old), new, self._cost)

    def hold(self, opened: Opened) -> bytes:
        """Keep an opened vault under a new cookie."""
        cookie = secrets.token_bytes(sealing.KEY)
        place = _place(opened.person, opened.generation)
        sealed = sealing.seal(sealing.derive(cookie, "held"), opened.key + opened.box + opened.sign, place)
        now = self._now()
        with self._mutex:
            self._held[_name(cookie)] = _Held(opened.person, opened.generation, sealed, now, now)
        return cookie

    def state(self, cookie: bytes) -> tuple[int, float]:
        """Whose vault it is, and the seconds until it locks. Asking does not keep it open.

        Raises:
            ClosedError: when none is open.
        """
        held = self._find(cookie)
        left = min(held.used + self._idle, held.since + LONGEST) - self._now()
        return held.person, left

    def public(self, cookie: bytes) -> tuple[int, bytes, bytes]:
        """The generation of an open vault, and its public keys: for sealed boxes, and for signatures.

        Raises:
            ClosedError: when none is open.
        """
        opened = self._open(cookie, active=False)
        return opened.generation, sealing.box_keys(opened.box)[0], sealing.sign_keys(opened.sign)[0]

    def boxes(self, cookie: bytes, blobs: Sequence[bytes], active: bool) -> list[bytes | None]:
        """What was sealed to this person's key; None for what does not open.

        Raises:
            ClosedError: when none is open.
        """
        opened = self._open(cookie, active)
        return [_box(opened.box, blob) for blob in blobs]

    def sign(self, cookie: bytes, messages: Sequence[bytes], active: bool) -> list[bytes]:
        """This person's signatures.

        Raises:
            ClosedError: when none is open.
        """
        opened = self._open(cookie, active)
        return [sealing.sign(opened.sign, message) for message in messages]

    def recall(self, cookie: bytes, version: int, blob: bytes) -> bytes:
        """What the vault remembers.

        Raises:
            ClosedError: when none is open.
            SealError: when it was changed, or is older than what this vault has seen.
        """
        held, opened = self._find(cookie), self._open(cookie, active=False)
        memory = vault.open_memory(opened, version, blob)
        with held.lock:
            if version < held.remembered:
                raise SealError
            held.remembered = version
        return memory

    def remember(self, cookie: bytes, version: int, memory: bytes) -> bytes:
        """Seal what the vault shall remember.

        Raises:
            ClosedError: when none is open.
        """
        return vault.seal_memory(self._open(cookie, active=False), version, memory)

    def lock(self, cookie: bytes) -> None:
        """Forget one vault."""
        with self._mutex:
            self._held.pop(_name(cookie), None)

    def lock_person(self, person: int) -> None:
        """Forget every open vault of a person."""
        with self._mutex:
            self._held = {name: held for name, held in self._held.items() if held.person != person}

    def lock_all(self) -> int:
        """Forget every vault; how many were open."""
        with self._mutex:
            count = len(self._held)
            self._held.clear()
        return count

    def tidy(self) -> None:
        """Forget those whose time is over."""
        now = self._now()
        with self._mutex:
            self._held = {name: held for name, held in self._held.items() if self._lives(held, now)}

    def _lives(self, held: _Held, now: float) -> bool:
        return now < held.used + self._idle and now < held.since + LONGEST

    def _find(self, cookie: bytes) -> _Held:
        name = _name(cookie)
        with self._mutex:
            held = self._held.get(name)
            if held is None or not self._lives(held, self._now()):
                self._held.pop(name, None)
                raise ClosedError
        return held

    def _open(self, cookie: bytes, active: bool) -> Opened:
        held = self._find(cookie)
        place = _place(held.person, held.generation)
        keys = sealing.open_sealed(sealing.derive(cookie, "held"), held.sealed, place)
        if active:
            held.used = self._now()
        return Opened(held.person, held.generation, keys[:32], keys[32:64], keys[64:])

    @contextmanager
    def _turn(self, person: int) -> Iterator[None]:
        """One try for each person, two in all: each takes half a gigabyte for a second."""
        with self._mutex:
            if person in self._trying or not self._line.acquire(blocking=False):
                raise BusyError
            self._trying.add(person)
        try:
            with self._slots:
                yield
        finally:
            self._line.release()
            with self._mutex:
                self._trying.discard(person)


def _place(person: int, generation: int) -> Context:
    return Context(b"holder", str(person), generation, b"", "held", 0)


def _name(cookie: bytes) -> bytes:
    return sealing.digest("cookie", cookie)


def _box(seed: bytes, blob: bytes) -> bytes | None:
    try:
        return sealing.open_box(seed, blob)
    except SealError:
        return None
