"""Finds that a site is being blocked, from measurements of which some are anomalous."""

from dataclasses import asdict
from datetime import datetime, timedelta

from tocsin.analysis.baselines.bands import Band
from tocsin.analysis.detectors.base import State, Verdict, Watcher, span
from tocsin.analysis.detectors.judgement import BlockingJudgement, Settings
from tocsin.analysis.detectors.rivals import blocking_rivals
from tocsin.analysis.series import Cell, Point, Rival, RuleId


class Blocking(Watcher):
    """Finds that measurements of a site turn anomalous more often than they used to.

    Each interval has n measurements, k of them anomalous. How well a raised rate explains them, against the cell's
    own fading baseline, is summed as log evidence for several sizes of rise at once; a beta-binomial allows for
    days that differ. A finding opens when a sum passes what the cell's own past asks for: ``entry`` times the
    height to which its evidence climbs by itself. A rate that the cell has wandered to before is no news, and a
    rise of the rest of the world (``Point.elsewhere``, in log odds) is taken out. No interval gives more than 0.7
    of what opens. It closes when the evidence for a return passes ``exit``. Suspicious intervals don't teach the
    baseline. A cell that is anomalous from its very first reading is judged against ``prior_rate``, so a total
    block that is older than our watch is found too. While a finding is open, another raised rate, higher or
    lower, moves its level and never ends it. A rate that stands raised within thirty measurements of a return shows
    that the return was a partial one: the same finding goes on.

    A pooled point that tells its ``parts`` is judged part by part, each against its own past, so that another mix
    of networks is no change. Over a whole climb one part gives at most ``ONE_PART_MOST`` of what opens, and so do all
    parts without a past together: one network alone never opens a pooled finding, only that of its own cell.

    It misleads when a site is broken for everybody and fewer than five other countries tell, when another set of
    tests begins, or where the cell does not tell its parts and its networks' shares shift. A partial block by a small
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
    2024-01-31 2024-02-01 0.77
    2024-01-31 2024-02-02 0.95

    Reference: Basseville and Nikiforov, "Detection of Abrupt Changes" (1993), chapter 2, for the cumulative sum.

    Args:
        cell: The series.
        entry: Climbs of the usual height that open.
        exit: Log evidence of a return that closes.
        warmup: Normal intervals to learn before anything but a rate near a total block can open.
        late: How far back late points are taken.
        stale: Without measurements for so long, an open finding says that nobody sees it any more.
        forget: Without measurements for so long, it closes.
        prior_rate: Rate of anomalies in a cell that nobody knows yet.
        prior_weight: What that is worth, in measurements.
        half_life: How fast the baseline forgets.
        memory: How fast it forgets how far the rate wandered; how high evidence climbed is kept three times as long.
        wandering: Deviations of the smoothed rate, over months, that are nothing new.
        nothing_new: The most that can be nothing new, as a share of the way from the baseline to a total block.
    """

    rule = RuleId("blocking", 4)

    def __init__(
        self,
        cell: Cell,
        *,
        entry: float = 4.0,
        exit: float = 4.0,  # noqa: A002 - the word of the domain
        warmup: int = 7,
        late: timedelta = timedelta(days=2),
        stale: timedelta = timedelta(days=3),
        forget: timedelta = timedelta(days=60),
        prior_rate: float = 0.05,
        prior_weight: float = 4.0,
        half_life: timedelta = timedelta(days=45),
        memory: timedelta = timedelta(days=120),
        wandering: float = 1.3,
        nothing_new: float = 0.4,
    ) -> None:
        self.entry = entry
        self.exit = exit
        self.warmup = warmup
        self.stale = stale
        self.forget = forget
        self.prior_rate = prior_rate
        self.prior_weight = prior_weight
        self.half_life = half_life
        self.memory = memory
        self.wandering = wandering
        self.nothing_new = nothing_new
        super().__init__(cell, late=late)

    def delay(self, now: datetime | None = None) -> timedelta | None:
        """See ``Detector.delay``."""
        return self._delay(now, 0.0)

    def delay_with_one_more(self, now: datetime | None = None) -> timedelta | None:
        """See ``Detector.delay_with_one_more``."""
        return self._delay(now, 1.0)

    def _delay(self, now: datetime | None, more_a_day: float) -> timedelta | None:
        return span(self._judgement().seconds_to_find(None if now is None else now.timestamp(), more_a_day))

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
            warmup=self.warmup,
            forget=self.forget.total_seconds(),
            stale=self.stale.total_seconds(),
            prior_rate=self.prior_rate,
            prior_weight=self.prior_weight,
            half_life=self.half_life.total_seconds(),
            memory=self.memory.total_seconds(),
            wandering=self.wandering,
            nothing_new=self.nothing_new,
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
