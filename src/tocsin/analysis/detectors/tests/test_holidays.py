"""A public holiday on a working day looks like a day of rest, and is no alarm; the same fall on another day is one."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.analysis.detectors.traffic import Traffic
from tocsin.analysis.series import Cell, Finding, Point, Stream

DAY = timedelta(days=1)
START = datetime(2024, 9, 2, tzinfo=UTC)  # a Monday
FEAST = datetime(2025, 3, 31, tzinfo=UTC)  # a Monday: Eid al-Fitr in Turkey


def found(country: str, low: datetime, days: int = 1, share: float = 0.7) -> list[Finding]:
    """Findings about views that halve on Saturdays and Sundays, and on ``days`` from ``low`` fall to ``share``."""
    detector = Traffic(Cell(Stream.VIEWS, "views", country, "xx.wikipedia"))
    given = []
    for number in range(260):
        time = START + number * DAY
        views = (1000 if time.weekday() < 5 else 600) + (number * 37) % 21
        if low <= time < low + days * DAY:
            views = int(views * share)
        if (finding := detector.update(Point(time, DAY, value=views))) is not None:
            given.append(finding)
    return given


def test_a_holiday_like_a_day_of_rest_is_no_finding() -> None:
    assert not found("TR", FEAST, share=0.65)


def test_the_same_fall_where_it_is_no_holiday_is_one() -> None:
    assert found("DE", FEAST, share=0.65)


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_what_no_day_of_the_week_explains_is_found_on_a_holiday_too(share: float) -> None:
    given = found("TR", FEAST, days=5, share=share)
    assert given
    assert given[0].opened <= FEAST + DAY
