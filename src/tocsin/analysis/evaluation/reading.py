"""Everything that a folder of plain forms holds about detection, read once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tocsin.analysis.evaluation.events import Episode, Event, read_episodes, read_events
from tocsin.analysis.evaluation.plain import Flag, Notes, Series, read_flags, read_series


@dataclass(frozen=True, slots=True)
class Recorded:
    """Series with what is known of them; ``notes`` tells what was discarded and what is not there."""

    series: tuple[Series, ...]
    flags: tuple[Flag, ...]
    episodes: tuple[Episode, ...]
    events: tuple[Event, ...]
    notes: Notes


def read_folder(folder: Path, *, wanted: Callable[[str, str], bool] | None = None) -> Recorded:
    """Read what there is; ``wanted`` takes the names of a set and a series.

    Raises:
        PlainError: if a file is not in its plain form.
    """
    notes = Notes()
    series = read_series(folder / "series", notes, wanted=wanted)
    names = {one.name: one for one in series}
    episodes = read_episodes(folder / "episodes.csv", notes, names)
    return Recorded(
        series=tuple(series),
        flags=tuple(read_flags(folder / "series", notes, names)),
        episodes=tuple(one for one in episodes if _measured(one, names[one.series], notes)),
        events=tuple(read_events(folder, notes)),
        notes=notes,
    )


def _measured(episode: Episode, series: Series, notes: Notes) -> bool:
    """Whether the series was measured when the episode began, so that a miss would be one."""
    first, last = series.points[0], series.points[-1]
    if first.time <= episode.onset_latest <= last.time + last.step:
        return True
    notes.discard("episodes.csv", "an episode that began outside the data of its series")
    return False
