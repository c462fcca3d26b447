"""What the detectors of levels share: a finding opens on a rare departure, is followed, and closes."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

from tocsin.analysis.baselines import Band, Seasonal, Surprise, Terms
from tocsin.analysis.baselines.shapes import WEEK
from tocsin.analysis.detectors.base import State, Verdict
from tocsin.analysis.detectors.lasting import LastingRun, LastingWatcher, Patience
from tocsin.analysis.series import Direction, Evidence, Point

_RECENT = 7  # intervals kept of an open finding: what is shown as "now", and what follows it
_NOW = 5
_BLIP = 2  # a departure that is over after so many intervals is one of the series' own, and teaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Patience):
    """The parameters that detectors of levels share."""

    terms: Terms
    country: str


@dataclass(slots=True, kw_only=True)
class Run(LastingRun):
    """A finding of a level: its sign, the kind of departure (``scale``), how far is usual and how far this one went."""

    sign: float
    scale: int
    usual: float
    size: float
    values: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    departures: list[float] = field(default_factory=list)


class LevelJudgement:
    """Judges each level by a ``Seasonal`` baseline, which learns nothing while a finding is open."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.base: Seasonal | None = None
        self.run: Run | None = None
        self.last: Run | None = None
        self.latest: float | None = None
        self.scored: float | None = None
        self.gap = 0.0
        self._closed: Verdict | None = None

    def take(self, point: Point) -> None:
        """Take the next interval."""
        self.measure(point, point.value)

    def measure(self, point: Point, value: float | None) -> None:
        """Take the next interval with a value of its own; None: nothing was measured."""
        time = self.latest = point.time.timestamp()
        run = self.run
        if run is not None and self.scored is not None and time - self.scored >= self.settings.forget:
            self._close(run, time, "Nothing was measured for too long to say that it lasts")
            run = None
            assert self.base is not None
            self.base.renew()
        if value is None:
            return
        if self.scored is None:
            step = int(point.step.total_seconds())
            self.base, self.gap = Seasonal(step=step, country=self.settings.country), float(step)
        else:
            self.gap += 0.1 * (time - self.scored - self.gap)
        self.scored = time
        base = self.base
        assert base is not None
        if run is not None:
            self._follow(base, run, time, value, point.elsewhere)
            return
        surprise = base.take(time, value, point.elsewhere, self.settings.terms)
        if surprise is not None:
            self._open(base, surprise, time, value)

    def verdict(self) -> Verdict | None:
        """The newest finding."""
        if self.run is not None:
            return self._told(self.run)
        if self.last is not None and self._closed is None:
            self._closed = self._told(self.last)
        return self._closed

    def weeks(self) -> float:
        """How long a past the baseline rests on."""
        return 0.0 if self.base is None else self.base.learned * self.base.step / WEEK

    def seconds_to_find(self, now: float | None) -> float | None:
        """Seconds until a total loss that begins now would be found."""
        base = self.base
        if base is None or self.scored is None or not base.ready:
            return None
        needed = base.intervals_to_see_a_loss(self.settings.terms)
        return None if needed is None else needed * max(self.gap, (now or self.scored) - self.scored)

    def usual(self, time: float) -> Band | None:
        """What is normal at a time."""
        if self.base is None or not self.base.ready:
            return None
        return self.base.band(time, 0 if self.run is None else self.run.scale)

    def save(self) -> State:
        """All it knows."""
        return {
            "base": None if self.base is None else self.base.save(),
            "run": None if self.run is None else asdict(self.run),
            "last": None if self.last is None else asdict(self.last),
            "latest": self.latest,
            "scored": self.scored,
            "gap": self.gap,
        }

    @classmethod
    def load(cls, settings: Settings, saved: State) -> "LevelJudgement":
        """The judgement that ``save`` saved."""
        judgement = cls(settings)
        judgement.base = None if saved["base"] is None else Seasonal.load(saved["base"])
        judgement.run = _loaded(saved["run"])
        judgement.last = _loaded(saved["last"])
        judgement.latest, judgement.scored, judgement.gap = saved["latest"], saved["scored"], saved["gap"]
        return judgement

    def __deepcopy__(self, memo: dict[int, Any]) -> "LevelJudgement":
        return self.load(self.settings, self.save())

    def _open(self, base: Seasonal, surprise: Surprise, time: float, value: float) -> None:
        before = base.band(time, surprise.scale).level
        self.run = Run(
            since=surprise.since,
            at=time,
            before=before,
            intervals=max(round((time - surprise.since) / base.step), 0) + 1,
            rate=surprise.rate,
            sign=surprise.sign,
            scale=surprise.scale,
            usual=surprise.usual,
            size=surprise.size,
            values=[value],
            levels=[base.before[-1]],
        )

    def _follow(self, base: Seasonal, run: Run, time: float, value: float, elsewhere: float | None) -> None:
        departed = run.sign * base.departure(time, value, elsewhere, run.scale)
        if self._turned(base, run, -departed):
            base.resume(run.levels[-3:])
            self._close(run, time, "It turned into the opposite")
            usual = base.tails.size(int(run.sign > 0))
            self._open(base, Surprise(-run.sign, 0.0, 0, usual, -departed, time), time, value)
            return
        run.intervals += 1
        run.values = [*run.values, value][-_RECENT:]
        run.levels = [*run.levels, base.before[-1]][-_RECENT:]
        run.departures = [*run.departures, departed][-3:]
        run.rate = base.rate(run.scale, run.sign, median(run.departures))
        if departed < max(run.usual, self.settings.terms.least / 2):
            run.calm_since = run.calm_since if run.calm else time
            run.calm += 1
            if run.calm >= self.settings.calm:
                if run.intervals - run.calm <= _BLIP:
                    base.own(run.scale, run.sign, run.size)
                base.resume(run.levels[-run.calm :])
                self._close(run, run.calm_since, "The level is back in its usual range")
                return
        else:
            run.calm = 0
        if time - run.at >= self.settings.adopt:
            base.adopt(run.levels)
            self._close(run, time, "It has lasted so long that it is the new usual level")

    def _turned(self, base: Seasonal, run: Run, against: float) -> bool:
        """Whether a level departs as rarely against an open finding as would open one."""
        terms = self.settings.terms
        wanted = terms.drops if run.sign > 0 else terms.rises
        return wanted == 1 and against >= terms.least and base.rate(0, -run.sign, against) * terms.entry < 1

    def _close(self, run: Run, time: float, ending: str) -> None:
        run.close(time, ending)
        self.run, self.last, self._closed = None, run, None

    def _stale(self) -> bool:
        if self.latest is None or self.scored is None:
            return True
        return self.latest - self.scored >= max(self.settings.stale, 3 * self.gap)

    def _told(self, run: Run) -> Verdict:
        now = median(run.values[-_NOW:])
        return Verdict(
            opened=_aware(run.since),
            closed=None if run.closed is None else _aware(run.closed),
            direction=Direction.RISE if run.sign > 0 else Direction.DROP,
            score=0.0 if run.closed is not None else 1 / (1 + self.settings.terms.entry * run.rate / run.intervals),
            before=run.before,
            now=now,
            evidence=Evidence.NONE if self._stale() else Evidence.SCORED,
            points=run.intervals,
            summary=_summary(run, now),
        )


