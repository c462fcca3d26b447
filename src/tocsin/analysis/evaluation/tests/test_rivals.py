from collections.abc import Sequence
from datetime import timedelta

import pytest

from tocsin.analysis.evaluation import Alarm, Flag
from tocsin.analysis.evaluation.rivals import Cusum, cusum_alarms, flag_alarms, median_alarms, readings
from tocsin.analysis.evaluation.rivals.medians import median_ratios
from tocsin.analysis.evaluation.tests.folders import DAY, START, day
from tocsin.analysis.series import Direction, Evidence, Point

HOUR = timedelta(hours=1)


def block(gap: timedelta, *, quiet: int = 30, blocked: int = 200, step: timedelta = HOUR) -> list[Point]:
    """Single measurements, one every ``gap``: quiet ones, then a total block."""
    return [Point(START + number * gap, step, n=1, k=float(number >= quiet)) for number in range(quiet + blocked)]


def cusum(points: list[Point]) -> tuple[Alarm, ...]:
    return cusum_alarms(readings(points), Cusum())


@pytest.mark.parametrize(("gap", "hours"), [(1, 5), (6, 30), (24, 120)])
def test_the_cusum_fires_at_the_sixth_reading_of_a_total_block(gap: int, hours: int) -> None:
    (alarm,) = cusum(block(gap * HOUR))
    assert alarm.began - (START + 30 * gap * HOUR) == hours * HOUR
    assert alarm.time == alarm.began + HOUR
    assert alarm.direction is Direction.RISE


@pytest.mark.parametrize("gap", [30, 48, 100])
def test_the_cusum_never_fires_where_readings_are_thirty_hours_apart(gap: int) -> None:
    assert cusum(block(gap * HOUR)) == ()


def test_the_cusum_is_silent_while_it_knows_no_state() -> None:
    assert cusum(block(HOUR, quiet=0)) == ()


def test_the_cusum_forgets_its_state_after_ten_days() -> None:
    before = block(HOUR, quiet=30, blocked=0)
    late = [Point(START + 12 * DAY + number * HOUR, HOUR, n=1, k=1) for number in range(100)]
    assert cusum(before + late) == ()
    early = [Point(START + 9 * DAY + number * HOUR, HOUR, n=1, k=1) for number in range(100)]
    assert len(cusum(before + early)) == 1


def test_the_cusum_tells_the_end() -> None:
    points = block(HOUR, quiet=30, blocked=20)
    after = [Point(points[-1].time + (number + 1) * HOUR, HOUR, n=1, k=0) for number in range(30)]
    (alarm,) = cusum(points + after)
    # Each quiet reading adds 0.35: 3.5 is passed at the eleventh.
    assert alarm.ended == after[10].time + HOUR


def test_the_cusum_reads_medians_and_nothing_that_was_not_scored() -> None:
    points = [
        Point(day(0), DAY, n=3, k=2),
        Point(day(1), DAY, n=3, k=1),
        Point(day(2), DAY, n=4, k=2),
        Point(day(3), DAY, n=0, k=0),
        Point(day(4), DAY, evidence=Evidence.DISCARDED),
    ]
    assert [one.blocked for one in readings(points)] == [1.0, 0.0, 0.5]
    assert [one.blocked for one in readings(points, median=False)] == pytest.approx([2 / 3, 1 / 3, 1 / 2])


def test_the_cusum_takes_a_likelihood_as_it_is() -> None:
    assert [one.blocked for one in readings([Point(day(0), DAY, n=2, k=1.5)])] == [0.75]


def levels(values: Sequence[float]) -> list[Point]:
    return [Point(day(number), DAY, value=value) for number, value in enumerate(values)]


def test_a_level_is_compared_with_the_median_of_a_week_before_it() -> None:
    ratios = median_ratios(levels([100, 90, 110, 100, 100, 100, 100, 79, 40]), 7 * DAY)
    assert [round(ratio, 2) for _, ratio in ratios] == [1.0, 1.0, 1.0, 1.0, 0.79, 0.4]
    (warning,) = median_alarms(ratios, 0.8)
    assert (warning.time, warning.direction, warning.ended) == (day(8), Direction.DROP, None)
    (critical,) = median_alarms(ratios, 0.5)
    assert critical.time == day(9)


def test_it_is_over_when_the_level_is_back_and_rises_mirror_drops() -> None:
    ratios = median_ratios(levels([100] * 5 + [10, 100, 100, 300, 100]), 7 * DAY)
    drop, rise = median_alarms(ratios, 0.5)
    assert (drop.time, drop.ended, drop.direction) == (day(6), day(7), Direction.DROP)
    assert (rise.time, rise.ended, rise.direction) == (day(9), day(10), Direction.RISE)


def test_a_past_that_is_old_or_zero_says_nothing() -> None:
    late = [Point(day(40), DAY, value=10.0)]
    assert len(median_ratios(levels([100] * 5) + late, 7 * DAY)) == 2
    assert median_ratios(levels([0] * 20), 7 * DAY) == []


def flags(*days: float, way: Direction = Direction.DROP) -> list[Flag]:
    return [Flag("a", day(number), "older", way) for number in days]


def test_flags_that_follow_each_other_are_one_alarm() -> None:
    alarms = flag_alarms([*flags(10, 11, 13, 20), *flags(11, way=Direction.RISE)], DAY)
    assert [(one.time, one.direction) for one in alarms] == [
        (day(11), Direction.DROP),
        (day(12), Direction.RISE),
        (day(21), Direction.DROP),
    ]


def test_asking_for_more_flags_waits_for_them() -> None:
    assert [one.time for one in flag_alarms(flags(10, 11, 12, 20), DAY, fewest=3)] == [day(13)]
