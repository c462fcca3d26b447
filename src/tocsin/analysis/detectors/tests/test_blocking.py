"""Blocking is found in sparse and in crowded counts, from the first reading on, and its end is seen."""

from datetime import timedelta
from random import Random

import pytest

from tocsin.analysis.detectors import Blocking
from tocsin.analysis.detectors.tests.episodes import CELLS, DAY, START, counts, fed
from tocsin.analysis.series import Finding, Point, Stream

CELL = CELLS[Stream.BLOCKING]


def found(points: list[Point], **parameters: float) -> list[Finding]:
    return fed(Blocking(CELL, **parameters), points)  # type: ignore[arg-type]


def test_a_total_block_at_one_reading_a_day_is_found_at_the_third() -> None:
    finding = found(counts([(1, 0)] * 30 + [(1, 1)] * 10))[0]
    assert finding.opened == START + 30 * DAY
    assert finding.seen == START + 32 * DAY


@pytest.mark.parametrize("hours", [1, 6, 24, 30, 48, 168])
def test_readings_may_lie_far_apart(hours: int) -> None:
    gap = timedelta(hours=hours)
    times = [START + number * gap for number in range(45)]
    points = [Point(time, timedelta(hours=1), n=1, k=float(number >= 30)) for number, time in enumerate(times)]
    finding = found(points)[0]
    assert finding.seen - times[30] <= 4 * gap


def test_a_block_older_than_our_watch_is_found_at_its_first_readings() -> None:
    finding = found(counts([(1, 1)] * 10))[0]
    assert finding.opened == START
    assert finding.seen == START + 2 * DAY
    assert "hardly a past" in next(rival.speaks_for for rival in finding.rivals if rival.key == "old-block")


def test_one_crowded_interval_never_opens_alone() -> None:
    assert found(counts([(20, 1)] * 30 + [(5000, 5000)] + [(20, 1)] * 30)) == []


def test_two_bad_readings_never_open() -> None:
    assert found(counts([(1, 0)] * 30 + [(1, 1)] * 2 + [(1, 0)] * 30)) == []


def test_a_cell_that_always_had_some_anomalies_is_quiet() -> None:
    chance = Random(7)
    tried = [chance.randint(5, 60) for _ in range(300)]
    assert found(counts([(n, sum(chance.random() < 0.25 for _ in range(n))) for n in tried])) == []


def test_a_total_block_is_found_even_where_some_anomalies_are_usual() -> None:
    finding = found(counts([(10, 3)] * 40 + [(10, 10)] * 5))[0]
    assert (finding.opened, finding.seen) == (START + 40 * DAY, START + 41 * DAY)
    assert finding.before == pytest.approx(0.3, abs=0.02)


def test_a_partial_block_is_found_and_teaches_the_baseline_nothing() -> None:
    findings = found(counts([(20, 1)] * 40 + [(20, 8)] * 200 + [(20, 1)] * 10))
    assert {finding.opened for finding in findings} == {START + 40 * DAY}
    assert findings[-1].closed == START + 240 * DAY
    assert findings[-1].before == pytest.approx(0.05, abs=0.01)


def test_an_uneven_number_of_readings_is_no_change() -> None:
    chance = Random(2)
    tried = [chance.choice([1, 2, 500]) for _ in range(200)]
    assert found(counts([(n, round(n * 0.04)) for n in tried])) == []


def test_the_score_grows_with_the_evidence() -> None:
    scores = [finding.score for finding in found(counts([(1, 0)] * 30 + [(1, 1)] * 10))]
    assert scores == sorted(scores)
    assert scores[-1] > 0.9


def test_an_interval_with_no_trials_says_nothing() -> None:
    with_gaps = [(1.0, 0.0)] * 30 + [(0.0, 0.0)] * 5 + [(1.0, 1.0)] * 5
    finding = found(counts(with_gaps))[0]
    assert finding.opened == START + 35 * DAY


def test_fractions_of_anomalies_count_as_such() -> None:
    assert found(counts([(2, 0.5)] * 60)) == []
    assert found(counts([(4, 0.1)] * 40 + [(4, 3.5)] * 5))[0].opened == START + 40 * DAY


def test_the_exact_replay_of_a_block_with_sparse_and_late_data() -> None:
    quiet = [(3, 0), (1, 0), (2, 1), (4, 0), (1, 0), (2, 0), (3, 0)] * 5
    points = counts([*quiet, (2, 2), (1, 1), (3, 2), (0, 0), (2, 2), (1, 1), (3, 0), (2, 0), (4, 0)])
    order = [*points[:37], points[38], points[37], *points[39:]]
    told = [
        (str(finding.opened.date()), str(finding.seen.date()), round(finding.score, 2), finding.closed is not None)
        for finding in found(order)
    ]
    assert told == [
        ("2024-02-05", "2024-02-06", 0.59, False),
        ("2024-02-05", "2024-02-08", 0.83, False),
        ("2024-02-05", "2024-02-12", 0.0, True),
    ]
