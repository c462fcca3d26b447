"""A country in a window as lines of text, for a terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tocsin.analysis import taxonomy
from tocsin.console import looking
from tocsin.console.daily import midnight
from tocsin.console.looking import Looked
from tocsin.console.templatetags.words import rival, said
from tocsin.lib import territories
from tocsin.signals.drawing import stream_words
from tocsin.signals.models import STEP, CellState, Finding, step_of

WIDTH: Final = 60
_BARS: Final = "▁▂▃▄▅▆▇█"
_MISSING, _UNUSABLE = "·", "×"


def lines(seen: Looked) -> Iterator[str]:
    """What is known, the gravest first; nothing measured is said and never left out."""
    first, last = (_date(each) for each in (seen.span.since, seen.span.until - timedelta(seconds=1)))
    yield f"{territories.name(seen.country)}, {first} – {last}" + (f", {seen.domain}" if seen.domain else "")
    if seen.blind:
        yield _("Our sites are not measured here now: quiet does not mean calm.")
    yield from _part(_("Threat level now"), _levels(seen), _("None seen."))
    yield from _part(_("What could explain it"), _rivals(seen), _("Nothing wants an explanation."))
    if seen.rivals:
        yield from _part(_("What would change our mind"), _turns(seen), _("Nothing by itself."))
    yield from _part(_("Situations"), _situations(seen), _("None."))
    yield from _part(_("Found"), map(_finding, seen.findings), _("No detector found a change."))
    legend = _("%(missing)s not measured  %(unusable)s measured, not usable") % {
        "missing": _MISSING,
        "unusable": _UNUSABLE,
    }
    measured = (line for cell in seen.cells for line in _cell(cell, seen))
    yield from _part(f"{_('Measured')}  ({legend})", measured, _("Nothing was measured here."))
    yield from _part(_("Read"), _texts(seen), _("No text in this window speaks of harm here."))


def _part(title: str, told: Iterator[str], nothing: str) -> Iterator[str]:
    yield ""
    yield title
    empty = True
    for line in told:
        empty = False
        yield f"  {line}"
    if empty:
        yield f"  {nothing}"


def _levels(seen: Looked) -> Iterator[str]:
    for level in seen.levels:
        yield f"{level.probability:.2f}  {_(taxonomy.harm(level.harm).title)}  ({_date(level.at)})"


def _rivals(seen: Looked) -> Iterator[str]:
    for one in seen.rivals[:4]:
        yield f"{one.probability:.2f}  {rival(one.cause)}" + (f"  ◀ {_('stands out')}" if one.stands_out else "")
        for sign, clues in (("+", one.speaks_for), ("−", one.speaks_against)):
            for clue in clues:
                yield f"      {sign} {said(clue.says)}"


def _turns(seen: Looked) -> Iterator[str]:
    for one in seen.turns:
        leads = _("“%(cause)s” would lead") if one.turns else _("“%(cause)s” would still lead")
        yield f"{said(one.says)}: {leads % {'cause': rival(one.leader)}}, {one.probability:.2f}"


def _situations(seen: Looked) -> Iterator[str]:
    for row in seen.situations:
        yield f"{row.probability:.2f}  {row.title}  [{row.public_id}]"


def _finding(found: Finding) -> str:
    closed = _date(found.closed_at) if found.closed_at is not None else _("lasts")
    where = " ".join(part for part in (found.subject, found.network) if part)
    moved = f"{_number(found.before)} → {_number(found.now)}"
    return f"{_date(found.opened_at)} – {closed}  {where}  {moved}  ({found.rule})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _cell(cell: CellState, seen: Looked) -> Iterator[str]:
    name = " ".join(part for part in (cell.subject, cell.network) if part)
    found = looking.newest(cell, seen.span)
    step = step_of(cell.kind)
    bars = strip(found, seen.span.since, seen.span.until, step=step, lowest=step < STEP)
    yield f"{bars}  {name} ({stream_words(cell.stream)})"


def strip(
    points: Sequence[tuple[datetime, float | None]],
    since: datetime,
    until: datetime,
    width: int = WIDTH,
    *,
    step: timedelta = STEP,
    lowest: bool = False,
) -> str:
    """Points as a row of bars over the window, the highest of each column, or its ``lowest``: where a loss is what
    matters, an hour must not vanish among others. A column that no point covers is a gap."""
    columns: list[list[float | None]] = [[] for _column in range(width)]
    for time, level in points:
        first, end = ((each - since) / (until - since) * width for each in (time, time + step))
        for column in range(max(int(first), 0), min(max(ceil(end - 1e-9), int(first) + 1), width)):
            columns[column].append(level)
    known = [level for _time, level in points if level is not None]
    top = max(known, default=0.0)
    return "".join(_column(levels, top, lowest) for levels in columns)


def _column(levels: Sequence[float | None], top: float, lowest: bool) -> str:
    if not levels:
        return _MISSING
    usable = [level for level in levels if level is not None]
    if not usable:
        return _UNUSABLE
    level = min(usable) if lowest else max(usable)
    return _BARS[round(level / top * (len(_BARS) - 1))] if top > 0 else _BARS[0]


def _texts(seen: Looked) -> Iterator[str]:
    for key in looking.strips_of(seen.texts):
        days = seen.texts[key]
        points = [
            (midnight(day), float(days.get(day, 0)))
            for day in seen.span.days
            if seen.read_from is not None and day >= seen.read_from
        ]
        yield f"{strip(points, seen.span.since, seen.span.until)}  {_(taxonomy.harm(key).title)}: {sum(days.values())}"


def _date(time: datetime) -> str:
    return date_format(timezone.localtime(time), "j M Y")
