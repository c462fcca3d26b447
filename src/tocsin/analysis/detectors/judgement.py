"""Judges the counts of one cell, interval by interval: is its rate of anomalies raised, and is it back again?"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from math import exp
from typing import Any

from tocsin.analysis.baselines.rates import Belief, Rate
from tocsin.analysis.baselines.wandering import Climbs, Wandering
from tocsin.analysis.detectors.base import State, Verdict
from tocsin.analysis.detectors.evidence import (
    ONE_PART_MOST,
    Climb,
    Expected,
    PartRate,
    learn_parts,
    log_evidence,
    network_of,
    part_gains,
    rises,
    smallest,
)
from tocsin.analysis.series import Direction, Evidence, Part, Point

_RECENT = 5  # intervals in the level that is shown as "now"
_HELD = 20  # suspicious intervals that wait before they teach the baseline after all
_ONE_INTERVAL_MOST = 0.7  # what one interval can give to opening, as a share of what is needed
_TEACHES = 14  # intervals of an open finding that may teach how far the rate wanders
_CALM_MOST = 3.5  # log evidence of a return that one interval can give
_DOUBTED = 30.0  # measurements after a return in which it may prove to be a partial one
_SURE = 8.0  # anomalous measurements of a finding whose return is doubted: what is less may have been luck
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of ``Blocking``; spans in seconds."""

    entry: float
    exit: float
    warmup: int
    forget: float
    stale: float
    prior_rate: float
    prior_weight: float
    half_life: float
    memory: float
    wandering: float
    nothing_new: float


@dataclass(slots=True)
class Run:
    """An open finding, or one that is over: since when, its counts, what its level is, and what closes it again."""

    since: float
    before: float
    needed: float
    intervals: int = 0
    n: float = 0.0
    k: float = 0.0
    recent: list[tuple[float, float]] = field(default_factory=list)
    calm: float = 0.0
    calm_since: float = 0.0
    calm_intervals: int = 0
    closed: float | None = None
    ending: str = ""

    def add(self, n: float, k: float) -> None:
        """Add an interval."""
        self.intervals += 1
        self.n += n
        self.k += k
        self.recent = [*self.recent[1 - _RECENT :], (n, k)]


