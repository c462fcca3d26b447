"""Log files of the parts: JSON lines into files that rotate, and the few that matter to the person at the console."""

import json
import logging
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

LARGEST_FILE, FILES_KEPT = 10_000_000, 5
LARGEST_LINE = 20_000
_QUIET_SECONDS = 60.0
_LOUD = {"warning", "error", "critical"}


class LogFile:
    """Takes a part's output as it comes. Lines that are not log entries may quote anything, so they are withheld."""

    def __init__(self, path: Path, part: str, say: Callable[[str], None], debug: bool = False) -> None:
        self._part, self._say, self._debug = part, say, debug
        self._partial = b""
        self._said: dict[str, float] = {}
        self._file = RotatingFileHandler(path, maxBytes=LARGEST_FILE, backupCount=FILES_KEPT, encoding="utf-8")
        self._file.setFormatter(logging.Formatter("%(message)s"))
        self._file.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk must not end us

    def take(self, data: bytes) -> None:
        """Write the whole lines of this output; the rest waits for more."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > LARGEST_LINE:
            lines, self._partial = [*lines, self._partial[:LARGEST_LINE]], b""
        for line in lines:
            if line.strip():
                self._take_line(line)

    def close(self) -> None:
        """Write what is left and close the file."""
        self.take(b"\n")
        self._file.close()

    def _take_line(self, line: bytes) -> None:
        entry = _entry(line)
        if entry is None:
            if self._debug:
                self._say(f"{self._part}: {line.decode(errors='replace')}")
            entry = {"at": _now(), "level": "info", "event": "withheld: a line that is not a log entry"}
        self._file.emit(logging.makeLogRecord({"msg": "%s", "args": (json.dumps(entry, ensure_ascii=False),)}))
        if entry.get("level") in _LOUD:
            self._tell(entry)

    def _tell(self, entry: dict[str, Any]) -> None:
        words = " ".join(str(entry[name]) for name in ("event", "part", "kind", "exception") if entry.get(name))
        now = time.monotonic()
        if now - self._said.get(words, -_QUIET_SECONDS) >= _QUIET_SECONDS:
            self._said = {said: at for said, at in self._said.items() if now - at < _QUIET_SECONDS} | {words: now}
            self._say(f"{self._part}: {words}")


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "event" in found else None


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
