from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from tocsin.analysis.detectors import REGISTRY
from tocsin.analysis.evaluation import Alarm, Series, System, replay, systems
from tocsin.analysis.evaluation.plain import Flag, Kind
from tocsin.analysis.evaluation.replaying import (
    arrivals,
    cell_of,
    merged,
    points_of,
    pooled,
    stream_of,
    threshold_of,
    usual_bands,
    with_the_world,
)
from tocsin.analysis.evaluation.systems import usual_threshold
from tocsin.analysis.evaluation.tests.folders import DAY, START, day, series
from tocsin.analysis.series import Direction, Evidence, Point, Stream

HOUR = timedelta(hours=1)
DROP, RISE = Direction.DROP, Direction.RISE
COUNTS: dict[str, object] = {"kind": Kind.COUNTS, "stream": "ooni", "trouble": frozenset({RISE})}


def counts(quiet: int = 40, blocked: int = 10) -> Series:
    points = [Point(day(number), DAY, n=10, k=9 if number >= quiet else 0) for number in range(quiet + blocked)]
    return series(points, COUNTS)


def levels(*, seed: int = 1, name: str = "tiny/XS", country: str = "XS", factor: Callable[[int], float]) -> Series:
    chance = Random(seed)
    values = [1_000 * factor(number) * chance.uniform(0.95, 1.05) for number in range(120)]
    points = [Point(day(number), DAY, value=round(value)) for number, value in enumerate(values)]
    return series(points, name=name, country=country)


@pytest.mark.parametrize(
    ("changed", "stream"),
    [
        (COUNTS, Stream.BLOCKING),
        ({"stream": "tor"}, Stream.LEVEL),
        ({"stream": "Traffic", "step": HOUR}, Stream.VIEWS),
        ({"stream": "probing"}, Stream.CONNECTIVITY),
        ({"stream": "nobody knows", "step": HOUR, "trouble": frozenset({DROP})}, Stream.CONNECTIVITY),
        ({"stream": "nobody knows", "step": HOUR}, Stream.LEVEL),
        ({"stream": "nobody knows", "trouble": frozenset({DROP})}, Stream.LEVEL),
        ({"stream": "reports"}, Stream.EVENTS),
    ],
)
def test_each_series_gets_the_detectors_that_production_gives_it(changed: dict[str, object], stream: Stream) -> None:
    assert stream_of(series([Point(START, DAY, value=1.0)], changed)) is stream


def test_an_alarm_is_raised_when_the_interval_that_opened_it_is_over() -> None:
    found = counts()
    (alarm,) = replay(cell_of(found), arrivals(found))
    assert alarm.direction is RISE
    assert day(41) <= alarm.time <= day(43)
    assert alarm.time in [point.time + DAY for point in found.points]
    assert alarm.began == day(40)


def test_a_replay_gives_the_same_again() -> None:
    found = levels(factor=lambda number: 0.2 if 60 <= number < 70 else 1.0)
    first = replay(cell_of(found), arrivals(found))
    assert first == replay(cell_of(found), arrivals(found))
    assert any(alarm.direction is DROP and day(60) < alarm.time < day(66) for alarm in first)


def test_a_stricter_threshold_alarms_no_sooner_or_never() -> None:
    found = counts()
    (usual,) = replay(cell_of(found), arrivals(found))
    strict = replay(cell_of(found), arrivals(found), strictness=3.0)
    assert all(alarm.time >= usual.time for alarm in strict)
    assert replay(cell_of(found), arrivals(found), strictness=1e6) == ()


def test_every_detector_has_a_threshold_to_sweep() -> None:
    for factories in REGISTRY.values():
        assert all(threshold_of(factory) for factory in factories)


def test_alarms_of_one_direction_count_once_while_one_is_open() -> None:
    first = Alarm(day(1), day(0), DROP, day(5))
    again, other = Alarm(day(3), day(2), DROP, None), Alarm(day(3), day(2), RISE, None)
    later = Alarm(day(6), day(5), DROP, None)
    assert merged([later, again, other, first]) == (first, other, later)


