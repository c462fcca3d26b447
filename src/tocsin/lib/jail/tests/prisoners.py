"""Small parsers that the tests lock up; most do what an exploited parser would do."""

import ctypes
import os
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tocsin.lib.jail import UnreadableError

ANSWERS = 4  # where the child keeps its end of the answer pipe


def echo(payload: bytes, **argument: Any) -> dict[str, Any]:
    text = payload.decode("utf-8", "surrogateescape")
    return {"text": text, "argument": argument, "django": "django" in sys.modules}


def refuse(payload: bytes) -> None:
    raise UnreadableError("This is a spreadsheet. Save it as a document.")


def fail_with_text(payload: bytes) -> None:
    raise ValueError(payload.decode())


def not_json(payload: bytes) -> object:
    return float("nan") if payload == b"nan" else object()


def environment(payload: bytes) -> dict[str, str]:
    return dict(os.environ)


def surroundings(payload: bytes) -> dict[str, Any]:
    open_files = []
    for fd in range(200):
        try:
            os.fstat(fd)
        except OSError:
            continue
        open_files.append(fd)
    return {"folder": str(Path.cwd()), "files": open_files, "pid": os.getpid(), "arguments": len(sys.argv)}


def write_file(payload: bytes, path: str) -> None:
    Path(path).write_bytes(b"was here")


def delete_file(payload: bytes, path: str) -> None:
    Path(path).unlink()


def read_file(payload: bytes, path: str) -> str:
    return Path(path).read_text()


_ASKED: "queue.Queue[str]" = queue.Queue()
_READ: "queue.Queue[str]" = queue.Queue()


def start_reader() -> None:
    """A thread that reads whatever it is asked for."""

    def read() -> None:
        path = _ASKED.get()
        try:
            _READ.put(Path(path).read_text())
        except OSError:
            _READ.put("refused")

    threading.Thread(target=read, daemon=True).start()


def read_in_thread(payload: bytes, path: str) -> str:
    _ASKED.put(path)
    return _READ.get()


def connect(payload: bytes, port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=5)


def spawn(payload: bytes, path: str) -> None:
    subprocess.run(["/bin/sh", "-c", f"touch {path}"], check=False)


def fork(payload: bytes) -> int:
    return os.fork()


def replace(payload: bytes) -> None:
    os.execv("/bin/true", ["true"])


def thread(payload: bytes) -> None:
    threading.Thread(target=print).start()


def kill_parent(payload: bytes) -> None:
    os.kill(os.getppid(), signal.SIGTERM)


def lift_limits(payload: bytes) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (1000, 1000))


def eat_memory(payload: bytes) -> int:
    hoard = []
    while True:
        hoard.append(b"x" * (8 * 1024 * 1024))


def spin(payload: bytes) -> None:
    while payload == b"spin":
        pass


def sleep(payload: bytes) -> None:
    time.sleep(1000 if payload == b"sleep" else 0)


def leave(payload: bytes) -> str:
    if payload == b"exit":
        sys.exit(0)
    if payload == b"at once":
        os._exit(0)
    if payload == b"crash":
        ctypes.string_at(0)
    return payload.decode()


def print_without_end(payload: bytes) -> None:
    while True:
        print("x" * 65536)


def return_too_much(payload: bytes) -> str:
    return "x" * 100_000


def answer_without_end(payload: bytes) -> None:
    os.write(ANSWERS, struct.pack(">I", 0xFFFFFFFF))
    while True:
        os.write(ANSWERS, b"x" * 65536)


def answer_nonsense(payload: bytes) -> None:
    os.write(ANSWERS, struct.pack(">I", 3) + b"{{{")
    time.sleep(1000)


def answer_half_a_letter(payload: bytes) -> None:
    forged = rb'{"data":{"a\uD800":["b\uDFFF\u0000c"]}}'
    os.write(ANSWERS, struct.pack(">I", len(forged)) + forged)
    time.sleep(1000)


def hang_up(payload: bytes) -> None:
    os.close(ANSWERS)
    time.sleep(1000)
