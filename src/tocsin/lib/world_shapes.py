"""The world's shapes as SVG: countries and territories of ISO 3166, as the assets step built them, or tiles."""

import json
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders

from tocsin.lib.tiles import COLUMNS, HEIGHT, TILES

VERSION = 1
_TILE = 72
_EDGE = 8
_INVENTED_SHAPES = {
    "XS": (
        "M925 640l-5 4-3 6-3 6-4 5-4 4-4 6-3 6-6 2-12-3-8-10-11 5-12-1-10 6-7 10-12 0-12-1-4-6-3-6-6-4-7-"
        "2-3-7-2-6-1-7 1-7 3-8-2-7 6-5 4-7 3-8 5-6 8-2 6-3 9 0 8 0 7 6 9 1 8 4 9 0 7-4 9 0 3 8 8 4 3 7-1 "
        "8 7 3 7 4 7 4z",
        850,
        640,
    ),
    "XO": (
        "M1495 700l2 5-1 5-3 4-4 4-3 4-5 0-3 4-4 3-5 1-5 2-5 2-6-2-5 0-5 1-6 2-5-2-5-4-1-5-5-4-6 0-4-4-3-"
        "5 0-5 1-6 2-5 2-5 5-3 5-2 2-5 3-5-3-5 0-6 7-1 5-4 7 0 5-5 7 3 7-3 4 5 6 4 0 6-1 6 4 4 3 6 2 5 3 "
        "5 5 4z",
        1450,
        700,
    ),
}
_INVENTED_TILES = {"XS": (10, 11), "XO": (20, 11)}


@dataclass(frozen=True, slots=True)
class Outline:
    """How one country is drawn: its SVG, and where its mark stands."""

    code: str
    drawing: str
    x: int
    y: int


def outlines(wanted: Container[str]) -> tuple[list[Outline], str]:
    """Every country, and the ``viewBox`` that holds them. The invented countries of exercises only where wanted."""
    invented = [code for code in _INVENTED_SHAPES if code in wanted]
    shapes = _shapes()
    if shapes is None:
        tiles = TILES | {code: _INVENTED_TILES[code] for code in invented}
        return [_tile(code, *place) for code, place in tiles.items()], f"0 0 {COLUMNS * _TILE} {HEIGHT * _TILE}"
    islands = [Outline(code, f'<path d="{path}"/>', x, y) for code, (path, x, y) in _INVENTED_SHAPES.items()]
    return [*shapes[0], *(one for one in islands if one.code in invented)], shapes[1]


def _tile(code: str, column: int, row: int) -> Outline:
    x, y = column * _TILE, row * _TILE
    drawing = (
        f'<rect x="{x + 2}" y="{y + 2}" width="{_TILE - 4}" height="{_TILE - 4}" rx="4"/>'
        f'<text x="{x + _TILE // 2}" y="{y + 46}">{code}</text>'
    )
    return Outline(code, drawing, x + _TILE - 16, y + 16)


def _shapes() -> tuple[list[Outline], str] | None:
    found = finders.find("tocsin/world.json")
    if not isinstance(found, str):
        return None
    path = Path(found)
    return _read_shapes(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read_shapes(path: Path, changed: int) -> tuple[list[Outline], str] | None:
    world = json.loads(path.read_text(encoding="utf-8"))
    if world.get("version") != VERSION:
        return None
    outlines = []
    for code, shape in world["shapes"].items():
        drawing = f'<path d="{shape["d"]}"/>' if shape["d"] else ""
        if shape["dot"]:
            drawing += f'<circle cx="{shape["x"]}" cy="{shape["y"]}" r="7"/>'
        outlines.append(Outline(code, drawing, shape["x"], shape["y"]))
    return outlines, f"0 -{_EDGE} {world['width']} {world['height'] + 2 * _EDGE}"
