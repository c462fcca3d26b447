"""The contract of a detector, and what all of ours share: late data, reports, saved state."""

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Protocol, TypeAlias

from tocsin.analysis.baselines import Band
from tocsin.analysis.series import Cell, Direction, Evidence, Finding, Part, Point, Rival, RuleId

State: TypeAlias = dict[str, Any]
"""Saved state: only what JSON can hold."""

TOO_LATE = "too late"
_MANY = 256  # points that wait before the settled judgement is brought up to date


class Detector(Protocol):
    """Watches one cell: made as ``Factory(cell, **parameters)``, then fed its points.

    Parameters are keywords and kept unchanged under their own names. There is no clock and no chance: the same
    points give the same findings. Nobody but the caller knows what time it is, so the caller refuses points from
    the future.
    """

    rule: RuleId
    cell: Cell

    @property
    def discarded(self) -> dict[str, int]:
        """Points that could not be taken, by reason: ``TOO_LATE``, older than ``late`` before the newest one."""
        ...

    def update(self, point: Point) -> Finding | None:
        """Take one interval; give a finding when one opens, materially changes or closes.

        A finding is told apart by its rule, cell and ``opened``. A point for an interval that was seen before
        replaces it, and late points are put in their place, as far back as ``late``; older ones are counted in
        ``discarded`` with the reason. An interval without evidence may be given or left out: it never counts as zero.

        Raises:
            ValueError: if the point is not of the kind that this detector reads, or its numbers are not finite.
        """
        ...

    def state(self) -> State:
        """All that it knows, as JSON can hold it; a detector that restores it gives the same findings as this one."""
        ...

    def restore(self, state: State) -> None:
        """Go on from a saved state.

        Raises:
            ValueError: if another rule, version or cell, or other parameters, saved it: replay the points instead.
        """
        ...

    def delay(self, now: datetime | None = None) -> timedelta | None:
        """How long it would take to find a total block or loss that begins now, at the present rate of data.

        ``now`` is the caller's time, by default that of the newest point; a cell that has been silent for longer
        than usual is slower by that. None: it can't tell, or would never see it.
        """
        ...

    def delay_with_one_more(self, now: datetime | None = None) -> timedelta | None:
        """What ``delay`` would be if one more measurement a day came from here on.

        A cell that was never measured is answered, too. None: more measurements would not help, as where a level is
        read whole.
        """
        ...

    def usual(self, time: datetime) -> Band | None:
        """What is normal, as far as it knows now, in an interval that begins at ``time``; None: it knows nothing yet.

        While a finding is open this is the frozen baseline, so a chart shows what was lost.
        """
        ...


