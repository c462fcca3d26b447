"""What is normal is learned robustly, shrinks where little is known, and learns nothing from what is missing."""

import pytest

from tocsin.analysis.baselines import Rate, Seasonal

HOUR, DAY = 3_600, 86_400


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


def test_weekdays_have_their_own_level() -> None:
    base = Seasonal(step=DAY)
    for day in range(70):
        base.learn(day * DAY, 100 if day % 7 else 20)
    assert base.band(70 * DAY).level < 40
    assert base.band(71 * DAY).level == pytest.approx(100, rel=0.1)


def test_hours_have_their_own_level_and_long_steps_have_none() -> None:
    assert len(Seasonal(step=HOUR).slots) == 168
    assert len(Seasonal(step=DAY).slots) == 7
    assert len(Seasonal(step=7 * DAY).slots) == 1


def test_a_third_of_wild_values_moves_the_level_little() -> None:
    base = Seasonal(step=DAY)
    for day in range(70):
        base.learn(day * DAY, 10**6 if day % 3 == 0 else 100)
    assert base.band(70 * DAY).level < 1000


def test_with_little_data_the_band_is_wide() -> None:
    young, old = Seasonal(step=DAY), Seasonal(step=DAY)
    for day in range(4):
        young.learn(day * DAY, 1000 + day)
    for day in range(80):
        old.learn(day * DAY, 1000 + day % 3)
    assert young.band(4 * DAY).high - young.band(4 * DAY).low > 2 * (old.band(80 * DAY).high - old.band(80 * DAY).low)


def test_the_band_widens_over_a_gap_and_its_level_stays() -> None:
    base = Seasonal(step=DAY)
    for day in range(60):
        base.learn(day * DAY, 1000)
    soon, later = base.band(60 * DAY), base.band(160 * DAY)
    assert later.level == pytest.approx(soon.level)
    assert later.high - later.low > 2 * (soon.high - soon.low)


def test_a_new_normal_keeps_the_shape_of_the_week() -> None:
    base = Seasonal(step=DAY)
    for day in range(70):
        base.learn(day * DAY, 100 if day % 7 else 20)
    base.relearn()
    assert not base.ready
    for day in range(70, 84):
        base.learn(day * DAY, 1000 if day % 7 else 200)
    assert base.band(84 * DAY).level < 0.5 * base.band(85 * DAY).level


def test_it_says_that_it_knows_nothing_yet() -> None:
    with pytest.raises(ValueError, match="nothing was learned"):
        Seasonal(step=DAY).band(0)
