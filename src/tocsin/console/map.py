"""The world map: server-rendered SVG, one link for each country, with a table behind it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tocsin.console.locale import country_name
from tocsin.console.templatetags.look import level_word, trend_shape
from tocsin.lib import world_shapes
from tocsin.lib.world_shapes import Outline

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
class Scale:
    """What the steps of a map mean: the word for each step (None: not measured), and what the steps are steps of."""

    word: Callable[[int | None], str]
    column: str
    meaning: str


_UNKNOWN = MapCell(level=None)


def render_map(
    levels: Mapping[str, MapCell],
    *,
    link: Callable[[str], str],
    title: str,
    desc: str,
    selected: str = "",
    scale: Scale | None = None,
) -> SafeString:
    """Draw the world as a figure: map, legend and table.

    Args:
        levels: cells by ISO 3166 alpha-2 code. A country that is missing is drawn as not measured. The exercise's
            countries ``XS`` and ``XO`` are drawn only when they are here.
        link: gives the address of a country's page.
        title: the figure's name.
        desc: one sentence that says what the map shows, read to those who can't see it.
        selected: the code of the country that the page is about; it gets a ring.
        scale: what the steps mean; without one they are threat levels.

    Only countries with something to say are stops of the tab key; the table behind reaches all.
    """
    scale = scale or Scale(level_word, _("Threat level"), _("What the map’s colours mean"))
    outlines, box = world_shapes.outlines(levels)
    drawn = [
        _country(one, levels.get(one.code, _UNKNOWN), link(one.code), scale, chosen=one.code == selected)
        for one in outlines
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
        f"{_legend(scale)}{_table(levels, [one.code for one in outlines], link, scale)}</figure>"
    )


def _name(code: str, cell: MapCell) -> str:
    return cell.name or country_name(code)


def _country(outline: Outline, cell: MapCell, address: str, scale: Scale, *, chosen: bool) -> str:
    words = cell.words or scale.word(cell.level)
    if cell.blind and cell.level is not None:
        words = f"{words}; {_('partly not measured')}"
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


def _mark(outline: Outline, cell: MapCell) -> str:
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


def _legend(scale: Scale) -> str:
    steps = "".join(
        f'<li><span class="swatch swatch-{step}"></span>{escape(scale.word(step))}</li>' for step in range(5)
    )
    blind = f'<li><span class="swatch swatch-blind"></span>{escape(scale.word(None))}</li>'
    return f'<ul class="map-legend" aria-label="{escape(scale.meaning)}">{steps}{blind}</ul>'


def _table(levels: Mapping[str, MapCell], codes: Iterable[str], link: Callable[[str], str], scale: Scale) -> str:
    known = sorted(
        ((code, cell) for code, cell in levels.items() if cell.level is not None),
        key=lambda entry: (-(entry[1].level or 0), _name(*entry)),
    )
    rows = "".join(_row(code, cell, link(code), scale) for code, cell in known)
    unmeasured = {*codes} - {code for code, _cell in known}
    unknown = sorted((_name(code, levels.get(code, _UNKNOWN)), code) for code in unmeasured)
    rest = " · ".join(f'<a href="{escape(link(code))}">{escape(name)}</a>' for name, code in unknown)
    heads = "".join(f'<th scope="col">{escape(word)}</th>' for word in (_("Country"), scale.column, _("What")))
    table = (
        f'<div class="table-scroll"><table class="table"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
        if rows
        else ""
    )
    tail = f'<p class="map-rest"><strong>{escape(scale.word(None))}:</strong> {rest}</p>' if rest else ""
    show = _("Show as a table")
    return f'<details class="map-table"><summary>{escape(show)}</summary>{table}{tail}</details>'


def _row(code: str, cell: MapCell, address: str, scale: Scale) -> str:
    shape = trend_shape(cell.trend)
    word = f'<span class="level-trend">{escape(shape.word)}</span>' if shape else ""
    trend = f' <span class="shape" aria-hidden="true">{shape.mark}</span>{word}' if shape else ""
    partly = _("partly not measured")
    blind = f" · {escape(partly)}" if cell.blind else ""
    return (
        f'<tr><th scope="row"><a href="{escape(address)}">{escape(_name(code, cell))}</a></th>'
        f'<td><span class="level level-{cell.level}"><span class="level-swatch" aria-hidden="true"></span>'
        f"{escape(scale.word(cell.level))}{trend}</span></td><td>{escape(cell.words)}{blind}</td></tr>"
    )
