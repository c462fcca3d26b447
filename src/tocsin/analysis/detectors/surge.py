"""Finds that texts or reports of one harm in one country become more than usual."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from tocsin.analysis.baselines import Band
from tocsin.analysis.baselines.events import Events
from tocsin.analysis.baselines.shapes import DAY, WEEK
from tocsin.analysis.detectors.base import State, Verdict
from tocsin.analysis.detectors.lasting import LastingRun, LastingWatcher, Patience
from tocsin.analysis.series import Cell, Direction, Evidence, Point, RuleId

_YEAR = 365.25 * DAY
_SPANS = (1, 3, 7)
_RECENT = 7
_SKIPPED = 2.5  # intervals without a point that a span bridges


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Patience):
    """The parameters of ``Surge``."""

    entry: float
    least: float
    factor: float
    warmup: int


@dataclass(slots=True, kw_only=True)
class Run(LastingRun):
    """A finding of a number, with its newest counts."""

    counts: list[float] = field(default_factory=list)


class SurgeJudgement:
    """Compares sums over a few spans of intervals with a negative binomial law."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.base: Events | None = None
        self.run: Run | None = None
        self.last: Run | None = None
        self.near: list[list[float]] = []
        self.latest: float | None = None
        self.scored: float | None = None
        self.gap = 0.0

    def take(self, point: Point) -> None:
        """Take the next interval."""
        time = self.latest = point.time.timestamp()
        run = self.run
        if run is not None and self.scored is not None and time - self.scored >= self.settings.forget:
            self._close(run, time, "Nothing was measured for too long to say that it lasts")
            run = None
        if point.value is None:
            return
        count, step = point.value, point.step.total_seconds()
        self.base = base = self.base or Events(step=int(step))
        self.gap = step if self.scored is None else self.gap + 0.1 * (time - self.scored - self.gap)
        self.scored = time
        mean = base.mean(time)
        self._remember(time, count, mean)
        if run is not None:
            self._follow(base, run, time, count, mean)
        elif base.learned < self.settings.warmup or not self._opens(base, time):
            base.learn(time, count)

    def verdict(self) -> Verdict | None:
        """The newest finding."""
        run = self.run or self.last
        if run is None:
            return None
        now = median(run.counts[-5:])
        return Verdict(
            opened=datetime.fromtimestamp(run.since, UTC),
            closed=None if run.closed is None else datetime.fromtimestamp(run.closed, UTC),
            direction=Direction.RISE,
            score=0.0 if run.closed is not None else 1 / (1 + self.settings.entry * run.rate),
            before=run.before,
            now=now,
            evidence=Evidence.NONE if self._stale() else Evidence.SCORED,
            points=run.intervals,
            summary=_summary(run, now),
        )

    def weeks(self) -> float:
        """How long a past the baseline rests on."""
        return 0.0 if self.base is None else self.base.learned * self.base.step / WEEK

    def seconds_to_find(self, now: float | None) -> float | None:
        """Seconds until a surge to ten times the usual number, and at least ten, would be found."""
        if self.base is None or self.scored is None or self.base.learned < self.settings.warmup:
            return None
        after = self.scored + self.base.step
        mean = self.base.mean(after)
        for span in _SPANS:
            rate = self.base.chance(max(10 * mean, 10.0) * span, mean * span, intervals=span) * self._a_year(span)
            if rate * self.settings.entry < 1:
                return span * max(self.gap, (now or self.scored) - self.scored)
        return None

    def save(self) -> State:
        """All it knows."""
        saved: State = {name: value for name, value in vars(self).items() if name != "settings"}
        for name in ("base", "run", "last"):
            saved[name] = None if saved[name] is None else asdict(saved[name])
        saved["near"] = [list(each) for each in self.near]
        return saved

    @classmethod
    def load(cls, settings: Settings, saved: State) -> "SurgeJudgement":
        """The judgement that ``save`` saved."""
        judgement = cls(settings)
        for name, value in saved.items():
            setattr(judgement, name, value)
        if saved["base"] is not None:
            judgement.base = Events(**{**saved["base"], "days": [list(each) for each in saved["base"]["days"]]})
        for name in ("run", "last"):
            if saved[name] is not None:
                setattr(judgement, name, Run(**{**saved[name], "counts": list(saved[name]["counts"])}))
        judgement.near = [list(each) for each in saved["near"]]
        return judgement

    def __deepcopy__(self, memo: dict[int, Any]) -> "SurgeJudgement":
        return self.load(self.settings, self.save())

    def _a_year(self, span: int) -> float:
        assert self.base is not None
        return _YEAR / self.base.step * len(_SPANS) / span

    def _remember(self, time: float, count: float, mean: float) -> None:
        assert self.base is not None
        if self.near and time - self.near[-1][0] > _SKIPPED * self.base.step:
            self.near = []
        self.near = [*self.near, [time, count, mean]][-_SPANS[-1] :]

    def _opens(self, base: Events, time: float) -> bool:
        best: tuple[float, int] | None = None
        for span in _SPANS:
            if span > len(self.near):
                break
            part = self.near[-span:]
            count, mean = sum(each[1] for each in part), sum(each[2] for each in part)
            if count < max(self.settings.least, self.settings.factor * mean):
                continue
            rate = base.chance(count, mean, intervals=span) * self._a_year(span)
            if rate * self.settings.entry < 1 and (best is None or rate < best[0]):
                best = rate, span
        if best is None:
            return False
        rate, span = best
        part = self.near[-span:]
        since = next((each[0] for each in part if each[1] > self.settings.factor * each[2]), time)
        self.run = Run(
            since=since,
            at=time,
            before=part[-1][2],
            intervals=max(round((time - since) / base.step), 0) + 1,
            rate=rate,
            counts=[each[1] for each in part if each[0] >= since],
        )
        return True

    def _follow(self, base: Events, run: Run, time: float, count: float, mean: float) -> None:
        run.intervals += 1
        run.counts = [*run.counts, count][-_RECENT:]
        span = min(len(run.counts), 3)
        chance = base.chance(sum(run.counts[-span:]), mean * span, intervals=span)
        run.rate = chance * self._a_year(span)
        if base.chance(count, mean) > 0.05 or count < self.settings.least / 2:
            run.calm_since = run.calm_since if run.calm else time
            run.calm += 1
            if run.calm >= self.settings.calm:
                self._close(run, run.calm_since, "The number is back in its usual range")
        else:
            run.calm = 0
            if time - run.at >= self.settings.adopt:
                base.adopt(run.counts)
                self._close(run, time, "It has lasted so long that it is the new usual level")

    def _close(self, run: Run, time: float, ending: str) -> None:
        run.close(time, ending)
        self.run, self.last, self.near = None, run, []

    def _stale(self) -> bool:
        if self.latest is None or self.scored is None:
            return True
        return self.latest - self.scored >= max(self.settings.stale, 3 * self.gap)


