"""Makes the map's shapes: reads world-atlas TopoJSON, projects it (Equal Earth), thins it, writes SVG paths.

Countries and territories follow ISO 3166: what the atlas draws apart but ISO does not list (Somaliland, Northern
Cyprus) is joined to the country that ISO counts it to, and so is Crimea; what ISO lists but the atlas draws inside
another country (French Guiana, Svalbard …) is taken out. Projection: Šavrič, Patterson and Jenny, 2018.
"""

import itertools
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

VERSION = 1
WIDTH = 2000
_SCALE = WIDTH / (2 * 2.7066297)
_NORTH, _SOUTH = 83.7, -57.0
# The map's middle. Its edge then runs through the Bering Strait, so that no country is cut in two.
_MIDDLE = 11.0
_TOLERANCE = 0.7
_SMALLEST_RING = 6.0
_DOT_BELOW = 60.0
_SHAPE_ABOVE = 20.0

Point = tuple[float, float]
Ring = list[Point]

_BY_NAME = {"Kosovo": "XK", "Somaliland": "SO", "N. Cyprus": "CY", "Indian Ocean Ter.": "CX"}
# (drawn in, listed as, west, east, south, north)
_TAKEN_OUT = (
    ("FR", "GF", -55, -51, 2, 6),
    ("FR", "GP", -62, -60.9, 15.7, 16.6),
    ("FR", "MQ", -61.4, -60.7, 14.3, 15),
    ("FR", "RE", 55, 56, -21.6, -20.7),
    ("FR", "YT", 45, 45.4, -13.1, -12.6),
    ("NO", "SJ", 10, 35, 76, 81.5),
    ("NL", "BQ", -69, -62, 11.5, 18),
    ("RU", "UA", 32, 37, 44, 46.4),
    ("CX", "CC", 96, 98, -13, -11),
)
# Too small for the atlas, or not on this section of the globe: longitude and latitude of a dot.
_DOTS: dict[str, Point] = {
    "AQ": (11, -56),
    "BV": (3.4, -54.4),
    "CC": (96.8, -12.2),
    "CX": (105.7, -10.5),
    "GI": (-5.35, 36.1),
    "TK": (188.2, -9.2),
    "TV": (179.2, -8.5),
    "UM": (190.5, 16.7),
}


def project(longitude: float, latitude: float) -> Point:
    """Equal Earth, in map units from the upper left; degrees in."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    root = math.sqrt(3)
    tilt = math.asin(root / 2 * math.sin(math.radians(latitude)))
    square = tilt * tilt
    sixth = square**3
    x = 2 * root * math.radians(longitude - _MIDDLE) * math.cos(tilt)
    x /= 3 * (9 * a4 * sixth * square + 7 * a3 * sixth + 3 * a2 * square + a1)
    y = tilt * (a1 + a2 * square + sixth * (a3 + a4 * square))
    return WIDTH / 2 + x * _SCALE, -y * _SCALE


_TOP = project(_MIDDLE, _NORTH)[1]
HEIGHT = round(project(_MIDDLE, _SOUTH)[1] - _TOP)


def shapes(atlas: dict[str, Any], codes: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Country code to ``{"d": path data, "x": …, "y": …, "dot": bool}``; x and y are where a mark stands."""
    arcs = [_thin(arc) for arc in _arcs(atlas)]
    outlines = {code: _outline(_join(rings, arcs)) for code, rings in sorted(_rings(atlas, codes).items())}
    for code, place in _DOTS.items():
        if code == "AQ" or code not in outlines:
            x, y = project(*place)
            outlines[code] = {"d": "", "x": round(x), "y": round(y - _TOP), "dot": True}
    return dict(sorted(outlines.items()))


def write(atlas_file: Path, codes_file: Path, target: Path) -> None:
    """Read the atlas and the table of codes, write ``target`` as JSON."""
    atlas = json.loads(atlas_file.read_text(encoding="utf-8"))
    world = {"version": VERSION, "width": WIDTH, "height": HEIGHT, "shapes": shapes(atlas, read_codes(codes_file))}
    target.write_text(json.dumps(world, separators=(",", ":")), encoding="utf-8")


def read_codes(path: Path) -> dict[str, str]:
    """ISO 3166 numeric to alpha-2."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return dict(pair.split("=") for pair in " ".join(lines).split())


def _degrees(atlas: dict[str, Any]) -> Iterator[Ring]:
    (scale_x, scale_y), (shift_x, shift_y) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    for arc in atlas["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * scale_x + shift_x, y * scale_y + shift_y))
        yield points


def _arcs(atlas: dict[str, Any]) -> list[Ring]:
    return [[(x, y - _TOP) for x, y in (project(*point) for point in _unwrapped(arc))] for arc in _degrees(atlas)]


def _unwrapped(arc: Ring) -> Ring:
    """Longitudes without jumps, beginning within half a turn of the map's middle."""
    out: Ring = []
    near = _MIDDLE
    for longitude, latitude in arc:
        near = longitude + 360 * round((near - longitude) / 360)
        out.append((near, latitude))
    return out


