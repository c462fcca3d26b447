"""A level that leaves its usual range is found in both directions, and a rhythm is not mistaken for a change."""

from datetime import timedelta
from math import sin
from random import Random

import pytest

from tocsin.analysis.detectors import Change
from tocsin.analysis.detectors.tests.episodes import CELLS, DAY, START, fed, levels
from tocsin.analysis.series import Direction, Finding, Point, Stream

CELL = CELLS[Stream.VIEWS]
HOUR = timedelta(hours=1)
WEEK = [1.0, 1.1, 1.1, 1.0, 0.9, 0.4, 0.3]


def found(points: list[Point]) -> list[Finding]:
    return fed(Change(CELL), points)


def noisy(days: int, level: float = 1000, *, seed: int = 1) -> list[float]:
    chance = Random(seed)
    return [level * WEEK[day % 7] * chance.uniform(0.95, 1.05) for day in range(days)]


def test_a_week_has_its_rhythm() -> None:
    assert found(levels(noisy(200))) == []


def test_a_day_has_its_rhythm() -> None:
    chance = Random(4)
    hours = [1000 * (1.2 + sin(hour * 6.283 / 24)) * chance.uniform(0.95, 1.05) for hour in range(24 * 40)]
    assert found(levels(hours, step=HOUR)) == []
    hours[24 * 35 :] = [value * 0.2 for value in hours[24 * 35 :]]
    finding = found(levels(hours, step=HOUR))[0]
    assert finding.direction is Direction.DROP
    assert finding.opened == START + 35 * DAY
    assert finding.seen <= START + 35 * DAY + 2 * HOUR


@pytest.mark.parametrize(("factor", "direction"), [(0.3, Direction.DROP), (4.0, Direction.RISE)])
def test_it_finds_both_directions_on_the_second_day(factor: float, direction: Direction) -> None:
    days = noisy(60)
    days[50:55] = [value * factor for value in days[50:55]]
    findings = found(levels(days))
    assert findings[0].direction is direction
    assert (findings[0].opened, findings[0].seen) == (START + 50 * DAY, START + 51 * DAY)
    assert findings[-1].closed == START + 55 * DAY


def test_one_wild_day_opens_nothing_and_moves_nothing() -> None:
    days = noisy(80)
    days[60] = 10**7
    days[70] = 0
    assert found(levels(days)) == []


def test_a_lasting_change_becomes_the_new_usual_level() -> None:
    findings = found(levels([value * (3 if day >= 60 else 1) for day, value in enumerate(noisy(150))]))
    assert findings[-1].closed is not None
    assert "new usual level" in findings[-1].summary
    assert {finding.opened for finding in findings} == {START + 60 * DAY}


def test_a_slow_growth_is_no_change() -> None:
    assert found(levels([value * 1.003**day for day, value in enumerate(noisy(300))])) == []


def test_the_noise_of_small_numbers_is_no_change() -> None:
    chance = Random(9)
    assert found(levels([float(chance.choice([0, 1, 1, 2, 3, 4])) for _ in range(300)])) == []


def test_a_level_may_be_negative() -> None:
    days = [-50.0 + day % 3 for day in range(40)] + [60.0] * 4
    assert found(levels(days))[0].direction is Direction.RISE


def test_a_loss_that_it_could_not_see_has_no_delay() -> None:
    detector = Change(CELL)
    fed(detector, levels([0.0, 1.0] * 20))
    assert detector.delay() is None


def test_the_exact_replay_of_a_shutdown() -> None:
    week = [20.0, 21, 19, 20, 22, 12, 11]
    days = [1000 * week[day % 7] + 37 * (day * day % 11) for day in range(60)]
    days[45:49] = [900, 60, 55, 3000]
    told = [
        (str(finding.opened.date()), str(finding.seen.date()), finding.direction.value, finding.closed is not None)
        for finding in found(levels(days))
    ]
    assert told == [
        ("2024-02-15", "2024-02-16", "drop", False),
        ("2024-02-15", "2024-02-17", "drop", False),
        ("2024-02-15", "2024-02-21", "drop", True),
    ]
