"""Check-ins keep to the clock of their zone, or to hours that pass, over every change of clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.rollcalls.checkins import Times

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_every_so_many_hours_as_they_pass_whatever_clocks_show() -> None:
    times = Times(at(28, 20), at(29, 10), BERLIN, every_hours=6)
    assert list(times.moments()) == [at(29, 2), at(29, 8), at(29, 10)]


def test_times_of_the_day_stay_where_the_clock_shows_them_over_the_jump() -> None:
    times = Times(at(28, 0), at(30, 12), BERLIN, times=(time(8), time(20)))
    assert list(times.moments()) == [at(28, 7), at(28, 19), at(29, 6), at(29, 18), at(30, 6), at(30, 12)]


def test_a_time_that_the_clock_skips_or_shows_twice_comes_once() -> None:
    skipped = Times(at(28, 12), at(29, 12), BERLIN, times=(time(2, 30),))
    assert list(skipped.moments()) == [at(29, 1), at(29, 12)]
    twice = Times(at(24, 12, month=10), at(25, 12, month=10), BERLIN, times=(time(2, 30),))
    assert list(twice.moments()) == [at(25, 0, 30, month=10), at(25, 12, month=10)]


def test_the_last_is_the_end_and_what_follows_is_found() -> None:
    times = Times(at(1, 0), at(1, 5), ZoneInfo("UTC"), every_hours=2)
    assert [times.latest(at(1, hour)) for hour in (1, 2, 4)] == [None, at(1, 2), at(1, 4)]
    assert [times.next(at(1, hour)) for hour in (0, 4, 5)] == [at(1, 2), at(1, 5), None]
    assert times.shortest() == timedelta(hours=2)


@given(
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    hours=st.integers(1, 200),
    zone=st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]),
    listed=st.sets(st.times(), max_size=4),
    every=st.integers(0, 24),
)
def test_moments_rise_within_the_journey(start: datetime, hours: int, zone: str, listed: set[time], every: int) -> None:
    times = Times(start, start + timedelta(hours=hours), ZoneInfo(zone), every, tuple(listed))
    found = list(times.moments())
    assert found == sorted(set(found))
    assert found[-1] == times.ends_at
    assert all(start < one for one in found)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Africa/Lagos"])
def test_a_journey_without_times_asks_at_its_end(zone: str) -> None:
    assert list(Times(at(1, 0), at(2, 0), ZoneInfo(zone)).moments()) == [at(2, 0)]
