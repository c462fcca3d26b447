"""What level a series should have now, and how rare it would be to see it depart so far by itself."""

from dataclasses import asdict, dataclass, field
from math import copysign, expm1, log1p, sqrt
from statistics import median
from typing import Any

from tocsin.analysis.baselines.bands import Band
from tocsin.analysis.baselines.shapes import DAY, HOUR, WEEK, Shape
from tocsin.analysis.baselines.tails import SHARE, Tails

__all__ = ["DAY", "HOUR", "WEEK", "Seasonal", "Surprise", "Terms", "scaled", "unscaled"]

YEAR = 365.25 * DAY
_FIRST, _RATIO = 0.5, 4  # the fastest moving average, and how much slower each next one is
_LONGEST = 60 * DAY
_CLIP = 4.0
_FLOOR = 0.02
_TO_SIGMA = 1.4826  # makes a median absolute deviation comparable with a standard deviation
_SMALL = 1.4  # the first shape is fitted to two values a slot, which hides half of their variance
_FOLLOW, _FOLLOW_WEIGHT, _FOLLOW_MOST = 0.8, 4.0, 2.0
_DOUBT = 1.5  # how far the share in a world-wide movement may be wrong
_DOUBT_AGAINST = 0.3  # the same for a place that moves against the world
_UNKNOWN_WEEK = 0.1
_STALE = 30 * DAY
_NOTABLE, _NOTABLE_MOST, _NOTABLE_SIZE = 800 * DAY, 40, 0.5


@dataclass(frozen=True, slots=True)
class Terms:
    """When a departure counts: rarer than once in ``entry`` years, a change of at least ``least`` (a logarithm).

    ``rises`` and ``drops`` say which directions count, and how: 0 never, 1 from the first interval on, 2 when a
    second one confirms it.
    """

    entry: float
    least: float
    rises: int = 1
    drops: int = 1


@dataclass(frozen=True, slots=True)
class Surprise:
    """A departure that was rare enough: ``sign`` up or down, ``rate`` how often a year it would happen by itself.

    ``scale`` is the rung of the ladder that saw it, ``usual`` what departs there in one of twenty intervals, and
    ``since`` when the departure began.
    """

    sign: float
    rate: float
    scale: int
    usual: float
    since: float


