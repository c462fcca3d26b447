"""Series made up from a seed: sparse cells with blocks of known onset, and traps that recorded data lack."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tocsin.analysis.evaluation import Episode, Notes, Recorded, Series, Sort
from tocsin.analysis.evaluation.plain import Kind
from tocsin.analysis.series import Direction, Point

SPARSE, TRAPS = "simulated-sparse", "simulated-traps"
_START = datetime(2023, 1, 2, tzinfo=UTC)
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_QUIET, _BLOCKED, _NULL = 60, 31, 365  # days
_CELLS = ((1, 1, True), (6, 1, True), (6, 1, False), (24, 1, True), (24, 5, True), (30, 1, True), (48, 1, True))
_SHARES = (("total", 0.97), ("partial", 0.5))
_TIMES = 8
_BOTH = frozenset(Direction)
_DROP = frozenset({Direction.DROP})
_RISE = frozenset({Direction.RISE})


@dataclass(frozen=True, slots=True)
class SparseKind:
    """One kind of sparse cell: hours between readings, measurements in each, and the block that begins there.

    Readings that are not ``regular`` come at random moments, so many hours apart on average.
    """

    hours: int
    measurements: int
    regular: bool
    block: str

    @property
    def name(self) -> str:
        """Begins the names of its series."""
        return f"{SPARSE}/{self.words.replace(' ', '')}-{self.measurements}-{self.block}"

    @property
    def words(self) -> str:
        """How often it is read."""
        return f"{self.hours} h" if self.regular else f"about {self.hours} h"


KINDS = tuple(SparseKind(*cell, block) for block, _ in _SHARES for cell in _CELLS)


def sparse_cells(seed: int) -> Recorded:
    """Cells with few readings: sixty quiet days, then a block at a random moment; and some that stay quiet a year.

    Single measurements fail by themselves in 2 to 8 of 100; a total block fails 97 of 100, a partial one half.
    """
    chance = random.Random(seed)
    series, episodes = [], []
    for kind in KINDS:
        share = dict(_SHARES)[kind.block]
        for number in range(_TIMES):
            name = f"{kind.name}/{number}"
            onset = _START + _QUIET * _DAY + chance.uniform(0, 48) * _HOUR
            usual = chance.uniform(0.02, 0.08)
            rate = _stepped(usual, share, onset)
            points = _counts(chance, kind, onset + _BLOCKED * _DAY, rate)
            series.append(_series(name, SPARSE, Kind.COUNTS, points, _RISE, "ooni"))
            episodes.append(_episode(name, onset))
        for number in range(2 if kind.hours > 1 else 1):
            usual = chance.uniform(0.02, 0.08)
            points = _counts(chance, kind, _START + _NULL * _DAY, _stepped(usual, usual, _START))
            series.append(_series(f"{kind.name}/quiet-{number}", SPARSE, Kind.COUNTS, points, _RISE, "ooni"))
    return Recorded(tuple(series), (), tuple(episodes), (), Notes())


@dataclass(frozen=True, slots=True)
class Snare:
    """A made-up trap: what should happen, and what makes one series of it."""

    name: str
    wanted: str
    make: Callable[[random.Random, str], Series]


def simulated_traps(seed: int, *, times: int = 5) -> Recorded:
    """``times`` series of each snare, named after it."""
    series = []
    for snare in SNARES:
        chance = random.Random(f"{seed} {snare.name}")
        series += [snare.make(chance, f"{TRAPS}/{snare.name}/{number}") for number in range(times)]
    return Recorded(tuple(series), (), (), (), Notes())


def _crawler(chance: random.Random, name: str) -> Series:
    days = set(chance.sample(range(60, 400), 4))
    return _views(chance, name, 420, lambda day: 5.0 if day in days else 1.0)


def _gap(chance: random.Random, name: str) -> Series:
    series = _views(chance, name, 500, lambda day: 1.0)
    return _without(series, lambda point: 100 <= (point.time - _START).days < 130)


def _long_gap(chance: random.Random, name: str) -> Series:
    series = _views(chance, name, 800, lambda day: 1.0)
    return _without(series, lambda point: 200 <= (point.time - _START).days < 565)


def _month_ends(chance: random.Random, name: str) -> Series:
    """Two-hourly shares of traffic; of the last day of each month only the first hours, which are low, are there."""
    step = 2 * _HOUR
    times = [_START + number * step for number in range(12 * 400)]
    points = [Point(time, step, value=30 * _hours(time) * chance.lognormvariate(0, 0.12)) for time in times]
    series = _series(name, TRAPS, Kind.LEVEL, points, _DROP, "traffic", step)
    return _without(series, lambda point: (point.time + _DAY).day == 1 and point.time.hour >= 2)


def _summer_time(chance: random.Random, name: str) -> Series:
    """Hourly views with the rhythm of a local clock that changes twice."""

    def hour(time: datetime) -> datetime:
        return time + (_HOUR if 85 <= time.timetuple().tm_yday < 300 else timedelta(0))

    times = [_START + number * _HOUR for number in range(24 * 400)]
    points = [Point(t, _HOUR, value=round(2_000 * _hours(hour(t)) * chance.lognormvariate(0, 0.06))) for t in times]
    return _series(name, TRAPS, Kind.LEVEL, points, _BOTH, "views", _HOUR)


def _quiet_views(chance: random.Random, name: str) -> Series:
    return _views(chance, name, 730, lambda day: 1.0)


def _few_users(chance: random.Random, name: str) -> Series:
    points = [Point(_START + day * _DAY, _DAY, value=_poisson(chance, 12)) for day in range(730)]
    return _series(name, TRAPS, Kind.LEVEL, points, _BOTH, "tor", _DAY)


def _uneven_counts(chance: random.Random, name: str) -> Series:
    points = []
    for day in range(730):
        n = 1 + _poisson(chance, 20)
        rate = chance.betavariate(3, 27)
        points.append(Point(_START + day * _DAY, _DAY, n=n, k=sum(chance.random() < rate for _ in range(n))))
    return _series(name, TRAPS, Kind.COUNTS, points, _RISE, "ooni", _DAY)


def _throttled(chance: random.Random, name: str) -> Series:
    return _views(chance, name, 230, lambda day: 0.5 if day >= 200 else 1.0)


SNARES = (
    Snare("robots visit for a day", "no alarm", _crawler),
    Snare("a month without data", "no alarm", _gap),
    Snare("a year without data", "no alarm", _long_gap),
    Snare("month ends with the night only", "no alarm", _month_ends),
    Snare("a clock that changes in spring and autumn", "no alarm", _summer_time),
    Snare("two quiet years of views", "no alarm", _quiet_views),
    Snare("two quiet years of a dozen users", "no alarm", _few_users),
    Snare("two quiet years of uneven counts", "no alarm", _uneven_counts),
    Snare("all pages at half", "an alarm", _throttled),
)


def _views(chance: random.Random, name: str, days: int, factor: Callable[[int], float]) -> Series:
    """Daily views with a week of their own."""
    week = [chance.uniform(0.8, 1.2) for _ in range(7)]
    points = []
    for day in range(days):
        value = round(20_000 * week[day % 7] * factor(day) * chance.lognormvariate(0, 0.06))
        points.append(Point(_START + day * _DAY, _DAY, value=value))
    return _series(name, TRAPS, Kind.LEVEL, points, _BOTH, "views", _DAY)


def _stepped(before: float, after: float, onset: datetime) -> Callable[[datetime], float]:
    return lambda time: after if time >= onset else before


def _counts(
    chance: random.Random, kind: SparseKind, until: datetime, rate: Callable[[datetime], float]
) -> Iterator[Point]:
    step = kind.hours * _HOUR
    time = _START
    while time < until and not kind.regular:
        time += chance.expovariate(1.0) * step
        yield Point(time, timedelta(0), n=1, k=float(chance.random() < rate(time)))
    while time < until:
        # Measured at the end of the interval, so that the interval of the onset may show it or not.
        failed = sum(chance.random() < rate(time + step) for _ in range(kind.measurements))
        yield Point(time, step, n=kind.measurements, k=failed)
        time += step


def _series(
    name: str,
    series_set: str,
    kind: Kind,
    points: Sequence[Point] | Iterator[Point],
    trouble: frozenset[Direction],
    stream: str,
    step: timedelta | None = None,
) -> Series:
    made = tuple(points)
    return Series(name, series_set, name, name, stream, kind, step or made[0].step or None, trouble, made)


def _episode(name: str, onset: datetime) -> Episode:
    return Episode(name, name, name, "made up", Sort.DETECTABLE, _RISE, onset, onset, None, None)


def _without(series: Series, gone: Callable[[Point], bool]) -> Series:
    kept = tuple(point for point in series.points if not gone(point))
    return _series(series.name, series.set, series.kind, kept, series.trouble, series.stream, series.step)


def _hours(time: datetime) -> float:
    """The rhythm of a day: lowest at night, highest in the evening."""
    return 1 + 0.5 * math.sin((time.hour - 10) / 24 * 2 * math.pi)


def _poisson(chance: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count
