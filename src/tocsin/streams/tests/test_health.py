"""When to ask again, and when a source counts as silent."""

from datetime import timedelta

import pytest

from tocsin.lib.http import Code
from tocsin.streams import health
from tocsin.streams.models import Health

HOUR = timedelta(hours=1)


def test_states_are_told_apart() -> None:
    assert health.of_answer(entries=5, news=2, seconds=1) == Health.FRESH
    assert health.of_answer(entries=5, news=0, seconds=1) == Health.UNCHANGED
    assert health.of_answer(entries=0, news=0, seconds=1) == Health.EMPTY
    assert health.of_answer(entries=5, news=2, seconds=40) == Health.SLOW
    assert health.of_error(Code.TOO_SLOW) == Health.SLOW
    assert health.of_error(Code.DNS) == Health.BROKEN


def test_a_quiet_source_is_asked_less_often_but_never_later_than_expected() -> None:
    waits = [health.pause(HOUR, quiet, lambda: 0.5) for quiet in range(10)]
    assert waits == sorted(waits)
    assert waits[0] == HOUR / 2
    assert waits[-1] == HOUR


def test_two_sources_added_together_drift_apart() -> None:
    assert health.pause(HOUR, 0, lambda: 0.0) < health.pause(HOUR, 0, lambda: 0.99)


def test_no_source_is_asked_without_a_pause_or_forgotten_for_days() -> None:
    assert health.pause(timedelta(seconds=1), 0, lambda: 0.5) == health.SHORTEST_PAUSE
    assert health.pause(timedelta(days=300), 9, lambda: 0.5) == health.LONGEST_PAUSE


def test_what_is_wanted_soon_is_looked_at_sooner_and_counts_as_silent_no_sooner() -> None:
    soon = timedelta(minutes=3)
    assert [health.pause(timedelta(days=1), quiet, lambda: 0.5, soon) for quiet in (0, 9)] == [soon, soon]
    assert health.silent_after(timedelta(days=1)) == timedelta(days=3)


@pytest.mark.parametrize("failures", [1, 3, 10, 10_000])
def test_failures_back_off_within_bounds_and_heed_what_the_host_asks_for(failures: int) -> None:
    wait = health.pause_after_failure(HOUR, failures, None, lambda: 0.999)
    assert health.SHORTEST_PAUSE <= wait <= health.LONGEST_BACKOFF
    asked = timedelta(hours=20)
    assert health.pause_after_failure(HOUR, failures, asked, lambda: 0.1) == asked