@dataclass(slots=True)
class Seasonal:
    """A ladder of moving averages over a shape of the day and week, each judged by its own past departures.

    Levels are compared on a logarithmic scale that also takes zero and negative numbers, so that a halving counts the
    same for a large and a small series. Rungs of the ladder average over 2, 8, 32, … intervals, up to about two
    months. A departure at a scale is how far the newest average of that scale leaves the range of the next two slower
    ones: a value that only returns to where it was departs from nothing. Both directions at each scale have a
    ``Tail``, which tells how many such departures a year the series makes by itself: autocorrelation, heavy tails and
    the noise of small numbers need no model of their own. Values enter the averages clipped to four usual deviations
    from the level of the last days, so one wild interval moves little.

    A world-wide movement is taken out with the weight with which this series followed the world before (a shrunk
    regression), and what is usual is widened by the part that this weight may be wrong by. Around the slopes of a day
    an hour's doubt about the clock is granted; days that departed on the same date last year depart from nothing
    this year. After a gap it is more careful for some intervals; after a month without data it learns the level anew.
    Only measured values are learned. ``step`` and times are in seconds, times since 1970.

    Moving averages at several rates: Lucas and Saccucci, "Exponentially weighted moving average control schemes",
    Technometrics 32 (1990); see ``Tail`` for the rates.
    """

    step: int
    unit: float = 0.0
    levels: list[float] = field(default_factory=list)
    worlds: list[float] = field(default_factory=list)
    tails: Tails = field(default_factory=lambda: Tails([]))
    shape: Shape = field(default_factory=lambda: Shape(DAY))
    first: list[list[float]] = field(default_factory=list)
    notable: list[list[float]] = field(default_factory=list)
    spread: float = 0.1
    follow: float = _FOLLOW
    together: float = 0.0
    moved: float = 0.0
    world: float = 0.0
    worldly: bool = False
    previous: float = 0.0
    risen: float = 0.0
    fallen: float = 0.0
    loose: float = 0.0
    learned: int = 0
    at: float = 0.0
    gains: tuple[float, ...] = ()
    ladder: tuple[tuple[int, int, bool], ...] = ()
    home: int = 0
    far: int = 0

    def __post_init__(self) -> None:
        if self.shape.step != self.step:
            self.shape = Shape(self.step)
        gains = [_FIRST]
        while len(gains) < 4 or self.step / gains[-1] < _LONGEST:
            gains.append(gains[-1] / _RATIO)
        self.gains = tuple(gains)
        self.home = next(rung for rung, gain in enumerate(gains) if 1 / gain >= max(8, DAY / self.step))
        self.far = next(rung for rung, gain in enumerate(gains) if 1 / gain >= 8 and self.step / gain >= WEEK)

        rungs = [(0, 1), (1, 2), *((each, min(each + 1, len(gains) - 1)) for each in range(1, len(gains) - 1))]
        memory = [0.0, 1.0, *(1 / gain for gain in gains)]
        self.ladder = tuple(
            (one, two, memory[kind] * self.step < DAY and self.step < DAY) for kind, (one, two) in enumerate(rungs)
        )

    @property
    def ready(self) -> bool:
        """Whether it knows a level."""
        return bool(self.levels)

    @property
    def season(self) -> int:
        """Values that it takes to see a rhythm at all: two days of shorter intervals, two weeks of days."""
        return max(2 * DAY // self.step, 14)

    @property
    def missing(self) -> int:
        """Values that it still needs before it judges."""
        if self.levels:
            return 0
        return (max(DAY // self.step, 7) if self.learned else self.season) - len(self.first)

    def take(self, time: float, value: float, elsewhere: float | None, terms: Terms) -> Surprise | None:
        """Judge one value and learn it; one that counts under ``terms`` is given back, and moves no level."""
        if elsewhere is not None:
            self.world, self.worldly = elsewhere, True
        if not self.levels:
            self._begin(time, value)
            return None
        gap = (time - self.at) / self.step - 1
        self.at = time
        if gap > 0.5:
            if gap * self.step > _STALE:
                self.renew()
                self._begin(time, value)
                return None
            self.loose = max(self.loose, gap)
        levels, world, home = self.levels, self.world, self.home
        offset = self.shape.at(time)
        y = scaled(value, self.unit) - offset
        departure = y - levels[home]
        if self.worldly:
            departure -= self.follow * (world - self.worlds[home])
        reach = _CLIP * self.spread
        clipped = departure if -reach < departure < reach else copysign(reach, departure)
        tame = y - departure + clipped
        fresh = [level + gain * (tame - level) for level, gain in zip(levels, self.gains, strict=False)]
        worlds = self.worlds
        if self.worldly:
            worlds = [level + gain * (world - level) for level, gain in zip(worlds, self.gains, strict=False)]
        self._since(time, departure)
        found = self._judge(time, offset, y, fresh, worlds, terms)
        self.previous = y
        if self.loose:
            self.loose = self.loose / 2 if self.loose > 0.1 else 0.0
        if found is None:
            self._learn(time, departure, clipped, tame)
            self.levels, self.worlds = fresh, worlds
        return found

    def departure(self, time: float, value: float, elsewhere: float | None, scale: int) -> float:
        """How far a value lies from the level that a departure at this scale is measured from, as a logarithm."""
        self.world = self.world if elsewhere is None else elsewhere
        self.at = time
        rung = self._rung(scale)
        y = scaled(value, self.unit) - self.shape.at(time)
        self.previous = y
        return y - self.levels[rung] - self.follow * (self.world - self.worlds[rung])

    def rate(self, scale: int, sign: float, size: float) -> float:
        """How often a year a departure of this size would happen by itself."""
        share = self.tails.share(2 * scale + (sign < 0), size, self._counting() / 2)
        return share * YEAR / self.step * max(len(self.ladder) - 2 if scale > 1 else 1, 1)

    def intervals_to_see_a_loss(self, terms: Terms) -> int | None:
        """Intervals after which a fall to zero that begins now would count; None if it never would."""
        after = self.at + self.step
        for scale, intervals in ((0, 1), (1, 2)):
            depth = self.levels[self.ladder[scale][1]] - scaled(0.0, self.unit) + self.shape.at(after)
            if depth >= terms.least and self.rate(scale, -1.0, depth) * terms.entry < 1 and terms.drops <= intervals:
                return intervals
        return None

    def resume(self, values: list[float]) -> None:
        """Go on learning after a departure that ended with these values, the newest last."""
        self.levels[0] = median(values)
        self.risen = self.fallen = 0.0

    def adopt(self, values: list[float]) -> None:
        """Take the level of these values as the usual one, and keep the shape of the week."""
        self.levels = [median(values)] * len(self.gains)
        self.worlds = [self.world] * len(self.gains)
        self.risen = self.fallen = 0.0

    def renew(self) -> None:
        """Forget the level and keep the shape: what follows is a new normal."""
        self.levels, self.first = [], []
        self.loose = self.risen = self.fallen = 0.0

    def band(self, time: float, scale: int = 0) -> Band:
        """What is normal at ``time``, in the unit of the series.

        Raises:
            ValueError: if it is not ready.
        """
        if not self.levels:
            raise ValueError("nothing was learned yet")
        rung = self._rung(scale)
        moved = self.follow * (self.world - self.worlds[rung])
        centre = self.levels[rung] + moved + self.shape.at(time)
        spread = max(1.5 * self.spread, self._counting()) * sqrt(1 + max((time - self.at) / self.step - 1, 0) / 14)
        low, level, high = (unscaled(each, self.unit) for each in (centre - spread, centre, centre + spread))
        return Band(level, low, high, self.learned)

    def save(self) -> dict[str, Any]:
        """All it knows, as JSON can hold it."""
        saved = asdict(self)
        for derived in ("gains", "ladder", "home", "far"):
            del saved[derived]
        saved["shape"] = [self.shape.day, self.shape.week]
        return saved

    @classmethod
    def load(cls, saved: dict[str, Any]) -> "Seasonal":
        """The baseline that ``save`` saved."""
        step = saved["step"]
        tails = Tails(**{name: list(each) if isinstance(each, list) else each for name, each in saved["tails"].items()})
        shape = Shape(step, *(list(each) for each in saved["shape"]))
        lists = {name: list(saved[name]) for name in ("levels", "worlds")}
        pairs = {name: [list(each) for each in saved[name]] for name in ("first", "notable")}
        return cls(**{**saved, **lists, **pairs, "tails": tails, "shape": shape})

    def copy(self) -> "Seasonal":
        """Another one that knows the same."""
        return Seasonal.load(self.save())

    def _rung(self, scale: int) -> int:
        """The rung that a departure of this kind is measured from."""
        return max(self.ladder[scale][0] + (scale != 1), 1)

    def _begin(self, time: float, value: float) -> None:
        """Collect first values; when they suffice, take their medians."""
        self.first.append([time, value])
        self.at = time
        if self.missing > 0:
            return
        times, values = [each[0] for each in self.first], [each[1] for each in self.first]
        if not self.learned:
            self._measure(times, values)
        offsets = [self.shape.at(each) for each in times]
        ys = [scaled(each, self.unit) - offset for each, offset in zip(values, offsets, strict=True)]
        recent = ys[-max(DAY // self.step, 7) :]
        self.adopt(recent)
        if not self.learned:
            own = _SMALL * _TO_SIGMA * median(abs(y - self.levels[0]) for y in ys)
            own = max(own, self._counting(), _FLOOR)
            self.spread = (own * len(ys) + 0.15 * 6) / (len(ys) + 6)
            self.tails = Tails([1.6 * self.spread] * 2 + [1.2 * self.spread] * 2 * (len(self.ladder) - 1))
        self.previous = ys[-1]
        self.learned += len(ys)
        self.first = []

    def _measure(self, times: list[float], values: list[float]) -> None:
        """The unit of the logarithmic scale, one for whole numbers, and the first shape."""
        whole = all(value == int(value) for value in values)
        self.unit = 1.0 if whole else max(median(abs(value) for value in values) / 500, 1e-9)
        self.shape.begin(times, [scaled(value, self.unit) for value in values])

    def _judge(
        self, time: float, offset: float, y: float, fresh: list[float], worlds: list[float], terms: Terms
    ) -> Surprise | None:
        """The rarest departure that counts, if any; all teach the tails."""
        levels, tails = self._expected(worlds) if self.worldly else self.levels, self.tails
        usual, faded = tails.usual, tails.faded
        low = high = 0.0
        if self.shape.day:
            # Higher than any offset near in time, or lower than any: an hour's doubt about the clock.
            low, high = self.shape.around(time)
            low, high = offset - low, high - offset
        again = self.previous
        sizes = [y, y, *fresh]
        found: Surprise | None = None
        for kind, (nearer, further, short) in enumerate(self.ladder):
            one, two, size = levels[nearer], levels[further], sizes[kind]
            if one < two:
                one, two = two, one
            rise, drop = size - one, two - size
            if kind == 1:
                rise, drop = rise + min(again - y, 0.0), drop + min(y - again, 0.0)
            if short:
                rise, drop = rise - high, drop - low
            if rise > _FLOOR and rise > usual[2 * kind] * faded:
                found = self._weigh(time, kind, 1.0, rise, abs(size - levels[further]), worlds, terms, found)
            if drop > _FLOOR and drop > usual[2 * kind + 1] * faded:
                found = self._weigh(time, kind, -1.0, drop, abs(size - levels[further]), worlds, terms, found)
        tails.fade()
        return found

    def _expected(self, worlds: list[float]) -> list[float]:
        """The rungs, moved as this series would move with the rest of the world."""
        world, follow, old = self.world, self.follow, self.worlds
        rungs = zip(self.levels, old, strict=True)
        return [level + follow * (world - before) for level, before in rungs]

    def _weigh(
        self,
        time: float,
        kind: int,
        sign: float,
        departed: float,
        change: float,
        worlds: list[float],
        terms: Terms,
        found: Surprise | None,
    ) -> Surprise | None:
        """How rare a departure that is larger than usual is, and whether it is rarer than the one found so far."""
        tails = self.tails
        place = 2 * kind + (sign < 0)
        usual = tails.size(place)
        nearer, further, _ = self.ladder[kind]
        movements = self.world - self.worlds[nearer], self.world - self.worlds[further]
        # Whoever moves with the world may follow it more than known, whoever moves against it not at all.
        along, against = (max(0.0, *(way * each for each in movements)) for way in (sign, -sign))
        doubt = _DOUBT * along + _DOUBT_AGAINST * against
        left = departed - self.follow * against
        if self.notable and kind < 2:
            left -= self._last_year(time, sign)
        widened = doubt + self._counting() / 2
        if self.loose:
            widened += usual * (sqrt(1 + self.loose / 2) - 1)
        if self.step < DAY and kind >= self.home and self.learned * self.step < WEEK:
            widened += _UNKNOWN_WEEK
        share = tails.share(place, left, widened)
        if kind == 0 and share < SHARE / 3:
            self._note(time, sign, departed)
        wanted = terms.rises if sign > 0 else terms.drops
        rate = share * YEAR / self.step
        if kind > 1:
            rate *= len(self.ladder) - 2  # the slower kinds share what each of the first two has
        if rate * terms.entry >= 1 or not wanted or (wanted > 1 and kind == 0) or change < terms.least:
            if doubt < usual:
                tails.passed(place, departed)
            return found
        if found is not None and found.rate <= rate:
            return found
        return Surprise(sign, rate, kind, usual, (self.risen if sign > 0 else self.fallen) or time)

    def _learn(self, time: float, departure: float, clipped: float, tame: float) -> None:
        spread, world = self.spread, self.world
        weekly = clipped
        if self.far != self.home:
            weekly = tame - self.levels[self.far] - self.follow * (world - self.worlds[self.far])
            weekly = max(-_CLIP * spread, min(_CLIP * spread, weekly))
        self.shape.learn(time, clipped, weekly, self.learned)
        moved = world - self.worlds[self.home]
        if moved:
            with_world = departure + self.follow * moved
            most = _CLIP * spread + 2 * self.follow * abs(moved)
            with_world = max(-most, min(most, with_world))
            self.together = 0.998 * self.together + 0.3 * with_world * moved / spread**2
            self.moved = 0.998 * self.moved + 0.3 * moved**2 / spread**2
            weight = (_FOLLOW_WEIGHT * _FOLLOW + self.together) / (_FOLLOW_WEIGHT + self.moved)
            self.follow = max(0.0, min(_FOLLOW_MOST, weight))
        error = abs(departure)
        spread += 0.05 * (1.25 * error - spread) if error < _CLIP * spread else 0.02 * spread
        self.spread = max(spread, _FLOOR)
        self.learned += 1

    def _since(self, time: float, departure: float) -> None:
        """Remember since when it has been departing in one direction."""
        beyond = 1.5 * self.spread
        self.risen = (self.risen or time) if departure > beyond else 0.0
        self.fallen = (self.fallen or time) if departure < -beyond else 0.0

    def _counting(self) -> float:
        """The error of counting, where the values are counts."""
        return 1 / sqrt(max(expm1(self.levels[min(1, len(self.levels) - 1)]), 0.0) + 1) if self.unit == 1.0 else 0.0

    def _note(self, time: float, sign: float, departed: float) -> None:
        if self.step == DAY:
            kept = [each for each in self.notable if time - each[0] < _NOTABLE]
            self.notable = [*kept, [time, sign * min(departed, _NOTABLE_SIZE)]][-_NOTABLE_MOST:]

    def _last_year(self, time: float, sign: float) -> float:
        """How far it departed in this direction on the same date a year ago, give or take a day."""
        return max(
            (sign * size for at, size in self.notable if abs(time - at - 365.25 * DAY) < 2 * DAY and sign * size > 0),
            default=0.0,
        )


def scaled(value: float, unit: float = 1.0) -> float:
    """A level on the symmetric logarithmic scale."""
    return copysign(log1p(abs(value) / unit), value)


def unscaled(x: float, unit: float = 1.0) -> float:
    """The level that ``scaled`` gave ``x`` for."""
    return copysign(unit * expm1(abs(x)), x)
