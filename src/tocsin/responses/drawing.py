"""Tasks over time: each a bar from when it may begin to when it is due, what comes first joined to what follows it.

Frozen values go in, one ``svg`` element comes out, with all text escaped; colours come from the page by classes. What
is done is filled, what runs is half filled, what is not begun is an outline, and what is late goes on as a dashed line,
so that it reads in grey. Beside it the page shows the same as a table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import IntEnum
from unicodedata import combining, east_asian_width

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tocsin.lib import svg
from tocsin.responses import phrases
from tocsin.responses.log.content import State, Task
from tocsin.responses.log.folding import Plan

_ROW, _TOP, _BAR, _HEAD, _FOOT, _EDGE = 29.0, 18.0, 6.0, 8.0, 24.0, 6.0
# The size of its text in its own units, as the page's sheet sets it as well.
_FONT = 13.0
_STEPS = (1, 3, 6, 12, 24, 48, 168, 336, 672)
_TICKS = 6
_APART = 8.0
# How broad letters of a plain font are, as shares of its size; of the broader ones among such fonts.
_SHARES = ((0.34, " .,:;'’|!ilj"), (0.42, "ftr()[]-"), (1.0, "mwMW@%—…●"))
_AFTER = (1, 4, 12, 24, 48, 96, 168, 336, 720, 2160)


@dataclass(frozen=True, slots=True)
class Bar:
    """One task: from when to when it was planned, until when it goes on, and what comes before it."""

    task: Task
    start: datetime
    due: datetime
    until: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Bars over the axis from ``start`` to ``end``; ``stretched``: time is drawn wider at the beginning."""

    bars: tuple[Bar, ...]
    start: datetime
    end: datetime
    now: datetime
    stretched: bool = False


def time_line(plan: Plan, now: datetime) -> TimeLine | None:
    """The tasks of a plan over time; None without tasks. Dropped ones are left out."""
    ends: dict[str, datetime] = {}
    bars = []
    for task in _in_order([one for one in plan.tasks if one.state is not State.DROPPED]):
        first = max([plan.opened_at, *(ends[key] for key in task.needs if key in ends)])
        start = min(task.began or first, task.ended or task.began or first)
        at = plan.pace.would(task.due, now) if task.due is not None else None
        due = max(at or start + timedelta(hours=1), start)
        until = task.ended or (now if task.began or now > due else due)
        late = plan.late(task, task.ended or now) is not None
        bars.append(Bar(task, start, due, max(until, start), late))
        ends[task.key] = max(task.ended or due, start)
    if not bars:
        return None
    start = min(one.start for one in bars)
    end = max([one.due for one in bars] + [one.until for one in bars] + [start + timedelta(hours=6)])
    end += (end - start) / 40
    # The first hours of a playbook hold as many steps as the days after them.
    early = sum(max(one.due, one.until) < start + (end - start) / 5 for one in bars)
    return TimeLine(tuple(bars), start, end, now, stretched=early * 2 > len(bars))


def _in_order(tasks: Sequence[Task]) -> list[Task]:
    """What comes first first; among those that may begin together what is due first."""
    left, done, found = {one.key: one for one in tasks}, set[str](), list[Task]()
    while left:
        free = [one for one in left.values() if not set(one.needs) & left.keys() - done] or list(left.values())
        chosen = min(free, key=lambda one: (one.due is None, one.due.timestamp() if one.due else 0.0))
        found.append(left.pop(chosen.key))
        done.add(chosen.key)
    return found


class Width(IntEnum):
    """How many units a picture is wide: one for pages, one for phones, where the same letters are as large."""

    WIDE = 900
    NARROW = 330


