"""A network that is cut off is found by the hour, its start within ten minutes, whatever came when."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.utils import timezone

from tocsin.analysis.series import Evidence, Point
from tocsin.lib import charts
from tocsin.lib.models import Cursor
from tocsin.signals import measuring
from tocsin.signals.drawing import cells_of, chart
from tocsin.signals.lows import by_day, thinned
from tocsin.signals.models import STEP, CellState, Change, Finding, Signal, step_of
from tocsin.signals.onsets import onset
from tocsin.streams import lake
from tocsin.streams.models import Observation, Source

DAYS = 9
TEN = timedelta(minutes=10)
HOUR = timedelta(hours=1)


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(
        name="IODA", kind="ioda", url="https://ioda.example/", reliability="B",
        expected_every=timedelta(minutes=30), next_fetch_at=timezone.now(),
    )  # fmt: skip


def first() -> datetime:
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS)


def cut_at() -> datetime:
    """Two days before today, at half past one: in the middle of an hour."""
    return first() + timedelta(days=DAYS - 2, hours=1, minutes=30)


def land(source: Source, times: Iterable[datetime], *, step: timedelta = TEN) -> None:
    rows = []
    for time in times:
        level = Random(int(time.timestamp())).gauss(1_000, 6)
        lost = cut_at() <= time < cut_at() + timedelta(hours=5)
        rows.append(
            Observation(
                source=source, stream="connectivity", kind="ioda.bgp", country="XS", subject="routes", network="",
                epoch=int(time.timestamp()), step=int(step.total_seconds()), value=40.0 if lost else round(level),
                evidence="scored", fetched=int(time.timestamp()) + 1_800, day=time.date(),
            )
        )  # fmt: skip
    Observation.objects.bulk_create(rows)


def every(step: timedelta, begin: datetime, end: datetime) -> list[datetime]:
    return [begin + number * step for number in range(round((end - begin) / step))]


def work() -> None:
    while lake.step():
        pass
    while measuring.step():
        pass


def said() -> list[tuple[object, ...]]:
    return list(Finding.objects.order_by("opened_at").values_list("opened_at", "closed_at", "began_at", "points"))


@pytest.mark.django_db
def test_a_cut_is_found_by_the_hour_and_its_start_within_ten_minutes(source: Source) -> None:
    land(source, every(TEN, first(), cut_at() + timedelta(hours=12)))
    work()
    found = Finding.objects.get()
    assert found.opened_at == cut_at() - timedelta(minutes=30)
    assert (found.began_at, found.began_within_seconds) == (cut_at(), 600.0)
    assert found.closed_at is not None
    assert found.closed_at - cut_at() == timedelta(hours=5, minutes=30)
    signal = Signal.objects.get(finding=found)
    assert (signal.harm, signal.country, signal.our_link) == ("shutdown", "XS", False)
    assert "can be reached less" in signal.title


def again() -> None:
    """Judge all that the lake holds anew."""
    Finding.objects.all().delete()
    CellState.objects.all().delete()
    Cursor.objects.filter(name="signals.lake").delete()
    work()


@pytest.mark.django_db
def test_any_batches_give_what_all_at_once_gives(source: Source) -> None:
    times = every(TEN, first(), cut_at() + timedelta(hours=9))
    for part in (times[:500], times[500:1017], times[1017:1024], times[1024:1030], times[1030:]):
        land(source, part)
        work()
    in_parts = said()
    again()
    assert said() == in_parts
    assert in_parts[0][2] == cut_at()


@pytest.mark.django_db
def test_rows_that_come_late_tell_when_it_began_after_all(source: Source) -> None:
    late = every(TEN, cut_at() - HOUR, cut_at() + HOUR)
    land(source, sorted(set(every(TEN, first(), cut_at() + timedelta(hours=9))) - set(late)))
    work()
    assert Finding.objects.get().began_at is None
    changes = Change.objects.count()
    land(source, reversed(late))
    work()
    assert Finding.objects.get().began_at == cut_at()
    assert Change.objects.count() > changes
    again()
    assert Finding.objects.get().began_at == cut_at()


@pytest.mark.django_db
def test_rows_of_a_whole_hour_tell_no_finer_start(source: Source) -> None:
    land(source, every(HOUR, first(), cut_at() + timedelta(hours=4, minutes=30)), step=HOUR)
    work()
    found = Finding.objects.get()
    assert (found.began_at, found.began_within_seconds) == (None, None)


@pytest.mark.django_db
def test_a_strip_shows_the_lowest_of_each_day_and_no_false_gap(source: Source) -> None:
    land(source, every(TEN, first(), cut_at() + timedelta(hours=6)))
    work()
    found = Finding.objects.get()
    row = CellState.objects.get()
    assert len(row.recent) < 24 * 6
    drawn = chart("x", cells_of([found]), [found], window=(first(), cut_at() + timedelta(days=1)))
    assert drawn is not None
    strip = drawn.strips[0]
    assert [mark.time for mark in strip.marks] == every(timedelta(days=1), first(), first() + timedelta(days=DAYS - 1))
    assert strip.marks[-1].value == 40.0
    assert "lowest of each day" in strip.title
    assert charts.draw(drawn)


def test_thinning_twice_or_in_parts_changes_nothing() -> None:
    level = Random(3)
    rows = [[hour * 3_600, None, None, level.random(), "scored"] for hour in range(24 * 20)]
    once = thinned(rows)
    assert thinned(once) == once
    assert thinned(thinned(rows[:300]) + rows[300:]) == once
    assert len(by_day(once)) == 20
    assert [row[3] for row in by_day(once)] == [row[3] for row in by_day(rows)]


def fine(*values: float | None, step: timedelta = TEN) -> list[Point]:
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    points = ((begin + number * step, value) for number, value in enumerate(values))
    return [
        Point(time, step, value=value) if value is not None else Point(time, step, evidence=Evidence.DISCARDED)
        for time, value in points
    ]


def test_a_start_is_not_claimed_after_a_gap_or_from_one_low_value() -> None:
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    known = onset(fine(100, 99, 20, 21, 20, 22), 100, HOUR)
    assert known is not None
    assert known.time == begin + 2 * TEN
    assert onset(fine(100, None, 20, 21, 20, 22), 100, HOUR) is None
    after_noise = onset(fine(100, 20, 99, 98, 20, 20, 20, 20), 100, HOUR)
    assert after_noise is not None
    assert after_noise.time == begin + 4 * TEN
    assert onset(fine(20, 20, 20), 100, HOUR) is None
    assert onset([], 100, HOUR) is None


def test_only_connectivity_is_judged_by_the_hour() -> None:
    assert [step_of(kind) for kind in ("ooni.web", "pageviews.country", "ioda.probing")] == [STEP, STEP, HOUR]
