"""What the others did is told for each place, without the place itself and without the future."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tocsin.analysis.baselines import movements, with_elsewhere
from tocsin.analysis.series import Evidence, Point

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)


def world(places: int, days: int, *, factor: float = 1.0, since: int = 50) -> dict[str, list[Point]]:
    chance = Random(7)
    return {
        f"X{number}": [
            Point(
                START + day * DAY,
                DAY,
                value=round(
                    100 * (number + 1) * chance.uniform(0.95, 1.05) * (factor if day >= since and number else 1)
                ),
            )
            for day in range(days)
        ]
        for number in range(places)
    }


def test_a_quiet_world_moves_little() -> None:
    moved = movements(world(12, 60))
    assert all(abs(movement) < 0.1 for place in moved.values() for movement in place.values())


def test_a_rise_of_the_others_is_told_to_the_one_that_stayed_and_lasts() -> None:
    moved = movements(world(12, 90, factor=3.0))
    for day in (50, 60, 89):
        assert moved["X0"][START + day * DAY] == pytest.approx(1.1, abs=0.15)
    assert abs(moved["X0"][START + 49 * DAY]) < 0.1


def test_no_place_moves_its_own_world_however_large() -> None:
    series = world(12, 60)
    alone = dict(series)
    alone["X3"] = [Point(point.time, DAY, value=(point.value or 0) * 1000) for point in series["X3"]]
    quiet, loud = movements(series)["X3"], movements(alone)["X3"]
    assert quiet.keys() == loud.keys()
    assert max(abs(loud[time] - quiet[time]) for time in quiet) < 0.05


def test_fewer_than_five_others_say_nothing() -> None:
    assert not any(movements(world(5, 30)).values())
    assert all(movements(world(6, 30)).values())


def test_what_comes_later_changes_nothing_before() -> None:
    whole, part = world(8, 60, factor=2.0), world(8, 60, factor=2.0)
    part = {place: points[:40] for place, points in part.items()}
    early = movements(part)
    assert {place: {time: found[time] for time in early[place]} for place, found in movements(whole).items()} == early


def test_movements_that_were_told_stay_and_new_days_go_on_from_them() -> None:
    series = world(12, 120, factor=3.0)
    whole = with_elsewhere(series)
    known = {place: [*whole[place][30:100], *series[place][100:]] for place in series}
    again = with_elsewhere(known)
    for place in series:
        assert again[place][:70] == whole[place][30:100]
        for one, other in zip(again[place][70:], whole[place][100:], strict=True):
            assert one.elsewhere == pytest.approx(other.elsewhere, abs=0.1)


def test_missing_intervals_are_left_alone() -> None:
    series = world(8, 30)
    series["X2"][20] = Point(START + 20 * DAY, DAY, evidence=Evidence.NONE)
    assert with_elsewhere(series)["X2"][20].elsewhere is None


def test_counts_move_by_their_odds() -> None:
    chance = Random(8)

    def day_of(day: int, *, alone: bool) -> Point:
        rate = 0.8 if day >= 50 and not alone else 0.02
        n = chance.randint(40, 90)
        return Point(START + day * DAY, DAY, n=n, k=sum(chance.random() < rate for _ in range(n)))

    series = {f"X{number}": [day_of(day, alone=not number) for day in range(80)] for number in range(9)}
    moved = movements(series)
    assert all(abs(moved["X0"][START + day * DAY]) < 1.5 for day in range(20, 50))
    assert all(3.5 < moved["X0"][START + day * DAY] < 6.5 for day in range(50, 80))
    nothing = {place: [Point(START, DAY, n=0, k=0)] for place in series}
    assert all(movement == {} for movement in movements(nothing).values())
