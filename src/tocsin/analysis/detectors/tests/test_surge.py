"""More reports than usual are found exactly, whether a harm is reported once a month or a hundred times a day."""

from random import Random

import pytest

from tocsin.analysis.baselines import Events
from tocsin.analysis.baselines.events import at_least
from tocsin.analysis.detectors import Surge
from tocsin.analysis.detectors.tests.episodes import CELLS, DAY, START, fed, levels
from tocsin.analysis.series import Direction, Finding, Point, Stream

CELL = CELLS[Stream.EVENTS]


def found(values: list[float]) -> list[Finding]:
    return fed(Surge(CELL), levels(values))


def rare(days: int, *, every: int = 30) -> list[float]:
    return [float(day % every == 3) for day in range(days)]


def test_a_few_reports_of_a_harm_that_is_hardly_ever_reported_are_a_surge() -> None:
    findings = found([*rare(120), 4.0, 3.0, 0.0, 0.0, 0.0, 0.0])
    assert findings[0].direction is Direction.RISE
    assert findings[0].opened == START + 120 * DAY
    assert findings[0].seen <= START + 121 * DAY
    assert findings[-1].closed == START + 122 * DAY


def test_two_reports_are_none() -> None:
    assert found([*rare(120), 2.0, *rare(20)]) == []


def test_a_busy_series_must_rise_by_more() -> None:
    chance = Random(3)
    busy = [float(round(chance.gauss(100, 14))) for _ in range(200)]
    assert found(busy) == []
    assert found([*busy, 240.0, 260.0])[0].opened == START + 200 * DAY


def test_a_slower_rise_shows_in_the_sum_of_a_week() -> None:
    chance = Random(8)
    quiet = [float(chance.choice([0, 1, 1, 2])) for _ in range(150)]
    findings = found([*quiet, *[3.0, 4.0, 3.0, 4.0, 3.0, 5.0, 4.0, 4.0, 5.0]])
    assert findings
    assert findings[0].seen <= START + 158 * DAY


def test_weekdays_have_their_own_number() -> None:
    chance = Random(6)
    week = [20, 22, 21, 20, 18, 3, 2]
    assert found([float(chance.randint(week[day % 7] - 2, week[day % 7] + 2)) for day in range(200)]) == []


def test_a_day_that_was_not_measured_is_no_quiet_day() -> None:
    values: list[float | None] = [5.0, None, 6.0, 4.0] * 40
    assert fed(Surge(CELL), levels(values)) == []


def test_a_lasting_number_becomes_the_usual_one() -> None:
    findings = found([*([2.0, 3.0, 1.0] * 30), *([20.0, 22.0, 18.0] * 20)])
    assert "new usual level" in findings[-1].summary
    assert {finding.opened for finding in findings} == {START + 90 * DAY}


def test_it_refuses_negative_counts() -> None:
    with pytest.raises(ValueError, match="surge reads counts"):
        Surge(CELL).update(Point(START, DAY, value=-1.0))


@pytest.mark.parametrize(("count", "mean", "dispersion"), [(3, 0.4, 0.2), (12, 5.0, 0.1), (40, 20.0, 0.5), (1, 0.1, 1)])
def test_the_probability_of_so_many_is_exact(count: int, mean: float, dispersion: float) -> None:
    size = 1 / dispersion
    share = size / (size + mean)
    term, total = share**size, 0.0
    for number in range(count):
        total += term
        term *= (size + number) / (number + 1) * (1 - share)
    assert at_least(count, mean, dispersion) == pytest.approx(1 - total, rel=1e-9, abs=1e-12)


def test_counts_that_vary_more_than_chance_make_a_number_less_rare() -> None:
    steady, wild = Events(step=86_400), Events(step=86_400)
    for day in range(140):
        steady.learn(day * 86_400, 10.0)
        wild.learn(day * 86_400, 20.0 if day // 7 % 2 else 0.0)
    assert steady.dispersion() < 0.3 * wild.dispersion()
    assert steady.chance(30, 10.0) < 0.01 * wild.chance(30, 10.0)
