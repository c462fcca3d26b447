"""Small SVG charts: several strips over one time axis, and a line that fits into a sentence.

Frozen values go in, a string of SVG comes out, with all text escaped. There is no style attribute and no style
element: colours come from the page by the classes below, and without a style sheet everything is drawn in the text's
own colour, so that it prints and reads in grey. Missing is hatched, discarded is cross-hatched, zero is drawn.

Classes: ``chart``, ``chart-title``, ``chart-label``, ``chart-grid``, ``chart-axis``, ``chart-line``, ``chart-dot``,
``chart-bar``, ``chart-zero``, ``chart-range``, ``chart-whisker``, ``chart-band``, ``chart-usual``, ``chart-gap``,
``chart-discarded``, ``chart-hatch``, ``chart-window``, ``chart-edge``, ``chart-window-label``, ``sparkline``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import floor, isfinite, log10

from tocsin.lib import svg

# Narrow, so that on a phone the text is still read: pages write it smaller where there is room.
WIDTH = 480
_LEFT, _RIGHT, _HEAD, _NAMES, _PLOT, _FOOT, _SPACE = 52.0, 8.0, 26.0, 18.0, 60.0, 26.0, 10.0
_APART = 190.0  # labels of windows that begin closer than this would cover each other
_TICKS = 6
_DOTS = 120  # with more points than this a line is drawn without its dots
_HOURS = (1, 3, 6, 12, 24, 48, 168, 336, 672)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class Mark:
    """One interval from ``time`` on: its value and, where known, the range it may lie in.

    ``value`` None says that something was measured and can't be used; ``note`` says why. For an interval without any
    measurement leave the mark out. ``note`` beside a value is shown with it.
    """

    time: datetime
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual from ``time`` on: the level and the band around it."""

    time: datetime
    level: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Window:
    """A marked span, such as a finding: ``end`` None says that it lasts."""

    start: datetime
    end: datetime | None
    label: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One series. ``bars`` draws counts as bars; ``top`` fixes the upper end of the scale (1.0 for shares)."""

    title: str
    step: timedelta
    marks: Sequence[Mark]
    usual: Sequence[Usual] = ()
    windows: Sequence[Window] = ()
    bars: bool = False
    top: float | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The chart's own words, for translation, and how it writes numbers and times."""

    time: str = "Time"
    missing: str = "not measured"
    discarded: str = "measured, not usable"
    zero: str = "zero"
    number: Callable[[float], str] = field(default=lambda value: _number(value))
    short: Callable[[float], str] = field(default=lambda value: _short(value))
    moment: Callable[[datetime], str] = field(default=lambda time: f"{time:%Y-%m-%d %H:%M}")
    tick: Callable[[datetime, timedelta], str] = field(default=lambda time, gap: _tick(time, gap))


@dataclass(frozen=True, slots=True)
class Chart:
    """Strips over the axis from ``start`` to ``end`` (aware; the axis is labelled in the zone of ``start``).

    ``name`` is unique on its page and made of letters, digits and hyphens. ``rtl`` lets time run from right to left.
    """

    name: str
    title: str
    description: str
    start: datetime
    end: datetime
    strips: Sequence[Strip]
    rtl: bool = False
    words: Words = field(default_factory=Words)

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.end <= self.start:
            raise ValueError("a chart runs between two aware times, the second later than the first")
        if not self.name or not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in self.name):
            raise ValueError("a chart's name is made of letters, digits and hyphens")


def draw(chart: Chart) -> str:
    """The chart as one ``svg`` element."""
    pens, top = [], 0.0
    for strip in chart.strips:
        pens.append(_Pen(chart, strip, top))
        top = pens[-1].ground + _SPACE
    height = top + _FOOT
    parts = [
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {svg.number(height)}" role="img" '
        f'aria-labelledby="{chart.name}-t {chart.name}-d" fill="none" stroke="none" font-size="10" '
        f'font-family="inherit" direction="{"rtl" if chart.rtl else "ltr"}">',
        f'<title id="{chart.name}-t">{svg.text(chart.title)}</title>',
        f'<desc id="{chart.name}-d">{svg.text(chart.description)}</desc>',
        _hatches(chart.name),
    ]
    ticks = list(_ticks(chart))
    for pen in pens:
        parts += pen.strokes(ticks)
    parts += _axis(chart, ticks, height - _FOOT)
    return "".join([*parts, "</svg>"])


