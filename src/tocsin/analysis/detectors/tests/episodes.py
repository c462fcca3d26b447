"""Series that the tests make themselves: quiet ones, and ones with trouble that begins and ends."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from tocsin.analysis.detectors.base import Detector
from tocsin.analysis.series import Cell, Evidence, Finding, Point, Stream

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CELLS = {stream: Cell(stream, stream.value, "XX", "example.org") for stream in Stream}


def counts(values: Sequence[tuple[float, float]], *, step: timedelta = DAY, start: datetime = START) -> list[Point]:
    """Points of n trials and k anomalies, one after the other."""
    return [Point(start + number * step, step, n=n, k=k) for number, (n, k) in enumerate(values)]


def levels(values: Sequence[float | None], *, step: timedelta = DAY, start: datetime = START) -> list[Point]:
    """Points of one level each; None is an interval that was not measured."""
    return [
        Point(start + number * step, step, value=value)
        if value is not None
        else Point(start + number * step, step, evidence=Evidence.NONE)
        for number, value in enumerate(values)
    ]


def episode(stream: Stream, *, seed: int = 1, quiet: int = 60, trouble: int = 12, after: int = 40) -> list[Point]:
    """Quiet days, days of trouble, quiet days: a block for counts, events times five, a fall to a fifth for levels."""
    chance = Random(seed)
    days = range(quiet + trouble + after)
    bad = [quiet <= day < quiet + trouble for day in days]
    if stream is Stream.BLOCKING:
        rates = [0.85 if each else 0.06 for each in bad]
        tried = [chance.randint(1, 12) for _ in days]
        return counts(
            [(n, sum(chance.random() < rate for _ in range(n))) for n, rate in zip(tried, rates, strict=True)]
        )
    week = [1.0, 1.05, 1.0, 0.95, 1.0, 0.7, 0.65]
    factor = 5.0 if stream is Stream.EVENTS else 0.2
    return levels([1000 * week[day % 7] * (factor if bad[day] else 1) * chance.uniform(0.93, 1.07) for day in days])


def fed(detector: Detector, points: list[Point]) -> list[Finding]:
    """All that the detector reported."""
    return [finding for point in points if (finding := detector.update(point)) is not None]
