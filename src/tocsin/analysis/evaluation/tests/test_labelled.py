"""Labels are scored by hand-counted cases."""

import pytest

from tocsin.analysis.evaluation.labelled import macro_f1_interval, recall_at
from tocsin.analysis.text.learning import macro_f1


def test_what_matters_is_counted_in_what_is_read() -> None:
    reached = recall_at([True, False, True, False], [0.9, 0.8, 0.1, 0.0], 0.5)
    assert (reached.found, reached.there, reached.most, reached.recall) == (1, 2, 1.0, 0.5)
    assert reached.interval[0] < 0.5 < reached.interval[1]


def test_more_than_there_is_time_for_can_not_be_reached() -> None:
    reached = recall_at([True] * 5 + [False] * 5, [1.0] * 10, 0.1)
    assert (reached.found, reached.most) == (1, 0.2)


def test_nothing_to_find_is_found_and_nonsense_is_refused() -> None:
    assert recall_at([False], [0.0], 0.1).recall == 1.0
    with pytest.raises(ValueError, match="one score"):
        recall_at([True], [], 0.1)
    with pytest.raises(ValueError, match="share"):
        recall_at([True], [1.0], 0.0)


def test_every_true_label_counts_the_same() -> None:
    assert macro_f1(["a", "a", "b"], ["a", "a", "a"]) == pytest.approx((2 * 2 / 5 + 0) / 2)
    assert macro_f1([], []) == 0.0


def test_an_interval_holds_the_score_and_follows_from_its_seed() -> None:
    truth, found = ["a", "b"] * 30, ["a", "b", "a", "a"] * 15
    low, high = macro_f1_interval(truth, found)
    assert low < macro_f1(truth, found) < high
    assert (low, high) == macro_f1_interval(truth, found)