def _rings(atlas: dict[str, Any], codes: dict[str, str]) -> dict[str, list[list[int]]]:
    """Country code to its rings, each a list of arc numbers (``~n``: backwards)."""
    degrees = list(_degrees(atlas))
    found: dict[str, list[list[int]]] = defaultdict(list)
    for geometry in atlas["objects"]["countries"]["geometries"]:
        code = codes.get(geometry.get("id", "")) or _BY_NAME.get(geometry["properties"]["name"])
        if code is None:
            continue
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            found[_listed_as(code, _stitch(polygon[0], degrees))].extend(polygon)
    return found


def _listed_as(code: str, ring: Ring) -> str:
    x = sum(point[0] for point in ring) / len(ring)
    y = sum(point[1] for point in ring) / len(ring)
    for drawn, listed, west, east, south, north in _TAKEN_OUT:
        if code == drawn and west <= x <= east and south <= y <= north:
            return listed
    return code


def _stitch(numbers: Iterable[int], arcs: list[Ring]) -> Ring:
    ring: Ring = []
    for number in numbers:
        points = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring.extend(points[1:] if ring else points)
    return ring


def _join(rings: list[list[int]], arcs: list[Ring]) -> list[Ring]:
    """Drop borders that run inside one country, and close what is left into rings."""
    used = {number for ring in rings for number in ring}
    inner = {number for number in used if ~number in used}
    whole = [_stitch(ring, arcs) for ring in rings if not inner.intersection(ring)]
    loose = [number for ring in rings if inner.intersection(ring) for number in ring if number not in inner]
    while loose:
        chain = _stitch([loose.pop(0)], arcs)
        while chain[0] != chain[-1]:
            after = next((one for one in loose if _stitch([one], arcs)[0] == chain[-1]), None)
            if after is None:
                break
            loose.remove(after)
            chain.extend(_stitch([after], arcs)[1:])
        whole.append(chain)
    return whole


def _thin(points: Ring) -> Ring:
    """Douglas and Peucker's thinning; ends are kept, so that neighbours still meet."""
    if len(points) < 3:
        return points
    (ax, ay), (bx, by) = points[0], points[-1]
    length = math.hypot(bx - ax, by - ay)

    def distance(point: Point) -> float:
        if length == 0:
            return math.hypot(point[0] - ax, point[1] - ay)
        return abs((bx - ax) * (ay - point[1]) - (ax - point[0]) * (by - ay)) / length

    far = max(range(1, len(points) - 1), key=lambda index: distance(points[index]))
    if distance(points[far]) <= _TOLERANCE:
        return [points[0], points[-1]]
    return _thin(points[: far + 1])[:-1] + _thin(points[far:])


def _area(ring: Ring) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def _outline(rings: list[Ring]) -> dict[str, Any]:
    rings = sorted(rings, key=_area, reverse=True)
    total = sum(map(_area, rings))
    kept = [ring for ring in rings if _area(ring) >= _SMALLEST_RING] if total >= _SHAPE_ABOVE else []
    x, y = _inside(rings[0])
    dot = total < _DOT_BELOW
    return {"d": "".join(map(_path, kept)), "x": round(x), "y": round(y), "dot": dot}


def _inside(ring: Ring) -> Point:
    """A point inside: the middle of the longest stretch at the height of the ring's middle."""
    y = (min(point[1] for point in ring) + max(point[1] for point in ring)) / 2 + 0.01
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    crossings = sorted(x1 + (y - y1) * (x2 - x1) / (y2 - y1) for (x1, y1), (x2, y2) in pairs if (y1 > y) != (y2 > y))
    if not crossings:
        return ring[0]
    start, end = max(zip(crossings[::2], crossings[1::2], strict=True), key=lambda pair: pair[1] - pair[0])
    return (start + end) / 2, y


def _path(ring: Ring) -> str:
    """Path data in whole units: one absolute move, then relative lines."""
    points = [(round(x), round(y)) for x, y in ring]
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in itertools.pairwise(points) if (x1, y1) != (x2, y2)]
    if points[0] == points[-1]:
        steps = steps[:-1]
    if len(steps) < 2:
        return ""
    numbers = "".join(f"{'' if dx < 0 else ' '}{dx}{'' if dy < 0 else ' '}{dy}" for dx, dy in steps)
    return f"M{points[0][0]} {points[0][1]}l{numbers.strip()}z"
