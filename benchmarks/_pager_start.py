"""How long a pager takes from its first instruction until it goes round, and how much memory it then has."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PATIENCE = 120.0


def measure() -> dict[str, float]:
    """Start a real ``tocsin page`` in this environment, wait until its loop says that it goes round, and end it."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        where = str(Path(folder, "notify"))
        heard.bind(where)
        heard.settimeout(_PATIENCE)
        began = time.monotonic()
        pager = subprocess.Popen(
            [sys.executable, "-m", "tocsin.config.cli", "page"],
            env=os.environ | {"NOTIFY_SOCKET": where},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            # It is ready once its database is; the watchdog is fed by its loop alone.
            while heard.recv(4096) != b"WATCHDOG=1":
                pass
            took = time.monotonic() - began
            memory = _memory(pager.pid)
        finally:
            pager.terminate()
            pager.wait()
    return {"start_s": round(took, 2), "memory_mb": round(memory, 1)}


def _memory(pid: int) -> float:
    """What a process holds in memory, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    lines = dict(line.split(":", 1) for line in status.splitlines())
    return float(lines["VmRSS"].split()[0]) / 1024
