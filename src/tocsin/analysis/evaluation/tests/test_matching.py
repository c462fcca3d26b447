from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tocsin.analysis.evaluation import Alarm, Episode, Event, Sort
from tocsin.analysis.evaluation.matching import exposure, false_alarms, hit, inside, windows, with_ends
from tocsin.analysis.evaluation.tests.folders import DAY, day, series
from tocsin.analysis.series import Direction, Evidence, Point

DROP, RISE = Direction.DROP, Direction.RISE


def episode(**changed: object) -> Episode:
    given: dict[str, object] = {
        "id": "T1",
        "series": "tiny/XS",
        "country": "XS",
        "title": "A test",
        "sort": Sort.DETECTABLE,
        "directions": frozenset({DROP}),
        "onset_earliest": day(50),
        "onset_latest": day(51),
        "end_earliest": day(60),
        "end_latest": day(61),
    }
    return Episode(**(given | changed))  # type: ignore[arg-type]


def alarm(number: float, *, way: Direction = DROP, ended: float | None = None) -> Alarm:
    return Alarm(day(number), day(number - 1), way, None if ended is None else day(ended))


def points(days: int) -> list[Point]:
    return [Point(day(number), DAY, value=1.0) for number in range(days)]


def test_the_delay_runs_from_the_earliest_onset_to_the_alarm() -> None:
    found = hit(episode(), [alarm(52, ended=63)])
    assert found.delay == 2 * DAY
    assert found.end_found
    assert found.words == "2.00 +"


def test_the_first_alarm_counts() -> None:
    assert hit(episode(), [alarm(20, ended=22), alarm(53), alarm(54)]).days == 3


def test_an_alarm_in_the_other_direction_is_a_miss_that_counts_as_thirty_days() -> None:
    found = hit(episode(), [alarm(52, way=RISE)])
    assert (found.delay, found.days, found.end_found, found.words) == (None, 30, None, "missed")


@pytest.mark.parametrize(("number", "found"), [(66.9, True), (67, True), (67.1, False)])
def test_an_alarm_up_to_six_days_after_the_end_is_about_it(number: float, found: bool) -> None:
    assert (hit(episode(), [alarm(number)]).delay is not None) is found


@pytest.mark.parametrize(("number", "found"), [(80, True), (80.1, False)])
def test_without_an_end_an_alarm_within_thirty_days_is_about_it(number: float, found: bool) -> None:
    lasting = episode(end_earliest=None, end_latest=None)
    assert (hit(lasting, [alarm(number)]).delay is not None) is found


@pytest.mark.parametrize(
    ("early", "found"),
    [(alarm(44), True), (alarm(43.9), False), (alarm(48, ended=49), False), (alarm(48, ended=50.5), True)],
)
def test_an_alarm_that_is_open_at_the_onset_and_not_too_early_has_no_delay(early: Alarm, found: bool) -> None:
    assert hit(episode(), [early]).delay == (timedelta(0) if found else None)


@pytest.mark.parametrize(
    ("ended", "found"), [(53, False), (54, True), (60.5, True), (91, True), (91.1, False), (None, False)]
)
def test_an_end_is_found_near_the_end_only(ended: float | None, found: bool) -> None:
    assert hit(episode(), [alarm(52, ended=ended)]).end_found is found


def test_who_tells_no_ends_is_not_asked() -> None:
    assert hit(episode(), [alarm(52, ended=63)], tells_ends=False).end_found is None


def test_a_told_end_finds_an_episode_that_is_an_end() -> None:
    alarms = [alarm(20, way=RISE, ended=52), alarm(53, way=RISE)]
    assert hit(episode(), with_ends(alarms, {RISE})).delay == 2 * DAY
    assert hit(episode(), with_ends(alarms, {RISE, DROP})).delay is None


def spans_of(*, events: Sequence[Event] = (), episodes: Sequence[Episode] = ()) -> list[tuple[datetime, datetime]]:
    return windows(series(points(100)), episodes, events)


def test_an_event_covers_six_days_before_and_after_its_start_and_its_end_but_not_between() -> None:
    spans = spans_of(events=[Event("XS", day(20), day(50), "a list"), Event("XR", day(80), None, "a list")])
    assert spans == [(day(14), day(27)), (day(43), day(56))]


def test_an_episode_of_the_series_is_covered_to_its_end() -> None:
    assert spans_of(episodes=[episode()]) == [(day(44), day(67))]
    (span,) = spans_of(episodes=[episode(end_earliest=None, end_latest=None)])
    assert span[1] > day(10_000)


def test_an_episode_of_another_series_of_the_country_covers_its_edges() -> None:
    assert spans_of(episodes=[episode(series="tiny/XS-2", end_earliest=day(80), end_latest=day(81))]) == [
        (day(44), day(58)),
        (day(74), day(87)),
    ]


def test_spans_that_touch_are_one() -> None:
    assert spans_of(events=[Event("XS", day(30), None, "b"), Event("XS", day(20), None, "a")]) == [(day(14), day(37))]


def test_an_alarm_beside_an_event_is_neither_true_nor_false_and_those_days_leave_the_exposure() -> None:
    spans = spans_of(events=[Event("XS", day(20), None, "a list")])
    alarms = [alarm(13.9), alarm(14), alarm(27), alarm(27.1), alarm(90, way=RISE)]
    assert false_alarms(alarms, {DROP}, spans) == [alarms[0], alarms[3]]
    assert inside(spans, day(20))
    assert not inside([], day(20))
    assert exposure(series(points(100)), spans) == pytest.approx((100 - 14) / 365.25)


def test_what_was_not_measured_is_not_exposure() -> None:
    gaps = [Point(day(number), DAY, evidence=Evidence.DISCARDED) for number in range(100, 200)]
    assert exposure(series([*points(100), *gaps]), []) == pytest.approx(100 / 365.25)
    irregular = [Point(day(number / 4), timedelta(0), n=1, k=0) for number in range(9)]
    assert exposure(series(irregular, {"step": None}), []) == pytest.approx(3 / 365.25)