Factory: TypeAlias = Callable[[Cell], Detector]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judgement holds of its newest finding, open or closed; fields as in ``Finding``."""

    opened: datetime
    closed: datetime | None
    direction: Direction
    score: float
    before: float
    now: float
    evidence: Evidence
    points: int
    summary: str


class Judgement(Protocol):
    """The part that differs between detectors: takes points in order of time, never twice."""

    def take(self, point: Point) -> None:
        """Take the next point."""
        ...

    def verdict(self) -> Verdict | None:
        """The newest finding, if there ever was one."""
        ...

    def save(self) -> State:
        """All it knows, as JSON can hold it."""
        ...


class Watcher(ABC):
    """A detector around a ``Judgement``.

    It keeps two judgements: a settled one that stands for all points older than ``late``, and a live one that has
    taken all. When a point changes or comes late, the live one is made again from the settled one and the points
    since. So the order in which the points of a window arrive changes no verdict.

    The settled one lags behind: points that nobody can change any more wait for it, until its state is asked for or
    many wait. Then a copy that was made of the live one meanwhile takes its place, so in a long replay each point is
    judged once, not twice.
    """

    rule: RuleId

    def __init__(self, cell: Cell, *, late: timedelta) -> None:
        self.cell = cell
        self.late = late
        self._discarded: dict[str, int] = {}
        self._settled = self._blank()
        self._settled_until: datetime | None = None
        self._live = self._blank()
        self._waiting: list[Point] = []
        self._spare: tuple[datetime, Judgement] | None = None
        self._window: list[Point] = []
        self._reported: Finding | None = None

    @abstractmethod
    def _blank(self) -> Judgement:
        """A judgement that has seen nothing."""

    @abstractmethod
    def _load(self, saved: State) -> Judgement:
        """The judgement that ``save`` saved."""

    @abstractmethod
    def _parameters(self) -> State:
        """The parameters, as JSON can hold them."""

    @abstractmethod
    def _check(self, point: Point) -> None:
        """Raise ValueError for a scored point of the wrong kind."""

    @abstractmethod
    def _rivals(self, verdict: Verdict) -> tuple[Rival, ...]:
        """The other explanations of this verdict."""

    @abstractmethod
    def delay(self, now: datetime | None = None) -> timedelta | None:
        """See ``Detector.delay``."""

    def delay_with_one_more(self, now: datetime | None = None) -> timedelta | None:
        """See ``Detector.delay_with_one_more``: None, but for detectors that count single measurements."""
        return None

    @abstractmethod
    def usual(self, time: datetime) -> Band | None:
        """See ``Detector.usual``."""

    def update(self, point: Point) -> Finding | None:
        """See ``Detector.update``."""
        check_numbers(point)
        if point.evidence is Evidence.SCORED:
            self._check(point)
        if self._settled_until is not None and point.time <= self._settled_until:
            self._discarded[TOO_LATE] = self._discarded.get(TOO_LATE, 0) + 1
            return None
        if not self._place(point):
            return None
        self._settle()
        return self._report()

    @property
    def discarded(self) -> dict[str, int]:
        """See ``Detector.discarded``."""
        return dict(self._discarded)

    def state(self) -> State:
        """See ``Detector.state``."""
        self._catch_up()
        return {
            "rule": str(self.rule),
            "cell": self.cell.key(),
            "parameters": self._parameters(),
            "discarded": self.discarded,
            "settled": self._settled.save(),
            "settled_until": _text(self._settled_until),
            "window": [_saved_point(point) for point in self._window],
            "reported": _saved_report(self._reported),
        }

    def restore(self, state: State) -> None:
        """See ``Detector.restore``."""
        if state.get("rule") != str(self.rule) or state.get("cell") != self.cell.key():
            raise ValueError("another rule or cell saved this state: replay the points instead")
        if state["parameters"] != self._parameters():
            raise ValueError("the parameters have changed since this state was saved: replay the points instead")
        self._discarded = dict(state["discarded"])
        self._waiting, self._spare = [], None
        self._settled = self._load(state["settled"])
        self._settled_until = _time(state["settled_until"])
        self._window = [_loaded_point(saved) for saved in state["window"]]
        self._rewind()
        self._reported = self._loaded_report(state["reported"])

    def _place(self, point: Point) -> bool:
        """Put the point where its time belongs; False if nothing changed."""
        if not self._window or self._window[-1].time < point.time:
            self._window.append(point)
            self._live.take(point)
            return True
        place = bisect_left(self._window, point.time, key=lambda each: each.time)
        if self._window[place] == point:
            return False
        same = self._window[place].time == point.time
        self._window[place : place + same] = [point]
        self._rewind()
        return True

    def _rewind(self) -> None:
        self._catch_up()
        self._live = deepcopy(self._settled)
        for point in self._window:
            self._live.take(point)

    def _settle(self) -> None:
        limit = self._window[-1].time - self.late
        while self._window[0].time < limit:
            point = self._window.pop(0)
            self._waiting.append(point)
            self._settled_until = point.time
        if len(self._waiting) < _MANY:
            return
        if self._spare is None:
            self._spare = self._window[-1].time, deepcopy(self._live)
        elif self._spare[0] < limit:
            until, self._settled = self._spare
            self._waiting = [point for point in self._waiting if point.time > until]
            self._spare = None

    def _catch_up(self) -> None:
        """Let the settled judgement take what waits for it."""
        for point in self._waiting:
            self._settled.take(point)
        self._waiting, self._spare = [], None

    def _report(self) -> Finding | None:
        finding = self._news(self._live.verdict(), self._reported)
        if finding is not None:
            self._reported = finding
        return finding

    def _news(self, verdict: Verdict | None, last: Finding | None) -> Finding | None:
        """What a reader of the last report doesn't know yet."""
        if last is not None and last.closed is None:
            if verdict is None or (verdict.closed is not None and verdict.closed <= last.opened):
                return self._withdrawn(last)
            finding = self._finding(verdict, opened=last.opened)
            return finding if finding.closed is not None or _moved(last, finding) else None
        if verdict is None:
            return None
        if last is None or last.closed is None or verdict.opened > last.closed:
            return self._finding(verdict, opened=verdict.opened)
        return self._finding(verdict, opened=last.opened) if verdict.closed is None else None

    def _finding(self, verdict: Verdict, *, opened: datetime) -> Finding:
        return Finding(
            rule=self.rule,
            cell=self.cell,
            opened=opened,
            closed=verdict.closed,
            seen=self._window[-1].time,
            direction=verdict.direction,
            score=verdict.score,
            before=verdict.before,
            now=verdict.now,
            evidence=verdict.evidence,
            points=verdict.points,
            delay=self.delay(),
            rivals=self._rivals(verdict),
            summary=verdict.summary,
        )

    def _withdrawn(self, last: Finding) -> Finding:
        seen = self._window[-1].time
        words = "Withdrawn: later data no longer show it."
        return replace(last, closed=seen, seen=seen, score=0.0, summary=words, withdrawn=True)

    def _loaded_report(self, saved: State | None) -> Finding | None:
        """The parts of the last report that the next one is compared with."""
        if saved is None:
            return None
        return Finding(
            rule=self.rule,
            cell=self.cell,
            opened=datetime.fromisoformat(saved["opened"]),
            closed=_time(saved["closed"]),
            seen=datetime.fromisoformat(saved["seen"]),
            direction=Direction(saved["direction"]),
            score=saved["score"],
            before=saved["before"],
            now=saved["now"],
            evidence=Evidence(saved["evidence"]),
            points=saved["points"],
            delay=None if saved["delay"] is None else timedelta(seconds=saved["delay"]),
            rivals=tuple(Rival(*rival) for rival in saved["rivals"]),
            summary=saved["summary"],
        )


