"""A picture of each episode: the series with what was usual, and the alarms of each system."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from _detect_runs import Outcome, Watched

from tocsin.analysis.evaluation import Episode, System
from tocsin.analysis.evaluation.replaying import cell_of, points_of, usual_bands
from tocsin.analysis.series import Evidence, Point
from tocsin.lib.charts import Chart, Mark, Strip, Usual, Window, draw

_MOST_POINTS = 60


def draw_all(outcome: Outcome, folder: Path) -> int:
    """Write one SVG for each episode, named by its id; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for episode in outcome.recorded.episodes:
        name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in episode.id) or "episode"
        (folder / f"{name}.svg").write_text(draw(_chart(outcome, episode, name)), encoding="utf-8")
    return len(outcome.recorded.episodes)


def _chart(outcome: Outcome, episode: Episode, name: str) -> Chart:
    watched = outcome.watched[episode.series]
    points = points_of(watched.series)
    step = points[0].step
    around = _MOST_POINTS * step
    first, last = points[0].time, points[-1].time + step
    start = max(first, episode.onset_earliest - around)
    end = max(min(last, (episode.end_latest or episode.onset_latest) + around), start + step)
    marks = [_mark(point) for point in points]
    known = Window(episode.onset_earliest, episode.end_latest, f"known: {episode.onset_earliest:%Y-%m-%d %H:%M}")
    strips = [Strip(watched.series.name, step, marks, list(_usual(watched, points)), [known])]
    for system in outcome.systems:
        if system.name in watched.runs:
            alarms = list(_alarms(watched, system))
            strips.append(Strip(f"{system.name}: {outcome.hit(episode, system).words}", step, marks, (), alarms))
    title = f"{episode.id} {episode.title}"
    description = f"{watched.series.name} and, below each other, the alarms of each system at its published threshold."
    return Chart(name, title, description, start, end, strips)


def _mark(point: Point) -> Mark:
    if point.evidence is not Evidence.SCORED:
        return Mark(point.time, None)
    if point.n is not None:
        return Mark(point.time, (point.k or 0.0) / point.n if point.n else None, note=f"{point.n:g} measured")
    return Mark(point.time, point.value)


def _usual(watched: Watched, points: tuple[Point, ...]) -> Iterator[Usual]:
    for point, band in usual_bands(cell_of(watched.series), points):
        if band is not None:
            yield Usual(point.time, band.level, band.low, band.high)


def _alarms(watched: Watched, system: System) -> Iterator[Window]:
    for alarm in watched.usual(system):
        end = alarm.ended or (None if system.tells_ends else alarm.time + timedelta(days=1))
        yield Window(alarm.time, end, f"{alarm.direction}, {alarm.time:%Y-%m-%d %H:%M}")
