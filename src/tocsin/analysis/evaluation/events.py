"""Reads what is known to have happened: dated episodes of a series, and events of a country by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from tocsin.analysis.evaluation.countries import country_code
from tocsin.analysis.evaluation.plain import WAYS, Notes, RowError, moment, rows_of
from tocsin.analysis.series import Direction

EPISODES = (
    "id",
    "series",
    "country",
    "episode",
    "kind",
    "onset_earliest",
    "onset_latest",
    "end_earliest",
    "end_latest",
    "direction",
)
_BLOCKING = ("source", "country_code", "start_date", "end_date", "kind")
_INVESTIGATED = ("country", "start_utc", "end_utc")
_REPORTED = ("country", "start_date", "end_date")
_DAY = timedelta(days=1)


class Sort(StrEnum):
    """What can be expected of a detector in an episode."""

    DETECTABLE = "detectable"
    WEAK = "weak"
    INVISIBLE = "invisible here"
    NOT_CENSORSHIP = "not censorship"


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that happened in one series.

    ``directions`` are those in which it shows: both where the file names neither. Onset and end lie between their
    earliest and latest moment; a day given as a date is meant from its first moment (onset) to its last (end), in
    UTC. ``end_earliest`` None: nobody knows an end, or it outlasts the data.
    """

    id: str
    series: str
    country: str
    title: str
    sort: Sort
    directions: frozenset[Direction]
    onset_earliest: datetime
    onset_latest: datetime
    end_earliest: datetime | None
    end_latest: datetime | None

    @property
    def dated(self) -> bool:
        """Whether its onset is known within a week, so that a delay means something."""
        return self.onset_latest - self.onset_earliest <= timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Event:
    """Something known to have happened in a country, from the first moment of a day to the last of another."""

    country: str
    start: datetime
    end: datetime | None
    source: str


def read_episodes(path: Path, notes: Notes, names: Mapping[str, object]) -> list[Episode]:
    """The episodes of the series in ``names``, in the order of the file; none if there is no file.

    Raises:
        PlainError: if the file lacks columns.
    """
    if not path.exists():
        notes.missing.append(path.name)
        return []
    found = []
    for row in rows_of(path, EPISODES, more=True):
        if not row["series"] or row["series"] not in names:
            continue
        try:
            found.append(_episode(row))
        except RowError as error:
            notes.discard(path.name, str(error))
    return found


def read_events(folder: Path, notes: Notes) -> list[Event]:
    """All that is in the lists of blocking and shutdown events under ``folder``, whichever are there.

    Benign events (advertising, games, outages) count, too: an alarm beside one is explained.

    Raises:
        PlainError: if a file lacks columns.
    """
    lists = (
        ("blocking-events/events.csv", _BLOCKING, ("country_code", "start_date", "end_date")),
        ("shutdown-events/ioda_investigated_2018_2021.csv", _INVESTIGATED, _INVESTIGATED),
        ("shutdown-events/accessnow_keepiton_2016_2025.csv.gz", _REPORTED, _REPORTED),
    )
    found: list[Event] = []
    for name, columns, (country, start, end) in lists:
        path = folder / name
        if not path.exists():
            notes.missing.append(name)
            continue
        for row in rows_of(path, columns, more=True):
            try:
                found.append(_event(row[country], row[start], row[end], row.get("source") or name.partition("/")[0]))
            except RowError as error:
                notes.discard(name, str(error))
    return found


def day_or_moment(text: str, *, last: bool = False) -> datetime:
    """A date as its first moment in UTC (or, with ``last``, that of the next day), or a time with its zone.

    Raises:
        RowError: with the reason.
    """
    if len(text) == len("2024-01-31"):
        return moment(f"{text}T00:00:00Z") + (_DAY if last else timedelta(0))
    return moment(text)


def _episode(row: Mapping[str, str]) -> Episode:
    if row["kind"] not in set(Sort):
        raise RowError("an episode of a kind that is not known")
    earliest = day_or_moment(row["onset_earliest"])
    latest = day_or_moment(row["onset_latest"] or row["onset_earliest"])
    end = day_or_moment(row["end_earliest"]) if row["end_earliest"] else None
    end_latest = day_or_moment(row["end_latest"], last=True) if row["end_latest"] else None
    if latest < earliest or (end is not None and end < earliest) or (end_latest is not None and end_latest < earliest):
        raise RowError("an episode that ends before it begins")
    return Episode(
        id=row["id"],
        series=row["series"],
        country=row["country"],
        title=row["episode"],
        sort=Sort(row["kind"]),
        directions=frozenset({WAYS[row["direction"]]} if row["direction"] in WAYS else Direction),
        onset_earliest=earliest,
        onset_latest=latest,
        end_earliest=end,
        end_latest=end_latest if end_latest is not None or end is None else end + _DAY,
    )


def _event(country: str, start: str, end: str, source: str) -> Event:
    code = country_code(country)
    if not code:
        raise RowError("an event of a country that is not known")
    begun = day_or_moment(start)
    over = day_or_moment(end, last=True) if end else None
    if over is not None and over < begun:
        over = None  # the start is still known, and the source's own notes say that such ends are mistakes
    return Event(code, begun.replace(tzinfo=UTC), over, source)
