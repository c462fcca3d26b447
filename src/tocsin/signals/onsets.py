"""When a loss began, more exactly than the intervals that found it: what rows of ten minutes tell of its first hours.

A finding keeps the name that it opened under. When it began may become known, or change, as long as rows come late.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.analysis.engine import points
from tocsin.analysis.series import Cell, Direction, Evidence, Finding, Point, Stream
from tocsin.signals.models import Finding as Kept
from tocsin.signals.models import step_of
from tocsin.streams import lake

FINE = timedelta(minutes=10)
_LASTS = 3  # fine intervals: one alone may be noise


@dataclass(frozen=True, slots=True)
class Onset:
    """When it began: in the interval that starts then and is so long."""

    time: datetime
    within: timedelta


def onsets(cell: Cell, findings: Iterable[Finding], since: datetime | None) -> dict[datetime, Onset]:
    """By the time at which a finding opened, when it began: of these, and of those that are kept and began after
    ``since`` or shortly before. Without those of which the rows don't tell."""
    if cell.stream is not Stream.CONNECTIVITY:
        return {}
    opened = {} if since is None else _kept(cell, since)
    opened |= {one.opened: one.before for one in findings if one.direction is Direction.DROP and not one.withdrawn}
    found = {time: _read(cell, time, before) for time, before in opened.items()}
    return {time: onset for time, onset in found.items() if onset is not None}


def _kept(cell: Cell, since: datetime) -> dict[datetime, float]:
    rows = Kept.objects.filter(
        kind=cell.kind, country=cell.country, subject=cell.subject, network=cell.network,
        direction=Direction.DROP.value, opened_at__gte=since - 2 * step_of(cell.kind),
    )  # fmt: skip
    return dict(rows.values_list("opened_at", "before"))


def _read(cell: Cell, opened: datetime, before: float) -> Onset | None:
    step = step_of(cell.kind)
    since, until = opened - step, opened + 2 * step
    series = points(
        lake.files(cell.kind, since=since, until=until),
        kind=cell.kind,
        country=cell.country,
        subject=cell.subject,
        network=cell.network or None,
        since=since,
        until=until,
        step=FINE,
    )
    return next((onset(known, before, step) for _cell, known in series), None)


def onset(known: Sequence[Point], before: float, step: timedelta) -> Onset | None:
    """The first interval that is nearer to the lowest level than to the usual one, and stays so; None: nobody knows.

    It is known only if the interval before it was measured, too, and was not yet so low.
    """
    scored = [point for point in known if point.evidence is Evidence.SCORED and point.value is not None]
    if not scored or any(point.step >= step for point in scored):
        return None
    halfway = (before + min(_level(point) for point in scored)) / 2
    for last, point, *later in (scored[place : place + 1 + _LASTS] for place in range(len(scored) - 1)):
        if _level(last) > halfway and all(_level(each) <= halfway for each in (point, *later)):
            return Onset(point.time, point.step) if point.time - last.time <= max(last.step, point.step) else None
    return None


def _level(point: Point) -> float:
    return point.value or 0.0
