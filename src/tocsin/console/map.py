"""The world map: server-rendered SVG, one link for each country, with a table behind it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tocsin.console.locale import country_name
from tocsin.console.templatetags.look import level_word, trend_shape
from tocsin.console.tiles import COLUMNS, HEIGHT, TILES

SHAPES_VERSION = 1
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
_MARKS = {"rising": "m-11 9h22l-11-20z", "falling": "m-11-9h22l-11 20z", "steady": "m-9-9h18v18h-18z"}
_MARK_FROM = 2


@dataclass(frozen=True, slots=True)
class MapCell:
    """What the map says about one country.

    ``level`` runs from 0 (looked, none seen) to 4 (severe); ``None`` means that nobody measures, which is drawn as
    hatching, never as calm. ``blind`` hatches over a level: something is known, but part of it is not measured.
    ``trend`` is ``rising``, ``falling``, ``steady`` or empty. ``words`` follow the name for those who hear the map.
    """

    level: int | None
    words: str = ""
    blind: bool = False
    trend: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Outline:
    """How one country is drawn: its SVG, and where its mark stands."""

    code: str
    drawing: str
    x: int
    y: int


_UNKNOWN = MapCell(level=None)


def render_map(
    levels: Mapping[str, MapCell],
    *,
    link: Callable[[str], str],
    title: str,
    desc: str,
    selected: str = "",
) -> SafeString:
    """Draw the world as a figure: map, legend and table.

    Args:
        levels: cells by ISO 3166 alpha-2 code. A country that is missing is drawn as not measured. The exercise's
            countries ``XS`` and ``XO`` are drawn only when they are here.
        link: gives the address of a country's page.
        title: the figure's name.
        desc: one sentence that says what the map shows, read to those who can't see it.
        selected: the code of the country that the page is about; it gets a ring.

    Only countries with something to say are stops of the tab key; the table behind reaches all.
    """
    outlines, box = _outlines(levels)
    drawn = [
        _country(one, levels.get(one.code, _UNKNOWN), link(one.code), chosen=one.code == selected) for one in outlines
    ]
    marks = [_mark(one, levels[one.code]) for one in outlines if one.code in levels]
    ring = next((one.drawing for one in outlines if one.code == selected), "")
    return SafeString(
        f'<figure class="map-figure"><svg class="map" viewBox="{box}" role="group" '
        'aria-labelledby="map-title map-desc">'
        f'<title id="map-title">{escape(title)}</title><desc id="map-desc">{escape(desc)}</desc>'
        f"<defs>{''.join(_patterns(levels.values()))}</defs>"
        f'<g class="map-land">{"".join(drawn)}</g>'
        f'<g class="map-ring" aria-hidden="true">{ring}</g>'
        f'<g class="map-marks" aria-hidden="true">{"".join(marks)}</g></svg>'
        f"{_legend()}{_table(levels, [one.code for one in outlines], link)}</figure>"
    )


def _outlines(levels: Mapping[str, MapCell]) -> tuple[list[_Outline], str]:
    invented = [code for code in _INVENTED_SHAPES if code in levels]
    shapes = _shapes()
    if shapes is None:
        tiles = TILES | {code: _INVENTED_TILES[code] for code in invented}
        return [_tile(code, *place) for code, place in tiles.items()], f"0 0 {COLUMNS * _TILE} {HEIGHT * _TILE}"
    islands = [_Outline(code, f'<path d="{path}"/>', x, y) for code, (path, x, y) in _INVENTED_SHAPES.items()]
    return [*shapes[0], *(one for one in islands if one.code in invented)], shapes[1]


def _tile(code: str, column: int, row: int) -> _Outline:
    x, y = column * _TILE, row * _TILE
    drawing = (
        f'<rect x="{x + 2}" y="{y + 2}" width="{_TILE - 4}" height="{_TILE - 4}" rx="4"/>'
        f'<text x="{x + _TILE // 2}" y="{y + 46}">{code}</text>'
    )
    return _Outline(code, drawing, x + _TILE - 16, y + 16)


def _shapes() -> tuple[list[_Outline], str] | None:
    found = finders.find("tocsin/world.json")
    if not isinstance(found, str):
        return None
    path = Path(found)
    return _read_shapes(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read_shapes(path: Path, changed: int) -> tuple[list[_Outline], str] | None:
    world = json.loads(path.read_text(encoding="utf-8"))
    if world.get("version") != SHAPES_VERSION:
        return None
    outlines = []
    for code, shape in world["shapes"].items():
        drawing = f'<path d="{shape["d"]}"/>' if shape["d"] else ""
        if shape["dot"]:
            drawing += f'<circle cx="{shape["x"]}" cy="{shape["y"]}" r="7"/>'
        outlines.append(_Outline(code, drawing, shape["x"], shape["y"]))
    return outlines, f"0 -{_EDGE} {world['width']} {world['height'] + 2 * _EDGE}"


def _name(code: str, cell: MapCell) -> str:
    return cell.name or country_name(code)


def _country(outline: _Outline, cell: MapCell, address: str, *, chosen: bool) -> str:
    words = cell.words or level_word(cell.level)
    kind = "c-blind" if cell.level is None else f"c-{cell.level}"
    hatch = ""
    if cell.level is None or cell.blind:
        hatch = f' fill="url(#map-hatch-{"none" if cell.level is None else cell.level})"'
        kind = "c-hatched"
    stop = "" if cell.level or chosen else ' tabindex="-1"'
    current = ' aria-current="true"' if chosen else ""
    return (
        f'<a href="{escape(address)}" class="{kind}"{hatch}{stop}{current}>'
        f"<title>{escape(_name(outline.code, cell))}: {escape(words)}</title>{outline.drawing}</a>"
    )


def _mark(outline: _Outline, cell: MapCell) -> str:
    if cell.level is None or cell.level < _MARK_FROM or cell.trend not in _MARKS:
        return ""
    return f'<path d="M{outline.x} {outline.y}{_MARKS[cell.trend]}"/>'


def _patterns(cells: Iterable[MapCell]) -> Iterator[str]:
    wanted = {"none"} | {str(cell.level) for cell in cells if cell.blind and cell.level is not None}
    for name in sorted(wanted):
        yield (
            f'<pattern id="map-hatch-{name}" width="10" height="10" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect width="10" height="10" class="c-{name}"/>'
            '<path d="M2 0v10" class="hatch"/></pattern>'
        )


def _legend() -> str:
    steps = "".join(
        f'<li><span class="swatch swatch-{step}"></span>{escape(level_word(step))}</li>' for step in range(5)
    )
    blind = f'<li><span class="swatch swatch-blind"></span>{escape(level_word(None))}</li>'
    meaning = _("What the map’s colours mean")
    return f'<ul class="map-legend" aria-label="{escape(meaning)}">{steps}{blind}</ul>'


def _table(levels: Mapping[str, MapCell], codes: Iterable[str], link: Callable[[str], str]) -> str:
    known = sorted(
        ((code, cell) for code, cell in levels.items() if cell.level is not None),
        key=lambda entry: (-(entry[1].level or 0), _name(*entry)),
    )
    rows = "".join(_row(code, cell, link(code)) for code, cell in known)
    unmeasured = {*codes} - {code for code, _cell in known}
    unknown = sorted((_name(code, levels.get(code, _UNKNOWN)), code) for code in unmeasured)
    rest = " · ".join(f'<a href="{escape(link(code))}">{escape(name)}</a>' for name, code in unknown)
    heads = "".join(f'<th scope="col">{escape(word)}</th>' for word in (_("Country"), _("Threat level"), _("What")))
    table = (
        f'<div class="table-scroll"><table class="table"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
        if rows
        else ""
    )
    tail = f'<p class="map-rest"><strong>{escape(level_word(None))}:</strong> {rest}</p>' if rest else ""
    show = _("Show as a table")
    return f'<details class="map-table"><summary>{escape(show)}</summary>{table}{tail}</details>'


def _row(code: str, cell: MapCell, address: str) -> str:
    shape = trend_shape(cell.trend)
    word = f'<span class="level-trend">{escape(shape.word)}</span>' if shape else ""
    trend = f' <span class="shape" aria-hidden="true">{shape.mark}</span>{word}' if shape else ""
    partly = _("partly not measured")
    blind = f" · {escape(partly)}" if cell.blind else ""
    return (
        f'<tr><th scope="row"><a href="{escape(address)}">{escape(_name(code, cell))}</a></th>'
        f'<td><span class="level level-{cell.level}"><span class="level-swatch" aria-hidden="true"></span>'
        f"{escape(level_word(cell.level))}{trend}</span></td><td>{escape(cell.words)}{blind}</td></tr>"
    )
