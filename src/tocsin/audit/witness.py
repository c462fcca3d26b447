"""The outside witness: a file, best on another machine's disk, that is told the head of the chain every hour.

One line a checkpoint: the sequence, its digest and the time, with a space between.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LARGEST = 64_000_000  # bytes; an hourly line fills it in some seventy years
_LONGEST = 200
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
        OSError: when it is no plain file, or can't be written.
    """
    line = f"{noted.sequence} {noted.digest} {noted.at.astimezone(UTC).isoformat(timespec='seconds')}\n"
    file = _plain(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
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
        OSError: when it is no plain file, larger than any witness grows, or can't be read.
    """
    with os.fdopen(_plain(path, os.O_RDONLY), encoding="utf-8", errors="replace") as file:
        if os.fstat(file.fileno()).st_size > LARGEST:
            raise OSError(errno.EFBIG, "too large")
        number = 0
        while line := file.readline(_LONGEST):
            number += 1
            if line.strip():
                yield _parsed(line.strip()) or number


def _plain(path: Path, flags: int) -> int:
    # A pipe or a device may be endless, and would keep whoever opens it waiting.
    file = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY, 0o600)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "no plain file")
    return file


def _parsed(line: str) -> Noted | None:
    if (match := _LINE.fullmatch(line)) is None:
        return None
    try:
        at = datetime.fromisoformat(match[3])
    except ValueError:
        return None
    return Noted(int(match[1]), match[2], at if at.tzinfo else at.replace(tzinfo=UTC))
