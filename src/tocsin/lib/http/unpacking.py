"""Unpacks a compressed body as it streams in, and stops at a bomb."""

import zlib
from collections.abc import Iterator

from tocsin.lib.http.answers import Limits
from tocsin.lib.http.errors import Code, HttpError

ACCEPTED = "gzip"

_PIECE = 256 * 1024
_MOST_PARTS = 1000
_RATIO_FROM = 1024 * 1024
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class Unpacker:
    """Turns received pieces into plain ones. ``encoding`` is the value of the Content-Encoding header.

    Raises:
        HttpError: ``decode`` for an unknown encoding or broken data, ``too-large`` past a limit.
    """

    def __init__(self, encoding: str, limits: Limits) -> None:
        name = encoding.strip().lower()
        if name not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise HttpError(Code.DECODE, "The server packed its answer in a way that can't be read. Check the address.")
        self._packed = name not in {"", "identity"}
        self._limits = limits
        self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._parts = 1
        self.received = 0
        self.size = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Give one received piece, get the plain pieces that follow from it."""
        self.received += len(piece)
        if self.received > self._limits.received:
            raise too_large(self._limits.received)
        if not self._packed:
            yield self._counted(piece)
            return
        try:
            yield from self._inflate(piece)
        except zlib.error:
            raise _broken() from None

    def finish(self) -> None:
        """Check that the packed body came to its end."""
        if self._packed and self.received and not self._inflater.eof:
            raise _broken()

    def _inflate(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            if self._inflater.eof:
                piece = piece.lstrip(b"\0")  # padding after the end
                if not piece:
                    return
                self._next_part()
            plain = self._inflater.decompress(piece, _PIECE)
            piece = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
            if plain:
                yield self._counted(plain)

    def _next_part(self) -> None:
        # One gzip file may be several in a row; thousands of empty ones are an attack on our time.
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise _broken()
        self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)

    def _counted(self, plain: bytes) -> bytes:
        self.size += len(plain)
        if self.size > self._limits.unpacked:
            raise too_large(self._limits.unpacked)
        if self.size > _RATIO_FROM and self.size > self.received * self._limits.ratio:
            raise HttpError(
                Code.TOO_LARGE, "The answer unpacks to far more than was sent, as an attack would. Check it."
            )
        return plain


def too_large(limit: int) -> HttpError:
    """The error for anything longer than ``limit`` bytes."""
    size = f"{limit // (1024 * 1024)} MB" if limit >= 1024 * 1024 else f"{limit} bytes"
    return HttpError(Code.TOO_LARGE, f"The answer is larger than {size}. Check the address, or raise the limit.")


def _broken() -> HttpError:
    return HttpError(Code.DECODE, "The packed answer is broken or incomplete. Try again later.")
