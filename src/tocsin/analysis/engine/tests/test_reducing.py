"""Rows become one short series a cell, and nothing measured never becomes a zero."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tocsin.analysis.engine import COLUMNS, By, Embedded, Row, points, sizes, write
from tocsin.analysis.series import Cell, Evidence, Part, Point, Stream

START = datetime(2024, 3, 1, tzinfo=UTC)
EPOCH = int(START.timestamp())
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def counts(hour: int, n: float | None, k: float | None, **changes: Any) -> Row:
    base = Row("blocking", "web", "XX", "a.example", "AS1", EPOCH + hour * 3600, 3600, n, k, None, "scored", 1, 9, "")
    return base._replace(**changes)


def views(hour: int, value: float, **changes: Any) -> Row:
    base = Row(
        "views", "views", "XX", "xx.wikipedia", "", EPOCH + hour * 3600, 3600, None, None, value, "scored", 1, 9, ""
    )
    return base._replace(**changes)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    rows = [
        counts(0, 4, 1),
        counts(0, 6, 5, network="AS2"),
        counts(1, 2, 0),
        counts(5, None, None, evidence="discarded"),
        counts(0, 3, 3, country="YY"),
        *(views(hour, 10) for hour in range(24)),
        *(views(hour, 10) for hour in range(24, 36)),
        views(48, 240, step=86_400),
    ]
    return write(tmp_path / "day.parquet", rows).path


def test_networks_are_pooled_unless_one_is_asked_for(lake: Path) -> None:
    [(cell, [first, *_])] = points([lake], kind="web", country="XX", step=HOUR)
    assert cell == Cell(Stream.BLOCKING, "web", "XX", "a.example")
    assert first == Point(START, HOUR, n=10, k=6, parts=(Part("AS1", 4, 1), Part("AS2", 6, 5)))
    [(cell, series)] = points([lake], network="AS2", step=HOUR)
    assert (cell.network, series) == ("AS2", [Point(START, HOUR, n=6, k=5)])


def test_each_network_can_have_its_own_cell(lake: Path) -> None:
    cells = [cell.network for cell, _ in points([lake], country="XX", kind="web", step=DAY, by=By.NETWORK)]
    assert cells == ["AS1", "AS2"]
    both = [cell.network for cell, _ in points([lake], country="XX", kind="web", step=DAY, by=By.BOTH)]
    assert both == ["", "AS1", "AS2"]


def test_an_interval_that_was_discarded_carries_no_number_and_one_without_rows_gives_no_point(lake: Path) -> None:
    [(_, series)] = points([lake], kind="web", country="XX", step=HOUR)
    assert [point.time for point in series] == [START, START + HOUR, START + 5 * HOUR]
    assert series[-1] == Point(START + 5 * HOUR, HOUR, evidence=Evidence.DISCARDED)


def test_discarded_rows_beside_scored_ones_are_left_out(lake: Path) -> None:
    [(_, [day])] = points([lake], kind="web", country="XX", step=DAY)
    assert (day.n, day.k) == (12, 6)
    assert day.parts == (Part("AS1", 6, 1), Part("AS2", 6, 5))


def test_of_very_many_networks_the_largest_are_told_and_the_rest_is_one_part(tmp_path: Path) -> None:
    rows = [counts(0, 1 + number, 1, network=f"AS{number}") for number in range(60)]
    [(_, [point])] = points([write(tmp_path / "day.parquet", rows).path], step=DAY)
    assert point.n == sum(part.n for part in point.parts) == 60 * 61 / 2
    assert point.parts[-1] == Part("others", 55, 10)
    assert len(point.parts) == 51


def test_views_of_half_a_day_are_not_a_quiet_day(lake: Path) -> None:
    [(_, series)] = points([lake], kind="views", step=DAY)
    assert series == [
        Point(START, DAY, value=240),
        Point(START + DAY, DAY, evidence=Evidence.DISCARDED),
        Point(START + 2 * DAY, DAY, value=240),
    ]


def test_views_of_a_day_with_one_discarded_hour_are_discarded(tmp_path: Path) -> None:
    broken = views(23, 0)._replace(value=None, evidence="discarded")
    path = write(tmp_path / "day.parquet", [*(views(hour, 10) for hour in range(23)), broken]).path
    [(_, series)] = points([path], step=DAY)
    assert series == [Point(START, DAY, evidence=Evidence.DISCARDED)]


def test_a_row_longer_than_the_step_keeps_its_length(lake: Path) -> None:
    [(_, series)] = points([lake], kind="views", since=START + 2 * DAY, step=HOUR)
    assert series == [Point(START + 2 * DAY, DAY, value=240)]


def test_since_is_included_and_until_is_not(lake: Path) -> None:
    [(_, series)] = points([lake], kind="views", since=START + HOUR, until=START + 3 * HOUR, step=HOUR)
    assert [point.time for point in series] == [START + HOUR, START + 2 * HOUR]


def test_rows_for_all_networks_are_not_counted_beside_single_ones(tmp_path: Path) -> None:
    rows = [counts(0, 4, 1), counts(0, 9, 2, network=""), counts(1, 4, 1)]
    path = write(tmp_path / "day.parquet", rows).path
    [(_, series)] = points([path], step=HOUR)
    assert [(point.n, point.k) for point in series] == [(9, 2), (4, 1)]


def test_levels_are_averaged_and_events_add_up(tmp_path: Path) -> None:
    level = {"stream": "level", "kind": "index"}
    events = {"stream": "events", "kind": "reports"}
    rows = [views(0, 10, **level), views(1, 30, **level), views(0, 1, **events), views(1, 0, **events)]
    path = write(tmp_path / "day.parquet", rows).path
    assert [series[0].value for _, series in points([path], step=DAY)] == [20, 1]


def test_a_row_without_the_number_of_its_stream_is_discarded_and_not_zero(tmp_path: Path) -> None:
    path = tmp_path / "foreign.parquet"
    with duckdb.connect(":memory:") as database:
        database.execute(f"CREATE TABLE rows ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
        places = ", ".join("?" * len(COLUMNS))
        for row in (counts(0, None, None), views(0, 0)._replace(value=None)):
            database.execute(f"INSERT INTO rows VALUES ({places})", list(row))
        database.table("rows").write_parquet(str(path))
    found = [series for _, series in points([path], step=HOUR)]
    assert found == [[Point(START, HOUR, evidence=Evidence.DISCARDED)]] * 2


def test_many_files_and_portions_give_what_one_gives(tmp_path: Path, lake: Path) -> None:
    more = write(tmp_path / "more.parquet", [counts(hour, 1, 0, country="ZZ") for hour in range(30)]).path
    whole = list(points([lake, more], step=DAY))
    with closing(Embedded(portion=5)) as small:
        assert list(points([more, lake], step=DAY, engine=small)) == whole
    assert [cell.country for cell, _ in whole] == ["XX", "XX", "YY", "ZZ"], "all streams of a country together"


def test_no_files_give_no_cells_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    assert list(points([], step=DAY)) == []
    with pytest.raises(FileNotFoundError):
        list(points([tmp_path / "absent.parquet"], step=DAY))
    other = tmp_path / "other.parquet"
    other.write_bytes(b"nothing")
    with pytest.raises(ValueError, match="file of the lake"):
        list(points([other], step=DAY))


@pytest.mark.parametrize("step", [timedelta(0), timedelta(seconds=1.5), timedelta(seconds=-60)])
def test_it_refuses_a_step_that_is_no_whole_number_of_seconds(lake: Path, step: timedelta) -> None:
    with pytest.raises(ValueError, match="whole number of seconds"):
        list(points([lake], step=step))


def test_it_refuses_naive_times(lake: Path) -> None:
    with pytest.raises(ValueError, match="zone"):
        list(points([lake], since=datetime(2024, 3, 1), step=DAY))


def test_reading_leaves_no_file_behind(lake: Path) -> None:
    list(points([lake], step=DAY))
    assert [each.name for each in lake.parent.iterdir()] == ["day.parquet"]


def test_countries_are_counted_beforehand_and_a_replay_goes_on_behind_one(lake: Path) -> None:
    assert sizes([lake], kind="web") == [("XX", 4), ("YY", 1)]
    assert sizes([lake], kind="absent") == []
    whole = list(points([lake], kind="web", step=DAY))
    behind = list(points([lake], kind="web", step=DAY, after="XX"))
    assert behind == [one for one in whole if one[0].country == "YY"]
