import pytest

from tocsin.analysis.evaluation import Bin, auc, brier, brier_base_rate, reliability

TRUTHS = [True, False, True, False]


def test_perfect_and_ignorant_forecasts() -> None:
    assert brier([1.0, 0.0, 1.0, 0.0], TRUTHS) == 0.0
    assert brier([0.5] * 4, TRUTHS) == brier_base_rate(TRUTHS) == 0.25


def test_each_range_of_probability_has_its_share() -> None:
    low, high = reliability([0.1] * 40 + [1.0] * 10, [True] * 4 + [False] * 36 + [False] * 10)
    assert (low.low, low.cases, low.came_true) == (0.1, 40, 0.1)
    assert low.forecast == pytest.approx(0.1)
    assert low.reliable
    assert isinstance(high, Bin)
    assert (high.high, high.cases) == (1.0, 10)
    assert not high.reliable


def test_ranking_counts_ties_by_half() -> None:
    assert auc([0.9, 0.1, 0.8, 0.2], TRUTHS) == 1.0
    assert auc([0.1, 0.9, 0.2, 0.8], TRUTHS) == 0.0
    assert auc([0.5] * 4, TRUTHS) == 0.5
    assert auc([0.9, 0.5, 0.5, 0.1], TRUTHS) == 0.875
    assert auc([0.9], [True]) is None


@pytest.mark.parametrize(("forecasts", "truths"), [([], []), ([0.5], [True, False]), ([1.1], [True])])
def test_what_is_no_forecast_is_refused(forecasts: list[float], truths: list[bool]) -> None:
    for score in (brier, reliability, auc):
        with pytest.raises(ValueError, match="forecast"):
            score(forecasts, truths)
