"""Files on the door's disk: sealed piece by piece while they arrive, each with its own key, which is never stored."""

import contextlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tocsin.keys.uploads import PART, Posted, Writer, sweep_part

SEALED: Final = ".sealed"
_PLACE: Final = re.compile(r"[0-9a-f]{32}")
_HOUR: Final = 3600
# Between making a file and locking it there is a moment.
_BEGINNING: Final = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """A sealed file: what the envelope must say so that it can be opened. ``stored`` is its size on the disk."""

    place: str
    key: bytes
    name: str
    kind: str
    size: int
    sha256: str
    stored: int


class Incoming(Writer):
    """A file that arrives, with the name and kind that its sender gave it."""

    def __init__(self, folder: Path, name: str, kind: str) -> None:
        self._folder, self._name, self._kind = folder, name, kind
        self._place = secrets.token_hex(16)
        super().__init__(folder / (self._place + PART))

    def keep(self) -> Kept:
        """Give it its lasting name. The folder must be settled after."""
        self.name(path_of(self._folder, self._place))
        return Kept(self._place, self.key, self._name, self._kind, self.size, self.sha256, self.stored)


def sealed_of(posted: Posted) -> list[Incoming]:
    """The files of a form that ``bodies`` read, which come through this module."""
    return [one for one in posted.files if isinstance(one, Incoming)]


def path_of(folder: Path, place: str) -> Path:
    """Where a kept file is.

    Raises:
        ValueError: for what is no random name of ours. A row may say anything, and must lead nowhere else.
    """
    if not is_place(place):
        raise ValueError("no name of a kept file")
    return folder / (place + SEALED)


def is_place(place: Any) -> bool:
    """Whether it is a random name as ``Incoming`` makes them: 32 lower-case hex digits."""
    return isinstance(place, str) and _PLACE.fullmatch(place) is not None


def places_of(files: Any) -> list[str]:
    """The random names in a row's list of files; what is none is left out, since nothing of ours lies there."""
    listed = files if isinstance(files, list) else []
    return [one["place"] for one in listed if isinstance(one, dict) and is_place(one.get("place"))]


def remove(folder: Path, places: Collection[str]) -> None:
    """Remove kept files."""
    for place in places:
        path_of(folder, place).unlink(missing_ok=True)


def sweep(folder: Path, known: Collection[str], now: float) -> int:
    """Remove parts whose writer is dead, and files that no row names an hour after they came; says how many."""
    removed = 0
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if path.suffix == PART:
                removed += sweep_part(path, now - _BEGINNING)
            elif path.suffix == SEALED and path.stem not in known and path.stat().st_ctime < now - _HOUR:
                path.unlink()
                removed += 1
    return removed
