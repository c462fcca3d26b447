"""Reads a list of losses of connectivity, seen and checked by hand, some with their cause."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.analysis.evaluation.countries import country_code
from tocsin.analysis.fusion.starts import Loss

LIST = "shutdown-events/ioda_investigated_2018_2021.csv"
COLUMNS = ("ID", "country", "scope", "start_utc", "end_utc", "bgp", "active_probing", "telescope", "cause")
SIGNALS = ("bgp", "active_probing", "telescope")
ORDERED = frozenset({"Government-Ordered", "Exams"})
NO_CAUSE = frozenset({"", "Unknown"})
_RESOLUTION = timedelta(minutes=10)
_AROUND = timedelta(days=1)


class ListError(ValueError):
    """The list can't be read; the words say what to do."""


@dataclass(frozen=True, slots=True)
class Case:
    """One loss, and whether it was ordered; None: nobody knows."""

    loss: Loss
    cause: str

    @property
    def ordered(self) -> bool | None:
        """Ordered by a government or for exams; None where no cause is given."""
        return None if self.cause in NO_CAUSE else self.cause in ORDERED


def read(folder: Path) -> tuple[list[Case], dict[str, int]]:
    """All losses of the list in order of time, and how many rows were left out or mended, by reason.

    Raises:
        ListError: when the list is missing or lacks columns.
    """
    path = folder / LIST
    if not path.is_file():
        raise ListError(f"There is no {LIST} in the folder: give the one that holds it.")
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(file)
        if missing := set(COLUMNS) - set(lines.fieldnames or ()):
            raise ListError(f"{LIST} lacks columns: {', '.join(sorted(missing))}.")
        rows = list(lines)
    notes: dict[str, int] = defaultdict(int)
    kept = _kept(rows, notes)
    starts: dict[str, list[datetime]] = defaultdict(list)
    whole: list[tuple[datetime, str]] = []
    for row, country, start in kept:
        starts[country].append(start)
        if row["scope"] == "Country":
            whole.append((start, country))
    cases = [_case(row, country, start, starts[country], whole, notes) for row, country, start in kept]
    return sorted(cases, key=lambda case: (case.loss.start, case.loss.country)), dict(notes)


def _kept(rows: list[dict[str, str]], notes: dict[str, int]) -> list[tuple[dict[str, str], str, datetime]]:
    seen: set[str] = set()
    found = []
    for row in rows:
        country, start = country_code(row["country"]), _moment(row["start_utc"])
        if row["ID"] in seen:
            notes["the same id again, left out"] += 1
        elif not country:
            notes["a country that is not known, left out"] += 1
        elif start is None:
            notes["no start, left out"] += 1
        else:
            found.append((row, country, start))
        seen.add(row["ID"])
    return found


def _case(
    row: Mapping[str, str],
    country: str,
    start: datetime,
    starts: list[datetime],
    whole: list[tuple[datetime, str]],
    notes: dict[str, int],
) -> Case:
    end = _moment(row["end_utc"])
    if end is not None and end <= start:
        notes["an end that is not after its start, taken as unknown"] += 1
        end = None
    visible = [row[name] for name in SIGNALS]
    known = all(one in {"True", "False"} for one in visible)
    loss = Loss(
        country=country,
        start=start,
        resolution=_RESOLUTION,
        end=end,
        earlier=tuple(one for one in starts if one < start),
        abroad=tuple(one for one, other in whole if other != country and abs(one - start) <= _AROUND),
        fell=visible.count("True") if known else None,
        watched=len(SIGNALS),
    )
    return Case(loss, row["cause"])


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
