"""Finds that a level leaves its usual range: page views, events, users."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from math import exp

from tocsin.analysis.baselines import Band, Seasonal
from tocsin.analysis.baselines.seasonal import WEEK
from tocsin.analysis.detectors.base import State, Verdict, Watcher
from tocsin.analysis.detectors.rivals import change_rivals
from tocsin.analysis.series import Cell, Direction, Evidence, Point, Rival, RuleId

_SIGNS = {Direction.RISE: 1.0, Direction.DROP: -1.0}
_RECENT = 5  # intervals in the level that is shown as "now"


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of ``Change``; spans in seconds."""

    entry: float
    exit: float
    slack: float
    most: float
    least: int
    calm: int
    warmup: int
    adopt: float
    stale: float
    forget: float


@dataclass(slots=True)
class Run:
    """An open or closed finding in the making."""

    since: float
    direction: str
    before: float
    intervals: int
    recent: list[float]
    calm: int = 0
    calm_since: float = 0.0
    closed: float | None = None
    ending: str = ""


class ChangeJudgement:
    """Robust deviations from a seasonal baseline, summed in both directions while they stay above a slack."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.base: Seasonal | None = None
        self.sums = {direction.value: 0.0 for direction in Direction}
        self.held: dict[str, list[list[float]]] = {direction.value: [] for direction in Direction}
        self.run: Run | None = None
        self.last: Run | None = None
        self.tail: list[list[float]] = []
        self.latest: float | None = None
        self.scored: float | None = None
        self.gap = 0.0

    def take(self, point: Point) -> None:
        """Take the next interval."""
        time = self.latest = point.time.timestamp()
        self._forget(time)
        if point.value is None:
            return
        step = point.step.total_seconds()
        self.gap = step if self.scored is None else self.gap + 0.1 * (time - self.scored - self.gap)
        self.scored = time
        base = self.base = self.base or Seasonal(step=int(step))
        if not base.ready or base.learned < self._warmup(base):
            base.learn(time, point.value)
            return
        deviation = base.deviation(time, point.value)
        if self.run is not None:
            self._follow(base, self.run, time, point.value, deviation)
        else:
            self._suspect(base, time, point.value, deviation)

    def verdict(self) -> Verdict | None:
        """The newest finding."""
        run = self.run or self.last
        if run is None:
            return None
        now = sorted(run.recent)[len(run.recent) // 2]
        return Verdict(
            opened=_aware(run.since),
            closed=None if run.closed is None else _aware(run.closed),
            direction=Direction(run.direction),
            score=0.0 if run.closed is not None else self._score(run),
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
        """Seconds until a total loss that begins now would be found."""
        if self.base is None or not self.base.ready or self.scored is None:
            return None
        waiting = max(self._warmup(self.base) - self.base.learned, 0)
        depth = -self.base.deviation(self.scored + self.base.step, 0.0)
        gain = min(depth, self.settings.most) - self.settings.slack
        if gain <= 0:
            return None
        needed = max(-int(-self.settings.entry // gain), self.settings.least) + waiting
        return needed * max(self.gap, (now or self.scored) - self.scored)

    def save(self) -> State:
        """All it knows."""
        saved: State = {name: value for name, value in vars(self).items() if name != "settings"}
        for name in ("base", "run", "last"):
            saved[name] = None if saved[name] is None else asdict(saved[name])
        saved["sums"] = dict(self.sums)
        saved["held"] = {name: [list(each) for each in held] for name, held in self.held.items()}
        saved["tail"] = [list(each) for each in self.tail]
        return saved

    @classmethod
    def load(cls, settings: Settings, saved: State) -> "ChangeJudgement":
        """The judgement that ``save`` saved."""
        judgement = cls(settings)
        for name, value in saved.items():
            setattr(judgement, name, value)
        judgement.base = None if saved["base"] is None else Seasonal(**saved["base"])
        judgement.run = None if saved["run"] is None else Run(**saved["run"])
        judgement.last = None if saved["last"] is None else Run(**saved["last"])
        return judgement

    def _warmup(self, base: Seasonal) -> int:
        return max(self.settings.warmup, base.season)

    def _suspect(self, base: Seasonal, time: float, value: float, deviation: float) -> None:
        most = self.settings.most
        for direction, sign in _SIGNS.items():
            name = direction.value
            gain = max(min(sign * deviation, most), -most) - self.settings.slack
            self.sums[name] = max(self.sums[name] + gain, 0.0)
            self.held[name] = [*self.held[name], [time, value]] if self.sums[name] > 0 else []
        for direction in Direction:
            held = self.held[direction.value]
            if self.sums[direction.value] >= self.settings.entry and len(held) >= self.settings.least:
                self._open(base, direction, held)
                return
        base.learn(time, value)

    def _open(self, base: Seasonal, direction: Direction, held: list[list[float]]) -> None:
        time, _ = held[-1]
        values = [value for _, value in held]
        self.run = Run(held[0][0], direction.value, base.band(time).level, len(held), values[-_RECENT:])
        self.tail = held[-_RECENT:]

    def _follow(self, base: Seasonal, run: Run, time: float, value: float, deviation: float) -> None:
        run.intervals += 1
        run.recent = [*run.recent, value][-_RECENT:]
        self.tail = [*self.tail, [time, value]][-14:]
        sign = _SIGNS[Direction(run.direction)]
        name = run.direction
        self.sums[name] = min(
            max(self.sums[name] + min(sign * deviation, self.settings.most) - self.settings.slack, 0.0),
            2 * self.settings.entry,
        )
        if sign * deviation < self.settings.exit:
            run.calm_since = run.calm_since if run.calm else time
            run.calm += 1
            if run.calm >= self.settings.calm:
                self._close(run, run.calm_since, "The level is back in its usual range")
                return
        else:
            run.calm = 0
        if time - run.since >= self.settings.adopt:
            base.relearn()
            for each in self.tail:
                base.learn(*each)
            self._close(run, time, "It has lasted so long that it is the new usual level")

    def _close(self, run: Run, time: float, ending: str) -> None:
        run.closed, run.ending = time, ending
        self.run, self.last, self.tail = None, run, []
        self.sums = {direction.value: 0.0 for direction in Direction}
        self.held = {direction.value: [] for direction in Direction}

    def _forget(self, time: float) -> None:
        if self.run is not None and self.scored is not None and time - self.scored >= self.settings.forget:
            self._close(self.run, time, "Nothing was measured for too long to say that it lasts")

    def _stale(self) -> bool:
        if self.latest is None or self.scored is None:
            return True
        return self.latest - self.scored >= max(self.settings.stale, 3 * self.gap)

    def _score(self, run: Run) -> float:
        return 1 / (1 + exp(0.5 * (self.settings.entry - self.sums[run.direction])))


class Change(Watcher):
    """Finds that a level drops below, or rises above, what is usual at this hour and on this weekday.

    Each value is compared with a seasonal baseline as a robust deviation; deviations beyond ``slack`` are summed in
    each direction, at most ``most`` for one interval. A finding opens when a sum passes ``entry`` over at least
    ``least`` intervals. It closes when ``calm`` intervals in a row are within ``exit``, or when it lasted for
    ``adopt`` and becomes the new usual level. While it is open the baseline learns nothing.

    It misleads on holidays, on a series younger than a few weeks, on a world-wide movement (a new robot, a change in
    the counting) and where numbers are so small that noise is all there is. A slow slide of a few percent a week
    teaches the baseline and is never found.

    >>> from datetime import UTC, datetime, timedelta
    >>> from tocsin.analysis.series import Cell, Point, Stream
    >>> detector = Change(Cell(Stream.VIEWS, "views", "XX", "xx.wikipedia"))
    >>> day = timedelta(days=1)
    >>> for number, views in enumerate([1000, 1010, 990] * 10 + [300] * 4):
    ...     time = datetime(2024, 1, 1, tzinfo=UTC) + number * day
    ...     finding = detector.update(Point(time, day, value=views))
    ...     if finding is not None:
    ...         print(finding.opened.date(), finding.seen.date(), finding.direction.value, round(finding.score, 2))
    2024-01-31 2024-02-01 drop 0.82
    2024-01-31 2024-02-02 drop 0.98

    Reference: Page, "Continuous inspection schemes", Biometrika 41 (1954).

    Args:
        cell: The series.
        entry: Summed deviations that open.
        exit: Deviation below which an interval is calm.
        slack: Deviation that is not yet counted.
        most: The most that one interval counts, in deviations.
        least: The fewest intervals that open.
        calm: Calm intervals in a row that close.
        warmup: Values to learn before it judges, and never less than two days of hours or two weeks of days.
        adopt: After so long a new level is the usual one.
        late: How far back late points are taken.
        stale: Without measurements for so long, an open finding says that nobody sees it any more.
        forget: Without measurements for so long, it closes.
    """

    rule = RuleId("change", 1)

    def __init__(
        self,
        cell: Cell,
        *,
        entry: float = 8.0,
        exit: float = 2.0,  # noqa: A002 - the word of the domain
        slack: float = 1.5,
        most: float = 7.0,
        least: int = 2,
        calm: int = 3,
        warmup: int = 14,
        adopt: timedelta = timedelta(days=28),
        late: timedelta = timedelta(days=2),
        stale: timedelta = timedelta(days=3),
        forget: timedelta = timedelta(days=30),
    ) -> None:
        self.entry = entry
        self.exit = exit
        self.slack = slack
        self.most = most
        self.least = least
        self.calm = calm
        self.warmup = warmup
        self.adopt = adopt
        self.stale = stale
        self.forget = forget
        super().__init__(cell, late=late)

    def delay(self, now: datetime | None = None) -> timedelta | None:
        """See ``Detector.delay``."""
        seconds = self._judgement().seconds_to_find(None if now is None else now.timestamp())
        return None if seconds is None else timedelta(seconds=round(seconds))

    def usual(self, time: datetime) -> Band | None:
        """See ``Detector.usual``."""
        base = self._judgement().base
        return base.band(time.timestamp()) if base is not None and base.ready else None

    def _judgement(self) -> ChangeJudgement:
        assert isinstance(self._live, ChangeJudgement)
        return self._live

    def _settings(self) -> Settings:
        return Settings(
            entry=self.entry,
            exit=self.exit,
            slack=self.slack,
            most=self.most,
            least=self.least,
            calm=self.calm,
            warmup=self.warmup,
            adopt=self.adopt.total_seconds(),
            stale=self.stale.total_seconds(),
            forget=self.forget.total_seconds(),
        )

    def _blank(self) -> ChangeJudgement:
        return ChangeJudgement(self._settings())

    def _load(self, saved: State) -> ChangeJudgement:
        return ChangeJudgement.load(self._settings(), saved)

    def _parameters(self) -> State:
        return {**asdict(self._settings()), "late": self.late.total_seconds()}

    def _check(self, point: Point) -> None:
        if point.value is None:
            raise ValueError("change reads levels: a value for each interval")

    def _rivals(self, verdict: Verdict) -> tuple[Rival, ...]:
        return change_rivals(verdict, weeks=self._judgement().weeks())


def _aware(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)


def _summary(run: Run, now: float) -> str:
    if run.closed is not None:
        return f"{run.ending}."
    word = "above" if run.direction == Direction.RISE else "below"
    return f"{now:,.4g} lately, {word} the usual {run.before:,.4g}, over {run.intervals} intervals."
