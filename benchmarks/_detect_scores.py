"""Brings outcomes into frozen rows: rates by set, curves by group, comparisons with each rival, traps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from _detect_runs import Outcome, Watched, counts, group_of

from tocsin.analysis.evaluation import Bearable, Episode, Operating, Sort, System, bearable
from tocsin.analysis.evaluation.intervals import Interval, rate_interval
from tocsin.analysis.evaluation.matching import Hit
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
    """Tocsin and a rival on the same series and episodes: mean delay over the curve; None without episodes."""

    group: str
    rival: str
    episodes: int
    series: int
    years: float
    ours: Bearable | None
    theirs: Bearable | None
    our_curve: Sequence[Operating]
    their_curve: Sequence[Operating]


@dataclass(frozen=True, slots=True)
class Trap:
    """Something that should raise no alarm, or whose alarm should not be called censorship."""

    name: str
    wanted: str
    alarmed: Mapping[str, int]
    of: Mapping[str, int]


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
            found.append(
                Duel(group, rival.name, episodes, len(there), _years(there), score, other, our_curve, their_curve)
            )
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


def traps(outcome: Outcome) -> list[Trap]:
    """The traps of the recorded data, each only where its series are there."""
    found = []
    for name, series_set, since, until in _WORLD_WIDE:
        there = [one for one in outcome.watched.values() if one.series.set == series_set]
        if there:
            found.append(_spanned(outcome, name, there, since, until))
    for episode in outcome.recorded.episodes:
        if episode.sort is Sort.NOT_CENSORSHIP:
            there = [outcome.watched[episode.series]]
            end = episode.end_latest or datetime.max.replace(tzinfo=UTC)
            title = f"{episode.id} {episode.title}"
            wanted = "an alarm; that it was no shutdown is for the weighing of causes to say"
            found.append(_spanned(outcome, title, there, episode.onset_earliest, end, wanted, every=True))
    for name, series_name, since, until in _HARD:
        if series_name in outcome.watched:
            found.append(_spanned(outcome, name, [outcome.watched[series_name]], since, until, _UNSURE, every=True))
    return found


_UNSURE = "a real rise of anomalies that no list explains"


def sparse(one: Watched) -> bool:
    """Whether a series of counts has so few measurements a day that evidence has to be gathered over days."""
    if group_of(one.series) != "counts":
        return False
    if one.series.step is None:
        return True
    sizes = [point.n for point in one.series.points if point.evidence is Evidence.SCORED and point.n is not None]
    return bool(sizes) and median(sizes) * 86_400 / one.series.step.total_seconds() <= FEW


def _day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T00:00:00+00:00")


_WORLD_WIDE = (
    ("world-wide rise of Tor users, August 2013", "tor-users-2011-2016", _day("2013-08-10"), _day("2013-09-20")),
)
_HARD = (
    (
        "psiphon in Hong Kong, 2024: hard negative",
        "ooni-im/HK/psiphon",
        _day("2023-07-01"),
        _day("2024-07-08"),
    ),
)


def _spanned(
    outcome: Outcome,
    name: str,
    there: Sequence[Watched],
    since: datetime,
    until: datetime,
    wanted: str = "no alarm",
    *,
    every: bool = False,
) -> Trap:
    """How many series had an alarm in the span: false ones only, or ``every``."""
    alarmed, of = {}, {}
    for system in outcome.systems:
        read = [one for one in there if system.name in one.runs]
        if read:
            said = [one.usual(system) if every else one.false(system) for one in read]
            alarmed[system.name] = sum(any(since <= alarm.time < until for alarm in alarms) for alarms in said)
            of[system.name] = len(read)
    return Trap(name, wanted, alarmed, of)


def _years(there: Iterable[Watched]) -> float:
    return sum(one.years for one in there)


def _country_years(there: Iterable[Watched]) -> float:
    """A country is watched for as long as its longest series is."""
    longest: dict[str, float] = {}
    for one in there:
        longest[one.series.country] = max(longest.get(one.series.country, 0.0), one.years)
    return sum(longest.values())


def system_named(outcome: Outcome, name: str) -> System | None:
    """The system of that name, if it took part."""
    return next((one for one in outcome.systems if one.name == name), None)
