"""IODA's alerts: the current value against a fraction of the median of its recent past."""

from bisect import insort
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from tocsin.analysis.evaluation.alarms import Alarm
from tocsin.analysis.series import Direction, Evidence, Point


@dataclass(frozen=True, slots=True)
class Median:
    """How long its past is, and the shares of the median below which it warns and calls it critical."""

    history: timedelta
    warning: float
    critical: float


MEDIANS: Final[Mapping[str, Median]] = MappingProxyType(
    {
        "bgp": Median(timedelta(hours=24), 0.99, 0.5),
        "routes": Median(timedelta(hours=24), 0.99, 0.5),
        "probing": Median(timedelta(days=7), 0.8, 0.5),
        "telescope": Median(timedelta(days=7), 0.25, 0.1),
        "": Median(timedelta(days=7), 0.8, 0.5),
    }
)
"""As published, by stream; the last stands for any other stream (IODA reads none of those)."""


def median_ratios(points: Sequence[Point], history: timedelta) -> list[tuple[Point, float]]:
    """Each scored level over the median of the scored levels in ``history`` before it.

    A point is left out while fewer than a third of the intervals of its past, or fewer than three, are known, and
    where that median is zero. A past shorter than three intervals is taken as three.
    """
    past: deque[tuple[datetime, float]] = deque()
    ordered: list[float] = []
    found = []
    for point in points:
        if point.evidence is not Evidence.SCORED or point.value is None:
            continue
        span = max(history, 3 * point.step)
        while past and past[0][0] < point.time - span:
            ordered.remove(past.popleft()[1])
        if len(ordered) >= max(3, span / point.step / 3):
            half = len(ordered) // 2
            median = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
            if median > 0:
                found.append((point, point.value / median))
        past.append((point.time, point.value))
        insort(ordered, point.value)
    return found


def median_alarms(ratios: Sequence[tuple[Point, float]], fraction: float) -> tuple[Alarm, ...]:
    """A drop below ``fraction`` of the median, and, mirrored by us, a rise above one over ``fraction``.

    It is over with the first interval on the right side again.
    """
    alarms: list[Alarm] = []
    for direction in Direction:
        current: Alarm | None = None
        for point, ratio in ratios:
            now = point.time + point.step
            beyond = ratio < fraction if direction is Direction.DROP else ratio * fraction > 1
            if beyond and current is None:
                current = Alarm(now, point.time, direction)
            elif not beyond and current is not None:
                alarms.append(Alarm(current.time, current.began, direction, now))
                current = None
        if current is not None:
            alarms.append(current)
    return tuple(sorted(alarms, key=lambda alarm: (alarm.time, alarm.direction)))
