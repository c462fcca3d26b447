"""Weeks of duty as a picture: one strip a week, one lane a layer, and below them who holds it in the end.

Frozen values go in, a string of SVG comes out, all text escaped, without a style. Each day is as wide as every other,
however many hours it has; a day whose clocks change is marked. Nobody holds what is hatched.

Classes: ``chart``, ``duty-day``, ``duty-night``, ``duty-lane``, ``duty-block`` with ``duty-0`` to ``duty-2``,
``duty-gap``, ``duty-mine``, ``duty-tight``, ``duty-roomy``, ``duty-bent``, ``duty-label``, ``duty-now``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tocsin.lib import svg
from tocsin.oncall.walltime import moment, night

WIDTH = 480.0
_HEAD, _LANE, _APART, _LETTER = 20.0, 20.0, 8.0, 9.6
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a lane. ``shade`` (0 to 2) tells neighbours apart; None: nobody holds it.

    ``bent`` marks what differs from the turns: an override, a swap, somebody who is away or rests. ``labels`` are tried
    from the longest on; ``told`` is what a pointer is told.
    """

    since: datetime
    until: datetime
    shade: int | None
    labels: Sequence[str] = ()
    told: str = ""
    bent: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """Blocks side by side; ``name`` stands before them, and should be short."""

    name: str
    blocks: Sequence[Block]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Weeks from the Monday ``first`` on, with days as ``zone`` counts them. ``name`` is unique on its page.

    ``days`` names each day of all weeks in order. ``now`` None draws no line for this moment.
    """

    name: str
    title: str
    description: str
    first: date
    weeks: int
    zone: ZoneInfo
    lanes: Sequence[Lane]
    days: Sequence[str]
    now: datetime | None = None
    rtl: bool = False
    nights: bool = False
    gutter: float = field(default=46.0)


def day_lengths(first: date, days: int, zone: ZoneInfo) -> dict[date, timedelta]:
    """Days that are longer or shorter than 24 hours, because clocks change."""
    found = {first + number * _DAY: _length(first + number * _DAY, zone) for number in range(days)}
    return {day: length for day, length in found.items() if length != _DAY}


def draw(picture: Picture) -> str:
    """The picture as one ``svg`` element."""
    tall = _HEAD + len(picture.lanes) * _LANE + _APART
    height = picture.weeks * tall
    pens = [_Pen(picture, week, week * tall) for week in range(picture.weeks)]
    hatch = (
        f'<pattern id="{picture.name}-hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(-45)"><path class="chart-hatch" d="M0 2.5h5" stroke="currentColor"/></pattern>'
    )
    return (
        f'<svg class="chart duty" viewBox="0 0 {svg.number(WIDTH)} {svg.number(height)}" role="img" '
        f'aria-labelledby="{picture.name}-title {picture.name}-desc">'
        f'<title id="{picture.name}-title">{svg.text(picture.title)}</title>'
        f'<desc id="{picture.name}-desc">{svg.text(picture.description)}</desc>'
        f"<defs>{hatch}</defs>{''.join(part for pen in pens for part in pen.parts())}</svg>"
    )


def _length(day: date, zone: ZoneInfo) -> timedelta:
    return moment(day + _DAY, time(0), zone) - moment(day, time(0), zone)


class _Pen:
    """Draws one week."""

    def __init__(self, picture: Picture, week: int, top: float) -> None:
        self.picture, self.week, self.top = picture, week, top
        self.days = [picture.first + (7 * week + number) * _DAY for number in range(8)]
        self.edges = [moment(day, time(0), picture.zone) for day in self.days]
        self.wide = (WIDTH - picture.gutter - 1) / 7
        self.bottom = top + _HEAD + len(picture.lanes) * _LANE

    def parts(self) -> Iterator[str]:
        yield from self._days()
        for number, lane in enumerate(self.picture.lanes):
            yield from self._lane(lane, self.top + _HEAD + number * _LANE)
        now = self.picture.now
        if now is not None and self.edges[0] <= now < self.edges[-1]:
            x = self._mirrored(self._x(now), 0)
            yield svg.stroke((x, self.top + _HEAD - 2), f"V{svg.number(self.bottom + 2)}", "duty-now", 1)

    def _days(self) -> Iterator[str]:
        picture = self.picture
        for number, day in enumerate(self.days[:7]):
            left = picture.gutter + number * self.wide
            changed = "±" if self.edges[number + 1] - self.edges[number] != _DAY else ""
            said = f"{picture.days[7 * self.week + number]} {changed}".strip()
            today = picture.now is not None and self.edges[number] <= picture.now < self.edges[number + 1]
            x = self._mirrored(left + 2, 0)
            yield svg.label((x, self.top + _HEAD - 5), said, "duty-day", "start", bold=today)
            line = self._mirrored(left, 0)
            yield svg.stroke((line, self.top + 4), f"V{svg.number(self.bottom)}", "chart-grid", 0.3)
            if picture.nights:
                yield from self._night(day - _DAY if number == 0 else day)
                if number == 0:
                    yield from self._night(day)

    def _night(self, day: date) -> Iterator[str]:
        begin, end = night(day, self.picture.zone)
        begin, end = max(begin, self.edges[0]), min(end, self.edges[-1])
        if begin < end:
            yield self._box(begin, end, self.top + _HEAD, self.bottom - self.top - _HEAD, "duty-night", 0.1)

    def _lane(self, lane: Lane, top: float) -> Iterator[str]:
        if lane.name:
            x = self._mirrored(1, 0)
            yield svg.label((x, top + 14), lane.name, "duty-lane", "start", bold=lane.strong)
        for block in lane.blocks:
            begin, end = max(block.since, self.edges[0]), min(block.until, self.edges[-1])
            if begin < end:
                yield from self._block(block, begin, end, top)

    def _block(self, block: Block, begin: datetime, end: datetime, top: float) -> Iterator[str]:
        if block.shade is None:
            paint = f'fill="url(#{self.picture.name}-hatch)" stroke="currentColor"'
            yield self._rect(begin, end, top + 1, "duty-gap", paint, block.told)
        else:
            looks = f"duty-block duty-{block.shade}" + (" duty-mine" if block.mine else "")
            paint = 'fill="currentColor" fill-opacity="0.15" stroke="currentColor"'
            yield self._rect(begin, end, top + 1, looks, paint, block.told)
        wide = self._x(end) - self._x(begin)
        if block.bent and wide > 3:
            x = self._mirrored(self._x(begin) + 1, 0)
            along = f"h{svg.number((-1 if self.picture.rtl else 1) * (wide - 2))}"
            yield svg.stroke((x, top + 3), along, "duty-bent", 1)
        yield from self._labels(block, self._mirrored(self._x(begin) + 3, 0), wide, top)

    def _labels(self, block: Block, x: float, wide: float, top: float) -> Iterator[str]:
        """What fits on a phone, where letters are large beside the picture; and, if it is more, where there is room."""
        tight, roomy = (
            next((one for one in block.labels if len(one) * letter <= wide - 4), "")
            for letter in (_LETTER, _LETTER / 2)
        )
        if tight:
            looks = "duty-label" if tight == roomy else "duty-label duty-tight"
            yield svg.label((x, top + 14.5), tight, looks, "start", bold=block.mine)
        if roomy and roomy != tight:
            yield svg.label((x, top + 14.5), roomy, "duty-label duty-roomy", "start", bold=block.mine)

    def _rect(self, begin: datetime, end: datetime, top: float, kind: str, paint: str, told: str) -> str:
        left, right = self._x(begin), self._x(end)
        return svg.box(self._mirrored(left, right - left), top, (right - left, _LANE - 3), kind, paint, told)

    def _box(self, begin: datetime, end: datetime, top: float, height: float, kind: str, opacity: float) -> str:
        left, right = self._x(begin), self._x(end)
        paint = f'fill="currentColor" fill-opacity="{opacity}"'
        return svg.box(self._mirrored(left, right - left), top, (right - left, height), kind, paint)

    def _x(self, at: datetime) -> float:
        day = max(number for number in range(8) if number == 0 or self.edges[number] <= at)
        if day == 7:
            return self.picture.gutter + 7 * self.wide
        share = (at - self.edges[day]) / (self.edges[day + 1] - self.edges[day])
        return self.picture.gutter + (day + share) * self.wide

    def _mirrored(self, left: float, wide: float) -> float:
        return WIDTH - left - wide if self.picture.rtl else left