def table_rows(chart: Chart) -> list[tuple[str, ...]]:
    """The same numbers as a table: first the headings, then a row for each interval that has a mark in any strip."""
    words = chart.words
    times = sorted(
        {mark.time for strip in chart.strips for mark in strip.marks if chart.start <= mark.time < chart.end}
    )
    columns = [{mark.time: mark for mark in strip.marks} for strip in chart.strips]
    rows: list[tuple[str, ...]] = [(words.time, *(strip.title for strip in chart.strips))]
    for time in times:
        here = words.moment(time.astimezone(chart.start.tzinfo))
        rows.append((here, *(_said(column.get(time), words) for column in columns)))
    return rows


def sparkline(values: Sequence[float | None], *, title: str, rtl: bool = False) -> str:
    """A line of 100 by 20 units without axes; None breaks it, a zero touches the ground, the newest value is a dot."""
    known = [value for value in values if value is not None and isfinite(value)]
    low, high = min([0.0, *known]), max([0.0, *known])
    span, last = (high - low) or 1.0, max(len(values) - 1, 1)

    def place(index: int, value: float) -> tuple[float, float]:
        x = 2 + 96 * index / last
        return (100 - x if rtl else x), 18 - 16 * (value - low) / span

    runs: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None or not isfinite(value):
            runs.append([])
        else:
            runs[-1].append(place(index, value))
    lines = "".join(svg.line(run, "chart-line", 1.5) if len(run) > 1 else svg.dot(run[0]) for run in runs if run)
    newest = svg.dot(runs[-1][-1]) if runs[-1] else ""
    return (
        '<svg class="sparkline" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 20" role="img" fill="none">'
        f"<title>{svg.text(title)}</title>"
        f'<path class="chart-axis" d="M0 18H100" stroke="currentColor" stroke-opacity="0.3"/>{lines}{newest}</svg>'
    )


