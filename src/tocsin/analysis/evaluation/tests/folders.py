"""A tiny folder of plain forms, as tests need it, and the series in it."""

import csv
import gzip
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import MappingProxyType

from tocsin.analysis.evaluation import Series
from tocsin.analysis.evaluation.events import EPISODES
from tocsin.analysis.evaluation.plain import FLAGS, INDEX, ROWS, Kind
from tocsin.analysis.series import Direction, Point

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    """So many days after the start of 2024."""
    return START + number * DAY


def text(time: datetime) -> str:
    """A time as plain forms write it."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a CSV file; packed if it is named so."""
    out = StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = out.getvalue().encode()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)


def listed(name: str, **changed: object) -> dict[str, object]:
    """A line of the index: a daily level of Ruritania unless changed."""
    line: dict[str, object] = dict.fromkeys(INDEX, "")
    line |= {"series": name, "set": "tiny", "country": "XS", "subject": "example.org", "stream": "tor"}
    return line | {"kind": "level", "step_seconds": 86_400, "trouble": "both"} | changed


def write(
    folder: Path,
    index: Sequence[Mapping[str, object]],
    rows: Sequence[Sequence[object]],
    *,
    flags: Sequence[Sequence[object]] = (),
    episodes: Sequence[Mapping[str, object]] = (),
) -> Path:
    """A folder with one set, ``tiny``; rows and flags have the columns of their plain form."""
    table(folder / "series" / "index.csv", INDEX, index)
    table(folder / "series" / "tiny.csv.gz", ROWS, [dict(zip(ROWS, row, strict=True)) for row in rows])
    if flags:
        table(folder / "series" / "rivals.csv.gz", FLAGS, [dict(zip(FLAGS, row, strict=True)) for row in flags])
    if episodes:
        blank = dict.fromkeys(EPISODES, "")
        table(folder / "episodes.csv", EPISODES, [blank | dict(episode) for episode in episodes])
    return folder


def level_rows(name: str, values: Sequence[float], *, start: datetime = START) -> list[tuple[object, ...]]:
    """Rows of a daily level."""
    return [(name, text(start + number * DAY), "", "", value) for number, value in enumerate(values)]


def series(
    points: Sequence[Point],
    changed: Mapping[str, object] = MappingProxyType({}),
    *,
    name: str = "tiny/XS",
    country: str = "XS",
) -> Series:
    """A series of these points: a daily level in which a rise and a drop are trouble, unless changed."""
    given: dict[str, object] = {
        "set": "tiny",
        "subject": "example.org",
        "stream": "tor",
        "kind": Kind.LEVEL,
        "step": points[0].step if points else DAY,
        "trouble": frozenset(Direction),
    }
    given |= dict(changed)
    return Series(name=name, country=country, points=tuple(points), **given)  # type: ignore[arg-type]