def check_numbers(point: Point) -> None:
    """Raise ValueError if a number of the point is infinite or not a number."""
    for number in (point.n, point.k, point.value, point.elsewhere):
        if number is not None and not isfinite(number):
            raise ValueError("a point's numbers must be finite")


def _moved(last: Finding, new: Finding) -> bool:
    """Whether the new finding tells a reader of the last one something."""
    if new.evidence is not last.evidence or new.direction is not last.direction:
        return True
    return abs(new.score - last.score) >= 0.1 or abs(new.now - last.now) > 0.5 * abs(last.now - last.before)


def span(seconds: float | None) -> timedelta | None:
    """So many seconds, whole ones; None stays None."""
    return None if seconds is None else timedelta(seconds=round(seconds))


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _saved_point(point: Point) -> list[Any]:
    step = point.step.total_seconds()
    parts = [[part.name, part.n, part.k] for part in point.parts]
    return [point.time.isoformat(), step, point.n, point.k, point.value, point.evidence.value, parts, point.elsewhere]


def _loaded_point(saved: list[Any]) -> Point:
    time, step, n, k, value, evidence, parts, elsewhere = saved
    return Point(
        time=datetime.fromisoformat(time),
        step=timedelta(seconds=step),
        n=n,
        k=k,
        value=value,
        evidence=Evidence(evidence),
        parts=tuple(Part(*part) for part in parts),
        elsewhere=elsewhere,
    )


def _saved_report(finding: Finding | None) -> State | None:
    if finding is None:
        return None
    return {
        "opened": finding.opened.isoformat(),
        "closed": _text(finding.closed),
        "seen": finding.seen.isoformat(),
        "direction": finding.direction.value,
        "score": finding.score,
        "before": finding.before,
        "now": finding.now,
        "evidence": finding.evidence.value,
        "points": finding.points,
        "delay": None if finding.delay is None else finding.delay.total_seconds(),
        "rivals": [[rival.key, rival.speaks_for, rival.speaks_against] for rival in finding.rivals],
        "summary": finding.summary,
    }
