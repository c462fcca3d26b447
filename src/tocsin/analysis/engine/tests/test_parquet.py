"""The lake's files: the same rows give the same file, and the latest fetch of an observation holds."""

from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.analysis.engine import COLUMNS, KEY, Row, merge, read, write


def row(**changes: Any) -> Row:
    base = Row("blocking", "web", "XX", "example.org", "AS1", 3600, 3600, 10.0, 2.0, None, "scored", 1, 100, "")
    return base._replace(**changes)


def many(count: int = 500) -> list[Row]:
    return [
        row(epoch=number % 100 * 3600, network=f"AS{number // 100}", k=float(number % 10)) for number in range(count)
    ]


def test_the_columns_of_a_file_are_those_of_the_schema(tmp_path: Path) -> None:
    written = write(tmp_path / "day.parquet", [row()])
    with duckdb.connect(":memory:") as database:
        relation = database.read_parquet(str(written.path))
        assert dict(zip(relation.columns, map(str, relation.types), strict=True)) == COLUMNS
    assert tuple(COLUMNS) == Row._fields
    assert set(KEY) < set(COLUMNS)


def test_the_same_rows_give_the_same_digest_in_any_order(tmp_path: Path) -> None:
    rows = many()
    shuffled = Random(3).sample(rows, len(rows))
    one, two = write(tmp_path / "one.parquet", rows), write(tmp_path / "two.parquet", shuffled)
    assert one.digest == two.digest
    assert one.rows == two.rows == 500
    assert one.path.read_bytes() == two.path.read_bytes()


def test_what_was_written_is_read_back_sorted(tmp_path: Path) -> None:
    rows = [*many(), row(subject="нет.example", n=None, k=None, evidence="discarded", detail='{"why": "clock"}')]
    write(tmp_path / "day.parquet", rows)
    back = list(read(tmp_path / "day.parquet"))
    assert back == sorted(rows, key=lambda each: each[1:6])


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    first = write(tmp_path / "day.parquet", many())
    again = write(tmp_path / "day.parquet", merge([first.path], many()))
    assert again == first


def test_the_latest_fetch_of_an_observation_holds(tmp_path: Path) -> None:
    old = write(tmp_path / "old.parquet", [row(k=2.0, fetched=100), row(epoch=7200)]).path
    new = write(tmp_path / "new.parquet", [row(k=9.0, fetched=300)]).path
    merged = list(merge([new, old], [row(k=5.0, fetched=200)]))
    assert [(each.epoch, each.k) for each in merged] == [(3600, 9.0), (7200, 2.0)]


def test_rows_of_different_sources_stay_apart(tmp_path: Path) -> None:
    assert write(tmp_path / "day.parquet", [row(source=1), row(source=2)]).rows == 2


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 9)), max_size=12), st.randoms())
def test_merging_in_any_order_gives_the_same(cells: list[tuple[int, int, int]], chance: Random) -> None:
    rows = [row(epoch=epoch, fetched=fetched, k=float(k)) for epoch, fetched, k in cells]
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert list(merge([], rows)) == list(merge([], shuffled))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stream": "rumours"}, "unknown stream"),
        ({"evidence": "maybe"}, "unknown evidence"),
        ({"k": 11.0}, "between 0 and n"),
        ({"k": float("nan")}, "finite"),
        ({"evidence": "none"}, "no number"),
        ({"n": None, "k": None}, "needs n and k"),
        ({"k": None}, "needs n and k"),
        ({"stream": "views"}, "needs a value"),
        ({"stream": "events", "n": None, "k": None}, "needs a value"),
        ({"step": 0}, "at least a second"),
        ({"country": None}, "only its numbers"),
    ],
)
def test_it_refuses_rows_that_no_point_could_carry(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        write(tmp_path / "day.parquet", [row(), row(**changes)])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_of_the_lake_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    other.write_bytes(b"nothing")
    with pytest.raises(ValueError, match="not a file of the lake"):
        list(read(other))
    with pytest.raises(FileNotFoundError):
        list(read(tmp_path / "absent.parquet"))


def test_a_failed_write_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    first = write(path, [row()])
    with pytest.raises(ValueError, match="finite"):
        write(path, [row(k=float("inf"))])
    assert list(read(path)) == [row()]
    assert [each.name for each in tmp_path.iterdir()] == [first.path.name]


def test_a_folder_that_is_gone_is_an_error_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="can't be written"):
        write(tmp_path / "gone" / "day.parquet", [row()])