class BlockingJudgement:
    """Log evidence for a raised rate, summed while it stays above zero, against a baseline that it doesn't teach."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.base = Rate(settings.prior_rate, settings.prior_weight, settings.half_life)
        self.past = Wandering(settings.memory)
        self.climbs = Climbs(settings.memory * 3)
        self.climb = Climb()
        self.parts: dict[str, PartRate] = {}
        self.run: Run | None = None
        self.last: Run | None = None
        self.level: Rate | None = None
        self.known: Wandering | None = None
        self.doubt = 0.0
        self.held: list[tuple[float, float, float]] = []
        self.newest: tuple[float, float] | None = None
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
        self._forget(time)
        n = point.n
        if n is None or n <= 0:
            return
        k = point.k or 0.0
        self._note(time, n, k, point.step.total_seconds())
        elsewhere = point.elsewhere or 0.0
        if self.run is None:
            self._suspect(time, n, k, point.parts, elsewhere)
            if self.run is None:
                self.doubt = max(self.doubt - n, 0.0)
        else:
            self._follow(self.run, time, n, k, point.parts, elsewhere)

    def verdict(self) -> Verdict | None:
        """The newest finding."""
        run = self.run or self.last
        if run is None:
            return None
        now = _share(run.recent)
        strength = self.climb.evidence / run.needed
        return Verdict(
            opened=_aware(run.since),
            closed=None if run.closed is None else _aware(run.closed),
            direction=Direction.RISE,
            score=1 / (1 + exp(3 * (1 - strength))) if run.closed is None else 0.0,
            before=run.before,
            now=now,
            evidence=Evidence.NONE if self._stale() else Evidence.SCORED,
            points=run.intervals,
            summary=_summary(run, now),
        )

    def seconds_to_find(self, now: float | None, more_a_day: float = 0.0) -> float | None:
        """Seconds until a total block that begins now would be found, with so many more measurements a day."""
        gap, size = _DAY, more_a_day
        if self.scored:
            gap, size = max(self.gap, (now or self.scored) - self.scored, self.step), max(self.size, 1.0)
            denser = max(self.step, 1 / (1 / gap + more_a_day / _DAY))
            gap, size = denser, (size / gap + more_a_day / _DAY) * denser
        if not size or not gap:
            return None
        base = self._expected(0.0)
        raised = self._rises(base, size)
        needed, evidence, intervals = self.climbs.needed(self.settings.entry, gap), 0.0, 0
        most = _ONE_INTERVAL_MOST * needed
        gain = min(max(log_evidence(base, raised, size, size, smallest(size))), most)
        while evidence < needed:
            evidence = evidence * self._kept(gap) + gain
            intervals += 1
            if intervals > 1_000:
                return None
        return intervals * gap

    def save(self) -> State:
        """All it knows."""
        saved: State = {name: value for name, value in vars(self).items() if name != "settings"}
        for name in ("base", "past", "climbs", "climb", "run", "last", "level", "known"):
            saved[name] = None if saved[name] is None else asdict(saved[name])
        saved["parts"] = {
            name: [part.trials, part.anomalous, part.learned, part.at] for name, part in self.parts.items()
        }
        saved["held"] = [list(held) for held in self.held]
        return saved

    @classmethod
    def load(cls, settings: Settings, saved: State) -> "BlockingJudgement":
        """The judgement that ``save`` saved."""
        judgement = cls(settings)
        for name, value in saved.items():
            setattr(judgement, name, value)
        judgement.base = Rate(**saved["base"])
        judgement.past = Wandering(**saved["past"])
        judgement.climbs = Climbs(**saved["climbs"])
        judgement.climb = Climb(**saved["climb"])
        judgement.known = None if saved["known"] is None else Wandering(**saved["known"])
        judgement.level = None if saved["level"] is None else Rate(**saved["level"])
        judgement.run, judgement.last = _run(saved["run"]), _run(saved["last"])
        judgement.parts = {name: PartRate(*part) for name, part in saved["parts"].items()}
        judgement.held = [(time, n, k) for time, n, k in saved["held"]]
        judgement.newest = None if saved["newest"] is None else (saved["newest"][0], saved["newest"][1])
        return judgement

    def _suspect(self, time: float, n: float, k: float, parts: Sequence[Part], elsewhere: float) -> None:
        base = self._expected(elsewhere)
        climb = self.climb
        usual = k if elsewhere <= 0 else min(n, k * self.base.rate / base.rate)
        if not self._climbed(climb, time, n, k, base, parts):
            if climb.intervals:
                self._relax()
            self.base.learn(time, n, usual)
            learn_parts(self.parts, time, parts, self.base, half_life=self.settings.half_life)
            return
        self.held.append((time, n, usual))
        if len(self.held) > _HELD:
            self.base.learn(*self.held.pop(0))
            learn_parts(self.parts, time, parts, self.base, half_life=self.settings.half_life)
        if climb.evidence >= self._needed():
            self._open(climb, self.base)

    def _climbed(
        self, climb: Climb, time: float, n: float, k: float, base: Expected, parts: Sequence[Part] = ()
    ) -> bool:
        """Add the interval to the climb; False if nothing speaks for a rise any more."""
        if k <= n * base.rate and not parts and not climb.intervals:
            return False
        raised = self._rises(base, n if self.size < 1 else self.size)
        least = smallest(self.size)
        if parts:
            bound = (1.0 if self._one_network(parts) else ONE_PART_MOST) * self._needed()
            return climb.add_parts(time, n, k, self._by_part(base, parts, raised), self._most(), bound)
        return climb.add(time, n, k, log_evidence(base, raised, n, k, least), self._most())

    def _open(self, climb: Climb, before: Rate) -> None:
        needed = self._needed()
        again = self.last if self.doubt > 0 else None
        if again is not None:
            # The return was a partial one: it is the same block.
            run = replace(again, closed=None, ending="", calm=0.0, calm_since=0.0, calm_intervals=0)
        else:
            run = Run(climb.since or self.scored, before.rate, needed)
            self.known = replace(self.past)
            self.climbs.ended(needed)
        run.intervals, run.n, run.k = run.intervals + climb.intervals, run.n + climb.n, run.k + climb.k
        run.recent = [(n, k) for _, n, k in self.held[-_RECENT:]] or [(climb.n, climb.k)]
        self.run = run
        raised = min(max((climb.k + 0.5) / (climb.n + 1), before.rate), 0.99)
        self.level = Rate(raised, min(climb.n, 10.0) + 2, self.settings.half_life)
        self.level.dispersions, self.level.intervals = before.dispersions, before.intervals
        self.held.clear()

    def _follow(self, run: Run, time: float, n: float, k: float, parts: Sequence[Part], elsewhere: float) -> None:
        level = self.level
        assert level is not None
        run.add(n, k)
        base = self._expected(elsewhere)
        self._strengthen(base, n, k, 2 * run.needed)
        raised = min(max(level.rate, base.rate + 0.5 * smallest(self.size) * (1 - base.rate)), 0.99)
        gain = self._return(n, k, parts, base, level.around(raised))
        still = self._return(n, k, parts, base, self._smallest(base))
        if still < 0:
            # Lower than the level, and yet raised: no return, and it speaks against one.
            gain = min(gain, still)
        # A still higher rate moves the level: the same block, whose first interval may be in part before it.
        if not self._calmed(run, time, gain) and run.calm <= 0:
            level.learn(time, n, k)

    def _strengthen(self, base: Expected, n: float, k: float, top: float) -> None:
        """Let an open finding's evidence grow and sink, up to twice of what opened it."""
        gains = log_evidence(base, self._rises(base, self.size), n, k, smallest(self.size))
        most = self._most()
        self.climb.sums = [
            min(max(one + min(gain, most), 0.0), top) for one, gain in zip(self.climb.sums, gains, strict=True)
        ]

    def _return(self, n: float, k: float, parts: Sequence[Part], base: Expected, raised: Belief) -> float:
        """Log evidence of one interval that the usual rate is back; no part gives more than its bound."""
        if not parts:
            usual = Belief(base.rate, base.concentration).log_likelihood(n, k)
            return usual - raised.log_likelihood(n, k)
        bound = ONE_PART_MOST * self.settings.exit
        gains = self._by_part(base, parts, [raised.rate])
        return sum(min(max(-gain, -bound), bound) for _, (gain,) in gains)

    def _smallest(self, base: Expected) -> Belief:
        """The rate after the smallest rise that counts: an interval that speaks for it stands raised."""
        raised = base.rate + smallest(self.size) * (1 - base.rate)
        return Belief(min(raised, 0.99), 1 / base.dispersion - 1)

    def _calmed(self, run: Run, time: float, gain: float) -> bool:
        """Whether this interval closes the finding."""
        run.calm = max(run.calm + min(gain, _CALM_MOST), 0.0)
        if run.calm <= 0:
            run.calm_since, run.calm_intervals = 0.0, 0
            return False
        run.calm_since = run.calm_since or time
        run.calm_intervals += 1
        if run.calm < self.settings.exit:
            return False
        self._close(run, run.calm_since, "The rate is back at its usual level")
        self.doubt = _DOUBTED if run.k >= _SURE else 0.0
        return True

    def _close(self, run: Run, time: float, ending: str) -> None:
        run.closed, run.ending = time, ending
        self.run, self.last, self.level = None, run, None
        self.climb = Climb()

    def _relax(self) -> None:
        self.climbs.ended(self.climb.peak)
        for held in self.held:
            self.base.learn(*held)
        self.held.clear()
        self.climb = Climb()

    def _forget(self, time: float) -> None:
        """Evidence fades while nothing is measured; a run that nobody has seen for long is not held open."""
        if self.scored and self.run is not None and time - self.scored >= self.settings.forget:
            self._close(self.run, time, "Nothing was measured for too long to say that it lasts")

    def _note(self, time: float, n: float, k: float, step: float) -> None:
        if self.newest is not None and (self.run is None or self.run.intervals <= _TEACHES):
            self.past.learn(self.scored, *self.newest)
        self.newest = (n, k)
        self.climbs.pass_time(time)
        if self.first is None:
            self.first, self.size = time, n
        else:
            passed = time - self.scored
            if passed > step and self.run is None:
                self.climb.fade(self._kept(passed - step))
            self.gap += 0.1 * (passed - self.gap) if self.gap else passed
            self.size += 0.1 * (n - self.size)
        self.scored, self.step = time, step

    def _expected(self, elsewhere: float) -> Expected:
        """What the next interval should show: the usual rate, or one that the cell has wandered to before.

        While a finding is open, only the usual rate is a return. While a return is doubted, nothing that the block
        itself taught is called wandering.
        """
        base, settings = self.base, self.settings
        rate = base.rate
        if self.run is None and base.learned >= settings.warmup:
            past = self.known if self.doubt > 0 and self.known is not None else self.past
            rate = past.top(rate, settings.wandering, settings.nothing_new)
        return Expected(min(rate, 0.98), *_widths(base)).moved(elsewhere)

    def _rises(self, base: Expected, size: float) -> list[float]:
        return rises(base, smallest(size), known=self.base.learned >= self.settings.warmup)

    def _one_network(self, parts: Sequence[Part]) -> bool:
        """Whether all that was ever told of the cell is one network's: then there is nobody else to wait for."""
        return len({network_of(name) for name in self.parts} | {network_of(part.name) for part in parts}) == 1

    def _by_part(self, base: Expected, parts: Sequence[Part], raised: Sequence[float]) -> list[tuple[str, list[float]]]:
        young = self.base.learned < self.settings.warmup
        return part_gains(base, parts, self.parts, raised, weight=self.settings.prior_weight, young=young)

    def _needed(self) -> float:
        return self.climbs.needed(self.settings.entry, self.gap)

    def _most(self) -> float:
        return _ONE_INTERVAL_MOST * self._needed()

    def _kept(self, silent: float) -> float:
        return float(0.5 ** (2 * max(silent, 0.0) / self.settings.forget))

    def _stale(self) -> bool:
        return self.latest is not None and self.latest - self.scored >= max(self.settings.stale, 3 * self.gap)


def _widths(rate: Rate) -> tuple[float, float]:
    """The concentration and the dispersion of what a rate expects."""
    return 1 / rate.doubt - 1, rate.dispersion


def _share(counts: Iterable[tuple[float, float]]) -> float:
    n, k = (sum(column) for column in zip(*counts, strict=True))
    return k / n if n else 0.0


def _run(saved: dict[str, Any] | None) -> Run | None:
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
