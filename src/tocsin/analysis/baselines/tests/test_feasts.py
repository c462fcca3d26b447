"""Public holidays are known by country, also those that move."""

from datetime import UTC, date, datetime

from tocsin.analysis.baselines.feasts import feasts, is_feast


def test_a_feast_that_moves_with_the_moon_is_found_in_each_year() -> None:
    found = {one.day for one in feasts("TR", date(2024, 1, 1), date(2025, 12, 31)) if "Fitr" in one.name}
    assert {date(2024, 4, 10), date(2025, 3, 30)} <= found


def test_days_outside_the_range_and_unknown_countries_have_none() -> None:
    assert all(one.day.month == 1 for one in feasts("TR", date(2025, 1, 1), date(2025, 1, 31)))
    assert feasts("XX", date(2025, 1, 1), date(2025, 12, 31)) == ()
    assert feasts("", date(2025, 1, 1), date(2025, 12, 31)) == ()


def test_an_hour_of_a_holiday_is_on_it_and_the_one_before_is_not() -> None:
    noon = datetime(2025, 10, 29, 12, tzinfo=UTC).timestamp()
    assert is_feast("TR", noon)
    assert not is_feast("TR", noon - 86_400 * 3)
    assert not is_feast("XX", noon)