def draw(line: TimeLine, zone: tzinfo, width: Width, *, rtl: bool = False) -> str:
    """The time line as one ``svg`` element."""
    height = _HEAD + len(line.bars) * _ROW + _FOOT
    said = _("%(n)s tasks from %(start)s to %(end)s; the table below says the same.") % {
        "n": len(line.bars), "start": _moment(line.start, zone), "end": _moment(line.end, zone)
    }  # fmt: skip
    pen, name = _Pen(line, width, rtl), f"gantt-{width.name.lower()}"
    parts = [
        f'<svg class="chart gantt {name}" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width} {svg.number(height)}" role="img" aria-labelledby="{name}-t {name}-d" '
        f'fill="none" stroke="none" font-size="{svg.number(_FONT)}" font-family="inherit" '
        f'direction="{"rtl" if rtl else "ltr"}">',
        f'<title id="{name}-t">{svg.text(_("Tasks over time"))}</title><desc id="{name}-d">{svg.text(said)}</desc>',
        *pen.axis(zone, height),
        *pen.now(height),
        *pen.joins(),
        *(part for number, bar in enumerate(line.bars) for part in pen.bar(bar, number)),
    ]
    return "".join([*parts, "</svg>"])


class _Pen:
    def __init__(self, line: TimeLine, width: Width, rtl: bool) -> None:
        self.line, self.width, self.rtl = line, float(width), rtl
        self.span = (line.end - line.start).total_seconds() or 1.0
        self.rows = {bar.task.key: number for number, bar in enumerate(line.bars)}

    def x(self, time: datetime) -> float:
        """Where a moment lies."""
        share = max(0.0, (time - self.line.start).total_seconds() / self.span)
        share = share**0.5 if self.line.stretched else share
        along = _EDGE + share * (self.width - 2 * _EDGE)
        return self.width - along if self.rtl else along

    def y(self, number: int) -> float:
        """The upper edge of a row."""
        return _HEAD + number * _ROW

    def axis(self, zone: tzinfo, height: float) -> Iterator[str]:
        """The ground line with its ticks."""
        ground = height - _FOOT
        yield svg.stroke((0, ground), f"H{svg.number(self.width)}", "chart-axis", 0.5)
        taken: list[tuple[float, float]] = []
        for tick, said in _ticks(self.line, zone):
            x, half = self.x(tick), breadth(said) / 2
            middle = min(max(x, half + 2), self.width - half - 2)
            if any(middle - half < end + _APART and middle + half > start - _APART for start, end in taken):
                continue
            taken.append((middle - half, middle + half))
            yield svg.stroke((x, _HEAD), f"V{svg.number(ground)}", "chart-grid", 0.15)
            yield svg.label((middle, ground + 17), said, "chart-label", "middle")

    def bar(self, bar: Bar, number: int) -> Iterator[str]:
        """One task: its title above, then what was planned, what is done of it, and how late it is."""
        top = self.y(number) + _TOP
        start, due, until = (self.x(one) for one in (bar.start, bar.due, bar.until))
        mark = {State.DONE: "✓ ", State.BEGUN: "▸ "}.get(bar.task.state, "")
        if bar.late and bar.task.state is not State.DONE:
            mark = "● "
        edge = self.width - 2.0 if self.rtl else 2.0
        title = fitted(f"{mark}{bar.task.title}", self.width - 8)
        yield svg.label((edge, self.y(number) + 14), title, "gantt-title", "start")
        paint = 'stroke="currentColor" rx="2"'
        kind = f"gantt-bar gantt-{bar.task.state}"
        yield svg.box(min(start, due), top, (max(abs(due - start), 3), _BAR), kind, paint, bar.task.title)
        if bar.task.state in {State.DONE, State.BEGUN}:
            depth = _BAR if bar.task.state is State.DONE else _BAR / 2
            done = min(bar.until, bar.due)
            end = self.x(done)
            fill = 'fill="currentColor" rx="2"'
            yield svg.box(min(start, end), top + _BAR - depth, (max(abs(end - start), 2), depth), "gantt-fill", fill)
        if bar.late:
            least = due - 6 if self.rtl else due + 6
            end = min(until, least) if self.rtl else max(until, least)
            yield svg.line([(due, top + _BAR / 2), (end, top + _BAR / 2)], "gantt-late", 2, dashed=True)

    def joins(self) -> Iterator[str]:
        """A line from the end of what comes first to the beginning of what follows."""
        by_key = {bar.task.key: bar for bar in self.line.bars}
        for bar in self.line.bars:
            for key in bar.task.needs:
                before = by_key.get(key)
                if before is None:
                    continue
                x, y = self.x(max(before.due, before.start)), self.y(self.rows[key]) + _TOP + _BAR
                to, down = self.x(bar.start), self.y(self.rows[bar.task.key]) + _TOP
                yield svg.line([(x, y), (x, down - 4), (to, down - 4), (to, down)], "gantt-join", 1)

    def now(self, height: float) -> Iterator[str]:
        """Where we are."""
        if self.line.start <= self.line.now <= self.line.end:
            x = self.x(self.line.now)
            yield svg.stroke((x, 0), f"V{svg.number(height - _FOOT)}", "gantt-now", 1)