class LevelWatcher(LastingWatcher):
    """A detector of levels: ``_ways`` says which directions count."""

    @abstractmethod
    def _ways(self) -> tuple[int, int]:
        """After how many intervals a rise and a drop open; 0: never."""

    @abstractmethod
    def _lasting(self) -> LevelJudgement:
        """The live judgement of the level."""

    def usual(self, time: datetime) -> Band | None:
        """See ``Detector.usual``."""
        return self._lasting().usual(time.timestamp())

    def _settings(self) -> Settings:
        terms = Terms(self.entry, self.least, *self._ways())
        return Settings(terms=terms, country=self.cell.country, calm=self.calm, **self._patience())

    def _check(self, point: Point) -> None:
        if point.value is None:
            raise ValueError(f"{self.rule.name} reads levels: a value for each interval")


def newest(verdicts: Sequence[Verdict | None]) -> Verdict | None:
    """Of several judgements of one cell, the open finding that began first; else the one that closed last."""
    found = [each for each in verdicts if each is not None]
    lasting = [each for each in found if each.closed is None]
    if lasting:
        return min(lasting, key=lambda each: each.opened)
    return max(found, key=lambda each: each.closed or each.opened, default=None)


def named(verdict: Verdict | None, what: str) -> Verdict | None:
    """A verdict whose summary says what was measured."""
    return None if verdict is None else replace(verdict, summary=f"{what}: {verdict.summary}")


def _loaded(saved: State | None) -> Run | None:
    if saved is None:
        return None
    lists = {name: list(saved[name]) for name in ("values", "levels", "departures")}
    return Run(**{**saved, **lists})


def _aware(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)


def _summary(run: Run, now: float) -> str:
    if run.closed is not None:
        return f"{run.ending}."
    word = "above" if run.sign > 0 else "below"
    return f"{now:,.4g} lately, {word} the usual {run.before:,.4g}, over {run.intervals} intervals."
