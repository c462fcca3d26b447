import gzip
from pathlib import Path

import pytest

from tocsin.analysis.evaluation import Flag, Notes, PlainError, Recorded, read_folder
from tocsin.analysis.evaluation.plain import read_series
from tocsin.analysis.evaluation.tests.folders import START, day, level_rows, listed, table, text, write
from tocsin.analysis.series import Direction, Evidence


def reasons(recorded: Recorded) -> dict[str, int]:
    return {reason: rows for (_, reason), rows in recorded.notes.discarded.items()}


def test_it_reads_series_in_the_order_of_the_index(tmp_path: Path) -> None:
    write(tmp_path, [listed("b"), listed("a")], level_rows("a", [1, 2]) + level_rows("b", [3, 0]))
    recorded = read_folder(tmp_path)
    assert [one.name for one in recorded.series] == ["b", "a"]
    assert [(point.time, point.value) for point in recorded.series[0].points] == [(day(0), 3.0), (day(1), 0.0)]
    assert recorded.notes.discarded == {}


@pytest.mark.parametrize(
    ("n", "k", "reason"),
    [
        ("5", "6", "more anomalous than measured"),
        ("-5", "-6", "a negative count"),
        ("5", "-1", "a negative count"),
        ("nan", "1", "a number that is not finite"),
        ("5", "inf", "a number that is not finite"),
        ("5", "", "a number that is not there"),
        ("five", "1", "a number that can't be read"),
    ],
)
def test_a_bad_count_is_discarded_with_its_reason_and_is_not_zero(tmp_path: Path, n: str, k: str, reason: str) -> None:
    index = [listed("a", kind="counts", trouble="rise")]
    write(tmp_path, index, [("a", text(day(0)), n, k, ""), ("a", text(day(1)), 5, 1, "")])
    recorded = read_folder(tmp_path)
    first, second = recorded.series[0].points
    assert (first.evidence, first.n) == (Evidence.DISCARDED, None)
    assert (second.n, second.k) == (5, 1)
    assert reasons(recorded) == {reason: 1}


def test_a_negative_level_is_discarded(tmp_path: Path) -> None:
    write(tmp_path, [listed("a")], level_rows("a", [1, -2]))
    recorded = read_folder(tmp_path)
    assert recorded.series[0].points[1].evidence is Evidence.DISCARDED
    assert reasons(recorded) == {"a negative value": 1}


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("2024-01-02T00:00:00", "a time without a zone"),
        ("2024-01-02", "a time without a zone"),
        ("yesterday", "a time that can't be read"),
        ("2024-13-02T00:00:00Z", "a time that can't be read"),
        ("0024-01-02T00:00:00Z", "a time before 1990 or after 2099"),
        ("0001-01-01T00:00:00+05:00", "a time before 1990 or after 2099"),
        ("2240-01-02T00:00:00Z", "a time before 1990 or after 2099"),
        ("2024-01-01T00:00:00Z", "a time that the series already has"),
        ("2024-01-01T02:00:00+02:00", "a time that the series already has"),
    ],
)
def test_a_row_with_an_odd_time_is_left_out(tmp_path: Path, time: str, reason: str) -> None:
    write(tmp_path, [listed("a")], [*level_rows("a", [1]), ("a", time, "", "", 7)])
    recorded = read_folder(tmp_path)
    assert [point.value for point in recorded.series[0].points] == [1]
    assert reasons(recorded) == {reason: 1}


def test_rows_out_of_order_are_put_in_their_place_and_counted(tmp_path: Path) -> None:
    rows = level_rows("a", [1, 2, 3])
    write(tmp_path, [listed("a")], [rows[2], rows[0], rows[1]])
    recorded = read_folder(tmp_path)
    assert [point.value for point in recorded.series[0].points] == [1, 2, 3]
    assert reasons(recorded) == {"out of order (put in its place)": 2}


