"""What every registered detector promises, whatever it looks for."""

import doctest
import inspect
import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.analysis.detectors import REGISTRY, Detector, Factory
from tocsin.analysis.detectors.tests.episodes import CELLS, DAY, START, episode, fed, levels
from tocsin.analysis.series import Evidence, Finding, Point, Stream

EACH = [
    pytest.param(stream, factory, id=f"{stream}-{getattr(factory, '__name__', factory)}")
    for stream, factories in REGISTRY.items()
    for factory in factories
]
every = pytest.mark.parametrize(("stream", "factory"), EACH)


def made(stream: Stream, factory: Callable[..., Detector], **parameters: Any) -> Detector:
    return factory(CELLS[stream], **parameters)


def odd(stream: Stream, numbers: list[int]) -> list[Point]:
    """Any numbers at all as a series with gaps: every fifth interval is left out, every seventh not measured."""
    points = []
    for day, number in enumerate(numbers):
        time = START + day * DAY
        if day % 7 == 6:
            points.append(Point(time, DAY, evidence=Evidence.DISCARDED))
        elif day % 5 != 4:
            trial = Point(time, DAY, n=number, k=number * (number % 3) / 2)
            points.append(trial if stream is Stream.BLOCKING else Point(time, DAY, value=float(number)))
    return points


def test_every_stream_has_a_detector() -> None:
    assert set(REGISTRY) == set(Stream)
    assert all(REGISTRY.values())


@every
def test_it_keeps_its_parameters_unchanged(stream: Stream, factory: Factory) -> None:
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(factory).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    changed = {name: default + type(default)(1) for name, default in defaults.items()}
    detector = made(stream, factory, **changed)
    fed(detector, episode(stream))
    assert {name: getattr(detector, name) for name in changed} == changed
    assert {parameter.kind for parameter in list(inspect.signature(factory).parameters.values())[1:]} == {
        inspect.Parameter.KEYWORD_ONLY
    }


@every
def test_it_opens_once_and_closes_when_trouble_ends(stream: Stream, factory: Factory) -> None:
    findings = fed(made(stream, factory), episode(stream))
    begin, end = START + 60 * DAY, START + 72 * DAY
    assert {finding.opened for finding in findings} == {findings[0].opened}
    assert begin - 2 * DAY <= findings[0].opened <= begin
    assert begin <= findings[0].seen <= begin + 3 * DAY
    assert [finding.closed is None for finding in findings] == [True] * (len(findings) - 1) + [False]
    last = findings[-1].closed
    assert last is not None
    assert end <= last <= end + 4 * DAY
    assert findings[-1].score == 0


@every
def test_each_finding_names_its_rule_its_numbers_and_its_rivals(stream: Stream, factory: Factory) -> None:
    detector = made(stream, factory)
    for finding in fed(detector, episode(stream)):
        assert finding.rule == detector.rule
        assert finding.cell == CELLS[stream]
        assert finding.summary
        assert finding.evidence is Evidence.SCORED
        assert finding.delay is not None
        assert finding.delay >= DAY
        assert {"our-fault", "outage", "measurement-gap"} <= {rival.key for rival in finding.rivals}
        assert all(rival.speaks_for and rival.speaks_against for rival in finding.rivals)


@every
def test_quiet_data_give_no_finding(stream: Stream, factory: Factory) -> None:
    for seed in range(5):
        assert fed(made(stream, factory), episode(stream, seed=seed, quiet=200, trouble=0, after=0)) == []


@every
@pytest.mark.parametrize("batch", [1, 7, 50])
def test_saving_and_restoring_between_batches_changes_nothing(stream: Stream, factory: Factory, batch: int) -> None:
    points = episode(stream)
    whole = made(stream, factory)
    expected = fed(whole, points)
    state: dict[str, Any] | None = None
    findings: list[Finding] = []
    for first in range(0, len(points), batch):
        detector = made(stream, factory)
        if state is not None:
            detector.restore(json.loads(state["text"]))
        findings += fed(detector, points[first : first + batch])
        state = {"text": json.dumps(detector.state())}
    assert findings == expected
    assert state is not None
    assert json.loads(state["text"]) == json.loads(json.dumps(whole.state()))


