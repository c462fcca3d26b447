"""OONI's state-aware cumulative sum, from the description of its detector and of its defaults."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.analysis.evaluation.alarms import Alarm
from tocsin.analysis.series import Direction, Evidence, Point


@dataclass(frozen=True, slots=True)
class Cusum:
    """Its parameters: the two means, the sum that fires, and how it treats silence.

    The sum that fires is published as the expected delay to detection, 10 readings, times half the way between the
    means: 3.5. After a silence of more than ``patience`` the sums are halved for each ``half_life`` of it; after
    ``forget`` nothing is known any more.
    """

    normal: float = 0.0
    blocked: float = 0.7
    fires: float = 3.5
    patience: timedelta = timedelta(hours=24)
    half_life: timedelta = timedelta(hours=48)
    forget: timedelta = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Reading:
    """One interval as it reads it: how blocked, between 0 and 1."""

    time: datetime
    step: timedelta
    blocked: float


def readings(points: Iterable[Point], *, median: bool = True) -> list[Reading]:
    """Counts as readings: the median of the single results, as published, or else their mean.

    Half anomalous has a median of one half. A count that is a fraction sums likelihoods, of which no median is
    known: their mean stands for it.
    """
    made = []
    for point in points:
        if point.evidence is not Evidence.SCORED or not point.n:
            continue
        share = (point.k or 0.0) / point.n
        if median and float(point.k or 0.0).is_integer():
            share = 0.5 if share == 0.5 else float(share > 0.5)
        made.append(Reading(point.time, point.step, share))
    return made


def cusum_alarms(found: Sequence[Reading], settings: Cusum) -> tuple[Alarm, ...]:
    """Its alarms: a change from normal to blocked is a rise, and ends with the change back.

    In a normal state only the sum towards blocked runs, in a blocked state only the sum towards normal. While the
    state is unknown both run, and whichever fires first sets the state without a word.
    """
    half = (settings.blocked - settings.normal) / 2
    state, up, down = "unknown", 0.0, 0.0
    before: datetime | None = None
    alarms: list[Alarm] = []
    for reading in found:
        silent = timedelta(0) if before is None else reading.time - before
        before = reading.time
        if silent > settings.forget:
            state, up, down = "unknown", 0.0, 0.0
        elif silent > settings.patience:
            kept = 0.5 ** (silent / settings.half_life)
            up, down = up * kept, down * kept
        if state != "blocked":
            up = max(0.0, up + reading.blocked - settings.normal - half)
        if state != "normal":
            down = max(0.0, down + settings.blocked - reading.blocked - half)
        now = reading.time + reading.step
        if up > settings.fires:
            if state == "normal":
                alarms.append(Alarm(now, reading.time, Direction.RISE))
            state, up, down = "blocked", 0.0, 0.0
        elif down > settings.fires:
            if state == "blocked" and alarms and alarms[-1].ended is None:
                alarms[-1] = Alarm(alarms[-1].time, alarms[-1].began, Direction.RISE, now)
            state, up, down = "normal", 0.0, 0.0
    return tuple(alarms)
