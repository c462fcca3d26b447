"""A fall of connectivity is found within hours even in a short series, and signals that fall together are told."""

from datetime import timedelta
from random import Random

import pytest

from tocsin.analysis.detectors import Joint, Outage, joined
from tocsin.analysis.detectors.tests.episodes import CELLS, DAY, START, fed, levels
from tocsin.analysis.series import Cell, Direction, Finding, Stream

HOUR = timedelta(hours=1)


def steady(hours: int, *, seed: int = 2) -> list[float]:
    chance = Random(seed)
    return [96 + 3 * (hour % 24 in range(6, 20)) + chance.uniform(-1, 1) for hour in range(hours)]


def found(values: list[float], kind: str = "probing", country: str = "XX") -> list[Finding]:
    return fed(Outage(Cell(Stream.CONNECTIVITY, kind, country, "hosts")), levels(values, step=HOUR))


def test_a_shutdown_after_five_days_of_past_is_found_within_three_hours() -> None:
    values = steady(24 * 10)
    values[137:] = [40.0, *(10.0 + hour % 3 for hour in range(len(values) - 138))]
    finding = found(values)[0]
    assert finding.opened <= START + 137 * HOUR
    assert finding.seen <= START + 139 * HOUR


def test_a_fall_that_takes_some_hours_is_found_while_it_falls() -> None:
    values = steady(24 * 4)
    values[66:72] = [92.0, 77.0, 56.0, 36.0, 25.0, 20.0]
    assert found(values)[0].seen <= START + 70 * HOUR


def test_an_end_is_found_within_hours() -> None:
    values = steady(24 * 20)
    values[300:360] = [8.0] * 60
    assert found(values)[-1].closed == START + 360 * HOUR


def test_a_rise_of_connectivity_is_no_outage() -> None:
    assert found([*steady(24 * 10), *(value * 3 for value in steady(24 * 5))]) == []


@pytest.mark.parametrize("seed", range(4))
def test_quiet_months_give_no_finding(seed: int) -> None:
    assert found(steady(24 * 120, seed=seed)) == []


def drop(kind: str, hour: int, *, now: float, country: str = "XX", closed: int | None = None) -> Finding:
    values = steady(24 * 10)
    values[120 + hour :] = [now] * (len(values) - 120 - hour)
    if closed is not None:
        values[120 + hour + closed :] = steady(len(values) - 120 - hour - closed, seed=9)
    return found(values, kind, country)[-1 if closed is not None else 0]


def test_signals_that_fall_together_corroborate_and_their_product_is_told() -> None:
    [joint] = joined([drop("bgp", 1, now=50.0), drop("probing", 0, now=5.0), drop("telescope", 3, now=20.0)])
    assert joint.signals == ("probing", "bgp", "telescope")
    assert joint.apart == 3 * HOUR
    assert joint.closed is None
    assert joint.lost == pytest.approx(0.95 * 0.49 * 0.79, abs=0.05)


def test_more_of_the_same_signal_corroborates_nothing() -> None:
    [joint] = joined([drop("probing", 0, now=50.0), drop("probing", 1, now=5.0)])
    assert joint.signals == ("probing",)
    assert joint.lost == pytest.approx(0.95, abs=0.03)


def test_other_countries_and_other_days_stand_alone() -> None:
    alone = joined([drop("bgp", 0, now=5.0), drop("probing", 0, now=5.0, country="YY"), drop("telescope", 30, now=5.0)])
    assert [(each.country, each.signals) for each in alone] == [
        ("XX", ("bgp",)),
        ("YY", ("probing",)),
        ("XX", ("telescope",)),
    ]


def test_what_is_over_has_an_end_and_rises_are_not_joined() -> None:
    over = drop("bgp", 0, now=5.0, closed=20)
    joint: Joint
    [joint] = joined([over])
    assert joint.closed == over.closed
    assert over.direction is Direction.DROP
    values = levels([1000.0] * 60 + [5000.0] * 5, step=DAY)
    assert fed(Outage(CELLS[Stream.CONNECTIVITY]), values) == []