@every
def test_replaying_the_same_points_gives_the_same_findings(stream: Stream, factory: Factory) -> None:
    points = episode(stream, seed=5)
    assert fed(made(stream, factory), points) == fed(made(stream, factory), points)


@every
def test_the_order_within_the_late_window_changes_no_state(stream: Stream, factory: Factory) -> None:
    points = episode(stream)
    straight, mixed = made(stream, factory), made(stream, factory)
    fed(straight, points)
    for first in range(0, len(points), 2):
        fed(mixed, points[first : first + 2][::-1])
    one, two = straight.state(), mixed.state()
    assert [one["settled"], one["window"]] == [two["settled"], two["window"]]
    assert mixed.discarded == {}


@every
def test_a_point_given_again_changes_nothing(stream: Stream, factory: Factory) -> None:
    points = episode(stream)
    once, twice = made(stream, factory), made(stream, factory)
    fed(once, points)
    fed(twice, [point for point in points for _ in range(2)])
    assert once.state() == twice.state()


@every
def test_a_point_that_is_measured_again_replaces_the_first(stream: Stream, factory: Factory) -> None:
    points = episode(stream)
    straight, corrected = made(stream, factory), made(stream, factory)
    fed(straight, points)
    for point in points:
        first = Point(point.time, DAY, n=1, k=0) if stream is Stream.BLOCKING else Point(point.time, DAY, value=1)
        fed(corrected, [first, point])
    assert straight.state()["settled"] == corrected.state()["settled"]


@every
def test_a_finding_that_later_data_take_back_is_withdrawn(stream: Stream, factory: Factory) -> None:
    points = episode(stream)
    detector = made(stream, factory)
    opened = next(finding for point in points if (finding := detector.update(point)) is not None)
    usual = points[10:10]
    for point in points:
        if opened.seen - 2 * DAY <= point.time <= opened.seen:
            usual = [
                *usual,
                Point(point.time, DAY, n=9, k=0) if stream is Stream.BLOCKING else _week_before(points, point),
            ]
    last = fed(detector, usual)[-1]
    assert (last.opened, last.score) == (opened.opened, 0)
    assert last.closed is not None


def _week_before(points: list[Point], point: Point) -> Point:
    [before] = [each for each in points if each.time == point.time - 7 * DAY]
    return Point(point.time, DAY, value=before.value)


@every
def test_points_that_come_too_late_are_counted_as_discarded(stream: Stream, factory: Factory) -> None:
    points = episode(stream)
    detector = made(stream, factory)
    fed(detector, points)
    before = detector.state()
    assert detector.update(points[3]) is None
    assert detector.discarded == {"too late": 1}
    assert detector.state() == {**before, "discarded": {"too late": 1}}


@every
def test_missing_is_not_zero(stream: Stream, factory: Factory) -> None:
    points = episode(stream, trouble=0, after=60)
    gap = [
        Point(point.time, DAY, evidence=Evidence.NONE) if 60 <= number < 80 else point
        for number, point in enumerate(points)
    ]
    said, silent = made(stream, factory), made(stream, factory)
    assert fed(said, gap) == []
    assert fed(silent, [point for point in gap if point.evidence is Evidence.SCORED]) == []
    assert said.state()["window"] == silent.state()["window"]


@every
def test_an_open_finding_that_nobody_measures_any_more_says_so_and_ends_at_last(
    stream: Stream, factory: Factory
) -> None:
    detector = made(stream, factory)
    fed(detector, episode(stream, after=0))
    start = START + 72 * DAY
    unseen = [Point(start + number * DAY, DAY, evidence=Evidence.NONE) for number in range(80)]
    findings = fed(detector, unseen)
    assert [(finding.closed is None, finding.evidence) for finding in findings] == [
        (True, Evidence.NONE),
        (False, Evidence.NONE),
    ]
    assert "Nothing was measured" in findings[-1].summary