class Surge(LastingWatcher):
    """Finds that reports or texts of one harm in one country become more than is usual on this weekday.

    The sums over one, three and seven intervals are compared with a negative binomial law, whose mean, weekdays and
    overdispersion are learned from the past; the probability of so many is exact, so it also holds for a harm that
    is reported once a month. A finding opens when so many would come by chance less than once in ``entry`` years,
    at least ``least`` were counted, and ``factor`` times the usual number. It closes when ``calm`` intervals in a
    row are usual again, or after ``adopt``. While it is open the baseline learns nothing.

    It misleads where one story is copied and each copy is counted (the caller counts a story once), where a new
    source is added, and where an anniversary is written about every year.

    >>> from datetime import UTC, datetime, timedelta
    >>> from tocsin.analysis.series import Cell, Point, Stream
    >>> detector = Surge(Cell(Stream.EVENTS, "arrest", "XX", "texts"))
    >>> day = timedelta(days=1)
    >>> for number, texts in enumerate([0, 1, 0, 2, 0] * 12 + [9, 14, 11]):
    ...     time = datetime(2024, 1, 1, tzinfo=UTC) + number * day
    ...     finding = detector.update(Point(time, day, value=texts))
    ...     if finding is not None:
    ...         print(finding.opened.date(), finding.seen.date(), finding.direction.value, finding.now)
    2024-03-01 2024-03-01 rise 9

    Reference: Noufaily et al., "An improved algorithm for outbreak detection in multiple surveillance systems",
    Statistics in Medicine 32 (2013).

    Args:
        cell: The series.
        entry: Years in which so many come by chance at most once.
        least: The fewest that open.
        factor: The fewest that open, as a multiple of the usual number.
        calm: Usual intervals in a row that close.
        warmup: Intervals to learn before it judges.
        adopt: After so long a new number is the usual one.
        late: How far back late points are taken.
        stale: Without measurements for so long, an open finding says that nobody sees it any more.
        forget: Without measurements for so long, it closes.
    """

    rule = RuleId("surge", 1)

    def __init__(
        self,
        cell: Cell,
        *,
        entry: float = 2.0,
        least: float = 3.0,
        factor: float = 1.5,
        calm: int = 3,
        warmup: int = 14,
        adopt: timedelta = timedelta(days=28),
        late: timedelta = timedelta(days=2),
        stale: timedelta = timedelta(days=3),
        forget: timedelta = timedelta(days=30),
    ) -> None:
        self.factor = factor
        self.warmup = warmup
        super().__init__(cell, entry=entry, least=least, calm=calm, adopt=adopt, late=late, stale=stale, forget=forget)

    def delay(self, now: datetime | None = None) -> timedelta | None:
        """See ``Detector.delay``: for a surge to ten times the usual number."""
        return super().delay(now)

    def usual(self, time: datetime) -> Band | None:
        """See ``Detector.usual``."""
        base = self._lasting().base
        return base.band(time.timestamp()) if base is not None and base.learned else None

    def _lasting(self) -> SurgeJudgement:
        assert isinstance(self._live, SurgeJudgement)
        return self._live

    def _settings(self) -> Settings:
        return Settings(
            entry=self.entry,
            least=self.least,
            factor=self.factor,
            warmup=self.warmup,
            calm=self.calm,
            **self._patience(),
        )

    def _blank(self) -> SurgeJudgement:
        return SurgeJudgement(self._settings())

    def _load(self, saved: State) -> SurgeJudgement:
        return SurgeJudgement.load(self._settings(), saved)

    def _check(self, point: Point) -> None:
        if point.value is None or point.value < 0:
            raise ValueError("surge reads counts: a value of zero or more for each interval")


def _summary(run: Run, now: float) -> str:
    if run.closed is not None:
        return f"{run.ending}."
    return f"{now:,.4g} in an interval lately, where {run.before:,.3g} are usual, over {run.intervals} intervals."
