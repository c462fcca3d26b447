"""The keyholder's socket: hears one request a connection, from processes of the same user only."""

import logging
import os
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tocsin.keys.holder.holding import BusyError, ClosedError, Holder
from tocsin.keys.holder.protocol import BrokenError, receive, send
from tocsin.keys.holder.vault import Locked, seal_memory
from tocsin.keys.sealing import Cost, SealError, box_keys, sign_keys
from tocsin.lib.logs import where

log = logging.getLogger("tocsin.keyholder")

_PATIENCE: Final = 5.0
_CREDENTIALS: Final = struct.Struct("3i")
_FAULTS: Final = {SealError: "sealed", ClosedError: "closed", BusyError: "busy"}


class Server:
    """Serves one holder. ``generation`` says how often everything was locked; None when nobody can tell."""

    def __init__(self, path: Path, holder: Holder, generation: Callable[[], int | None]) -> None:
        self._holder, self._generation = holder, generation
        self._began = generation()
        self.ended = threading.Event()
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.unlink(missing_ok=True)
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            self._socket.bind(str(path))
        finally:
            os.umask(before)
        self._socket.listen(64)
        self._socket.settimeout(0.5)

    def serve(self) -> None:
        """Answer until asked to end, or until everything was locked: then nothing is held any more."""
        try:
            while not self.ended.is_set():
                self._tick()
                try:
                    wire, _ = self._socket.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=self._answer, args=(wire,), daemon=True).start()
        finally:
            self._holder.lock_all()
            self._socket.close()
            self._path.unlink(missing_ok=True)

    def end(self) -> None:
        """Ask it to end, from another thread or a signal's handler; who waits for a request is woken."""
        self.ended.set()
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
            knock.settimeout(0.5)
            knock.connect(str(self._path))

    def _tick(self) -> None:
        self._holder.tidy()
        self._holds()

    def _holds(self) -> bool:
        """Whether what is held may be used. Without the number nobody knows whether everything was locked meanwhile."""
        now = self._generation()
        if self._began is None:
            self._began = now
        if now != self._began and now is not None:
            self._holder.lock_all()
            self.ended.set()
        return now is not None and now == self._began

    def _answer(self, wire: socket.socket) -> None:
        with wire:
            wire.settimeout(_PATIENCE)
            try:
                if _user(wire) != os.getuid():
                    return
                request = receive(wire)
                wire.settimeout(None)
                send(wire, self._do(request))
            except (BrokenError, OSError):
                return

    def _do(self, request: dict[str, Any]) -> dict[str, Any]:
        if not self._holds():
            return {"fault": "closed"}
        try:
            return self._verb(request.pop("verb", ""))(**request)
        except tuple(_FAULTS) as fault:
            return {"fault": _FAULTS[type(fault)]}
        except Exception as fault:  # noqa: BLE001 - whatever it is, its text may hold a secret
            log.error("a request failed", extra={"kind": where(type(fault), fault.__traceback__)})
            return {"fault": "failed"}

    def _verb(self, name: object) -> Callable[..., dict[str, Any]]:
        verbs: dict[object, Callable[..., dict[str, Any]]] = {
            "make": self._make,
            "unlock": lambda vault, passphrase: {"cookie": self._holder.unlock(_locked(vault), passphrase)},
            "rewrap": lambda vault, old, new: {"vault": asdict(self._holder.rewrap(_locked(vault), old, new))},
            "state": lambda cookie: dict(zip(("person", "seconds"), self._holder.state(cookie), strict=True)),
            "public": lambda cookie: dict(zip(("generation", "box", "sign"), self._holder.public(cookie), strict=True)),
            "boxes": lambda **words: {"plain": self._holder.boxes(**words)},
            "sign": lambda **words: {"signatures": self._holder.sign(**words)},
            "recall": lambda **words: {"memory": self._holder.recall(**words)},
            "remember": lambda **words: {"memory": self._holder.remember(**words)},
            "lock": lambda cookie: _after(self._holder.lock, cookie),
            "lock_person": lambda person: _after(self._holder.lock_person, person),
            "lock_all": lambda: {"open": self._holder.lock_all()},
        }
        return verbs.get(name, lambda **_: {"fault": "failed"})

    def _make(self, person: int, generation: int, passphrase: bytes, memory: bytes) -> dict[str, Any]:
        locked, opened = self._holder.make(person, generation, passphrase)
        return {
            "vault": asdict(locked),
            "box": box_keys(opened.box)[0],
            "sign": sign_keys(opened.sign)[0],
            "memory": seal_memory(opened, 0, memory),
            "cookie": self._holder.hold(opened),
        }


def _locked(fields: dict[str, Any]) -> Locked:
    return Locked(**{**fields, "cost": Cost(**fields["cost"])})


def _after(act: Callable[..., None], *words: object) -> dict[str, Any]:
    act(*words)
    return {}


def _user(wire: socket.socket) -> int:
    _, user, _ = _CREDENTIALS.unpack(wire.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return int(user)
