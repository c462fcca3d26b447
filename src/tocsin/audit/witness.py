"""The outside witness: a file, best on another machine's disk, that is told the head of the chain every hour.

One line a checkpoint: the sequence, its digest and the time, with a space between.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_LINE = re.compile(r"(\d{1,18}) ([0-9a-f]{64}) (\S{1,40})")


@dataclass(frozen=True, slots=True)
class Noted:
    """What was written down: the digest at a sequence, at an aware time."""

    sequence: int
    digest: str
    at: datetime


def tell(path: Path, noted: Noted) -> None:
    """Add a line and wait until the disk has it.

    Raises:
        OSError: when the file can't be written.
    """
    line = f"{noted.sequence} {noted.digest} {noted.at.astimezone(UTC).isoformat(timespec='seconds')}\n"
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(file).st_size
        # A line that a crash cut short must not swallow the next one.
        torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        os.write(file, (("\n" if torn else "") + line).encode())
        os.fsync(file)
    finally:
        os.close(file)


def lines(path: Path) -> Iterator[Noted | int]:
    """What a witness file holds, oldest first; a line that can't be read is given as its number.

    Raises:
        OSError: when the file can't be read.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            yield _parsed(line.strip()) or number


def _parsed(line: str) -> Noted | None:
    if (match := _LINE.fullmatch(line)) is None:
        return None
    try:
        at = datetime.fromisoformat(match[3])
    except ValueError:
        return None
    return Noted(int(match[1]), match[2], at if at.tzinfo else at.replace(tzinfo=UTC))
