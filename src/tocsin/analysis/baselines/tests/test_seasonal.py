"""The usual level follows rhythms and not wild values, and what departs from it is judged by the series' own past."""

from collections.abc import Iterable
from math import sin
from random import Random

import pytest

from tocsin.analysis.baselines import Seasonal, Surprise, Tails, Terms

HOUR, DAY, YEAR = 3_600, 86_400, 365 * 86_400
NEVER = Terms(entry=1e12, least=0.0)
TERMS = Terms(entry=1.0, least=0.12)
WEEK = [1.0, 1.1, 1.1, 1.0, 0.9, 0.4, 0.3]


def learned(values: Iterable[float], *, step: int = DAY, terms: Terms = NEVER) -> Seasonal:
    base = Seasonal(step=step)
    for number, value in enumerate(values):
        base.take(number * step, value, None, terms)
    return base


def surprises(values: Iterable[float], *, step: int = DAY, terms: Terms = TERMS) -> list[tuple[int, Surprise]]:
    base = Seasonal(step=step)
    found = [(number, base.take(number * step, value, None, terms)) for number, value in enumerate(values)]
    return [(number, surprise) for number, surprise in found if surprise is not None]


def noisy(days: int, *, seed: int = 1, width: float = 0.05) -> list[float]:
    chance = Random(seed)
    return [1000 * WEEK[day % 7] * chance.uniform(1 - width, 1 + width) for day in range(days)]


def test_weekdays_have_their_own_level() -> None:
    base = learned(100 if day % 7 else 20 for day in range(140))
    assert base.band(140 * DAY).level < 40
    assert base.band(141 * DAY).level == pytest.approx(100, rel=0.1)


def test_hours_and_weekdays_have_a_shape_and_long_steps_have_none() -> None:
    hours, days, weeks = (Seasonal(step=step).shape for step in (HOUR, DAY, 7 * DAY))
    assert (len(hours.day), len(hours.week)) == (24, 168)
    assert (len(days.day), len(days.week)) == (0, 7)
    assert (len(weeks.day), len(weeks.week)) == (0, 0)


def test_one_wild_value_in_ten_moves_the_level_little() -> None:
    base = learned(10**6 if day % 10 == 0 else 100 for day in range(70))
    assert 80 < base.band(70 * DAY).level < 400


def test_a_steady_series_that_halves_is_surprising_at_once_and_a_restless_one_is_not() -> None:
    steady = surprises([*noisy(100), *(value / 2 for value in noisy(3))])
    assert next((number, surprise.sign) for number, surprise in steady) == (100, -1.0)
    chance = Random(3)
    restless = [1000 * chance.choice([0.4, 0.6, 1, 1.5, 2]) for _ in range(100)]
    assert surprises([*restless, 500.0]) == []


def test_a_small_lasting_change_takes_some_days() -> None:
    days = [1000 * Random(day).uniform(0.9, 1.1) for day in range(120)]
    found = surprises([*days, *(value * 0.72 for value in days[:30])])
    assert found
    assert 120 <= found[0][0] <= 128


def test_coming_back_from_a_spike_is_no_departure() -> None:
    values = noisy(131)
    values[100] *= 8
    assert all(surprise.sign > 0 for _number, surprise in surprises(values))


def test_rises_that_must_be_confirmed_need_a_second_interval() -> None:
    terms = Terms(entry=1.0, least=0.12, rises=2)
    spike, rise = noisy(120), noisy(120)
    spike[98] = rise[98] = rise[99] = 9000.0
    assert surprises(spike, terms=terms) == []
    assert [number for number, _surprise in surprises(rise, terms=terms)][:1] == [99]


def test_a_movement_of_the_whole_world_is_taken_out() -> None:
    values = [1000 * Random(day).uniform(0.95, 1.05) for day in range(150)]
    world = [0.0 if day < 100 else min(0.05 * (day - 100), 1.5) for day in range(150)]
    moved = [value * 2.718**movement for value, movement in zip(values, world, strict=True)]
    base = Seasonal(step=DAY)
    found = [base.take(day * DAY, moved[day], world[day], TERMS) for day in range(150)]
    assert not any(found)
    assert base.follow > 0.8
    assert surprises(moved)


def test_a_rise_beyond_that_of_the_world_still_surprises() -> None:
    base = Seasonal(step=DAY)
    for day in range(120):
        base.take(day * DAY, 1000 * Random(day).uniform(0.97, 1.03), 0.02 * Random(-day).uniform(-1, 1), TERMS)
    assert base.take(120 * DAY, 9000.0, 0.3, TERMS) is not None


