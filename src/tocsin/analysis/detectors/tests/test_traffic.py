"""Traffic that leaves its usual range is found in both directions, by volume and by mix; rhythms and robots are not."""

from datetime import timedelta
from math import sin
from random import Random

import pytest

from tocsin.analysis.detectors import Traffic
from tocsin.analysis.detectors.tests.episodes import CELLS, DAY, START, fed, levels
from tocsin.analysis.series import Direction, Finding, Part, Point, Stream

HOUR = timedelta(hours=1)
WEEK = [1.0, 1.1, 1.1, 1.0, 0.9, 0.4, 0.3]


def found(points: list[Point], stream: Stream = Stream.VIEWS) -> list[Finding]:
    return fed(Traffic(CELLS[stream]), points)


def noisy(days: int, level: float = 1000, *, seed: int = 1) -> list[float]:
    chance = Random(seed)
    return [level * WEEK[day % 7] * chance.uniform(0.95, 1.05) for day in range(days)]


def hours(days: int, *, seed: int = 4) -> list[float]:
    chance = Random(seed)
    return [1000 * (1.2 + sin(hour * 6.283 / 24)) * chance.uniform(0.95, 1.05) for hour in range(24 * days)]


def test_a_week_has_its_rhythm() -> None:
    assert found(levels(noisy(200))) == []


def test_a_day_has_its_rhythm() -> None:
    assert found(levels(hours(40), step=HOUR)) == []


def test_a_fall_in_the_middle_of_a_day_is_found_at_once() -> None:
    values = hours(40)
    values[24 * 35 + 9 :] = [value * 0.2 for value in values[24 * 35 + 9 :]]
    finding = found(levels(values, step=HOUR))[0]
    assert finding.direction is Direction.DROP
    assert finding.opened == START + 35 * DAY + 9 * HOUR
    assert finding.seen <= finding.opened + 2 * HOUR


@pytest.mark.parametrize(
    ("stream", "factor", "direction", "days"),
    [
        (Stream.VIEWS, 0.3, Direction.DROP, 0),
        (Stream.VIEWS, 4.0, Direction.RISE, 1),
        (Stream.LEVEL, 4.0, Direction.RISE, 0),
    ],
)
def test_it_finds_both_directions(stream: Stream, factor: float, direction: Direction, days: int) -> None:
    values = noisy(100)
    values[80:86] = [value * factor for value in values[80:86]]
    findings = found(levels(values), stream)
    assert findings[0].direction is direction
    assert (findings[0].opened, findings[0].seen) == (START + 80 * DAY, START + (80 + days) * DAY)
    assert findings[-1].closed == START + 86 * DAY


def test_a_robot_that_visits_for_a_day_opens_nothing_and_moves_nothing() -> None:
    values = noisy(120)
    values[80] = 10**7
    assert found(levels(values)) == []


def test_a_throttle_that_comes_in_steps_is_found_in_days() -> None:
    values = [value / 25 for value in hours(100)]
    steps = [1.0] * 80 + [0.9] * 9 + [0.68] * 11
    throttled = [value * steps[number // 24] for number, value in enumerate(values)]
    finding = found(levels(throttled, step=HOUR))[0]
    assert finding.direction is Direction.DROP
    assert START + 79 * DAY <= finding.seen <= START + 91 * DAY


def test_a_lasting_change_becomes_the_new_usual_level() -> None:
    findings = found(levels([value * (3 if day >= 80 else 1) for day, value in enumerate(noisy(150))]))
    assert findings[-1].closed is not None
    assert "new usual level" in findings[-1].summary
    assert {finding.opened for finding in findings} == {START + 80 * DAY}


def test_an_open_drop_does_not_hide_a_rise() -> None:
    values = noisy(100)
    values[80:84] = [value * 0.4 for value in values[80:84]]
    values[84:90] = [value * 6 for value in values[84:90]]
    rise = [finding for finding in found(levels(values), Stream.LEVEL) if finding.direction is Direction.RISE]
    assert rise[0].seen == START + 84 * DAY


def test_a_slow_growth_is_no_change() -> None:
    assert found(levels([value * 1.003**day for day, value in enumerate(noisy(300))])) == []


def test_the_noise_of_small_numbers_is_no_change() -> None:
    chance = Random(9)
    assert found(levels([float(chance.choice([0, 1, 1, 2, 3, 4])) for _ in range(300)])) == []


def test_a_level_may_be_negative() -> None:
    days = [-50.0 + day % 3 for day in range(80)] + [60.0] * 4
    assert found(levels(days))[0].direction is Direction.RISE


def test_a_loss_that_it_could_not_see_has_no_delay() -> None:
    detector = Traffic(CELLS[Stream.VIEWS])
    fed(detector, levels([0.0, 1.0] * 20))
    assert detector.delay() is None


def test_a_year_without_data_opens_nothing() -> None:
    late = START + 500 * DAY
    assert found([*levels(noisy(90)), *levels([value / 4 for value in noisy(560)[500:]], start=late)]) == []


def cities(total: float, first: float, chance: Random) -> tuple[Part, ...]:
    rest = (1 - first) / 9
    shares = [first, *([rest] * 9)]
    return tuple(
        Part(f"city {number}", total * share * chance.uniform(0.9, 1.1), 0) for number, share in enumerate(shares)
    )


def test_a_ban_in_a_part_shows_in_the_mix_and_a_throttle_in_the_volume() -> None:
    def month(share: float, volume: float) -> list[Finding]:
        chance = Random(5)
        made = []
        for day in range(110):
            total = 10_000 * WEEK[day % 7] * chance.uniform(0.97, 1.03) * (volume if day >= 100 else 1)
            parts = cities(total, share if day >= 100 else 0.1, chance)
            made.append(Point(START + day * DAY, DAY, value=total, parts=parts))
        return found(made)

    assert month(0.1, 1.0) == []
    throttled, banned = month(0.1, 0.4), month(0.85, 1.0)
    assert throttled[0].opened == banned[0].opened == START + 100 * DAY
    assert "Places" not in throttled[0].summary
    assert "Places" in banned[0].summary


def test_a_long_replay_leaves_the_state_of_one_in_batches() -> None:
    points = levels(noisy(900))
    whole = Traffic(CELLS[Stream.VIEWS])
    fed(whole, points)
    state = Traffic(CELLS[Stream.VIEWS]).state()
    for first in range(0, 900, 100):
        part = Traffic(CELLS[Stream.VIEWS])
        part.restore(state)
        fed(part, points[first : first + 100])
        state = part.state()
    assert state == whole.state()


def test_the_exact_replay_of_a_shutdown() -> None:
    week = [20.0, 21, 19, 20, 22, 12, 11]
    days = [1000 * week[day % 7] + 37 * (day * day % 11) for day in range(90)]
    days[75:79] = [900, 60, 55, 3000]
    told = [
        (str(finding.opened.date()), str(finding.seen.date()), finding.direction.value, finding.closed is not None)
        for finding in found(levels(days))
    ]
    assert told == [
        ("2024-03-16", "2024-03-16", "drop", False),
        ("2024-03-16", "2024-03-21", "drop", False),
        ("2024-03-16", "2024-03-22", "drop", True),
    ]
