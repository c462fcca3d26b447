"""Charts and the map as SVG: as a page shows them, and for print, where each shape carries its own colours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from lxml import etree

from tocsin.lib import charts, svg, world_shapes
from tocsin.reports.forms.ready import Picture

# One accent; what is usual, missing or marked is grey. Read on paper without colour, lightness alone tells them apart.
INK, SOFT, LINE, ACCENT = "#202122", "#54595d", "#a2a9b1", "#2a4b8d"
SHADES = ("#f3f5fa", "#cddaf3", "#9db7e6", "#5f84cc", "#24488f")
_PRINTED: Mapping[str, Mapping[str, str]] = {
    "chart-title": {"fill": INK, "font-weight": "600"},
    "chart-label": {"fill": SOFT},
    "chart-window-label": {"fill": INK},
    "chart-grid": {"stroke": LINE, "stroke-opacity": "0.35", "stroke-width": "0.5"},
    "chart-axis": {"stroke": SOFT, "stroke-opacity": "1", "stroke-width": "0.75"},
    "chart-line": {"stroke": ACCENT},
    "chart-dot": {"fill": ACCENT},
    "chart-bar": {"fill": ACCENT, "fill-opacity": "1"},
    "chart-zero": {"stroke": ACCENT},
    "chart-range": {"fill": ACCENT, "fill-opacity": "0.2"},
    "chart-whisker": {"stroke": INK, "stroke-opacity": "1"},
    "chart-band": {"fill": LINE, "fill-opacity": "0.3"},
    "chart-usual": {"stroke": SOFT},
    "chart-window": {"fill": INK, "fill-opacity": "0.06"},
    "chart-edge": {"stroke": SOFT, "stroke-opacity": "1"},
    "chart-hatch": {"stroke": LINE, "stroke-opacity": "0.9", "stroke-width": "0.75"},
}
_SVG = "{http://www.w3.org/2000/svg}"
_SIDES = {"start": 0.0, "middle": 0.5, "end": 1.0}
_TOGETHER = 2  # strips of a chart that a page never parts


def shown(picture: Picture) -> str:
    """For a page, whose style sheet colours it by classes; one without has the colours of paper."""
    if picture.chart is not None:
        return charts.draw(picture.chart)
    drawn, box = _countries(picture)
    return (
        f'<svg class="map" viewBox="{box}" role="img" aria-labelledby="{picture.name}-t {picture.name}-d">'
        f'<title id="{picture.name}-t">{svg.text(picture.title)}</title>'
        f'<desc id="{picture.name}-d">{svg.text(picture.description)}</desc>'
        f'<defs><pattern id="{picture.name}-none" width="10" height="10" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="10" height="10" class="c-none" fill="#fff"/>'
        f'<path d="M2 0v10" class="hatch" stroke="{LINE}"/></pattern></defs>'
        f'<g class="map-land" stroke="{LINE}" stroke-width="0.7">{"".join(drawn)}</g></svg>'
    )


@dataclass(frozen=True, slots=True)
class Label:
    """Words in a picture: where its baseline begins (``side`` 0), has its middle (0.5) or ends (1), in its units."""

    x: float
    y: float
    side: float
    size: float
    text: str
    colour: str
    bold: bool


@dataclass(frozen=True, slots=True)
class Printed:
    """A picture for paper: SVG without words, the words apart, and the size of both in units."""

    svg: str
    labels: tuple[Label, ...]
    width: float
    height: float


def parts(picture: Picture) -> list[Picture]:
    """A tall chart as several of a few strips each, so that a page may end between them; else the picture itself.

    The first tells all of it, the others what they show.
    """
    chart = picture.chart
    if chart is None or len(chart.strips) <= _TOGETHER:
        return [picture]
    found = []
    for place in range(0, len(chart.strips), _TOGETHER):
        strips = chart.strips[place : place + _TOGETHER]
        part = replace(picture, chart=replace(chart, name=f"{chart.name}-{place}", strips=strips))
        named = "; ".join(one.title for one in strips)
        if place:
            part = replace(
                part, title=_("%(title)s, continued") % {"title": picture.title}, description=named, summary=""
            )
        found.append(part)
    return found


def printed(picture: Picture) -> Printed:
    """For paper: no classes and no style sheet, every colour an attribute.

    Words stand apart, since only typst itself shapes Arabic so that a PDF still knows its letters.
    """
    if picture.chart is not None:
        root, rtl = _parsed(charts.draw(picture.chart)), picture.chart.rtl
        _paint(root)
    else:
        root, rtl = _parsed(_map(picture)), False
    labels = tuple(_labels(root, rtl=rtl))
    _left, _top, width, height = (float(one) for one in root.get("viewBox", "").split())
    return Printed(etree.tostring(root, encoding="unicode"), labels, width, height)


def _map(picture: Picture) -> str:
    drawn, box = _countries(picture, printing=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">'
        '<defs><pattern id="none" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="10" height="10" fill="#fff"/><path d="M2 0v10" stroke="#c8ccd1" stroke-width="1.4"/></pattern>'
        f'</defs><g stroke="{LINE}" stroke-width="0.7" stroke-linejoin="round">{"".join(drawn)}</g></svg>'
    )


def shade(level: float) -> int:
    """The step of a share on the map: 0 for none, then quarters up to 4."""
    return 0 if level <= 0 else min(int(level * 4) + 1, 4)


def shades() -> Sequence[tuple[str, str]]:
    """Each shade with the shares that it stands for."""
    return [(SHADES[0], "0 %"), *((SHADES[step], f"{25 * (step - 1)}–{25 * step} %") for step in range(1, 5))]


def _countries(picture: Picture, *, printing: bool = False) -> tuple[list[str], str]:
    levels = picture.levels or {}
    outlines, box = world_shapes.outlines(levels)
    return [_country(one, levels.get(one.code), picture.name, printing=printing) for one in outlines], box


def _country(outline: world_shapes.Outline, level: float | None, name: str, *, printing: bool) -> str:
    if printing:
        paint = 'fill="url(#none)"' if level is None else f'fill="{SHADES[shade(level)]}"'
        words = f'font-size="26" text-anchor="middle" fill="{INK}" stroke="none"'
        return f"<g {paint}>{outline.drawing.replace('<text ', f'<text {words} ')}</g>"
    paint = (
        f'class="c-hatched" fill="url(#{name}-none)"'
        if level is None
        else f'class="c-{shade(level)}" fill="{SHADES[shade(level)]}"'
    )
    return f"<g {paint}>{outline.drawing}</g>"


def _parsed(drawn: str) -> "etree._Element":
    return etree.fromstring(drawn.encode(), etree.XMLParser(resolve_entities=False, no_network=True))


def _paint(root: "etree._Element") -> None:
    """Classes become colours. Titles go: beside the picture stands what is said of it."""
    for element in [one for one in root.iter() if isinstance(one.tag, str)]:
        for kind in str(element.attrib.pop("class", "")).split():
            for name, value in _PRINTED.get(kind, {}).items():
                element.set(name, value)
        for name in ("fill", "stroke"):
            if element.get(name) == "currentColor":
                element.set(name, INK)
        parent = element.getparent()
        if parent is not None and element.tag in {f"{_SVG}title", f"{_SVG}desc"}:
            parent.remove(element)


def _labels(root: "etree._Element", *, rtl: bool) -> Iterator[Label]:
    """Take the words out. Where a page runs from right to left, a text's start is its right end."""
    _left, top = (float(one) for one in root.get("viewBox", "").split()[:2])
    for element in list(root.iter(f"{_SVG}text")):
        side = _SIDES[element.get("text-anchor", "start")]
        yield Label(
            float(element.get("x", "0")),
            float(element.get("y", "0")) - top,
            1 - side if rtl else side,
            float(element.get("font-size", "10")),
            element.text or "",
            element.get("fill", INK),
            element.get("font-weight") == "600",
        )
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