def test_an_irregular_series_may_measure_twice_at_one_time(tmp_path: Path) -> None:
    index = [listed("a", kind="counts", step_seconds="", trouble="rise")]
    write(tmp_path, index, [("a", text(START), 1, 0, ""), ("a", text(START), 1, 1, "")])
    recorded = read_folder(tmp_path)
    assert len(recorded.series[0].points) == 2
    assert recorded.notes.discarded == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "moods"},
        {"trouble": ""},
        {"trouble": "sideways"},
        {"step_seconds": "-1"},
        {"step_seconds": "0"},
        {"step_seconds": "1.5"},
        {"step_seconds": "99999999999999999999"},
        {"set": "../elsewhere"},
        {"series": ""},
    ],
)
def test_a_bad_line_of_the_index_costs_that_series_only(tmp_path: Path, changed: dict[str, object]) -> None:
    write(tmp_path, [listed("a") | changed, listed("b")], level_rows("a", [1]) + level_rows("b", [1]))
    recorded = read_folder(tmp_path)
    assert [one.name for one in recorded.series] == ["b"]
    assert sum(recorded.notes.discarded.values()) == 1


def test_a_series_that_is_listed_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, [listed("a"), listed("a")], level_rows("a", [1]))
    recorded = read_folder(tmp_path)
    assert len(recorded.series) == 1
    assert reasons(recorded) == {"the series is listed twice": 1}


def test_unknown_and_missing_columns_refuse_the_file(tmp_path: Path) -> None:
    write(tmp_path, [listed("a")], level_rows("a", [1]))
    table(tmp_path / "series" / "tiny.csv.gz", ("series", "time", "value"), [])
    with pytest.raises(PlainError, match=r"tiny\.csv\.gz: columns must be series, time, n, k, value"):
        read_folder(tmp_path)
    table(tmp_path / "series" / "tiny.csv.gz", ("series", "time", "n", "k", "value", "mood"), [])
    with pytest.raises(PlainError, match="mood"):
        read_folder(tmp_path)


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [listed("a")], level_rows("a", range(500)))
    path = tmp_path / "series" / "tiny.csv.gz"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(PlainError, match="can't be read to its end"):
        read_folder(tmp_path)


def test_a_damaged_file_and_one_with_an_endless_line_are_refused(tmp_path: Path) -> None:
    write(tmp_path, [listed("a")], level_rows("a", range(500)))
    path = tmp_path / "series" / "tiny.csv.gz"
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)
    with pytest.raises(PlainError, match="can't be read to its end"):
        read_folder(tmp_path)
    path.write_bytes(gzip.compress(b"series,time,n,k,value\n" + b"9" * 70_000))
    with pytest.raises(PlainError, match="a line of more than"):
        read_folder(tmp_path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [listed("a")], level_rows("a", [1]))
    (tmp_path / "series" / "tiny.csv.gz").write_bytes(gzip.compress(b"series,time,n,k,value\n\xff\xfe,,,,\n"))
    with pytest.raises(PlainError, match="UTF-8"):
        read_folder(tmp_path)


def test_files_that_are_not_there_are_said(tmp_path: Path) -> None:
    recorded = read_folder(tmp_path)
    assert recorded.series == ()
    assert "series/index.csv" in recorded.notes.missing
    write(tmp_path, [listed("a", set="lost"), listed("b")], level_rows("b", [1]))
    missing = read_folder(tmp_path).notes.missing
    assert {"series/lost.csv.gz", "series/rivals.csv.gz", "episodes.csv", "blocking-events/events.csv"} <= set(missing)


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    write(tmp_path, [listed("a"), listed("b", set="lost")], level_rows("a", [1]))
    notes = Notes()
    found = read_series(tmp_path / "series", notes, wanted=lambda name, series: name == "tiny")
    assert [one.name for one in found] == ["a"]
    assert notes.missing == []


def test_flags_need_a_series_a_system_and_a_direction(tmp_path: Path) -> None:
    flags = [
        ("a", text(day(3)), "older", "up"),
        ("a", text(day(3)), "older", "up"),
        ("a", text(day(4)), "older", "sideways"),
        ("a", "2024-01-05", "older", "down"),
        ("other", text(day(5)), "older", "down"),
    ]
    write(tmp_path, [listed("a")], level_rows("a", [1]), flags=flags)
    recorded = read_folder(tmp_path)
    assert recorded.flags == (Flag("a", day(3), "older", Direction.RISE),)
    assert sum(recorded.notes.discarded.values()) == 2
