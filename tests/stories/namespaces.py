"""A process in a network of its own, joined to ours by one cable that can be cut."""

import contextlib
import ctypes
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

_NEW_NETWORK = 0x40000000
_OURS, _THEIRS = "10.213.7.1", "10.213.7.2"


def possible() -> bool:
    """Whether this machine lets us make networks: tried with a cable that goes nowhere."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    probe = f"probe{os.getpid() % 100_000}"
    if _ip("link", "add", probe, "type", "veth", "peer", "name", f"{probe}p", check=False) != 0:
        return False
    return _ip("link", "del", probe, check=False) == 0


@contextlib.contextmanager
def network(folder: Path) -> Iterator["Network"]:
    """A network of its own, gone when the block ends."""
    keeper = subprocess.Popen(["sleep", "infinity"], preexec_fn=_leave)
    made = Network(keeper.pid, folder)
    try:
        made.join()
        yield made
    finally:
        made.close()
        keeper.kill()
        keeper.wait()


class Network:
    """Where ``run`` starts processes. ``cut`` drops every packet of the cable without a word; ``mend`` ends that."""

    def __init__(self, keeper: int, folder: Path) -> None:
        self._keeper, self._folder = keeper, folder
        self._cable = f"tocsin{os.getpid() % 100_000}"
        self._listening: list[socket.socket] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    def join(self) -> None:
        """Lay the cable."""
        other = f"{self._cable}p"[-15:]
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", other)
        _ip("link", "set", other, "netns", str(self._keeper))
        _ip("addr", "add", f"{_OURS}/30", "dev", self._cable)
        _ip("link", "set", self._cable, "up")
        for words in (
            ["addr", "add", f"{_THEIRS}/30", "dev", other],
            ["link", "set", other, "up"],
            ["link", "set", "lo", "up"],
        ):
            subprocess.run([*self._inside(), "ip", *words], check=True, capture_output=True)

    def cut(self) -> None:
        """No packet passes any more, and nobody is told."""
        _ip("link", "set", self._cable, "down")

    def mend(self) -> None:
        """Packets pass again."""
        _ip("link", "set", self._cable, "up")

    def over_the_cable(self, target: str) -> tuple[str, int]:
        """An address in there that leads over the cable to a Unix socket here."""
        listening = socket.create_server((_OURS, 0))
        self._listening.append(listening)
        _serve(listening, lambda: _unix(target))
        return _OURS, int(listening.getsockname()[1])

    def beside_the_cable(self, port: int) -> int:
        """The port in there, on its own loopback, that leads to the same port of ours whatever the cable does."""
        path = str(self._folder / f"{port}.sock")
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen(64)
        self._listening.append(listening)
        _serve(listening, lambda: socket.create_connection(("127.0.0.1", port)))
        words = [sys.executable, __file__, str(port), path]
        process = subprocess.Popen([*self._inside(), *words], stdout=subprocess.PIPE)
        self._processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return port

    def run(self, words: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
        """Start a process in there; it is killed when the network goes."""
        process = subprocess.Popen([*self._inside(), *words], env=environment)
        self._processes.append(process)
        return process

    def close(self) -> None:
        """End what runs in there, and take the cable away."""
        for process in self._processes:
            process.kill()
            process.wait()
        for listening in self._listening:
            listening.close()
        _ip("link", "del", self._cable, check=False)

    def _inside(self) -> list[str]:
        return ["nsenter", "--target", str(self._keeper), "--net"]


def _leave() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(1, 9)  # ends with its parent
    if libc.unshare(_NEW_NETWORK) != 0:
        os._exit(1)


def _ip(*words: str, check: bool = True) -> int:
    try:
        return subprocess.run(["ip", *words], check=check, capture_output=True).returncode
    except FileNotFoundError:
        return 1


def _unix(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.connect(path)
    return made


def _serve(listening: socket.socket, dial: Callable[[], socket.socket]) -> None:
    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                try:
                    far = dial()
                except OSError:
                    near.close()
                    continue
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pour, args=(one, other), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def _pour(source: socket.socket, into: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            into.sendall(data)
    for one in (source, into):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    _listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    _serve(_listening, lambda: _unix(sys.argv[2]))
    print("ready", flush=True)
    threading.Event().wait()
