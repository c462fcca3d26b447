"""Which fonts are there, and which characters each can draw: read from the files' own tables (OpenType 1.9)."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tocsin.reports.forms.refused import GlyphError, NoFontsError

_KINDS = {".ttf", ".otf", ".ttc", ".otc"}
_LATIN = "Noto Sans"
_FIRST = {
    "ar": "Noto Sans Arabic",
    "fa": "Noto Sans Arabic",
    "ur": "Noto Sans Arabic",
    "ja": "Noto Sans CJK JP",
    "ko": "Noto Sans CJK KR",
    "zh": "Noto Sans CJK SC",
}
_HAN = {"tw": "Noto Sans CJK TC", "hant": "Noto Sans CJK TC", "hk": "Noto Sans CJK HK", "mo": "Noto Sans CJK HK"}
_EAST = "Noto Sans CJK "


@dataclass(frozen=True, slots=True)
class Face:
    """One font: its family, and where it lies in its file."""

    family: str
    path: Path
    at: int


def folders() -> list[Path]:
    """Where fonts are looked for."""
    return [Path(one) for one in settings.FONT_FOLDERS if Path(one).is_dir()]


def chosen(language: str, characters: Iterable[str]) -> list[str]:
    """The families that draw these characters, best first.

    Raises:
        NoFontsError: for no font at all.
        GlyphError: with the characters that none of them has.
    """
    faces = _ordered(language, _faces())
    if not faces:
        raise NoFontsError
    wanted, families = set(characters), []
    left = set(wanted)
    for place, face in enumerate(faces):
        drawn = {
            one for one in (wanted if place < 2 else left) if ord(one) in _covered(face, face.path.stat().st_mtime_ns)
        }
        if place == 0 or drawn:
            families.append(face.family)
            left -= drawn
        if not left and place > 0:
            break
    if left:
        raise GlyphError([one for one in dict.fromkeys(characters) if one in left])
    return families


def _ordered(language: str, faces: list[Face]) -> list[Face]:
    """The font of the language first, then Latin, then the rest; of the East Asian ones the fitting one first."""
    parts = language.lower().replace("_", "-").split("-")
    first = _FIRST.get(parts[0], _LATIN)
    if parts[0] == "zh":
        first = next((_HAN[part] for part in parts[1:] if part in _HAN), first)
    late = ("Noto Sans Symbols", "Noto Emoji")

    def rank(face: Face) -> tuple[int, str]:
        if face.family == first:
            return 0, ""
        if face.family == _LATIN:
            return 1, ""
        if face.family in late:
            return 4, face.family
        return (3 if face.family.startswith(_EAST) else 2), face.family

    return sorted(faces, key=rank)


def _faces() -> list[Face]:
    found: dict[str, Face] = {}
    for folder in folders():
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in _KINDS:
                for face in _read(path, path.stat().st_mtime_ns):
                    found.setdefault(face.family, face)
    return list(found.values())


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> tuple[Face, ...]:
    try:
        with path.open("rb") as file:
            head = file.read(12)
            starts = (0,)
            if head[:4] == b"ttcf":
                (count,) = struct.unpack(">I", head[8:12])
                starts = struct.unpack(f">{count}I", file.read(4 * count))
            tables = [(at, _table(path, at, b"name")) for at in starts]
        return tuple(Face(_family(table), path, at) for at, table in tables)
    except (OSError, struct.error, UnicodeDecodeError, StopIteration):
        # A file that is no font draws nothing; the characters that it was meant for are then told as missing.
        return ()


def _table(path: Path, at: int, wanted: bytes) -> bytes:
    with path.open("rb") as file:
        file.seek(at + 4)
        (count,) = struct.unpack(">H", file.read(2))
        file.seek(at + 12)
        for _one in range(count):
            tag, _sum, offset, length = struct.unpack(">4sIII", file.read(16))
            if tag == wanted:
                file.seek(offset)
                return file.read(length)
    return b""


def _family(table: bytes) -> str:
    """The typographic family (16), else the family (1), from the names in Unicode."""
    _version, count, storage = struct.unpack(">HHH", table[:6])
    names = {}
    for place in range(count):
        record = struct.unpack(">6H", table[6 + 12 * place : 18 + 12 * place])
        platform, _encoding, language, name, length, offset = record
        if platform == 3 and language == 0x409 and name in {1, 16}:
            names[name] = table[storage + offset : storage + offset + length].decode("utf-16-be")
    return names.get(16) or names[1] if names else next(iter(()))


@lru_cache(maxsize=64)
def _covered(face: Face, _changed: int) -> frozenset[int]:
    table = _table(face.path, face.at, b"cmap")
    (count,) = struct.unpack(">H", table[2:4])
    covered: set[int] = set()
    for place in range(count):
        platform, _encoding, offset = struct.unpack(">HHI", table[4 + 8 * place : 12 + 8 * place])
        (kind,) = struct.unpack(">H", table[offset : offset + 2])
        if platform in {0, 3} and kind in {4, 12}:
            covered.update(_segments(table[offset:]) if kind == 4 else _groups(table[offset:]))
    return frozenset(covered)


def _segments(table: bytes) -> Iterator[int]:
    """Format 4: the Basic Multilingual Plane. A character whose glyph is 0 is not there."""
    double = struct.unpack(">H", table[6:8])[0]
    count = double // 2
    parts = [struct.unpack(f">{count}H", table[start : start + double]) for start in _columns(double)]
    for place, (end, start, delta, back) in enumerate(zip(*parts, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            if back == 0:
                glyph = (code + delta) & 0xFFFF
            else:
                spot = 16 + 3 * double + 2 * place + back + 2 * (code - start)
                glyph = int.from_bytes(table[spot : spot + 2], "big")
            if glyph:
                yield code


def _columns(double: int) -> tuple[int, int, int, int]:
    """Where ends, starts, deltas and offsets begin; two bytes of padding stand after the ends."""
    return 14, 16 + double, 16 + 2 * double, 16 + 3 * double


def _groups(table: bytes) -> Iterator[int]:
    """Format 12: all of Unicode."""
    (count,) = struct.unpack(">I", table[12:16])
    for place in range(count):
        start, end, glyph = struct.unpack(">III", table[16 + 12 * place : 28 + 12 * place])
        yield from range(start + (glyph == 0), end + 1)
