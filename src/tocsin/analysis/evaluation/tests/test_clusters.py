"""Found groups are compared with the true ones."""

import pytest

from tocsin.analysis.evaluation.clusters import bcubed, pairwise, v_measure

TRUE = ["dam", "dam", "dam", "flood", "flood"]


def test_the_true_groups_under_other_names_are_perfect() -> None:
    for measure in (pairwise, bcubed, v_measure):
        assert measure(TRUE, [7, 7, 7, 1, 1]).f1 == pytest.approx(1)


def test_everything_in_one_group_is_whole_and_imprecise() -> None:
    found = [1] * 5
    assert (pairwise(TRUE, found).precision, pairwise(TRUE, found).recall) == (0.4, 1)
    # Of each of three, three of five are rightly there; of each of two, two.
    assert bcubed(TRUE, found).precision == pytest.approx((3 * 3 / 5 + 2 * 2 / 5) / 5)
    assert bcubed(TRUE, found).recall == 1
    assert v_measure(TRUE, found).f1 == 0


def test_everything_apart_is_precise_and_in_pieces() -> None:
    found = list(range(5))
    assert (pairwise(TRUE, found).precision, pairwise(TRUE, found).recall) == (1, 0)
    assert bcubed(TRUE, found).recall == pytest.approx(2 / 5)
    assert v_measure(TRUE, found).precision == pytest.approx(1)


def test_labels_of_different_number_are_refused() -> None:
    for measure in (pairwise, bcubed, v_measure):
        with pytest.raises(ValueError, match=r"shorter|longer"):
            measure(TRUE, [1])


def test_nothing_to_compare_is_refused() -> None:
    for measure in (bcubed, v_measure):
        with pytest.raises(ValueError, match="no entries"):
            measure([], [])