def test_an_alarm_that_turns_into_its_opposite_is_over_and_hides_no_later_one() -> None:
    levels_of = {60: 2.0, 64: 0.3, 72: 1.0, 100: 2.2}

    def factor(number: int) -> float:
        return next((size for since, size in reversed(levels_of.items()) if number >= since), 1.0)

    one = levels(factor=factor)
    alarms = replay(cell_of(one), arrivals(one))
    rises = [alarm for alarm in alarms if alarm.direction is RISE]
    assert [alarm.time for alarm in rises] == [day(61), day(101)]
    assert rises[0].ended == next(alarm.time for alarm in alarms if alarm.direction is DROP)


def test_single_measurements_are_pooled_by_the_day_or_the_hour() -> None:
    points = [Point(START + number * HOUR / 2, timedelta(0), n=1, k=number % 2) for number in range(4)]
    irregular = series(points, COUNTS | {"step": None})
    assert points_of(irregular) == (Point(START, DAY, n=4, k=2),)
    assert points_of(irregular, irregular=HOUR) == (Point(START, HOUR, n=2, k=1), Point(START + HOUR, HOUR, n=2, k=1))


def test_a_day_of_single_measurements_is_fed_as_it_fills() -> None:
    points = [Point(START + number * HOUR / 2, timedelta(0), n=1, k=number % 2) for number in range(3)]
    later = Point(day(1), timedelta(0), n=1, k=1)
    assert arrivals(series([*points, later], COUNTS | {"step": None})) == [
        (START + HOUR, Point(START, DAY, n=2, k=1)),
        (START + 2 * HOUR, Point(START, DAY, n=3, k=1)),
        (day(1) + HOUR, Point(day(1), DAY, n=1, k=1)),
    ]


def test_intervals_of_weeks_and_of_minutes_are_replayed() -> None:
    for step in (timedelta(minutes=10), timedelta(days=7), timedelta(days=30)):
        found = series([Point(START + number * step, step, value=9.0 + number % 3) for number in range(120)])
        assert replay(cell_of(found), arrivals(found)) == ()


def test_pooling_averages_levels_and_keeps_what_was_discarded() -> None:
    points = [
        Point(START, timedelta(0), value=1.0),
        Point(START + HOUR, timedelta(0), value=3.0),
        Point(day(1), timedelta(0), evidence=Evidence.DISCARDED),
    ]
    assert pooled(points, DAY, Kind.LEVEL) == (
        Point(START, DAY, value=2.0),
        Point(day(1), DAY, evidence=Evidence.DISCARDED),
    )


def test_the_rest_of_the_world_is_said_where_enough_countries_report() -> None:
    names = ["XA", "XB", "XC", "XD", "XE", "XF", "XG"]
    world = [
        levels(seed=n, name=f"tiny/{c}", country=c, factor=lambda number: 1.0 + 2.0 * (number >= 60))
        for n, c in enumerate(names)
    ]
    moved = with_the_world(world)
    assert [one.name for one in moved] == [one.name for one in world]
    assert all((point.elsewhere or 0.0) > 0.5 for one in moved for point in one.points[60:63])
    assert all(point.elsewhere is None for one in with_the_world(world[:4]) for point in one.points)


def test_what_is_usual_is_told_before_each_point_is_seen() -> None:
    found = levels(factor=lambda number: 0.1 if number == 119 else 1.0)
    *_, (last, band) = usual_bands(cell_of(found), points_of(found))
    assert band is not None
    assert (last.value or 0.0) < 200 < band.low


def test_every_system_runs_at_its_published_threshold_and_over_its_sweep() -> None:
    flagged = counts()
    every = systems([flagged], [Flag(flagged.name, day(41), "older", RISE)])
    assert [one.name for one in every] == ["tocsin", "ooni-cusum", "ooni-cusum-mean", "ioda-warning", "older"]
    for system in every:
        assert isinstance(system, System)
        assert system.usual in system.thresholds
        if system.reads(flagged):
            run = system.run(flagged, [usual_threshold(system, flagged), system.thresholds[-1]])
            assert usual_threshold(system, flagged) in run
    assert not every[3].reads(flagged)
    assert [one.time for one in every[4].run(flagged, [1.0])[1.0]] == [day(42)]
