"""Blocking is found in sparse and in crowded counts, from the first reading on, and its end is seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from tocsin.analysis.detectors import Blocking
from tocsin.analysis.detectors.tests.episodes import CELLS, DAY, START, counts, fed
from tocsin.analysis.series import Finding, Part, Point, Stream

CELL = CELLS[Stream.BLOCKING]


def found(points: list[Point], **parameters: float) -> list[Finding]:
    return fed(Blocking(CELL, **parameters), points)  # type: ignore[arg-type]


def test_a_total_block_at_one_reading_a_day_is_found_at_the_second() -> None:
    finding = found(counts([(1, 0)] * 30 + [(1, 1)] * 10))[0]
    assert finding.opened == START + 30 * DAY
    assert finding.seen == START + 31 * DAY


@pytest.mark.parametrize("hours", [1, 6, 24, 30, 48, 168])
def test_readings_may_lie_far_apart(hours: int) -> None:
    gap = timedelta(hours=hours)
    times = [START + number * gap for number in range(45)]
    points = [Point(time, timedelta(hours=1), n=1, k=float(number >= 30)) for number, time in enumerate(times)]
    finding = found(points)[0]
    assert finding.seen - times[30] <= 4 * gap


def test_a_block_older_than_our_watch_is_found_at_its_first_readings() -> None:
    finding = found(counts([(1, 1)] * 10))[0]
    assert finding.opened == START
    assert finding.seen == START + 2 * DAY
    assert "hardly a past" in next(rival.speaks_for for rival in finding.rivals if rival.key == "old-block")


def test_one_crowded_interval_never_opens_alone() -> None:
    assert found(counts([(20, 1)] * 30 + [(5000, 5000)] + [(20, 1)] * 30)) == []


def test_one_bad_reading_never_opens() -> None:
    assert found(counts(([(1, 0)] * 30 + [(1, 1)]) * 5)) == []


def test_a_cell_that_always_had_some_anomalies_is_quiet() -> None:
    chance = Random(7)
    tried = [chance.randint(5, 60) for _ in range(300)]
    assert found(counts([(n, sum(chance.random() < 0.25 for _ in range(n))) for n in tried])) == []


def test_a_total_block_is_found_even_where_some_anomalies_are_usual() -> None:
    finding = found(counts([(10, 3)] * 40 + [(10, 10)] * 5))[0]
    assert (finding.opened, finding.seen) == (START + 40 * DAY, START + 41 * DAY)
    assert finding.before == pytest.approx(0.3, abs=0.02)


def test_a_partial_block_is_found_and_teaches_the_baseline_nothing() -> None:
    findings = found(counts([(20, 1)] * 40 + [(20, 8)] * 200 + [(20, 1)] * 10))
    assert {finding.opened for finding in findings} == {START + 40 * DAY}
    assert findings[-1].closed == START + 240 * DAY
    assert findings[-1].before == pytest.approx(0.05, abs=0.01)


def test_an_uneven_number_of_readings_is_no_change() -> None:
    chance = Random(2)
    tried = [chance.choice([1, 2, 500]) for _ in range(200)]
    assert found(counts([(n, round(n * 0.04)) for n in tried])) == []


def test_the_score_grows_with_the_evidence() -> None:
    scores = [finding.score for finding in found(counts([(1, 0)] * 30 + [(1, 1)] * 10))]
    assert scores == sorted(scores)
    assert scores[-1] > 0.9


def test_an_interval_with_no_trials_says_nothing() -> None:
    with_gaps = [(1.0, 0.0)] * 30 + [(0.0, 0.0)] * 5 + [(1.0, 1.0)] * 5
    finding = found(counts(with_gaps))[0]
    assert finding.opened == START + 35 * DAY


def test_fractions_of_anomalies_count_as_such() -> None:
    assert found(counts([(2, 0.5)] * 60)) == []
    assert found(counts([(4, 0.1)] * 40 + [(4, 3.5)] * 5))[0].opened == START + 40 * DAY


def test_the_exact_replay_of_a_block_with_sparse_and_late_data() -> None:
    quiet = [(3, 0), (1, 0), (2, 1), (4, 0), (1, 0), (2, 0), (3, 0)] * 5
    points = counts([*quiet, (2, 2), (1, 1), (3, 2), (0, 0), (2, 2), (1, 1), (3, 0), (2, 0), (4, 0)])
    order = [*points[:37], points[38], points[37], *points[39:]]
    told = [
        (str(finding.opened.date()), str(finding.seen.date()), round(finding.score, 2), finding.closed is not None)
        for finding in found(order)
    ]
    assert told == [
        ("2024-02-05", "2024-02-06", 0.61, False),
        ("2024-02-05", "2024-02-08", 0.85, False),
        ("2024-02-05", "2024-02-09", 0.95, False),
        ("2024-02-05", "2024-02-12", 0.0, True),
    ]


def test_a_rise_to_four_in_ten_is_found_on_the_second_day() -> None:
    chance = Random(3)
    before = [(n, sum(chance.random() < 0.03 for _ in range(n))) for n in (chance.randint(8, 22) for _ in range(200))]
    after = [(n, round(0.4 * n)) for n in (21, 18, 25, 19, 22)]
    finding = found(counts([*before, *after]))[0]
    assert (finding.opened, finding.seen - finding.opened) == (START + 200 * DAY, DAY)


def test_a_small_lasting_shift_of_a_crowded_cell_is_found_within_two_weeks() -> None:
    chance = Random(4)

    def days(rate: float, number: int) -> list[tuple[float, float]]:
        return [(100_000.0, round(100_000 * max(rate + chance.gauss(0, 0.011), 0.0))) for _ in range(number)]

    quiet = days(0.137, 300)
    assert found(counts(quiet)) == []
    finding = found(counts([*quiet, *days(0.192, 30)]))[0]
    assert START + 299 * DAY <= finding.opened <= START + 303 * DAY
    assert finding.seen <= START + 313 * DAY


def test_a_shutdown_s_gap_hides_neither_the_block_after_it_nor_its_end() -> None:
    chance = Random(5)

    def days(first: int, number: int, rate: float) -> list[Point]:
        sizes = [chance.randint(3, 11) for _ in range(number)]
        made = [(n, sum(chance.random() < rate for _ in range(n))) for n in sizes]
        return counts(made, start=START + first * DAY)

    findings = found([*days(0, 40, 0.0), *days(43, 7, 0.7), *days(50, 15, 0.0)])
    assert findings[0].opened == START + 43 * DAY
    assert findings[0].seen <= START + 44 * DAY
    last = findings[-1].closed
    assert last is not None
    assert START + 50 * DAY <= last <= START + 51 * DAY
    assert findings[-1].seen <= START + 51 * DAY


def test_a_cell_that_comes_in_waves_is_heard_less_than_a_steady_one() -> None:
    chance = Random(6)
    waves = [0.1 + 0.25 * (day // 9 % 2) for day in range(400)]
    wavy = counts([(n, sum(chance.random() < rate for _ in range(n))) for n, rate in ((25, each) for each in waves)])
    opened = {finding.opened for finding in found(wavy)}
    assert len([time for time in opened if time >= START + 100 * DAY]) <= 1
    total = counts([(25, 25)] * 4, start=START + 400 * DAY)
    assert found([*wavy, *total])[-1].seen <= START + 402 * DAY


def test_a_rise_of_the_whole_world_is_not_held_against_a_country() -> None:
    quiet, raised = counts([(50, 1)] * 100), counts([(50, 30)] * 30, start=START + 100 * DAY)
    assert found([*quiet, *raised])
    assert found([*quiet, *(replace(point, elsewhere=4.2) for point in raised)]) == []


def test_a_block_is_found_while_the_world_has_trouble_too() -> None:
    quiet, raised = counts([(50, 1)] * 100), counts([(50, 50)] * 5, start=START + 100 * DAY)
    assert found([*quiet, *(replace(point, elsewhere=1.0) for point in raised)])


def told_each_day(points: list[Point]) -> list[Finding | None]:
    """What a reader knows after each point: the last report, or None before the first."""
    detector, last, told = Blocking(CELL), None, []
    for point in points:
        last = detector.update(point) or last
        told.append(last)
    return told


@pytest.mark.parametrize("more", [1, 30])
def test_a_ban_that_began_in_the_middle_of_a_day_stays_one_open_finding(more: int) -> None:
    ban = [(211, 32), (207, 143), (210, 146), (216, 152), (221, 157), (217, 155), (226, 158), (42, 31)]
    told = told_each_day(counts([(210, 5)] * 23 + ban + [(210, 146)] * more))
    known = [finding for finding in told if finding is not None]
    assert len(known) == len(told) - 24
    assert {(finding.opened, finding.closed) for finding in known} == {(START + 23 * DAY, None)}
    assert known[-1].score > 0.9


@pytest.mark.parametrize("seed", range(12))
def test_while_the_share_stays_raised_one_finding_stays_open_and_then_it_ends(seed: int) -> None:
    chance = Random(seed)

    def day(rate: float) -> tuple[float, float]:
        n = chance.randint(80, 240)
        return n, sum(chance.random() < rate for _ in range(n))

    steps = [(chance.uniform(0.25, 0.98), chance.choice([1, 3, 8, 25])) for _ in range(6)]
    raised = [day(rate) for rate, days in steps for _ in range(days)]
    told = told_each_day(counts([*(day(0.03) for _ in range(30)), *raised, *(day(0.03) for _ in range(6))]))
    ends = 30 + len(raised)
    known = [finding for finding in told[:ends] if finding is not None]
    assert len(known) >= len(raised) - 2
    assert {(finding.opened, finding.closed) for finding in known} == {(START + 30 * DAY, None)}
    assert told[-1] is not None
    assert told[-1].closed == START + ends * DAY


def test_a_still_higher_rate_and_a_lower_one_are_told_as_the_same_finding() -> None:
    higher = counts([(40, 1)] * 60 + [(40, 10)] * 30 + [(40, 39)] * 60)
    last = found(higher)[-1]
    assert (last.opened, last.closed) == (START + 60 * DAY, None)
    assert last.now > 0.6
    lower = counts([(40, 10)] * 40, start=START + 150 * DAY)
    assert {(each.opened, each.closed) for each in found([*higher, *lower])} == {(START + 60 * DAY, None)}
    assert found([*higher, *lower, *counts([(40, 1)] * 4, start=START + 190 * DAY)])[-1].closed == START + 190 * DAY


def pooled(day: int, *parts: Part) -> Point:
    return Point(START + day * DAY, DAY, n=sum(part.n for part in parts), k=sum(part.k for part in parts), parts=parts)


def three_networks(days: range, *, blocked: Sequence[str] = ()) -> list[Point]:
    usual = {"AS1": 12.0, "AS2": 5.0, "AS3": 2.0}
    return [pooled(day, *(Part(name, n, n if name in blocked else 0) for name, n in usual.items())) for day in days]


def test_one_network_never_opens_a_pooled_finding_however_much_it_sends() -> None:
    attack = [pooled(day, Part("AS1", 10_000, 10_000), Part("AS2", 5, 0), Part("AS3", 2, 0)) for day in range(40, 80)]
    assert found([*three_networks(range(40)), *attack]) == []
    assert found([*three_networks(range(40)), *(replace(point, parts=()) for point in attack)])


def test_many_networks_without_a_past_count_as_one() -> None:
    strangers = [Part(f"AS{number}", 500, 500) for number in range(100, 120)]
    attack = [pooled(day, *strangers[day % 20 : day % 20 + 1], Part("AS1", 12, 0)) for day in range(40, 60)]
    assert found([*three_networks(range(40)), *attack]) == []


def test_a_block_older_than_our_watch_is_found_where_several_networks_tell_it() -> None:
    assert found(three_networks(range(4), blocked=("AS1", "AS2", "AS3")))[0].opened == START


def test_a_cell_of_one_network_is_that_network_s_until_another_tells_something() -> None:
    quiet = [pooled(day, Part("AS1", 12, 0)) for day in range(40)]
    assert found([*quiet, *(pooled(day, Part("AS1", 12, 12)) for day in range(40, 43))])
    assert found([*quiet, *(pooled(day, Part("AS1", 12, 0), Part("AS9", 900, 900)) for day in range(40, 60))]) == []
    assert found([*quiet, *(pooled(day, Part("AS9", 900, 900)) for day in range(40, 60))]) == []


def test_the_sites_of_one_network_speak_together() -> None:
    sites = [f"{name}.example" for name in "abcdefgh"]

    def day_of(day: int, bad: str) -> Point:
        return pooled(
            day, *(Part(f"{net} {site}", 3, 3 if net == bad else 0) for net in ("AS1", "AS2") for site in sites)
        )

    quiet = [day_of(day, "") for day in range(40)]
    assert found([*quiet, *(day_of(day, "AS1") for day in range(40, 60))]) == []
    several = [Part(f"{net} {site}", 3, 3) for net in ("AS1", "AS2", "AS3") for site in sites]
    assert found([*quiet, *(pooled(day, *several) for day in range(40, 43))])


def test_a_single_network_s_own_cell_still_opens() -> None:
    alone = [Point(START + day * DAY, DAY, n=20, k=20.0 if day >= 40 else 0.0) for day in range(44)]
    assert found(alone)


def test_two_networks_that_are_blocked_open_the_pooled_finding_beside_one_that_is_not() -> None:
    points = [*three_networks(range(40)), *three_networks(range(40, 46), blocked=("AS2", "AS3"))]
    finding = found(points)[0]
    assert finding.opened == START + 40 * DAY
    assert finding.seen <= START + 42 * DAY


def test_another_mix_of_networks_is_no_change() -> None:
    def day_of(day: int, bad: float, good: float) -> Point:
        return pooled(day, Part("AS1", bad, round(0.6 * bad)), Part("AS2", good, round(0.05 * good)))

    before, after = [day_of(day, 5, 40) for day in range(60)], [day_of(day, 40, 20) for day in range(60, 90)]
    assert found([*before, *after]) == []
    assert found([replace(point, parts=()) for point in [*before, *after]])


def test_one_network_that_floods_does_not_end_a_finding_of_the_others() -> None:
    blocked = [*three_networks(range(40)), *three_networks(range(40, 50), blocked=("AS1", "AS2", "AS3"))]
    flood = [pooled(day, Part("AS1", 10_000, 0), Part("AS2", 5, 5), Part("AS3", 2, 2)) for day in range(50, 60)]
    assert [finding for finding in found([*blocked, *flood]) if finding.closed is not None] == []
    calm = three_networks(range(60, 64))
    assert found([*blocked, *flood, *calm])[-1].closed == START + 60 * DAY


def test_it_tells_what_one_more_measurement_a_day_would_buy() -> None:
    detector = Blocking(CELL)
    assert detector.delay() is None
    never = detector.delay_with_one_more()
    assert never is not None
    assert never <= 4 * DAY
    fed(detector, [Point(START + number * 4 * DAY, DAY, n=1, k=0) for number in range(20)])
    now, more = detector.delay(), detector.delay_with_one_more()
    assert now is not None
    assert more is not None
    assert now == 8 * DAY
    assert more <= 3 * DAY
    crowded = Blocking(CELL)
    fed(crowded, counts([(500, 10)] * 40))
    assert crowded.delay_with_one_more() == crowded.delay()


def test_the_delay_that_it_tells_is_the_one_that_it_keeps() -> None:
    for hours, size in ((24, 1), (24, 6), (48, 1), (96, 2)):
        gap = timedelta(hours=hours)
        detector = Blocking(CELL)
        fed(detector, [Point(START + number * gap, DAY, n=size, k=0) for number in range(40)])
        told = detector.delay()
        assert told is not None
        since = START + 40 * gap
        block = [Point(since + number * gap, DAY, n=size, k=size) for number in range(6)]
        [opened, *_] = fed(detector, block)
        assert abs(opened.seen + gap - since - told) <= gap


@pytest.mark.parametrize("readings", [1, 2, 3])
def test_a_block_that_is_lifted_in_part_goes_on_as_the_same_finding_in_a_sparse_cell(readings: int) -> None:
    open_days, opened = 0, set()
    for seed in range(12):
        chance, detector, last = Random(seed), Blocking(CELL), None
        for day in range(160):
            rate = 0.03 if day < 90 else 0.97 if day < 110 else 0.5
            k = sum(chance.random() < rate for _ in range(readings))
            last = detector.update(Point(START + day * DAY, DAY, n=readings, k=k)) or last
            if day >= 117 and last is not None:
                open_days += last.closed is None
                opened.add((seed, last.opened))
    assert open_days > 0.5 * 12 * 43
    assert len(opened) <= 14, "one block is one finding"
