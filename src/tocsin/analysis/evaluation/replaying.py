"""Replays series through the detectors as production feeds them, and gives the alarms they would have raised."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from inspect import signature
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final

from tocsin.analysis.baselines import Band, with_elsewhere
from tocsin.analysis.detectors import REGISTRY
from tocsin.analysis.evaluation.alarms import Alarm
from tocsin.analysis.evaluation.plain import Kind, Series
from tocsin.analysis.series import Cell, Direction, Evidence, Finding, Point, Stream

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)

LEVELS: Final[Mapping[str, Stream]] = MappingProxyType(
    {
        "probing": Stream.CONNECTIVITY,
        "bgp": Stream.CONNECTIVITY,
        "routes": Stream.CONNECTIVITY,
        "telescope": Stream.CONNECTIVITY,
        "ping": Stream.CONNECTIVITY,
        "reachability": Stream.CONNECTIVITY,
        "connectivity": Stream.CONNECTIVITY,
        "views": Stream.VIEWS,
        "pageviews": Stream.VIEWS,
        "traffic": Stream.VIEWS,
        "tor": Stream.LEVEL,
        "texts": Stream.EVENTS,
        "events": Stream.EVENTS,
        "reports": Stream.EVENTS,
    }
)
"""What the ``stream`` of a plain level counts; counts are always ``blocking``."""


def stream_of(series: Series) -> Stream:
    """The stream that production would give this series, which decides its detectors.

    A level whose stream nobody knows is connectivity where harm shows as a drop in intervals under a day.
    """
    if series.kind is Kind.COUNTS:
        return Stream.BLOCKING
    known = LEVELS.get(series.stream.lower())
    if known is not None:
        return known
    short = series.step is not None and series.step < DAY
    return Stream.CONNECTIVITY if short and series.trouble == {Direction.DROP} else Stream.LEVEL


def cell_of(series: Series) -> Cell:
    """The cell of a series."""
    return Cell(stream_of(series), series.stream, series.country, series.subject)


def pooled(points: Iterable[Point], step: timedelta, kind: Kind) -> tuple[Point, ...]:
    """Points in order of time, brought into whole steps since 1970 UTC: counts add up, levels are averaged.

    A step in which nothing usable was measured, but something was, is of evidence ``discarded``.
    """
    made = []
    for number, group in groupby(points, key=lambda point: int(point.time.timestamp() // step.total_seconds())):
        time = datetime.fromtimestamp(number * step.total_seconds(), UTC)
        scored = [point for point in group if point.evidence is Evidence.SCORED]
        if not scored:
            made.append(Point(time, step, evidence=Evidence.DISCARDED))
        elif kind is Kind.COUNTS:
            n, k = sum(point.n or 0.0 for point in scored), sum(point.k or 0.0 for point in scored)
            made.append(Point(time, step, n=n, k=k))
        else:
            made.append(Point(time, step, value=sum(point.value or 0.0 for point in scored) / len(scored)))
    return tuple(made)


def points_of(series: Series, *, irregular: timedelta = DAY) -> tuple[Point, ...]:
    """The points as a detector gets them; an irregular series is pooled into steps of ``irregular``."""
    return series.points if series.step is not None else pooled(series.points, irregular, series.kind)


def arrivals(series: Series) -> list[tuple[datetime, Point]]:
    """The points as production feeds them, each with when it could be fed.

    A regular interval is fed once, at its end. The day of an irregular series is fed again at the end of each hour in
    which something was measured, with all that was measured by then.
    """
    if series.step is not None:
        return [(point.time + point.step, point) for point in series.points]
    fed: list[tuple[datetime, Point]] = []
    for _, day in groupby(series.points, key=lambda point: point.time.date()):
        so_far: list[Point] = []
        for hour, group in groupby(day, key=lambda point: point.time.replace(minute=0, second=0, microsecond=0)):
            so_far += group
            fed += [(hour + HOUR, point) for point in pooled(so_far, DAY, series.kind)]
    return fed


def with_the_world(found: Iterable[Series]) -> list[Series]:
    """The same series, each point with how far the rest of the world stood from what is usual.

    The rest of the world are the series of other countries in the same set, of the same stream, subject and step; a
    country that has several of them is judged without.
    """
    made = list(found)
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, series in enumerate(made):
        if series.step is not None and series.country:
            key = (series.set, series.stream, series.subject, series.step)
            groups.setdefault(key, []).append(place)
    for places in groups.values():
        countries = {made[place].country: made[place].points for place in places}
        if len(countries) == len(places) > 1:
            moved = with_elsewhere(countries)
            for place in places:
                made[place] = replace(made[place], points=tuple(moved[made[place].country]))
    return made


def threshold_of(factory: Any) -> float | None:
    """The default of a detector's threshold, its keyword ``entry``; None if it has none."""
    parameter = signature(factory).parameters.get("entry")
    return None if parameter is None else float(parameter.default)


def replay(
    cell: Cell,
    fed: Sequence[tuple[datetime, Point]],
    *,
    strictness: float = 1.0,
    parameters: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Alarm, ...]:
    """The alarms of all detectors that watch the cell, in order of time.

    Args:
        cell: The series.
        fed: Its points in order of time, each with when it was known; see ``arrivals``.
        strictness: What each detector's threshold is multiplied by.
        parameters: Other keywords of the detectors.
    """
    alarms: list[Alarm] = []
    for factory in REGISTRY[cell.stream]:
        keywords = dict(parameters)
        usual = threshold_of(factory)
        if usual is not None and strictness != 1.0:
            keywords.setdefault("entry", usual * strictness)
        detector = factory(cell, **keywords)
        alarms += _alarms((known, detector.update(point)) for known, point in fed)
    return merged(alarms)


def usual_bands(cell: Cell, points: Iterable[Point]) -> Iterator[tuple[Point, Band | None]]:
    """Each point with what the cell's first detector held for usual before it saw it."""
    detector = REGISTRY[cell.stream][0](cell)
    for point in points:
        yield point, detector.usual(point.time)
        detector.update(point)


def merged(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """In order of time, without those raised while another of the same direction was open."""
    kept: dict[Direction, list[Alarm]] = {direction: [] for direction in Direction}
    for alarm in sorted(alarms, key=lambda each: (each.time, each.began)):
        mine = kept[alarm.direction]
        if not mine or not mine[-1].open_at(alarm.time):
            mine.append(alarm)
    return tuple(sorted((one for each in kept.values() for one in each), key=lambda one: (one.time, one.began)))


def _alarms(said: Iterable[tuple[datetime, Finding | None]]) -> list[Alarm]:
    """One alarm for each finding; one that turns into the other direction ends, and is another one from then on."""
    found: dict[tuple[datetime, Direction], Alarm] = {}
    for now, finding in said:
        if finding is None:
            continue
        key = (finding.opened, finding.direction)
        known = found.get(key)
        for other in found:
            if other[0] == finding.opened and other[1] is not finding.direction and found[other].ended is None:
                found[other] = replace(found[other], ended=now)
        if finding.closed is None:
            found[key] = Alarm(now if known is None else known.time, finding.opened, finding.direction)
        elif known is not None:
            found[key] = Alarm(known.time, known.began, known.direction, now)
        else:
            # Opened and closed by the same late point: it was told, so it counts.
            found[key] = Alarm(now, finding.opened, finding.direction, now)
    return list(found.values())