@every
def test_it_refuses_points_of_the_wrong_kind_and_numbers_without_end(stream: Stream, factory: Factory) -> None:
    detector = made(stream, factory)
    wrong = Point(START, DAY, value=1.0) if stream is Stream.BLOCKING else Point(START, DAY, n=3, k=1)
    endless = Point(START, DAY, n=float("inf"), k=1, value=float("inf"))
    before = detector.state()
    for bad in (wrong, endless):
        with pytest.raises(ValueError, match=r"reads|finite"):
            detector.update(bad)
    assert detector.state() == before


@every
def test_it_refuses_the_state_of_another_cell_rule_or_setting(stream: Stream, factory: Factory) -> None:
    detector = made(stream, factory)
    fed(detector, episode(stream))
    state = detector.state()
    strangers = [{**state, "rule": "other/9"}, {**state, "cell": "other"}, {**state, "parameters": {}}]
    for stranger in strangers:
        with pytest.raises(ValueError, match="replay the points"):
            made(stream, factory).restore(stranger)


@every
def test_it_shows_what_was_usual_while_trouble_lasts(stream: Stream, factory: Factory) -> None:
    detector = made(stream, factory)
    assert detector.usual(START) is None
    fed(detector, episode(stream, after=0))
    time = START + 72 * DAY
    usual = detector.usual(time)
    level = 0.06 if stream is Stream.BLOCKING else 1000 * [1.0, 1.05, 1.0, 0.95, 1.0, 0.7, 0.65][72 % 7]
    assert usual is not None
    assert usual.low < level < usual.high
    assert usual.low <= usual.level <= usual.high
    assert usual.learned >= 55


@every
def test_it_tells_the_delay_that_it_could_achieve(stream: Stream, factory: Factory) -> None:
    detector = made(stream, factory)
    assert detector.delay() is None
    points = episode(stream, trouble=0)
    fed(detector, points)
    usual = detector.delay()
    silent = detector.delay(points[-1].time + timedelta(days=9))
    assert usual is not None
    assert silent is not None
    assert DAY <= usual < timedelta(days=4) < silent


@every
@settings(max_examples=25, deadline=None)
@given(numbers=st.lists(st.one_of(st.integers(0, 9), st.integers(0, 10**9)), max_size=60), seed=st.integers(0, 99))
def test_whatever_the_numbers_its_findings_make_sense(
    stream: Stream, factory: Factory, numbers: list[int], seed: int
) -> None:
    points = odd(stream, numbers)
    jumbled = sorted(points, key=lambda point: (point.time + timedelta(hours=Random(seed).randint(0, 40)), point.time))
    detector = made(stream, factory)
    open_since: datetime | None = None
    for finding in fed(detector, jumbled):
        assert 0 <= finding.score <= 1
        assert finding.opened <= finding.seen
        assert open_since in (None, finding.opened)
        assert finding.closed is None or finding.closed >= finding.opened
        open_since = finding.opened if finding.closed is None else None
    restored = made(stream, factory)
    restored.restore(json.loads(json.dumps(detector.state())))
    assert restored.state() == detector.state()


@every
def test_its_docstring_says_what_when_and_after_whom_and_its_example_runs(stream: Stream, factory: Factory) -> None:
    text = inspect.getdoc(factory) or ""
    assert "It misleads" in text
    assert "Reference:" in text
    module = sys.modules[factory.__module__]
    [example] = [each for each in doctest.DocTestFinder().find(factory, globs=dict(vars(module))) if each.examples]
    assert doctest.DocTestRunner().run(example).failed == 0


def test_levels_of_zero_are_seen_and_not_skipped() -> None:
    [factory] = REGISTRY[Stream.VIEWS]
    findings = fed(factory(CELLS[Stream.VIEWS]), levels([1000.0] * 30 + [0.0] * 5))
    assert findings
    assert findings[0].now == 0
