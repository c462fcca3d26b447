"""Finds that a site is being blocked, from measurements of which some are anomalous."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp, log

from tocsin.analysis.baselines import Band, Belief, Rate
from tocsin.analysis.detectors.base import State, Verdict, Watcher
from tocsin.analysis.detectors.rivals import blocking_rivals
from tocsin.analysis.series import Cell, Direction, Evidence, Point, Rival, RuleId

RAISED = (0.15, 0.4, 0.7, 0.95)
"""How far the rate may have risen, as shares of the way from the baseline to a total block."""

FIRST_SEEN = (0.7, 0.95)
"""The same for a cell that is not known yet, of which only a rate near a total block says anything."""

_RECENT = 5  # intervals in the level that is shown as "now"
_HELD = 60  # suspicious intervals that wait before they teach the baseline after all


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of ``Blocking``; spans in seconds."""

    entry: float
    exit: float
    most: float
    least: int
    fewest: float
    warmup: int
    forget: float
    stale: float
    prior_rate: float
    prior_weight: float
    half_life: float


@dataclass(slots=True)
class Run:
    """A row of suspicious intervals: since when, how many, their counts, and what closes it again."""

    since: float
    intervals: int = 0
    n: float = 0.0
    k: float = 0.0
    recent: list[tuple[float, float]] = field(default_factory=list)
    opened: bool = False
    before: float = 0.0
    calm: float = 0.0
    calm_since: float = 0.0
    calm_intervals: int = 0
    closed: float | None = None
    ending: str = ""


