"""A source's last fetches, drawn as one bar each; told apart by height and filling, not by colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.streams.models import Fetch, Health

WIDTH, GAP, HEIGHT = 8, 2, 40
_HEIGHTS = {Health.FRESH.value: 40, Health.UNCHANGED.value: 20, Health.SILENT.value: 20, Health.EMPTY.value: 8}
_SLOW = {Health.SLOW.value, "too-slow", "timeout"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One fetch: its place, and the class that fills it: ``good``, ``quiet``, ``empty``, ``slow`` or ``bad``."""

    x: int
    y: int
    height: int
    look: str


@dataclass(frozen=True, slots=True)
class History:
    """The bars, oldest first, and the words that say the same."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    good: int
    total: int


def history(fetches: Sequence[Fetch]) -> History:
    """The drawing of these fetches (newest first, as they are obtained)."""
    bars = tuple(_bar(place, fetch.outcome) for place, fetch in enumerate(reversed(fetches)))
    good = sum(bar.look != "bad" for bar in bars)
    return History(max(1, len(bars)) * (WIDTH + GAP), HEIGHT, bars, good, len(bars))


def _bar(place: int, outcome: str) -> Bar:
    height = _HEIGHTS.get(outcome, HEIGHT)
    return Bar(place * (WIDTH + GAP), HEIGHT - height, height, _look(outcome))


def _look(outcome: str) -> str:
    if outcome == Health.FRESH:
        return "good"
    if outcome in {Health.UNCHANGED, Health.SILENT}:
        return "quiet"
    if outcome == Health.EMPTY:
        return "empty"
    return "slow" if outcome in _SLOW else "bad"
