"""Finds that traffic leaves its usual range, or that it comes from elsewhere than usual: views, users, shares."""

from copy import deepcopy
from datetime import timedelta
from math import exp, log
from typing import Any

from tocsin.analysis.detectors.base import State, Verdict
from tocsin.analysis.detectors.levels import LevelJudgement, LevelWatcher, Settings, named, newest
from tocsin.analysis.series import Cell, Part, Point, RuleId, Stream


class TrafficJudgement:
    """Judges the volume and, where the parts of a level are told, how evenly it is spread over them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.volume = LevelJudgement(settings)
        self.mix: LevelJudgement | None = None

    def take(self, point: Point) -> None:
        """Take the next interval."""
        self.volume.take(point)
        if point.parts and self.mix is None:
            self.mix = LevelJudgement(self.settings)
        if self.mix is not None:
            self.mix.measure(point, spread(point.parts))

    def verdict(self) -> Verdict | None:
        """The newest finding about volume or mix."""
        if self.mix is None:
            return self.volume.verdict()
        return newest([self.volume.verdict(), named(self.mix.verdict(), "Places that it comes from, as if even")])

    def save(self) -> State:
        """All it knows."""
        return {"volume": self.volume.save(), "mix": None if self.mix is None else self.mix.save()}

    @classmethod
    def load(cls, settings: Settings, saved: State) -> "TrafficJudgement":
        """The judgement that ``save`` saved."""
        judgement = cls(settings)
        judgement.volume = LevelJudgement.load(settings, saved["volume"])
        judgement.mix = None if saved["mix"] is None else LevelJudgement.load(settings, saved["mix"])
        return judgement

    def __deepcopy__(self, memo: dict[int, Any]) -> "TrafficJudgement":
        other = TrafficJudgement(self.settings)
        other.volume, other.mix = deepcopy(self.volume), deepcopy(self.mix)
        return other


class Traffic(LevelWatcher):
    """Finds that a level rises above, or drops below, what is usual at this hour and on this weekday.

    Each value, and the averages over the last days and weeks, are compared with slower averages; how often a departure
    of that size happens by itself is learned from the series' own past, for each direction and span of time, so a
    noisy small country stays quiet and a steady one is judged sharply. A finding opens when that is rarer than once
    in ``entry`` years, and the change at least ``least``. A halving of a steady series opens in its first interval;
    a loss of a few percent takes days. Page views must rise in two intervals, since one robot makes a spike in one.
    What the rest of the world did (``Point.elsewhere``) is taken out first. Where ``Point.parts`` tell the places
    that a level comes from, the even number of places is judged beside the volume: throttling all alike moves the
    volume alone, a ban in a part moves the mix.

    It closes when ``calm`` intervals in a row are usual again, or when it lasted for ``adopt`` and becomes the new
    usual level. While it is open the baseline learns nothing.

    A public holiday of the country may look like any day of the week. It misleads where people travel or fast for
    weeks, on a series younger than a few weeks, and where a place followed the world otherwise than before. A slow
    slide of a few percent a month teaches the baseline.

    >>> from datetime import UTC, datetime, timedelta
    >>> from tocsin.analysis.series import Cell, Point, Stream
    >>> detector = Traffic(Cell(Stream.VIEWS, "views", "XX", "xx.wikipedia"))
    >>> day = timedelta(days=1)
    >>> for number, views in enumerate([1000, 1010, 990] * 20 + [300] * 4):
    ...     time = datetime(2024, 1, 1, tzinfo=UTC) + number * day
    ...     finding = detector.update(Point(time, day, value=views))
    ...     if finding is not None:
    ...         print(finding.opened.date(), finding.seen.date(), finding.direction.value, round(finding.now))
    2024-03-01 2024-03-01 drop 300

    Reference: Lucas and Saccucci, "Exponentially weighted moving average control schemes", Technometrics 32 (1990).

    Args:
        cell: The series.
        entry: Years in which such a departure happens by itself at most once.
        least: The least change that opens, as a natural logarithm: 0.12 is about an eighth.
        calm: Usual intervals in a row that close.
        adopt: After so long a new level is the usual one.
        late: How far back late points are taken.
        stale: Without measurements for so long, an open finding says that nobody sees it any more.
        forget: Without measurements for so long, it closes.
    """

    rule = RuleId("traffic", 2)

    def __init__(
        self,
        cell: Cell,
        *,
        entry: float = 2.5,
        least: float = 0.12,
        calm: int = 3,
        adopt: timedelta = timedelta(days=28),
        late: timedelta = timedelta(days=2),
        stale: timedelta = timedelta(days=3),
        forget: timedelta = timedelta(days=30),
    ) -> None:
        super().__init__(cell, entry=entry, least=least, calm=calm, adopt=adopt, late=late, stale=stale, forget=forget)

    def _ways(self) -> tuple[int, int]:
        return 2 if self.cell.stream is Stream.VIEWS else 1, 1

    def _lasting(self) -> LevelJudgement:
        assert isinstance(self._live, TrafficJudgement)
        return self._live.volume

    def _blank(self) -> TrafficJudgement:
        return TrafficJudgement(self._settings())

    def _load(self, saved: State) -> TrafficJudgement:
        return TrafficJudgement.load(self._settings(), saved)


def spread(parts: tuple[Part, ...]) -> float | None:
    """How many places a level comes from, as if it came from them evenly: the exponential of Shannon's entropy.

    None where no part has anything. It does not change when all parts shrink alike.
    """
    total = sum(part.n for part in parts)
    if total <= 0:
        return None
    shares = [part.n / total for part in parts if part.n > 0]
    return exp(-sum(share * log(share) for share in shares))
