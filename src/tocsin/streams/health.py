"""Works out how a source is, when to ask it again, and from when on it counts as silent. Pure."""

from collections.abc import Callable
from datetime import timedelta

from tocsin.lib.http import Code, backoff
from tocsin.streams.models import Health

SLOW_AFTER = 20.0  # seconds from the first look-up to the last byte
SHORTEST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=12)
LONGEST_BACKOFF = timedelta(hours=6)
SILENT_AFTER = 3  # times the expected interval


def of_answer(entries: int, news: int, seconds: float) -> Health:
    """How a source is after a good answer: valid but empty, nothing new, or delivering; and whether it was slow."""
    if seconds > SLOW_AFTER:
        return Health.SLOW
    if news:
        return Health.FRESH
    return Health.UNCHANGED if entries else Health.EMPTY


def of_error(code: str) -> Health:
    """How a source is after a failed fetch."""
    return Health.SLOW if code == Code.TOO_SLOW else Health.BROKEN


def pause(
    expected_every: timedelta, quiet: int, random: Callable[[], float], at_most: timedelta = LONGEST_PAUSE
) -> timedelta:
    """How long to wait after a good answer, ``quiet`` of which in a row brought nothing new.

    Half of the expected interval, growing to all of it while nothing comes, a tenth more or less so that sources
    added together drift apart. ``at_most``: how long somebody lets news of it wait, whatever is expected.
    """
    growing = min(1.0, 0.5 * 1.25 ** min(quiet, 8))
    wanted = min(max(expected_every * growing, SHORTEST_PAUSE), at_most, LONGEST_PAUSE)
    return wanted * (0.9 + 0.2 * random())


def pause_after_failure(
    expected_every: timedelta, failures: int, asked_for: timedelta | None, random: Callable[[], float]
) -> timedelta:
    """How long to wait after ``failures`` failures in a row; never shorter than the host asked for."""
    base = min(max(expected_every / 4, SHORTEST_PAUSE), timedelta(minutes=5))
    own = max(backoff(failures, base=2 * base, cap=LONGEST_BACKOFF, random=random), SHORTEST_PAUSE)
    return max(own, asked_for) if asked_for else own


def silent_after(expected_every: timedelta) -> timedelta:
    """How long a source may bring nothing new before it counts as silent."""
    return SILENT_AFTER * expected_every