class _Pen:
    """Draws one strip whose upper edge lies at ``top``."""

    def __init__(self, chart: Chart, strip: Strip, top: float) -> None:
        self.chart, self.strip = chart, strip
        self.head = top
        self.roof = top + _HEAD + (_NAMES if strip.windows else 0)
        self.ground = self.roof + _PLOT
        self.marks = sorted(
            (mark for mark in strip.marks if mark.time + strip.step > chart.start and mark.time < chart.end),
            key=lambda mark: mark.time,
        )
        self.low, self.high = _scale(strip, self.marks)

    def strokes(self, ticks: Sequence[tuple[datetime, str]]) -> Iterator[str]:
        """All of the strip, from the back to the front."""
        for time, _ in ticks:
            yield self._upright(self.x(time), "chart-grid", 0.12)
        yield from self._gaps()
        yield from self._usual()
        yield from self._windows()
        yield from self._bars() if self.strip.bars else self._lines()
        yield from self._frame()

    def x(self, time: datetime) -> float:
        return _x(self.chart, time)

    def y(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.ground - share * _PLOT

    def _gaps(self) -> Iterator[str]:
        words, step = self.chart.words, self.strip.step
        cursor = self.chart.start
        for mark in self.marks:
            if mark.time - cursor >= step / 2:
                yield self._hatched(cursor, mark.time, "gap", words.missing)
            if mark.value is None:
                said = f"{words.discarded}: {mark.note}" if mark.note else words.discarded
                yield self._hatched(mark.time, mark.time + step, "discarded", said)
            cursor = max(cursor, mark.time + step)
        if self.chart.end - cursor >= step / 2:
            yield self._hatched(cursor, self.chart.end, "gap", words.missing)

    def _hatched(self, start: datetime, end: datetime, kind: str, said: str) -> str:
        return self._field(start, end, f"chart-{kind}", f'fill="url(#{self.chart.name}-{kind})"', said)

    def _usual(self) -> Iterator[str]:
        usual = sorted(self.strip.usual, key=lambda each: each.time)
        usual = [each for each in usual if self.chart.start <= each.time < self.chart.end]
        if not usual:
            return
        xs = [self.x(each.time + self.strip.step / 2) for each in usual]
        yield svg.area(
            [(x, self.y(each.low)) for x, each in zip(xs, usual, strict=True)],
            [(x, self.y(each.high)) for x, each in zip(xs, usual, strict=True)],
            "chart-band",
            0.14,
        )
        level = [(x, self.y(each.level)) for x, each in zip(xs, usual, strict=True)]
        yield svg.line(level, "chart-usual", 1, dashed=True)

    def _windows(self) -> Iterator[str]:
        chart, free = self.chart, -_APART
        for window in sorted(self.strip.windows, key=lambda each: each.start):
            if window.start >= chart.end or (window.end is not None and window.end <= chart.start):
                continue
            end = window.end or chart.end
            yield self._field(
                window.start, end, "chart-window", 'fill="currentColor" fill-opacity="0.08"', window.label
            )
            for edge in (window.start, window.end):
                if edge is not None and chart.start <= edge <= chart.end:
                    yield self._upright(self.x(edge), "chart-edge", 0.9)
            along = max((window.start - chart.start) / (chart.end - chart.start), 0.0) * (WIDTH - _LEFT - _RIGHT)
            if along - free >= _APART:
                free = along
                late = along > 0.7 * (WIDTH - _LEFT - _RIGHT)
                x = self.x(end if late and end < chart.end else chart.end if late else max(window.start, chart.start))
                anchor = "end" if late else "start"
                yield svg.label((x, self.roof - 7), window.label, "chart-window-label", anchor)

    def _lines(self) -> Iterator[str]:
        for run in self._runs():
            spots = [(self._middle(mark), self.y(mark.value or 0.0)) for mark in run]
            ranged = [
                (x, mark)
                for (x, _), mark in zip(spots, run, strict=True)
                if mark.low is not None and mark.high is not None
            ]
            if len(ranged) > 1:
                yield svg.area(
                    [(x, self.y(mark.low or 0.0)) for x, mark in ranged],
                    [(x, self.y(mark.high or 0.0)) for x, mark in ranged],
                    "chart-range",
                    0.25,
                )
            elif ranged:
                yield self._whisker(ranged[0][1])
            if len(spots) > 1:
                yield svg.line(spots, "chart-line", 1.75)
            for mark, spot in zip(run, spots, strict=True):
                if mark.value == 0:
                    yield self._zero(mark)
                elif len(self.marks) <= _DOTS or len(run) == 1:
                    yield svg.dot(spot, self._told(mark))

    def _bars(self) -> Iterator[str]:
        zero = self.y(0.0)
        for mark in self.marks:
            if mark.value is None:
                continue
            if mark.value == 0:
                yield self._zero(mark)
                continue
            y = self.y(mark.value)
            left, width = self._span(mark.time, mark.time + self.strip.step)
            inset = min(width * 0.12, 1.5)
            size = (width - 2 * inset, abs(zero - y))
            paint = 'fill="currentColor" fill-opacity="0.7"'
            yield svg.box(left + inset, min(y, zero), size, "chart-bar", paint, self._told(mark))
            if mark.low is not None and mark.high is not None:
                yield self._whisker(mark)

    def _whisker(self, mark: Mark) -> str:
        low, high = self.y(mark.low or 0.0), self.y(mark.high or 0.0)
        return svg.stroke((self._middle(mark), low), f"V{svg.number(high)}", "chart-whisker", 1)

    def _zero(self, mark: Mark) -> str:
        """A zero is a ring on the ground: seen, and nothing there."""
        return svg.ring((self._middle(mark), self.y(0.0)), f"{self._told(mark)} ({self.chart.words.zero})")

    def _frame(self) -> Iterator[str]:
        chart, words = self.chart, self.chart.words
        side, edge = (WIDTH - _LEFT, _RIGHT) if chart.rtl else (_LEFT, WIDTH - _RIGHT)
        yield svg.stroke((side, self.y(max(self.low, 0.0))), f"H{svg.number(edge)}", "chart-axis", 0.6)
        outside = side + (6 if chart.rtl else -6)
        yield svg.label((outside, self.roof + 9), words.short(self.high), "chart-label", "end")
        yield svg.label((outside, self.ground), words.short(self.low), "chart-label", "end")
        start = WIDTH - 2 if chart.rtl else 2
        yield svg.label((start, self.head + 17), self.strip.title, "chart-title", "start", bold=True)

    def _upright(self, x: float, kind: str, opacity: float) -> str:
        return svg.stroke((x, self.roof), f"V{svg.number(self.ground)}", kind, opacity)

    def _runs(self) -> Iterator[list[Mark]]:
        """Marks with a value, broken wherever an interval is missing or was discarded."""
        run: list[Mark] = []
        for before, mark in pairwise([None, *self.marks]):
            assert mark is not None
            apart = before is not None and mark.time - before.time > self.strip.step * 1.5
            if run and (apart or mark.value is None):
                yield run
                run = []
            if mark.value is not None:
                run.append(mark)
        if run:
            yield run

    def _told(self, mark: Mark) -> str:
        words = self.chart.words
        said = f"{words.moment(mark.time.astimezone(self.chart.start.tzinfo))}: {_said(mark, words)}"
        return f"{said}, {mark.note}" if mark.note else said

    def _middle(self, mark: Mark) -> float:
        left, width = self._span(mark.time, mark.time + self.strip.step)
        return left + width / 2

    def _span(self, start: datetime, end: datetime) -> tuple[float, float]:
        """Left edge and width of an interval, cut to the axis."""
        one = self.x(max(start, self.chart.start))
        two = self.x(min(end, self.chart.end))
        return min(one, two), abs(two - one)

    def _field(self, start: datetime, end: datetime, kind: str, paint: str, told: str) -> str:
        left, width = self._span(start, end)
        return svg.box(left, self.roof, (width, _PLOT), kind, paint, told)


def _x(chart: Chart, time: datetime) -> float:
    share = (time - chart.start) / (chart.end - chart.start)
    along = _LEFT + share * (WIDTH - _LEFT - _RIGHT)
    return WIDTH - along if chart.rtl else along


def _scale(strip: Strip, marks: Sequence[Mark]) -> tuple[float, float]:
    """The lower and upper end: zero is always on it, the upper end is a round number."""
    numbers = [number for mark in marks for number in (mark.value, mark.low, mark.high) if number is not None]
    numbers += [number for usual in strip.usual for number in (usual.low, usual.high)]
    low = min([0.0, *numbers])
    high = strip.top if strip.top is not None else _round_up(max([0.0, *numbers]))
    return -_round_up(-low) if low < 0 else 0.0, high if high > 0 else 1.0


def _round_up(value: float) -> float:
    if value <= 0:
        return 0.0
    unit: float = 10.0 ** floor(log10(value))
    return next((unit * times for times in (1, 1.5, 2, 3, 4, 5, 6, 8) if unit * times >= value), unit * 10)


def _axis(chart: Chart, ticks: Iterable[tuple[datetime, str]], top: float) -> Iterator[str]:
    for time, said in ticks:
        x = _x(chart, time)
        yield svg.stroke((x, top - 2), "v4", "chart-axis", 0.6)
        yield svg.label((x, top + 17), said, "chart-label", "middle")


def _ticks(chart: Chart) -> Iterator[tuple[datetime, str]]:
    span = chart.end - chart.start
    margin = span * 0.04
    for hours in _HOURS:
        gap = timedelta(hours=hours)
        if span / gap <= _TICKS:
            yield from (
                (time, chart.words.tick(time, gap)) for time in _by_hours(chart, gap) if time < chart.end - margin
            )
            return
    months = next((each for each in _MONTHS if span / timedelta(days=30 * each) <= _TICKS), _MONTHS[-1])
    gap = timedelta(days=30 * months)
    yield from ((time, chart.words.tick(time, gap)) for time in _by_months(chart, months) if time < chart.end - margin)


def _by_hours(chart: Chart, gap: timedelta) -> Iterator[datetime]:
    zone = chart.start.tzinfo
    midnight = chart.start.replace(hour=0, minute=0, second=0, microsecond=0)
    time = midnight
    while time < chart.end:
        if time >= chart.start:
            yield time
        # Through UTC, so that a day with 23 or 25 hours keeps its hours apart.
        time = (time.astimezone(UTC) + gap).astimezone(zone) if gap < timedelta(days=1) else time + gap


def _by_months(chart: Chart, months: int) -> Iterator[datetime]:
    first = chart.start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    number = first.year * 12 + first.month - 1
    number -= number % months
    while True:
        time = first.replace(year=number // 12, month=number % 12 + 1)
        if time >= chart.end:
            return
        if time >= chart.start:
            yield time
        number += months


def _tick(time: datetime, gap: timedelta) -> str:
    if gap < timedelta(days=1):
        return f"{time:%m-%d %H:%M}" if gap < timedelta(hours=24) and time.hour else f"{time:%Y-%m-%d}"
    return f"{time:%Y-%m-%d}" if gap < timedelta(days=30) else f"{time:%Y-%m}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _short(value: float) -> str:
    """A number of a scale in few letters: 200,000 is 200k."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:.3g}{letter}"
    return f"{value:.3g}"


def _said(mark: Mark | None, words: Words) -> str:
    if mark is None:
        return words.missing
    if mark.value is None:
        return f"{words.discarded}: {mark.note}" if mark.note else words.discarded
    said = words.number(mark.value)
    if mark.low is None or mark.high is None:
        return said
    return f"{said} ({words.number(mark.low)} – {words.number(mark.high)})"


def _hatches(name: str) -> str:
    def pattern(kind: str, path: str) -> str:
        return (
            f'<pattern id="{name}-{kind}" width="6" height="6" patternUnits="userSpaceOnUse">'
            f'<path class="chart-hatch" d="{path}" stroke="currentColor" stroke-opacity="0.45"/></pattern>'
        )

    rising, falling = "M-1 7L7 -1M-1 1L1 -1M5 7L7 5", "M-1 -1L7 7M5 -1L7 1M-1 5L1 7"
    return f"<defs>{pattern('gap', rising)}{pattern('discarded', rising + falling)}</defs>"
