"""How far the rest of the world stands from what is usual, which is not held against a place."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tocsin.analysis.baselines.shapes import DAY, Shape
from tocsin.analysis.baselines.surprises import scaled
from tocsin.analysis.series import Point

FEWEST = 5
_YOUNG = 7  # intervals before a place has a say
_USUAL = 28.0  # days that the usual level of a place remembers
_YEAR = 365.0  # days in which a lasting movement of the whole world becomes the usual one
_CLIP = 0.5


@dataclass(slots=True)
class _Place:
    """What is usual in one place, net of the movements of the others."""

    unit: float
    shape: Shape
    level: float
    seen: int = 0
    others: float = 0.0


@dataclass(slots=True)
class World:
    """The places that report one kind of level of one subject, and how far each stood from its usual level.

    A place's usual level is a moving average over a month of its own values less the movement of the others: after
    the whole world has risen the movement stays, for about a year, and no place seems to change when it alone stays
    up. What others did is the median over them, so no single place moves it, however large; a place never counts in
    its own movement. Values are clipped before they teach, and nothing later than an interval is used for it.
    """

    step: int
    places: dict[str, _Place] = field(default_factory=dict)

    def take(self, time: float, values: Mapping[str, float], known: Mapping[str, float]) -> dict[str, float]:
        """Learn an interval; give for each place that reports the movement of the others, where five others report.

        ``values`` are the levels by place, ``known`` movements that were given before: they are kept as they were.
        """
        here: dict[str, float] = {}
        votes: list[float] = []
        for name, value in values.items():
            place = self.places.get(name)
            if place is None:
                unit = 1.0 if value == int(value) else max(abs(value) / 500, 1e-9)
                place = self.places[name] = _Place(unit, Shape(self.step), scaled(value, unit))
            y = scaled(value, place.unit) - place.shape.at(time)
            here[name] = y
            if place.seen >= _YOUNG:
                votes.append(y - place.level)
        votes.sort()
        moved = dict(known)
        for name, y in here.items():
            place = self.places[name]
            mine = y - place.level if place.seen >= _YOUNG else None
            if name not in moved and len(votes) - (mine is not None) >= FEWEST:
                moved[name] = _median_without(votes, mine)
        self._learn(time, here, moved)
        return moved

    def _learn(self, time: float, here: Mapping[str, float], moved: Mapping[str, float]) -> None:
        for name, y in here.items():
            place = self.places[name]
            place.others = moved.get(name, place.others)
            error = y - place.others - place.level
            clipped = max(-_CLIP, min(_CLIP, error))
            gain = max(self.step / DAY / _USUAL, 1 / (place.seen + 2))
            place.level += gain * clipped + place.others * self.step / DAY / _YEAR
            place.shape.learn(time, clipped, clipped, place.seen)
            place.seen += 1


def with_elsewhere(series: Mapping[str, Sequence[Point]]) -> dict[str, list[Point]]:
    """The same series, each point with the movement of the others in its interval: of levels, or of counts' odds.

    Args:
        series: Points of one kind and subject, in order of time, by place (a country). Points that carry a movement
            already keep it, so a caller may give again what it has and add what is new. All have one step.

    Returns:
        The points by place; ``elsewhere`` is None where fewer than five other places are known and report. Only
        what came before an interval, and the interval itself, is used for it.
    """
    moved = movements(series)
    return {
        place: [
            replace(point, elsewhere=moved[place][point.time]) if point.time in moved[place] else point
            for point in points
        ]
        for place, points in series.items()
    }


def movements(series: Mapping[str, Sequence[Point]]) -> dict[str, dict[datetime, float]]:
    """As ``with_elsewhere``, but only the movements: by place, then by the start of the interval."""
    found: dict[str, dict[datetime, float]] = {place: {} for place in series}
    world: World | None = None
    for time, rows in _by_time(series):
        if world is None:
            world = World(int(rows[0][1].step.total_seconds()))
        values = {place: tall for place, point in rows if (tall := height(point)) is not None}
        known = {place: point.elsewhere for place, point in rows if point.elsewhere is not None}
        for place, movement in world.take(time.timestamp(), values, known).items():
            found[place][time] = movement
    return found


def height(point: Point) -> float | None:
    """What is compared: the level, or for counts the odds that a measurement is anomalous, which are never zero."""
    if point.n is None:
        return point.value
    k = point.k or 0.0
    return (k + 0.5) / (point.n - k + 0.5) + 1e-9 if point.n > 0 else None


def _by_time(series: Mapping[str, Sequence[Point]]) -> Iterable[tuple[datetime, list[tuple[str, Point]]]]:
    rows: dict[datetime, list[tuple[str, Point]]] = {}
    for place in sorted(series):
        for point in series[place]:
            rows.setdefault(point.time, []).append((place, point))
    return ((time, rows[time]) for time in sorted(rows))


def _median_without(ordered: Sequence[float], one: float | None) -> float:
    """The median of an ordered list without one of its values."""
    if one is None:
        half = len(ordered) // 2
        return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    out = bisect_left(ordered, one)
    count = len(ordered) - 1
    half = count // 2
    upper = ordered[half + (half >= out)]
    return upper if count % 2 else (ordered[half - 1 + (half - 1 >= out)] + upper) / 2
