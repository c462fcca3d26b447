"""How fast letters were answered, as everybody in the team may know it: nothing of fewer than five."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tocsin.mailbox import clocks
from tocsin.mailbox.models import Measured
from tocsin.mailbox.tests.conftest import Browse
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def ended(clock: str, month: date, **how: int) -> None:
    rows = [Measured(clock=clock, month=month, how=name) for name, count in how.items() for _ in range(count)]
    Measured.objects.bulk_create(rows)


def last_month() -> date:
    return (timezone.now().date().replace(day=1) - timedelta(days=1)).replace(day=1)


def test_each_clock_is_counted_against_its_own_time() -> None:
    ended("acknowledge", MARCH, met=30, late=10)
    ended("reply", MARCH, met=5, missed=5)
    found = clocks.measured(date(2026, 3, 20), date(2026, 3, 21))
    acknowledge, reply = found.whole
    assert (acknowledge.within, acknowledge.count, acknowledge.met, acknowledge.late, acknowledge.missed) == (
        timedelta(minutes=15), 40, 30, 10, 0,
    )  # fmt: skip
    assert (acknowledge.share, reply.within, reply.share) == (75, timedelta(hours=2), 50)
    assert (found.since, found.until) == (MARCH, MARCH)


def test_a_month_of_fewer_than_five_is_in_nothing_so_two_periods_tell_no_more() -> None:
    ended("reply", MARCH, met=9)
    ended("reply", APRIL, met=4)
    both, march = clocks.measured(MARCH, APRIL), clocks.measured(MARCH, MARCH)
    assert both.whole == march.whole
    assert (both.left_out, march.left_out) == (1, 0)
    assert [one.month for one in both.months] == [MARCH]


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ({"met": 20, "late": 2}, (None, None, 0)),
        ({"met": 20, "late": 7, "missed": 1}, (20, None, None)),
        ({"met": 20, "late": 2, "missed": 3}, (20, None, None)),
        ({"met": 6}, (6, 0, 0)),
        ({"late": 3, "missed": 2}, (0, None, None)),
    ],
)
def test_no_number_below_five_can_be_read_or_reckoned(
    how: dict[str, int], shown: tuple[int | None, int | None, int | None]
) -> None:
    ended("reply", MARCH, **how)
    one = clocks.measured(MARCH, MARCH).whole[1]
    assert (one.met, one.late, one.missed) == shown


def test_nothing_measured_is_no_zero_on_the_page(browse: Browse, vera: Person) -> None:
    page = browse(vera).get("/mailbox/clocks/").content.decode()
    assert "none, or too few" in page
    assert "of 100" not in page


def test_the_page_is_the_same_whether_nobody_wrote_or_few_or_somebody_this_month(browse: Browse, vera: Person) -> None:
    client = browse(vera)
    nobody = client.get("/mailbox/clocks/").content
    ended("reply", last_month(), met=4)
    ended("acknowledge", timezone.now().date().replace(day=1), met=30)
    assert client.get("/mailbox/clocks/").content == nobody


def test_the_page_needs_no_vault_and_shows_the_last_twelve_whole_months(
    browse: Browse, vera: Person, charlie: Person
) -> None:
    ended("acknowledge", last_month(), met=19, late=2)
    ended("reply", date(2001, 1, 1), met=77)
    page = browse(vera).get("/mailbox/clocks/").content.decode()
    assert "not shown" in page
    assert "21" in page
    assert "77" not in page
    assert browse(charlie).get("/mailbox/clocks/").status_code == 403
