"""Sealed files of letters: brought into the vault when they arrive, given out piece by piece, removed with them."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote

from django.conf import settings

from tocsin.keys.sealing import HEADER, SEALED_CHUNK, FileOpener, SealError
from tocsin.mailbox.contents import File

_SUFFIX: Final = ".sealed"
_NAME: Final = re.compile(r"[0-9a-f]{32}")


def place_of(name: str) -> Path:
    """Where a sealed file is.

    Raises:
        ValueError: for what is no name of one: 32 hexadecimal digits.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("a sealed file is named by 32 hexadecimal digits")
    return Path(settings.LETTER_FILES) / (name + _SUFFIX)


def is_here(file: File) -> bool:
    """Whether it can be given out: it is in the letter itself, or its sealed file is in the vault."""
    return not file.place or place_of(file.place).is_file()


def bring(name: str, source: Path) -> int:
    """Bring a sealed file into the vault under the same name; gives its size. The source stays. Doing it twice is
    harmless: it has its name only when it is whole and on the disk.
    """
    folder = Path(settings.LETTER_FILES)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    there, part = place_of(name), folder / f".{name}.part"
    if not there.exists() and not _linked(source, there):
        with source.open("rb") as given, part.open("wb") as out:
            shutil.copyfileobj(given, out, 1024 * 1024)
            out.flush()
            os.fsync(out.fileno())
        part.rename(there)
    _settle(folder)
    return there.stat().st_size


def _linked(source: Path, there: Path) -> bool:
    """Give it a second name in the vault, where both are on one disk: two gigabytes need no copy."""
    try:
        os.link(source, there)
    except OSError:
        return False
    return True


def remove(files: Iterable[dict[str, Any]]) -> None:
    """Remove the files of a letter that is gone."""
    for one in files:
        # One that never came has no name.
        if one["place"]:
            place_of(str(one["place"])).unlink(missing_ok=True)


async def pieces(file: File) -> AsyncIterator[bytes]:
    """A file in clear, piece by piece, without its padding; whole only when the last piece said so.

    Raises:
        SealError: when it was changed or cut off; what was given out before is no whole file then.
    """
    left, ended = file.size, False
    source = await asyncio.to_thread(_open, file.place)
    try:
        opener = FileOpener(file.key, await asyncio.to_thread(_read, source, HEADER))
        while not ended:
            plain, ended = await asyncio.to_thread(_next, source, opener)
            if left > 0:
                yield plain[:left]
                left -= len(plain)
        rest = await asyncio.to_thread(_read, source, 1)
        if left > 0 or rest:
            raise SealError
    finally:
        await asyncio.to_thread(source.close)


def _open(name: str) -> IO[bytes]:
    return place_of(name).open("rb")


def _read(source: IO[bytes], most: int) -> bytes:
    return source.read(most)


def _next(source: IO[bytes], opener: FileOpener) -> tuple[bytes, bool]:
    piece = source.read(SEALED_CHUNK)
    if not piece:
        raise SealError
    return opener.pull(piece)


def disposition(name: str) -> str:
    """The header that makes a browser store it under this name, whatever the name holds."""
    plain = "".join(one for one in name if one.isprintable() and one not in '/\\"').strip() or "file"
    return f"attachment; filename*=UTF-8''{quote(plain[:150], safe='')}"


def _settle(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
