"""Points refuse what no measurement could say, and gaps become visible."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.analysis.series import Cell, Evidence, Point, Stream, filled

START = datetime(2024, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_point_without_evidence_carries_no_number() -> None:
    with pytest.raises(ValueError, match="no number"):
        Point(START, DAY, value=0.0, evidence=Evidence.NONE)


def test_a_scored_point_has_a_number() -> None:
    with pytest.raises(ValueError, match="needs n and k"):
        Point(START, DAY)


@pytest.mark.parametrize(("n", "k"), [(3, 4), (3, -1), (-1, 0), (float("nan"), 0), (3, float("nan"))])
def test_it_refuses_counts_that_cannot_be(n: float, k: float) -> None:
    with pytest.raises(ValueError, match="between"):
        Point(START, DAY, n=n, k=k)


def test_it_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        Point(datetime(2024, 3, 1), DAY, value=1)


def test_the_key_of_a_cell_names_all_but_its_stream() -> None:
    assert Cell(Stream.VIEWS, "views", "XX", "xx.wikipedia", "AS1").key() == "views|XX|xx.wikipedia|AS1"


def test_gaps_become_points_without_evidence() -> None:
    measured = [Point(START + 2 * DAY, DAY, value=0.0), Point(START + 4 * DAY, DAY, value=7.0)]
    whole = filled(measured, step=DAY, since=START, until=START + 6 * DAY)
    assert [point.time for point in whole] == [START + number * DAY for number in range(6)]
    none = Evidence.NONE
    assert [point.evidence for point in whole] == [none, none, Evidence.SCORED, none, Evidence.SCORED, none]
    assert whole[2].value == 0.0


def test_a_longer_point_fills_all_it_covers() -> None:
    hour = timedelta(hours=1)
    whole = filled([Point(START, DAY, value=1.0)], step=hour, since=START, until=START + DAY + 2 * hour)
    assert len(whole) == 3


def test_filling_refuses_naive_times_and_empty_steps() -> None:
    with pytest.raises(ValueError, match="zone"):
        filled([], step=DAY, since=datetime(2024, 1, 1), until=START)
    with pytest.raises(ValueError, match="step"):
        filled([], step=timedelta(0), since=START, until=START)
