"""Draws measured cells from what the detectors kept, on one common time axis."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from math import sqrt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from tocsin.analysis.series import Evidence, Stream
from tocsin.lib import territories
from tocsin.lib.charts import Chart, Mark, Strip, Usual, Window, Words
from tocsin.signals.lows import WHOLE, by_day
from tocsin.signals.models import STEP, CellState, Finding, step_of

_Z = 1.96


def chart(
    name: str,
    cells: Sequence[CellState],
    findings: Sequence[Finding],
    days: int = 60,
    *,
    window: tuple[datetime, datetime] | None = None,
    place: bool = True,
) -> Chart | None:
    """The strips of these cells with the windows of these findings; None where nothing was measured.

    The axis covers ``window``; without one it ends with the newest point or finding and covers ``days`` days.
    ``place``: each strip names its country, as it should wherever the page is not about one.
    """
    times = [cell.last_point_at for cell in cells if cell.last_point_at] + [one.seen_at for one in findings]
    if not cells or not times:
        return None
    if window is None:
        end = max(times) + STEP
        start = min([end - timedelta(days=days), *(one.opened_at - timedelta(days=10) for one in findings)])
    else:
        start, end = window
    return Chart(
        name=name,
        title=_("Measurements"),
        description=_("One strip for each measured subject, over the same days. Hatched: not measured."),
        start=start.astimezone(UTC),
        end=end.astimezone(UTC),
        strips=[_strip(cell, [one for one in findings if _same(cell, one)], start, end, place=place) for cell in cells],
        rtl=get_language_bidi(),
        words=words(_("not measured")),
    )


def words(missing: str) -> Words:
    """A chart's own words in the reader's language; ``missing`` says what a gap means."""
    return Words(
        time=_("Time"),
        missing=missing,
        discarded=_("measured, not usable"),
        zero=_("zero"),
        # The same days stand in every strip and in the table.
        moment=cache(_moment),
        tick=_tick,
    )


def _moment(time: datetime) -> str:
    # One format in pages and pictures: the day alone where the time is midnight, else with its zone.
    return f"{date_format(time, 'j M Y, H:i')} {time:%Z}" if time.hour or time.minute else date_format(time, "j M Y")


def _tick(time: datetime, gap: timedelta) -> str:
    if gap < timedelta(days=1):
        return date_format(time, "j M, H:i" if time.hour else "j M")
    return date_format(time, "j M" if gap < timedelta(days=30) else "M Y")


def cells_of(findings: Sequence[Finding], limit: int = 8) -> list[CellState]:
    """The cells that these findings speak of."""
    found: list[CellState] = []
    for one in findings[:limit]:
        cell = CellState.objects.filter(
            rule=one.rule, kind=one.kind, country=one.country, subject=one.subject, network=one.network
        ).first()
        if cell is not None and cell not in found:
            found.append(cell)
    return found


def _strip(cell: CellState, findings: Sequence[Finding], start: datetime, end: datetime, *, place: bool) -> Strip:
    shares = cell.stream == Stream.BLOCKING.value
    first, last = start.timestamp(), end.timestamp()
    said = _("%(k)g of %(n)g") if shares else ""
    rows = [row for row in cell.recent if first <= row[0] < last]
    step = step_of(cell.kind)
    if step < STEP and not (rows and first >= cell.recent[-1][0] - WHOLE.total_seconds()):
        rows, step = by_day(rows), STEP
    return Strip(
        title=_title(cell, shares, place=place),
        step=step,
        marks=[_mark(row, said) for row in rows if row[4] != Evidence.NONE.value],
        usual=[one for one in map(_usual, rows) if one is not None],
        windows=[Window(one.opened_at, one.closed_at, _("found by %(rule)s") % {"rule": one.rule}) for one in findings],
        top=1.0 if shares else None,
    )


def _title(cell: CellState, shares: bool, *, place: bool) -> str:
    country = territories.name(cell.country, get_language() or "en") if place else ""
    parts = [cell.subject, country, cell.network]
    what = _("share failed") if shares else stream_words(cell.stream)
    if step_of(cell.kind) < STEP:
        what = _("%(what)s, lowest of each day") % {"what": what}
    return f"{' · '.join(part for part in parts if part)} ({what})"


def stream_words(stream: str) -> str:
    """What a measured series counts, in words."""
    known = {
        Stream.BLOCKING.value: _("failed measurements"),
        Stream.VIEWS.value: _("page views"),
        Stream.EVENTS.value: _("reports"),
        Stream.CONNECTIVITY.value: _("connectivity"),
    }
    return known.get(stream, _("level"))


def _usual(row: list[Any]) -> Usual | None:
    if len(row) < 8:
        return None
    return Usual(datetime.fromtimestamp(row[0], tz=UTC), row[5], row[6], row[7])


def _mark(row: list[Any], shares: str) -> Mark:
    """One point; ``shares`` is how a share's two numbers are told, empty for a series that is no share."""
    epoch, n, k, value, evidence = row[:5]
    time = datetime.fromtimestamp(epoch, tz=UTC)
    if evidence != Evidence.SCORED.value:
        return Mark(time, None, note=_("measured, not usable"))
    if not shares:
        return Mark(time, float(value if value is not None else n or 0))
    if not n:
        return Mark(time, None)
    low, high = wilson(k or 0.0, n)
    return Mark(time, (k or 0.0) / n, low, high, note=shares % {"k": k or 0, "n": n})


def wilson(k: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share, k of n (Wilson 1927): honest for few trials and near 0 or 1."""
    share, weight = k / n, _Z**2 / n
    centre = (share + weight / 2) / (1 + weight)
    spread = _Z * sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    return max(0.0, centre - spread), min(1.0, centre + spread)


def _same(cell: CellState, finding: Finding) -> bool:
    return all(
        getattr(cell, name) == getattr(finding, name) for name in ("rule", "kind", "country", "subject", "network")
    )
