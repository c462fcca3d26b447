"""Makes missing intervals visible: a point without evidence stands where nothing was measured."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tocsin.analysis.series.points import Evidence, Point

_START = datetime(1970, 1, 1, tzinfo=UTC)


def filled(points: Sequence[Point], *, step: timedelta, since: datetime, until: datetime) -> list[Point]:
    """The points from ``since`` up to ``until``, in order of time, with one of evidence ``none`` for each gap.

    Intervals are counted from 1970 UTC, as the engine counts them; a point longer than ``step`` fills all that it
    covers. Points outside the span are left out.

    Raises:
        ValueError: for naive times or a step that is not positive.
    """
    if since.tzinfo is None or until.tzinfo is None:
        raise ValueError("since and until must name their zone")
    if step <= timedelta(0):
        raise ValueError("a step must be longer than nothing")
    result: list[Point] = []
    cursor = since - (since - _START) % step
    if cursor < since:
        cursor += step
    for point in sorted(points, key=lambda each: each.time):
        if not since <= point.time < until:
            continue
        while cursor + step <= point.time:
            result.append(Point(time=cursor, step=step, evidence=Evidence.NONE))
            cursor += step
        result.append(point)
        cursor = max(cursor, point.time + point.step)
    while cursor < until:
        result.append(Point(time=cursor, step=step, evidence=Evidence.NONE))
        cursor += step
    return result
