"""Fingerprints of texts: MinHash signatures that tell how much two texts share, and short keys to look them up by."""

import struct
from operator import eq

from rensa import RMinHash

_VERSION = b"\x01"
_SIZE = 128
_SEED = 20_190_501
_BANDS = 8
_ROWS = 5
_LAYOUT = f"<{_SIZE}H"
_WORDS = 3
_CHARACTERS = 5
_LIMIT = 20_000  # folded characters that count


def fingerprint(plain: str, *, spaced: bool) -> bytes:
    """Fingerprint of a folded text: 257 bytes, or none for a text without letters.

    Texts of scripts with spaces are cut into runs of three words, others into runs of five characters.
    """
    shingles = _shingles(plain[:_LIMIT], spaced)
    if not shingles:
        return b""
    sketch = RMinHash(_SIZE, _SEED)
    sketch.update(shingles)
    return _VERSION + struct.pack(_LAYOUT, *[value & 0xFFFF for value in sketch.digest()])


def _shingles(plain: str, spaced: bool) -> list[str]:
    words = plain.split()
    if spaced:
        if len(words) < _WORDS:
            return words
        return [f"{a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:], strict=False)]
    joined = "".join(words)
    if len(joined) < _CHARACTERS:
        return [joined] if joined else []
    return [joined[i : i + _CHARACTERS] for i in range(len(joined) - _CHARACTERS + 1)]


def similarity(a: bytes, b: bytes) -> float:
    """Estimated share of shingles in common, 0 to 1 (standard error about 0.04).

    Fingerprints that are empty or of another version share nothing.
    """
    if len(a) != len(b) or len(a) != 1 + 2 * _SIZE or a[:1] != _VERSION or b[:1] != _VERSION:
        return 0.0
    ours, theirs = struct.unpack_from(_LAYOUT, a, 1), struct.unpack_from(_LAYOUT, b, 1)
    same: int = sum(map(eq, ours, theirs))
    return same / _SIZE


def bands(mark: bytes) -> tuple[bytes, ...]:
    """Keys under which a fingerprint is filed: texts of similarity 0.8 share one of them with probability 0.96."""
    if len(mark) != 1 + 2 * _SIZE:
        return ()
    width = 2 * _ROWS
    return tuple(bytes((i,)) + mark[1 + i * width : 1 + (i + 1) * width] for i in range(_BANDS))
