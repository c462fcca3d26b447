"""Wall-clock times become moments, whatever the zone does to its clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.oncall.walltime import at_night, moment, night

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "UTC",
]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("Europe/Berlin", date(2027, 3, 28), time(2, 30), utc(2027, 3, 28, 1)),
        ("America/New_York", date(2027, 3, 14), time(2, 0), utc(2027, 3, 14, 7)),
        ("America/New_York", date(2027, 3, 14), time(2, 59), utc(2027, 3, 14, 7)),
        # Lord Howe moves by half an hour.
        ("Australia/Lord_Howe", date(2027, 10, 3), time(2, 15), utc(2027, 10, 2, 15, 30)),
        # Casablanca leaves its summer time for Ramadan, and comes back in the night after.
        ("Africa/Casablanca", date(2026, 3, 22), time(2, 30), utc(2026, 3, 22, 2)),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", date(2011, 12, 30), time(9, 0), utc(2011, 12, 30, 10)),
    ],
)
def test_a_time_that_the_clock_skips_is_the_first_moment_after(
    zone: str, day: date, at: time, expected: datetime
) -> None:
    assert moment(day, at, ZoneInfo(zone)) == expected


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), utc(2026, 10, 25, 0, 30)),
        ("America/New_York", date(2026, 11, 1), time(1, 30), utc(2026, 11, 1, 5, 30)),
        ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45), utc(2027, 4, 3, 14, 45)),
        ("Africa/Casablanca", date(2026, 2, 15), time(2, 30), utc(2026, 2, 15, 1, 30)),
    ],
)
def test_of_a_time_that_comes_twice_the_first_counts(zone: str, day: date, at: time, expected: datetime) -> None:
    assert moment(day, at, ZoneInfo(zone)) == expected


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2010, 1, 1), date(2032, 1, 1)),
    at=st.times().map(lambda one: one.replace(microsecond=0)),
)
def test_a_moment_shows_its_time_or_the_first_one_after_a_skip(zone: str, day: date, at: time) -> None:
    found = moment(day, at, ZoneInfo(zone))
    wanted = datetime.combine(day, at)
    shown = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    before = (found - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert shown >= wanted > before


@given(
    zone=st.sampled_from(ZONES),
    one=st.datetimes(datetime(2010, 1, 1), datetime(2032, 1, 1)),
    later=st.timedeltas(timedelta(0), timedelta(days=2)),
)
def test_later_times_are_never_earlier_moments(zone: str, one: datetime, later: timedelta) -> None:
    here, there = ZoneInfo(zone), one + later
    assert moment(one.date(), one.time(), here) <= moment(there.date(), there.time(), here)


def test_a_night_is_an_hour_longer_or_shorter_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    lengths = [end - begin for begin, end in (night(date(2027, 3, day), berlin) for day in (26, 27, 28))]
    assert lengths == [timedelta(hours=10), timedelta(hours=9), timedelta(hours=10)]
    assert at_night(utc(2027, 3, 28, 5, 59), berlin)
    assert not at_night(utc(2027, 3, 28, 6), berlin)
