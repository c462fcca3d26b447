"""Tocsin and its rivals as one list: what each reads, its thresholds, and the alarms it raises at one of them."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tocsin.analysis.evaluation.alarms import Alarm
from tocsin.analysis.evaluation.plain import Flag, Kind, Series
from tocsin.analysis.evaluation.replaying import DAY, HOUR, arrivals, cell_of, points_of, replay
from tocsin.analysis.evaluation.rivals import MEDIANS, Cusum, cusum_alarms, flag_alarms, median_alarms, readings
from tocsin.analysis.evaluation.rivals.medians import Median, median_ratios

OURS: Final = "tocsin"

Run = Mapping[float, tuple[Alarm, ...]]
"""A system's alarms on one series, by threshold."""


@dataclass(frozen=True, slots=True)
class System:
    """One system.

    ``usual`` is the threshold that it is published with; ``thresholds`` are swept for its curve and hold that one.
    What a threshold means differs: a factor on our detectors' own, a sum, a fraction of the median, a number of
    flags.
    """

    name: str
    usual: float
    thresholds: tuple[float, ...]
    reads: Callable[[Series], bool]
    run: Callable[[Series, Sequence[float]], Run]
    tells_ends: bool = True


def systems(series: Iterable[Series], flags: Iterable[Flag]) -> tuple[System, ...]:
    """Tocsin first, then the rivals; one for each system that raised a flag.

    A series without any flag, in a set of which others have one, was watched by that system and found quiet.
    """
    set_of = {one.name: one.set for one in series}
    by_system: dict[str, dict[str, list[Flag]]] = {}
    for flag in flags:
        by_system.setdefault(flag.system, {}).setdefault(flag.series, []).append(flag)
    factors = (0.12, 0.25, 0.4, 0.6, 0.8, 1.0, 1.25, 1.6, 2.0, 3.0, 5.0, 8.0, 13.0)
    sums = (0.4, 0.7, 0.85, 1.05, 1.4, 1.75, 2.1, 2.8, 3.5, 4.5, 6.0, 9.0, 14.0)
    fractions = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.1, 0.05)
    return (
        System(OURS, 1.0, factors, lambda series: True, _ours),
        System("ooni-cusum", 3.5, sums, _counts, _cusum(median=True)),
        System("ooni-cusum-mean", 3.5, sums, _counts, _cusum(median=False)),
        System("ioda-warning", 0.8, fractions, _levels, _median),
        *(_flagged(name, found, {set_of[one] for one in found}) for name, found in sorted(by_system.items())),
    )


def usual_threshold(system: System, series: Series) -> float:
    """The threshold that the system is published with for this series."""
    return _median_of(series).warning if system.name == "ioda-warning" else system.usual


def _ours(series: Series, thresholds: Sequence[float]) -> Run:
    fed, cell = arrivals(series), cell_of(series)
    return MappingProxyType({one: replay(cell, fed, strictness=one) for one in thresholds})


def _counts(series: Series) -> bool:
    return series.kind is Kind.COUNTS


def _levels(series: Series) -> bool:
    return series.kind is Kind.LEVEL


def _cusum(*, median: bool) -> Callable[[Series, Sequence[float]], Run]:
    def run(series: Series, thresholds: Sequence[float]) -> Run:
        found = readings(points_of(series, irregular=HOUR), median=median)
        return MappingProxyType({one: cusum_alarms(found, Cusum(fires=one)) for one in thresholds})

    return run


def _median_of(series: Series) -> Median:
    return MEDIANS.get(series.stream.lower(), MEDIANS[""])


def _median(series: Series, thresholds: Sequence[float]) -> Run:
    ratios = median_ratios(points_of(series), _median_of(series).history)
    return MappingProxyType({one: median_alarms(ratios, one) for one in thresholds})


def _flagged(name: str, flags: Mapping[str, Sequence[Flag]], sets: Container[str]) -> System:
    def run(series: Series, thresholds: Sequence[float]) -> Run:
        mine = flags.get(series.name, ())
        return MappingProxyType({one: flag_alarms(mine, series.step or DAY, fewest=int(one)) for one in thresholds})

    thresholds = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0)
    return System(name, 1.0, thresholds, lambda series: series.set in sets, run, tells_ends=False)
