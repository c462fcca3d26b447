"""Traps: what should raise no alarm, or whose alarm should not be called censorship, each by its name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log
from statistics import median

from _detect_runs import Outcome, Watched
from _detect_simulated import SNARES, TRAPS

from tocsin.analysis.evaluation import Sort

_MOVED = log(1.3)
"""A world-wide movement: the median of what the others did is this far from usual."""

_MOVE_DAYS = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Trap:
    """Something that should raise no alarm, or whose alarm should not be called censorship."""

    name: str
    wanted: str
    alarmed: Mapping[str, int]
    of: Mapping[str, int]


def traps(outcome: Outcome) -> list[Trap]:
    """The traps of the recorded data, each only where its series are there."""
    found = []
    for name, stream, since, until in _WORLD_WIDE:
        there = [one for one in outcome.watched.values() if one.series.stream == stream and one.covers(since, until)]
        if there:
            found.append(_spanned(outcome, name, there, since, until))
    for name, series_set, since in _movements(outcome):
        there = [one for one in outcome.watched.values() if one.series.set == series_set]
        found.append(_spanned(outcome, name, there, since, since + _MOVE_DAYS))
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


def snares(outcome: Outcome) -> list[Trap]:
    """The made-up traps: how many of each have an alarm at all."""
    ever = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    return [
        _spanned(
            outcome,
            snare.name,
            [one for name, one in outcome.watched.items() if name.startswith(f"{TRAPS}/{snare.name}/")],
            *ever,
            snare.wanted,
            every=False,
        )
        for snare in SNARES
    ]


def _day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T00:00:00+00:00")


_WORLD_WIDE = (("world-wide rise of Tor users, August 2013", "tor", _day("2013-08-10"), _day("2013-09-20")),)
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


def _movements(outcome: Outcome) -> Iterator[tuple[str, str, datetime]]:
    """When the world began to move by 30 % for a week or longer, by set; the next one no sooner than 40 days later."""
    for name in dict.fromkeys(one.set for one in outcome.recorded.series):
        told: dict[datetime, list[float]] = {}
        for one in outcome.watched.values():
            for point in one.series.points if one.series.set == name else ():
                if point.elsewhere is not None:
                    told.setdefault(point.time, []).append(point.elsewhere)
        last, run = datetime.min.replace(tzinfo=UTC), 0
        for time in sorted(told):
            run = run + 1 if abs(median(told[time])) >= _MOVED else 0
            if run == 7 and time - last > _MOVE_DAYS:
                yield f"{name}: the world moved, {time:%B %Y}", name, time - timedelta(days=7)
            last = time if run >= 7 else last
