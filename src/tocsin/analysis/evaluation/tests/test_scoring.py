import math

import pytest

from tocsin.analysis.evaluation import Bearable, Operating, bearable, mean_interval, poisson_interval, share_interval
from tocsin.analysis.evaluation.intervals import gamma_share, rate_interval
from tocsin.analysis.evaluation.scoring import best_at


def point(rate: float, *days: float, threshold: float = 1.0) -> Operating:
    return Operating(threshold, round(rate * 100), 100.0, {f"T{number}": each for number, each in enumerate(days)})


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # Garwood's published table of 95 % limits.
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (100, 81.364, 121.627)],
)
def test_poisson_limits_are_the_published_ones(count: int, low: float, high: float) -> None:
    assert poisson_interval(count) == pytest.approx((low, high), abs=0.001)


def test_poisson_limits_hold_for_large_counts() -> None:
    low, high = poisson_interval(10_000)
    assert low == pytest.approx(10_000 - 1.96 * 100, abs=3)
    assert high == pytest.approx(10_000 + 1.96 * 100, abs=4)
    with pytest.raises(ValueError, match="negative"):
        poisson_interval(-1)


def test_the_incomplete_gamma_is_a_poisson_tail() -> None:
    below = sum(math.exp(-4.2) * 4.2**k / math.factorial(k) for k in range(7))
    assert gamma_share(7, 4.2) == pytest.approx(1 - below, abs=1e-12)
    assert gamma_share(2, 30.0) == pytest.approx(1 - math.exp(-30) * 31, abs=1e-12)
    assert gamma_share(3, 0.0) == 0.0


def test_without_years_a_rate_may_be_anything() -> None:
    assert rate_interval(0, 0.0) == (0.0, math.inf)


def test_wilsons_interval() -> None:
    assert share_interval(8, 10) == pytest.approx((0.490, 0.943), abs=0.001)
    assert share_interval(0, 0) == (0.0, 1.0)
    assert share_interval(0, 10)[0] == 0.0


def test_the_interval_of_a_mean_follows_from_its_seed() -> None:
    values = [1.0, 2.0, 3.0, 10.0]
    first = mean_interval(values, seed=3)
    assert first == mean_interval(values, seed=3)
    assert first is not None
    assert 1.0 <= first[0] < 4.0 < first[1] <= 10.0
    assert mean_interval([1.0]) is None


def test_a_budget_gets_the_best_point_that_keeps_it() -> None:
    curve = [point(0.4, 10), point(1.0, 4), point(3.0, 6), point(8.0, 0)]
    assert [best.mean if (best := best_at(curve, budget)) else None for budget in (0.3, 0.4, 1.0, 5.0, 9.0)] == [
        None,
        10,
        4,
        4,
        0,
    ]


def test_the_curve_is_averaged_as_a_staircase() -> None:
    score = bearable([point(0.2, 10), point(2.0, 1)])
    assert isinstance(score, Bearable)
    # 10 days from 0.5 to 2 alarms, one day from 2 to 5.
    assert score.days == pytest.approx((10 * 1.5 + 1 * 3.0) / 4.5)


def test_below_the_lowest_rate_of_a_system_all_is_missed() -> None:
    score = bearable([point(2.0, 1, 3)])
    assert score is not None
    assert score.days == pytest.approx((30 * 1.5 + 2 * 3.0) / 4.5)
    assert score.episodes["T1"] == pytest.approx((30 * 1.5 + 3 * 3.0) / 4.5)
    assert score.interval is not None


def test_a_system_that_always_alarms_too_often_scores_as_if_it_missed_all() -> None:
    score = bearable([point(9.0, 0)])
    assert score is not None
    assert score.days == 30


def test_an_episode_is_scored_at_the_threshold_that_the_others_choose() -> None:
    # The first would choose the point at 0.1 for itself; the two others choose the one at 0.2.
    curve = [point(0.1, 1, 20, 20), point(0.2, 9, 2, 2)]
    score = bearable(curve)
    assert score is not None
    assert score.episodes == pytest.approx({"T0": 9, "T1": 2, "T2": 2})


def test_a_lone_episode_is_scored_at_the_keenest_threshold() -> None:
    score = bearable([point(0.1, 1), point(0.2, 9)])
    assert score is not None
    assert score.days == pytest.approx(9)


def test_without_episodes_there_is_no_score() -> None:
    assert bearable([point(1.0)]) is None
    assert bearable([]) is None


def test_where_the_others_do_not_tell_thresholds_apart_the_keener_one_is_used() -> None:
    score = bearable([point(0.1, 3, 1, 1), point(0.2, 1, 1, 1)])
    assert score is not None
    assert score.episodes == pytest.approx({"T0": 1, "T1": 1, "T2": 1})
