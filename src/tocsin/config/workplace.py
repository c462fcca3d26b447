"""A private folder for what must not outlast one piece of work. What a killed one left is removed by the next."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

NAME: Final = ".making"


@contextmanager
def private(folder: Path) -> Iterator[Path]:
    """An empty folder inside ``folder`` that goes away; whoever comes second waits. It outlives only a kill.

    Raises:
        OSError: when it can't be made.
    """
    with _held(folder, fcntl.LOCK_EX):
        made = folder / NAME
        _remove(made)
        made.mkdir(mode=0o700)
        try:
            yield made
        finally:
            _remove(made)


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody works in ``folder`` now, nor begins to before the block ends; what a killed one left is gone."""
    try:
        with _held(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            _remove(folder / NAME)
            yield True
    except BlockingIOError:
        yield False


@contextmanager
def _held(folder: Path, how: int) -> Iterator[None]:
    # The lock ends with the process, however it ends.
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(file, how)
        yield
    finally:
        os.close(file)


def _remove(made: Path) -> None:
    if made.is_dir():
        shutil.rmtree(made)