def breadth(words: str) -> float:
    """About how many units words take in a picture: never less than a plain font takes."""
    return _FONT * sum(_broad(letter) for letter in words)


def _broad(letter: str) -> float:
    if east_asian_width(letter) in {"W", "F"}:
        return 1.0
    if combining(letter) or not letter.isprintable():
        return 0.0
    share = next((share for share, letters in _SHARES if letter in letters), 0.0)
    return share or (0.78 if letter.isupper() else 0.64)


def fitted(words: str, room: float) -> str:
    """As much of the words as there is room for, in units; what is left out shows as an ellipsis."""
    if breadth(words) <= room:
        return words
    end, taken = 0, breadth("…")
    while end < len(words) and (taken := taken + breadth(words[end])) <= room:
        end += 1
    return words[:end].rstrip() + "…"


def _ticks(line: TimeLine, zone: tzinfo) -> Iterator[tuple[datetime, str]]:
    if line.stretched:
        for after in _AFTER:
            at = line.start + timedelta(hours=after)
            if at <= line.end:
                yield at, date_format(at.astimezone(zone), "H:i" if after < 24 else "j M")
        return
    hours = (line.end - line.start) / timedelta(hours=1)
    step = next((one for one in _STEPS if hours / one <= _TICKS), _STEPS[-1])
    local = line.start.astimezone(zone)
    at = local.replace(minute=0, second=0, microsecond=0)
    at = at.replace(hour=at.hour - at.hour % step) if step < 24 else at.replace(hour=0)
    while at <= line.end:
        if at >= line.start:
            short = step < 24 and at.hour
            yield at, date_format(at, "H:i" if short else "j M")
        at += timedelta(hours=step)


def _moment(at: datetime | None, zone: tzinfo) -> str:
    return f"{date_format(at.astimezone(zone), 'j M Y H:i')} {at.astimezone(zone):%Z}" if at else "–"


def table(line: TimeLine, zone: tzinfo, names: Mapping[int, str]) -> list[tuple[str, ...]]:
    """The same as rows of words: first the headings."""
    titles = {bar.task.key: bar.task.title for bar in line.bars}
    head = (_("Task"), _("Stands"), _("Owner"), _("From"), _("Due"), _("Ended"), _("Comes after"))
    rows: list[tuple[str, ...]] = [head]
    for bar in line.bars:
        one = bar.task
        state = f"{phrases.STATES[one.state]}, {_('late')}" if bar.late else str(phrases.STATES[one.state])
        after = "; ".join(titles[key] for key in one.needs if key in titles) or "–"
        moments = (_moment(bar.start, zone), _moment(bar.due if one.due else None, zone), _moment(one.ended, zone))
        rows.append((one.title, state, names.get(one.owner, ""), *moments, after))
    return rows