def test_summer_time_surprises_nobody() -> None:
    def level(hour: float) -> float:
        return 1000 * (1.3 + sin(hour * 6.2832 / 24)) * Random(int(hour)).uniform(0.97, 1.03)

    hours = [level(hour) for hour in range(24 * 60)] + [level(hour + 1) for hour in range(24 * 60, 24 * 90)]
    assert surprises(hours, step=HOUR, terms=Terms(entry=1.0, least=0.12)) == []


def test_hours_missing_at_the_end_of_a_month_surprise_nobody() -> None:
    base = Seasonal(step=HOUR)
    found = []
    for hour in range(24 * 90):
        level = 1000 * (1.3 + sin(hour * 6.2832 / 24)) * Random(hour).uniform(0.97, 1.03)
        if hour // 24 % 30 != 29 or hour % 24 > 21:
            found.append(base.take(hour * HOUR, level, None, TERMS))
    assert not any(found)


def test_a_day_that_was_odd_on_the_same_date_last_year_is_less_odd_this_year() -> None:
    days = [1000 * Random(day).uniform(0.93, 1.07) for day in range(800)]
    feast = [value * (0.55 if day % 365 == 300 else 1) for day, value in enumerate(days)]
    dates = [number for number, _surprise in surprises(feast, terms=Terms(entry=1.0, least=0.12))]
    assert 665 not in dates


def test_after_a_year_without_data_it_learns_the_level_anew() -> None:
    base = learned(noisy(60))
    late = 60 * DAY + YEAR
    found = [base.take(late + day * DAY, 50 * WEEK[(425 + day) % 7], None, TERMS) for day in range(20)]
    assert not any(found)
    assert base.band(late + 20 * DAY).level < 80


def test_it_is_more_careful_right_after_a_gap() -> None:
    def after(gap: int) -> Surprise | None:
        return learned(noisy(98), terms=TERMS).take((98 + gap) * DAY, 700 * WEEK[(98 + gap) % 7], None, TERMS)

    soon, late = after(0), after(14)
    assert soon is not None
    assert late is None or late.rate > soon.rate


def test_shares_and_counts_have_their_own_units() -> None:
    assert learned([0.5, 0.51, 0.49] * 10).unit == pytest.approx(0.001)
    assert learned([5, 6, 7] * 10).unit == 1.0


def test_the_band_holds_the_level_and_widens_over_a_gap() -> None:
    base = learned(noisy(60))
    soon, later = base.band(60 * DAY), base.band(256 * DAY)
    assert soon.low < soon.level < soon.high
    assert later.level == pytest.approx(soon.level)
    assert later.high - later.low > 2 * (soon.high - soon.low)


def test_it_says_that_it_knows_nothing_yet() -> None:
    with pytest.raises(ValueError, match="nothing was learned"):
        Seasonal(step=DAY).band(0)


def test_a_saved_baseline_goes_on_as_if_it_had_not_been_saved() -> None:
    values = noisy(90)
    whole, half = learned(values), learned(values[:50])
    half = Seasonal.load(half.save())
    for day in range(50, 90):
        half.take(day * DAY, values[day], None, NEVER)
    assert half.save() == whole.save()


def test_the_tail_of_a_wild_past_makes_a_size_less_rare() -> None:
    calm, wild = Tails([0.1], [1.0]), Tails([0.1], [1.0])
    for _ in range(20):
        for tails, factor in ((calm, 1.1), (wild, 2.5)):
            tails.passed(0, tails.size(0) * factor)
            tails.fade()
            tails.fade()
    assert calm.share(0, calm.size(0) * 5) < 0.01 * wild.share(0, wild.size(0) * 5)


def test_departures_that_follow_one_another_are_one_event() -> None:
    tails = Tails([0.1], [8.0])
    for _ in range(6):
        tails.passed(0, 1.0)
        tails.fade()
    assert tails.seen == [9.0]


def test_one_interval_in_twenty_passes_what_is_usual() -> None:
    chance, tails = Random(1), Tails([1.0], [1.0])
    passed = 0
    for number in range(6000):
        size = abs(chance.gauss(0, 0.3))
        if size > tails.size(0):
            tails.passed(0, size)
            passed += number >= 2000
        tails.fade()
    assert passed / 4000 == pytest.approx(0.05, abs=0.01)