class BlockingJudgement:
    """Log evidence for a raised rate, summed while it stays above zero, against a baseline that it doesn't teach."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.base = Rate(settings.prior_rate, settings.prior_weight, settings.half_life)
        self.evidence = 0.0
        self.run: Run | None = None
        self.last: Run | None = None
        self.held: list[tuple[float, float, float]] = []
        self.first: float | None = None
        self.latest: float | None = None
        self.scored = 0.0
        self.gap = 0.0
        self.size = 1.0
        self.step = 0.0

    def take(self, point: Point) -> None:
        """Take the next interval."""
        time = point.time.timestamp()
        self.latest = time
        if point.n is None or point.n <= 0:
            self._forget(time)
            return
        n, k = point.n, point.k or 0.0
        self._forget(time)
        self._note(time, n, point.step.total_seconds())
        if self.run is not None and self.run.opened:
            self._follow(self.run, time, n, k)
        else:
            self._suspect(time, n, k)

    def verdict(self) -> Verdict | None:
        """The newest finding."""
        run = self.run if self.run is not None and self.run.opened else self.last
        if run is None:
            return None
        now = _share(run.recent)
        return Verdict(
            opened=_aware(run.since),
            closed=None if run.closed is None else _aware(run.closed),
            direction=Direction.RISE,
            score=1 / (1 + exp(0.5 * (self.settings.entry - self.evidence))) if run.closed is None else 0.0,
            before=run.before,
            now=now,
            evidence=Evidence.NONE if self._stale() else Evidence.SCORED,
            points=run.intervals,
            summary=_summary(run, now),
        )

    def seconds_to_find(self, now: float | None) -> float | None:
        """Seconds until a total block that begins now would be found."""
        if not self.scored or not self.gap:
            return None
        base = self.base.expected()
        size = max(self.size, 1.0)
        gain = min(_evidence(base, self._raised(), size, size), self.settings.most)
        gap = max(self.gap, (now or self.scored) - self.scored)
        needed, evidence = 0, 0.0
        least = max(self.settings.least, self.settings.fewest / size)
        while evidence < self.settings.entry or needed < least:
            evidence = evidence * self._kept(gap) + gain
            needed += 1
            if needed > 1_000:
                return None
        return needed * gap

    def save(self) -> State:
        """All it knows."""
        saved: State = {name: value for name, value in vars(self).items() if name != "settings"}
        saved["base"] = asdict(self.base)
        saved["run"] = None if self.run is None else asdict(self.run)
        saved["last"] = None if self.last is None else asdict(self.last)
        saved["held"] = [list(held) for held in self.held]
        return saved

    @classmethod
    def load(cls, settings: Settings, saved: State) -> "BlockingJudgement":
        """The judgement that ``save`` saved."""
        judgement = cls(settings)
        for name, value in saved.items():
            setattr(judgement, name, value)
        judgement.base = Rate(**saved["base"])
        judgement.run = _run(saved["run"])
        judgement.last = _run(saved["last"])
        judgement.held = [(time, n, k) for time, n, k in saved["held"]]
        return judgement

    def _suspect(self, time: float, n: float, k: float) -> None:
        gain = min(_evidence(self.base.expected(), self._raised(), n, k), self.settings.most)
        self.evidence += gain
        if self.evidence <= 0:
            self._relax()
            self.base.learn(time, n, k)
            return
        run = self.run = self.run or Run(since=time)
        self.held.append((time, n, k))
        _add(run, n, k)
        if len(self.held) > _HELD:
            self.base.learn(*self.held.pop(0))
        enough = run.intervals >= self.settings.least and run.k >= self.settings.fewest
        if enough and self.evidence >= self.settings.entry:
            run.opened, run.before = True, self.base.rate
            self.held.clear()

    def _follow(self, run: Run, time: float, n: float, k: float) -> None:
        base = self.base.expected()
        _add(run, n, k)
        gain = _evidence(base, self._raised(), n, k)
        self.evidence = min(max(self.evidence + min(gain, self.settings.most), 0.0), 2 * self.settings.entry)
        raised = max(_share_of(run), base.rate + 0.1 * (1 - base.rate))
        calm = -_evidence(base, [self.base.around(raised)], n, k)
        run.calm = max(run.calm + min(calm, self.settings.most), 0.0)
        if run.calm <= 0:
            run.calm_since, run.calm_intervals = 0.0, 0
            return
        run.calm_since = run.calm_since or time
        run.calm_intervals += 1
        if run.calm >= self.settings.exit and run.calm_intervals >= self.settings.least:
            self._close(run, run.calm_since, "The rate is back at its usual level")

    def _close(self, run: Run, time: float, ending: str) -> None:
        run.closed, run.ending = time, ending
        self.run, self.last, self.evidence = None, run, 0.0

    def _relax(self) -> None:
        self.evidence = 0.0
        for held in self.held:
            self.base.learn(*held)
        self.held.clear()
        self.run = None

    def _forget(self, time: float) -> None:
        """Evidence fades while nothing is measured; a run that nobody has seen for long is not held open."""
        if not self.scored:
            return
        run, silent = self.run, time - self.scored
        if run is not None and run.opened and silent >= self.settings.forget:
            self._close(run, time, "Nothing was measured for too long to say that it lasts")

    def _note(self, time: float, n: float, step: float) -> None:
        if self.first is None:
            self.first, self.gap = time, step
        else:
            passed = time - self.scored
            if self.run is None or not self.run.opened:
                self.evidence *= self._kept(passed - step)
            self.gap += 0.1 * (passed - self.gap)
        self.size += 0.1 * (n - self.size)
        self.scored, self.step = time, step

    def _kept(self, silent: float) -> float:
        return float(0.5 ** (2 * max(silent, 0.0) / self.settings.forget))

    def _stale(self) -> bool:
        return self.latest is not None and self.latest - self.scored >= max(self.settings.stale, 3 * self.gap)

    def _raised(self) -> list[Belief]:
        rate = self.base.rate
        shares = RAISED if self.base.learned >= self.settings.warmup else FIRST_SEEN
        return [self.base.around(rate + share * (1 - rate)) for share in shares]


class Blocking(Watcher):
    """Finds that measurements of a site turn anomalous more often than they used to.

    Each interval has n measurements, k of them anomalous. How well a raised rate explains them, against the cell's
    own fading baseline, is summed as log evidence while it stays above zero; a beta-binomial allows for days that
    differ. A finding opens when the sum passes ``entry`` and at least ``least`` intervals with ``fewest`` anomalies
    speak for it, so that neither one reading nor one crowded hour opens it alone (no interval adds more than
    ``most``). It closes when the evidence for a return passes ``exit``. Suspicious intervals don't teach the
    baseline. A cell that is anomalous from its very first reading is judged against ``prior_rate``, so a total block
    that is older than our watch is found too.

    It misleads when a site is broken for everybody (the rate rises in all countries), when another set of tests or
    networks begins to report, and when a cell's networks differ and their shares shift. A partial block by a small
    network drowns in the pool of a country. It doesn't know the hours of the day.

    >>> from datetime import UTC, datetime, timedelta
    >>> from tocsin.analysis.series import Cell, Point, Stream
    >>> detector = Blocking(Cell(Stream.BLOCKING, "web", "XX", "example.org"))
    >>> day = timedelta(days=1)
    >>> for number, anomalous in enumerate([0] * 30 + [1] * 5):
    ...     time = datetime(2024, 1, 1, tzinfo=UTC) + number * day
    ...     finding = detector.update(Point(time, day, n=1, k=anomalous))
    ...     if finding is not None:
    ...         print(finding.opened.date(), finding.seen.date(), round(finding.score, 2))
    2024-01-31 2024-02-02 0.94

    Reference: Basseville and Nikiforov, "Detection of Abrupt Changes" (1993), chapter 2, for the cumulative sum.

    Args:
        cell: The series.
        entry: Log evidence that opens (5: the data are 150 times as likely under a raised rate).
        exit: Log evidence of a return that closes.
        most: The most log evidence that one interval can add.
        least: The fewest intervals that open or close.
        fewest: The fewest anomalous measurements that open.
        warmup: Normal intervals to learn before anything but a rate near a total block can open.
        late: How far back late points are taken.
        stale: Without measurements for so long, an open finding says that nobody sees it any more.
        forget: Without measurements for so long, it closes.
        prior_rate: Rate of anomalies in a cell that nobody knows yet.
        prior_weight: What that is worth, in measurements.
        half_life: How fast the baseline forgets.
    """

    rule = RuleId("blocking", 1)

    def __init__(
        self,
        cell: Cell,
        *,
        entry: float = 5.0,
        exit: float = 4.0,  # noqa: A002 - the word of the domain
        most: float = 3.5,
        least: int = 2,
        fewest: float = 3.0,
        warmup: int = 7,
        late: timedelta = timedelta(days=2),
        stale: timedelta = timedelta(days=3),
        forget: timedelta = timedelta(days=60),
        prior_rate: float = 0.05,
        prior_weight: float = 4.0,
        half_life: timedelta = timedelta(days=30),
    ) -> None:
        self.entry = entry
        self.exit = exit
        self.most = most
        self.least = least
        self.fewest = fewest
        self.warmup = warmup
        self.stale = stale
        self.forget = forget
        self.prior_rate = prior_rate
        self.prior_weight = prior_weight
        self.half_life = half_life
        super().__init__(cell, late=late)

    def delay(self, now: datetime | None = None) -> timedelta | None:
        """See ``Detector.delay``."""
        seconds = self._judgement().seconds_to_find(None if now is None else now.timestamp())
        return None if seconds is None else timedelta(seconds=round(seconds))

    def usual(self, time: datetime) -> Band | None:
        """See ``Detector.usual``: the share for an interval of the usual number of measurements."""
        judgement = self._judgement()
        return judgement.base.band(max(judgement.size, 1.0)) if judgement.base.learned else None

    def _judgement(self) -> BlockingJudgement:
        assert isinstance(self._live, BlockingJudgement)
        return self._live

    def _settings(self) -> Settings:
        return Settings(
            entry=self.entry,
            exit=self.exit,
            most=self.most,
            least=self.least,
            fewest=self.fewest,
            warmup=self.warmup,
            forget=self.forget.total_seconds(),
            stale=self.stale.total_seconds(),
            prior_rate=self.prior_rate,
            prior_weight=self.prior_weight,
            half_life=self.half_life.total_seconds(),
        )

    def _blank(self) -> BlockingJudgement:
        return BlockingJudgement(self._settings())

    def _load(self, saved: State) -> BlockingJudgement:
        return BlockingJudgement.load(self._settings(), saved)

    def _parameters(self) -> State:
        return {**asdict(self._settings()), "late": self.late.total_seconds()}

    def _check(self, point: Point) -> None:
        if point.n is None or point.k is None:
            raise ValueError("blocking reads counts: n measurements, k of them anomalous")

    def _rivals(self, verdict: Verdict) -> tuple[Rival, ...]:
        return blocking_rivals(verdict, known=self._judgement().base.trials)


def _evidence(base: Belief, raised: list[Belief], n: float, k: float) -> float:
    """Log of how many times likelier the counts are under the raised beliefs, each as likely before, than the base."""
    against = base.log_likelihood(n, k)
    gains = [belief.log_likelihood(n, k) - against for belief in raised]
    best = max(gains)
    return best + log(sum(exp(gain - best) for gain in gains) / len(gains))


def _add(run: Run, n: float, k: float) -> None:
    run.intervals += 1
    run.n += n
    run.k += k
    run.recent = [*run.recent[1 - _RECENT :], (n, k)]


def _share(counts: Iterable[tuple[float, float]]) -> float:
    n, k = (sum(column) for column in zip(*counts, strict=True))
    return k / n if n else 0.0


def _share_of(run: Run) -> float:
    return (run.k + 0.5) / (run.n + 1)


def _run(saved: State | None) -> Run | None:
    if saved is None:
        return None
    return Run(**{**saved, "recent": [(n, k) for n, k in saved["recent"]]})


def _aware(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)


def _summary(run: Run, now: float) -> str:
    if run.closed is not None:
        return f"{run.ending}."
    return (
        f"{now:.0%} of recent measurements are anomalous; {run.before:.0%} is usual here. "
        f"{run.k:.0f} of {run.n:.0f} since it began, in {run.intervals} intervals."
    )
