"""Brings outcomes into frozen rows: rates by set, curves by group, comparisons with each rival."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import exp
from statistics import median

from _detect_runs import Outcome, Watched, counts, group_of
from _detect_simulated import KINDS, SparseKind

from tocsin.analysis.evaluation import Bearable, Episode, Operating, System, bearable
from tocsin.analysis.evaluation.intervals import Interval, rate_interval
from tocsin.analysis.evaluation.matching import WINDOW, Hit
from tocsin.analysis.evaluation.systems import OURS
from tocsin.analysis.series import Direction, Evidence

FEW = 30
"""Measurements a day below which a series of counts is sparse."""


@dataclass(frozen=True, slots=True)
class Rate:
    """False alarms of one system in one set and direction.

    ``rate`` is for each series and year; ``by_country`` for each country and year, its series together.
    """

    set: str
    system: str
    direction: Direction
    alarms: int
    years: float
    country_years: float

    @property
    def rate(self) -> float:
        """For each series and year."""
        return self.alarms / self.years if self.years else 0.0

    @property
    def interval(self) -> Interval:
        """Its exact 95 % interval."""
        return rate_interval(self.alarms, self.years)

    @property
    def by_country(self) -> float:
        """For each country and year."""
        return self.alarms / self.country_years if self.country_years else 0.0


@dataclass(frozen=True, slots=True)
class Duel:
    """Tocsin and a rival on the same series and episodes: mean delay over the curve; None without episodes.

    ``floor`` is the mean delay that the data allow (see ``Outcome.floor``).
    """

    group: str
    rival: str
    episodes: int
    series: int
    years: float
    ours: Bearable | None
    theirs: Bearable | None
    floor: float | None
    our_curve: Sequence[Operating]
    their_curve: Sequence[Operating]


def rates(outcome: Outcome) -> list[Rate]:
    """False alarms by set, system and direction of trouble."""
    found = []
    for name in dict.fromkeys(one.set for one in outcome.recorded.series):
        mine = [one for one in outcome.watched.values() if one.series.set == name]
        for system in outcome.systems:
            read = [one for one in mine if system.name in one.runs]
            for way in Direction:
                there = [one for one in read if way in one.series.trouble]
                if there:
                    alarms = sum(alarm.direction is way for one in there for alarm in one.false(system))
                    found.append(Rate(name, system.name, way, alarms, _years(there), _country_years(there)))
    return found


def duels(outcome: Outcome) -> list[Duel]:
    """Tocsin against each rival, in each group of series that the rival reads; sparse counts stand apart, too."""
    ours = next(one for one in outcome.systems if one.name == OURS)
    groups: dict[str, list[Watched]] = {}
    for one in outcome.watched.values():
        groups.setdefault(group_of(one.series), []).append(one)
        if sparse(one):
            groups.setdefault("sparse counts", []).append(one)
    found = []
    for group, series in groups.items():
        for rival in outcome.systems:
            there = [one for one in series if rival.name in one.runs]
            if rival is ours or not there:
                continue
            our_curve, their_curve = outcome.curve(ours, there), outcome.curve(rival, there)
            names = {one.series.name for one in there}
            episodes = sum(one.series in names and counts(one) for one in outcome.recorded.episodes)
            score, other = bearable(our_curve), bearable(their_curve)
            shared = group, rival.name, episodes, len(there), _years(there)
            found.append(Duel(*shared, score, other, outcome.floor(there), our_curve, their_curve))
    return found


def overall(outcome: Outcome) -> dict[str, Bearable | None]:
    """By system: mean delay over the curves of all groups that it reads, averaged over their episodes."""
    found: dict[str, Bearable | None] = {}
    for system in outcome.systems:
        episodes: dict[str, float] = {}
        for group in dict.fromkeys(group_of(one.series) for one in outcome.watched.values()):
            there = [
                one for one in outcome.watched.values() if group_of(one.series) == group and system.name in one.runs
            ]
            score = bearable(outcome.curve(system, there)) if there else None
            episodes |= score.episodes if score is not None else {}
        mean = sum(episodes.values()) / len(episodes) if episodes else 0.0
        found[system.name] = Bearable(mean, None, episodes) if episodes else None
    return found


def hits(outcome: Outcome) -> list[tuple[Episode, dict[str, Hit]]]:
    """Each episode with how each system did at its published threshold."""
    return [
        (
            episode,
            {
                system.name: outcome.hit(episode, system)
                for system in outcome.systems
                if system.name in outcome.watched[episode.series].runs
            },
        )
        for episode in outcome.recorded.episodes
    ]


def sparse(one: Watched) -> bool:
    """Whether a series of counts has so few measurements a day that evidence has to be gathered over days."""
    if group_of(one.series) != "counts":
        return False
    if one.series.step is None:
        return True
    sizes = [point.n for point in one.series.points if point.evidence is Evidence.SCORED and point.n is not None]
    return bool(sizes) and median(sizes) * 86_400 / one.series.step.total_seconds() <= FEW


def _years(there: Iterable[Watched]) -> float:
    return sum(one.years for one in there)


def _country_years(there: Iterable[Watched]) -> float:
    """A country is watched for as long as its longest series is."""
    longest: dict[str, float] = {}
    for one in there:
        longest[one.series.country] = max(longest.get(one.series.country, 0.0), one.years)
    return sum(longest.values())


@dataclass(frozen=True, slots=True)
class Cells:
    """One kind of sparse cell: how many blocks, and by system how many were found and the mean days (a miss as 30)."""

    kind: SparseKind
    blocks: int
    found: Mapping[str, int]
    days: Mapping[str, float]


def cells(outcome: Outcome) -> list[Cells]:
    """The made-up sparse cells by their kind, at published thresholds."""
    rows = []
    for kind in KINDS:
        mine = [one for one in outcome.recorded.episodes if one.series.startswith(f"{kind.name}/")]
        by_system = {
            system.name: [outcome.hit(one, system) for one in mine]
            for system in outcome.systems
            if any(system.name in outcome.watched[one.series].runs for one in mine)
        }
        found = {name: sum(one.delay is not None for one in there) for name, there in by_system.items()}
        days = {name: sum(one.days for one in there) / len(there) for name, there in by_system.items()}
        rows.append(Cells(kind, len(mine), found, days))
    return rows


@dataclass(frozen=True, slots=True)
class Busy:
    """Alarms a year in the countries of a set whose usual level is high, in one direction, all days counted."""

    set: str
    system: str
    direction: Direction
    countries: int
    intervals: int
    alarms: int
    years: float


def busy(outcome: Outcome, *, least: float = 500) -> list[Busy]:
    """For sets of daily levels with flags given: countries with a median of ``least`` or more, events not taken out.

    ``intervals`` counts flagged days, as such systems are usually described; ``alarms`` counts runs of them.
    """
    found = []
    flagged = {(flag.series, flag.system, flag.direction): 0 for flag in outcome.recorded.flags}
    for flag in outcome.recorded.flags:
        flagged[(flag.series, flag.system, flag.direction)] += 1
    for name in dict.fromkeys(one.set for one in outcome.recorded.series):
        there = [
            one
            for one in outcome.watched.values()
            if one.series.set == name and group_of(one.series) == "levels by the day" and _median(one) >= least
        ]
        years = sum(one.series.years for one in there)
        for system in outcome.systems:
            read = [one for one in there if system.name in one.runs]
            for way in Direction if read else ():
                alarms = sum(alarm.direction is way for one in read for alarm in one.usual(system))
                days = sum(flagged.get((one.series.name, system.name, way), 0) for one in read)
                found.append(Busy(name, system.name, way, len(read), days, alarms, years))
    return found


@dataclass(frozen=True, slots=True)
class Beside:
    """Alarms beside known events: at how many of ``events`` (a series, a span and a direction each) one was raised.

    The end of an alarm is one of the other direction, since flags on a return are flags, too.

    ``by_chance`` is at how many it would be if alarms were as frequent there as elsewhere. ``flagged`` of them are
    among those at which the system whose flags are given raised one; ``lost`` are its others.
    """

    system: str
    flags_of: str
    threshold: float
    usual: bool
    events: int
    alarmed: int
    by_chance: float
    flagged: int
    lost: tuple[str, ...]


_Met = dict[tuple[str, datetime, Direction], tuple[bool, float]]


def beside(outcome: Outcome) -> list[Beside]:
    """For each system whose flags are given: itself and Tocsin beside the known events of the series it watched."""
    rows = []
    ours = next(one for one in outcome.systems if one.name == OURS)
    for flagger in outcome.systems:
        there = [one for one in outcome.watched.values() if flagger.name in one.runs]
        if flagger.tells_ends or not there:
            continue
        theirs = _met(there, flagger, flagger.usual)
        rows.append(_beside(flagger, flagger, flagger.usual, theirs, theirs))
        tried = [one for one in ours.thresholds if one in there[0].runs[OURS]]
        rows += [_beside(ours, flagger, one, _met(there, ours, one), theirs) for one in tried]
    return rows


def _beside(system: System, flagger: System, threshold: float, mine: _Met, theirs: _Met) -> Beside:
    both = [key for key, (met, _) in mine.items() if met and theirs[key][0]]
    lost = [key for key, (met, _) in theirs.items() if met and key not in both]
    return Beside(
        system=system.name,
        flags_of=flagger.name,
        threshold=threshold,
        usual=threshold == system.usual,
        events=len(mine),
        alarmed=sum(met for met, _ in mine.values()),
        by_chance=sum(chance for _, chance in mine.values()),
        flagged=len(both),
        lost=tuple(f"{name} {start + WINDOW:%Y-%m-%d} {way}" for name, start, way in sorted(lost)),
    )


def _met(there: Sequence[Watched], system: System, threshold: float) -> _Met:
    """For each series, span beside events and direction of trouble: was an alarm raised, and how likely by chance."""
    years = _years(there)
    found: _Met = {}
    for way in Direction:
        alarms = sum(alarm.direction is way for one in there for alarm in one.false(system, threshold))
        rate = alarms / years if years else 0.0
        for one in there:
            said = one.runs[system.name][threshold]
            times = [alarm.time for alarm in said if alarm.direction is way]
            if system.tells_ends:
                times += [alarm.ended for alarm in said if alarm.direction is not way and alarm.ended is not None]
            first, last = one.series.points[0].time, one.series.points[-1].time
            for start, end in one.spans:
                within = (min(end, last) - max(start, first)).total_seconds() / (365.25 * 86_400)
                if within > 0 and way in one.series.trouble:
                    met = any(start <= time <= end for time in times)
                    found[(one.series.name, start, way)] = met, 1 - exp(-rate * within)
    return found


@dataclass(frozen=True, slots=True)
class Control:
    """The series of one country in a set in which no episode is known: alarms in so many years, by system."""

    set: str
    country: str
    series: int
    years: float
    alarms: Mapping[str, int]


def controls(outcome: Outcome) -> list[Control]:
    """The false alarms of all series without an episode, by set and country."""
    with_one = {episode.series for episode in outcome.recorded.episodes}
    groups: dict[tuple[str, str], list[Watched]] = {}
    for name, one in outcome.watched.items():
        if name not in with_one:
            groups.setdefault((one.series.set, one.series.country), []).append(one)
    rows = []
    for (name, country), there in groups.items():
        alarms = {
            system.name: sum(len(one.false(system)) for one in there if system.name in one.runs)
            for system in outcome.systems
            if any(system.name in one.runs for one in there)
        }
        rows.append(Control(name, country, len(there), _years(there), alarms))
    return rows


def _median(one: Watched) -> float:
    values = [point.value for point in one.series.points if point.value is not None]
    return median(values) if values else 0.0
