"""Series unlike those that anything was chosen on: other steps, second changes, gaps, seasons, ten quiet years."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import cos, pi, sin
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tocsin.analysis.detectors import Blocking, Detector, Outage, Surge, Traffic
from tocsin.analysis.detectors.tests.episodes import CELLS, DAY, START, counts, fed, levels
from tocsin.analysis.series import Direction, Finding, Point, Stream

HOUR = timedelta(hours=1)
LEVEL, VIEWS = CELLS[Stream.LEVEL], CELLS[Stream.VIEWS]


def drawn(chance: Random, n: int, rate: float) -> tuple[float, float]:
    return n, sum(chance.random() < rate for _ in range(n))


def rhythm(time: datetime, zone: str) -> float:
    return 1 + 0.5 * sin((time.astimezone(ZoneInfo(zone)).hour - 10) / 24 * 2 * pi)


def cut(detector: Detector, step: timedelta, chance: Random) -> list[Point]:
    """Sixty days by steps of hours, then trouble for a day and a half that begins in the middle of a step."""
    begin = START + 60 * DAY + 13 * HOUR
    points = []
    for number in range(int(90 * DAY / step)):
        time = START + number * step
        bad = begin <= time < begin + 36 * HOUR
        if isinstance(detector, Blocking):
            n, k = drawn(chance, 1 + chance.randrange(4), 0.95 if bad else 0.04)
            points.append(Point(time, step, n=n, k=k))
        elif isinstance(detector, Surge):
            points.append(Point(time, step, value=drawn(chance, 20, 0.4 if bad else 0.01)[1]))
        else:
            usual = 800 * (1 if isinstance(detector, Outage) else rhythm(time, "Asia/Tehran"))
            points.append(Point(time, step, value=round(usual * chance.lognormvariate(0, 0.05) * (0.1 if bad else 1))))
    return points


@pytest.mark.parametrize("hours", [1, 6])
@pytest.mark.parametrize(
    "make",
    [
        lambda: Blocking(CELLS[Stream.BLOCKING]),
        lambda: Outage(CELLS[Stream.CONNECTIVITY]),
        lambda: Traffic(VIEWS),
        lambda: Surge(CELLS[Stream.EVENTS]),
    ],
    ids=["blocking", "outage", "traffic", "surge"],
)
def test_trouble_of_a_day_and_a_half_is_found_by_the_hour(make: Callable[[], Detector], hours: int) -> None:
    step, begin = hours * HOUR, START + 60 * DAY + 13 * HOUR
    detector = make()
    findings = fed(detector, cut(detector, step, Random(3)))
    first = findings[0]
    assert begin - step <= first.seen <= begin + 4 * step
    ends = [finding.closed for finding in findings if finding.opened == first.opened and finding.closed]
    assert ends
    assert begin + 36 * HOUR <= ends[0] <= begin + 60 * HOUR


def test_a_block_of_one_network_that_is_lifted_in_part_stays_open_until_all_is_lifted() -> None:
    chance = Random(5)
    rates = [0.03] * 90 + [0.95] * 30 + [0.4] * 30 + [0.03] * 30
    findings = fed(Blocking(CELLS[Stream.BLOCKING]), counts([drawn(chance, 12, rate) for rate in rates]))
    assert {finding.opened for finding in findings} == {START + 90 * DAY}
    assert findings[0].seen == START + 91 * DAY
    closed = findings[-1].closed
    assert closed is not None
    assert START + 150 * DAY <= closed <= START + 153 * DAY


def test_days_that_are_raised_still_speak_against_a_return() -> None:
    # After a total block two quiet days lie among days with a third or two of three: no return.
    lifted = [(3, 0), (3, 1), (3, 1), (3, 2), (3, 0), (3, 2), (3, 1), (3, 2)]
    findings = fed(Blocking(CELLS[Stream.BLOCKING]), counts([(3, 0)] * 60 + [(3, 3)] * 20 + lifted * 2))
    assert all(finding.closed is None for finding in findings)
    findings = fed(Blocking(CELLS[Stream.BLOCKING]), counts([(3, 0)] * 60 + [(3, 3)] * 20 + [(3, 0)] * 4))
    assert findings[-1].closed == START + 80 * DAY


def test_a_first_reading_that_failed_does_not_hide_a_block_of_half() -> None:
    quiet = [(1, 1)] + [(1, 0)] * 240
    points = counts(quiet + [(1, 1), (1, 0), (1, 1), (1, 1), (1, 1)] * 4, step=6 * HOUR)
    finding = fed(Blocking(CELLS[Stream.BLOCKING]), points)[0]
    assert finding.seen <= points[241].time + 2 * DAY


@pytest.mark.parametrize("step", [2 * HOUR, DAY])
@pytest.mark.parametrize("slower", [False, True], ids=["throughput", "round trips"])
def test_a_throttle_is_found_beside_gaps_at_each_end_of_a_month(step: timedelta, slower: bool) -> None:
    chance, begin, end = Random(2), START + 200 * DAY, START + 260 * DAY
    points = []
    for number in range(int(320 * DAY / step)):
        time = START + number * step
        speed = 30 * (rhythm(time, "Europe/Moscow") if step < DAY else 1) * chance.lognormvariate(0, 0.12)
        speed *= 0.45 if begin <= time < end else 1
        if (time + 2 * DAY).day > 2:
            points.append(Point(time, step, value=2_000 / speed if slower else speed))
    findings = fed(Traffic(LEVEL), points)
    assert {finding.direction for finding in findings if finding.seen < end} == {
        Direction.RISE if slower else Direction.DROP
    }
    assert begin <= findings[0].seen <= begin + DAY


def wiki(chance: Random, factor: Callable[[datetime], float], years: float) -> list[Finding]:
    """Views of one wiki: a week, a year, robots on two days, and fewer readers on four days around the new year."""
    week = [1, 1.05, 1.04, 1.02, 0.95, 0.8, 0.85]
    values: list[float | None] = []
    for day in range(int(years * 365)):
        time = datetime(2020, 1, 6, tzinfo=UTC) + day * DAY
        value = 40_000 * week[day % 7] * (1 + 0.2 * cos(2 * pi * (day - 10) / 365.25)) * chance.lognormvariate(0, 0.05)
        feast = (time.month, time.day) in {(12, 24), (12, 25), (12, 31), (1, 1)}
        values.append(round(value * (4 if day in (300, 640) else 1) * (0.75 if feast else 1) * factor(time)))
    return fed(Traffic(VIEWS), levels(values, start=datetime(2020, 1, 6, tzinfo=UTC)))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_feast_is_news_in_its_first_year_alone(seed: int) -> None:
    findings = wiki(Random(seed), lambda _: 1.0, 4.2)
    opened = [finding.opened for finding in findings]
    assert all(each.year == 2020 for each in opened if (each.month, each.day) >= (12, 23) or each.month == 1)
    assert not any(abs((each - datetime(2020, 1, 6, tzinfo=UTC)).days - 300) <= 2 for each in opened)


def test_a_block_that_begins_on_a_feast_is_found_all_the_same() -> None:
    begin = datetime(2022, 12, 24, tzinfo=UTC)
    findings = wiki(Random(4), lambda time: 0.1 if time >= begin else 1.0, 3.1)
    assert any(finding.seen == begin and finding.direction is Direction.DROP for finding in findings)


@pytest.mark.parametrize(
    ("make", "values", "bar"),
    [
        (lambda: Traffic(LEVEL), lambda chance: round(5_000 * chance.lognormvariate(0, 0.08)), 2 / 2.5),
        (lambda: Traffic(LEVEL), lambda chance: drawn(chance, 100, 0.12)[1], 2 / 2.5),
        (lambda: Outage(CELLS[Stream.CONNECTIVITY]), lambda chance: round(900 * chance.lognormvariate(0, 0.05)), 1.0),
        (lambda: Surge(CELLS[Stream.EVENTS]), lambda chance: drawn(chance, 50, 0.1)[1], 1 / 2),
    ],
    ids=["a level", "a dozen users", "connectivity", "texts"],
)
def test_ten_quiet_years_alarm_no_more_often_than_the_bar_says(
    make: Callable[[], Detector], values: Callable[[Random], float], bar: float
) -> None:
    chance = Random(11)
    alarms = sum(
        len({finding.opened for finding in fed(make(), levels([values(chance) for _ in range(3_652)]))})
        for _ in range(2)
    )
    assert alarms / 20 <= bar


def test_ten_quiet_years_of_single_readings_hardly_alarm() -> None:
    chance = Random(12)
    findings = fed(Blocking(CELLS[Stream.BLOCKING]), counts([drawn(chance, 1, 0.05) for _ in range(3_652)]))
    assert len({finding.opened for finding in findings}) <= 5


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_clocks_that_change_open_nothing(zone: str) -> None:
    chance = Random(1)
    hours = [START + number * HOUR for number in range(24 * 400)]
    values: list[float | None] = [round(900 * rhythm(time, zone) * chance.lognormvariate(0, 0.04)) for time in hours]
    assert fed(Outage(CELLS[Stream.CONNECTIVITY]), levels(values, step=HOUR)) == []
