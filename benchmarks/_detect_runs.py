"""Runs all systems over all series, on two processes, and scores what they said."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context

from tocsin.analysis.evaluation import Alarm, Episode, Operating, Recorded, Series, Sort
from tocsin.analysis.evaluation.matching import Hit, Span, exposure, false_alarms, hit, windows, with_ends
from tocsin.analysis.evaluation.plain import Kind
from tocsin.analysis.evaluation.replaying import DAY, arrivals
from tocsin.analysis.evaluation.systems import Run, System, systems, usual_threshold

Runs = Mapping[str, Mapping[str, Run]]
"""By series, by system, by threshold."""

_SERIES: list[Series] = []
_SYSTEMS: list[System] = []
_QUICK: list[bool] = []


@dataclass(frozen=True, slots=True)
class Watched:
    """One series with all that was said about it, the spans that don't count, and the years that do."""

    series: Series
    spans: tuple[Span, ...]
    years: float
    runs: Mapping[str, Run]

    def usual(self, system: System) -> tuple[Alarm, ...]:
        """The alarms of a system as it is published."""
        return self.runs[system.name][usual_threshold(system, self.series)]

    def covers(self, since: datetime, until: datetime) -> bool:
        """Whether the series began before and ended after a span."""
        return self.series.points[0].time <= since and self.series.points[-1].time >= until

    def false(self, system: System, threshold: float | None = None) -> list[Alarm]:
        """Its false alarms, at its published threshold or another."""
        run = self.runs[system.name]
        alarms = self.usual(system) if threshold is None else run[threshold]
        return false_alarms(alarms, self.series.trouble, self.spans)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that the tables are made of."""

    recorded: Recorded
    systems: tuple[System, ...]
    watched: Mapping[str, Watched]

    def hit(self, episode: Episode, system: System, threshold: float | None = None) -> Hit:
        """How a system did in an episode, at its published threshold or another."""
        watched = self.watched[episode.series]
        alarms = watched.usual(system) if threshold is None else watched.runs[system.name][threshold]
        if system.tells_ends:
            alarms = with_ends(alarms, watched.series.trouble)
        return hit(episode, alarms, tells_ends=system.tells_ends)

    def curve(self, system: System, series: Iterable[Watched]) -> list[Operating]:
        """One operating point for each threshold, over these series and the datable episodes in them."""
        mine = list(series)
        names = {one.series.name for one in mine}
        episodes = [one for one in self.recorded.episodes if one.series in names and counts(one)]
        years = sum(one.years for one in mine)
        return [
            Operating(
                threshold=threshold,
                alarms=sum(len(one.false(system, threshold)) for one in mine),
                years=years,
                days={one.id: self.hit(one, system, threshold).days for one in episodes},
            )
            for threshold in system.thresholds
        ]

    def floor(self, series: Iterable[Watched]) -> float | None:
        """The least days in which an alarm that an onset caused could be raised: their mean over the datable episodes.

        It is when the first interval that reaches beyond the earliest onset is whole. Only an alarm from before the
        onset can be sooner. None without such an episode.
        """
        there = {one.series.name: one.series for one in series}
        days = []
        for episode in self.recorded.episodes:
            if episode.series in there and counts(episode):
                onset = episode.onset_earliest
                known = next((known for known, _ in arrivals(there[episode.series]) if known > onset), None)
                days += [] if known is None else [(known - onset) / DAY]
        return sum(days) / len(days) if days else None


def counts(episode: Episode) -> bool:
    """Whether the episode counts for mean delays."""
    return episode.sort is Sort.DETECTABLE and episode.dated


def group_of(series: Series) -> str:
    """Series of one group share a curve: they are watched by the same detectors at a like rate."""
    if series.kind is Kind.COUNTS:
        return "counts"
    return "levels by the day" if series.step is None or series.step >= DAY else "levels under a day"


def run_all(recorded: Recorded, *, quick: bool = False, processes: int = 2) -> Outcome:
    """Run everything; ``quick`` leaves out the thresholds that are only swept for the curves."""
    known = systems(recorded.series, recorded.flags)
    runs = _runs(recorded.series, known, quick=quick, processes=processes)
    watched = {}
    for series in recorded.series:
        spans = tuple(windows(series, recorded.episodes, recorded.events))
        watched[series.name] = Watched(series, spans, exposure(series, spans), runs[series.name])
    return Outcome(recorded, known, watched)


def _runs(series: Sequence[Series], known: Sequence[System], *, quick: bool, processes: int) -> Runs:
    _SERIES[:], _SYSTEMS[:], _QUICK[:] = series, known, [quick]
    # The longest first, so that neither process waits for the other at the end.
    order = sorted(range(len(series)), key=lambda place: (-len(series[place].points), place))
    if processes == 1:
        return _gathered(series, order, map(_one, order))
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        return _gathered(series, order, pool.map(_one, order, chunksize=1))


def _gathered(series: Sequence[Series], order: Sequence[int], runs: Iterable[Mapping[str, Run]]) -> Runs:
    found: dict[str, Mapping[str, Run]] = {}
    for number, (place, run) in enumerate(zip(order, runs, strict=True), start=1):
        found[series[place].name] = run
        if sys.stderr.isatty() or number % 50 == 0 or number == len(order):
            end = "\r" if sys.stderr.isatty() and number < len(order) else "\n"
            print(f"{number} of {len(order)} series replayed", end=end, file=sys.stderr, flush=True)
    return found


def _one(place: int) -> dict[str, dict[float, tuple[Alarm, ...]]]:
    series = _SERIES[place]
    found = {}
    for system in _SYSTEMS:
        if system.reads(series):
            usual = usual_threshold(system, series)
            wanted = [usual] if _QUICK[0] else sorted({usual, *system.thresholds})
            found[system.name] = dict(system.run(series, wanted))
    return found
