"""What is normal is learned robustly, shrinks where little is known, and learns nothing from what is missing."""

from random import Random

import pytest

from tocsin.analysis.baselines import Rate
from tocsin.analysis.baselines.wandering import Climbs, Wandering

DAY = 86_400


def rate() -> Rate:
    return Rate(prior_rate=0.05, prior_weight=4, half_life=30 * DAY)


def test_an_unknown_rate_is_the_prior_and_little_data_move_it_little() -> None:
    base = rate()
    assert base.rate == pytest.approx(0.05)
    base.learn(DAY, 1, 1)
    assert 0.05 < base.rate < 0.3


def test_a_known_rate_is_learned_and_old_counts_fade() -> None:
    base = rate()
    for day in range(100):
        base.learn(day * DAY, 50, 10)
    assert base.rate == pytest.approx(0.2, abs=0.01)
    for day in range(100, 300):
        base.learn(day * DAY, 50, 1)
    assert base.rate == pytest.approx(0.02, abs=0.01)


def test_no_trials_teach_nothing() -> None:
    base, other = rate(), rate()
    base.learn(DAY, 0, 0)
    assert base == other


def test_days_that_differ_widen_what_is_expected() -> None:
    steady, wild = rate(), rate()
    for day in range(60):
        steady.learn(day * DAY, 100, 20)
        wild.learn(day * DAY, 100, 40 if day % 2 else 0)
    assert wild.dispersion > 3 * steady.dispersion
    assert wild.expected().concentration < steady.expected().concentration


def test_likelihoods_prefer_the_belief_that_is_nearer() -> None:
    base = rate()
    near, far = base.around(0.3), base.around(0.9)
    assert near.log_likelihood(10, 3) > far.log_likelihood(10, 3)
    assert near.log_likelihood(10, 9) < far.log_likelihood(10, 9)


def test_the_luck_of_single_measurements_is_no_wandering_and_a_rate_that_comes_and_goes_is() -> None:
    chance, lucky, restless = Random(3), Wandering(120 * DAY), Wandering(120 * DAY)
    for day in range(400):
        lucky.learn(day * DAY, 1, float(chance.random() < 0.05))
        restless.learn(day * DAY, 500, 125 if day // 20 % 2 else 25)
    assert lucky.top(0.05, 1.3, 0.4) < 0.07
    assert restless.top(0.05, 1.3, 0.4) > 0.2


def test_one_failed_reading_at_the_start_is_no_wandering() -> None:
    past = Wandering(120 * DAY)
    for day in range(60):
        past.learn(day * DAY, 1, float(day == 0))
    assert past.top(0.05, 1.3, 0.4) < 0.1


def test_a_cell_that_is_read_more_often_is_asked_for_more() -> None:
    needed = [Climbs(DAY).needed(4, gap) for gap in (3_600, DAY, 2 * DAY)]
    assert needed == sorted(needed, reverse=True)
    assert needed[1] == 6
