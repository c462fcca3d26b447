"""What level a series should have now, and how rare it would be to see it depart so far by itself."""

from dataclasses import asdict, dataclass, field
from math import copysign, expm1, inf, sqrt
from statistics import median
from typing import Any

from tocsin.analysis.baselines.bands import Band
from tocsin.analysis.baselines.feasts import is_feast
from tocsin.analysis.baselines.shapes import DAY, WEEK, Shape
from tocsin.analysis.baselines.surprises import Surprise, Terms, scaled, unscaled
from tocsin.analysis.baselines.tails import FLOOR, SHARE, Tails

YEAR = 365.25 * DAY
_FIRST, _RATIO = 0.5, 4  # the fastest moving average, and how much slower each next one is
_LONGEST = 60 * DAY
_RUNS = (1.0, 2.0, 4.0)  # departures of the newest value, and of the mildest of the last two and four
_CLIP = 4.0
_TO_SIGMA = 1.4826  # makes a median absolute deviation comparable with a standard deviation
_SMALL = 1.4  # the first shape is fitted to two values a slot, which hides half of their variance
_FOLLOW, _FOLLOW_WEIGHT, _FOLLOW_MOST = 0.8, 4.0, 2.0
_DOUBT = 1.5  # how far the share in a world-wide movement may be wrong
_DOUBT_AGAINST = 0.3  # the same for a place that moves against the world
_USUAL_FIRST, _USUAL_SLOWEST = 1.5, 0.2
_UNKNOWN_WEEK = 0.1
_STALE = 30 * DAY
_FESTIVE = 4 * DAY  # averages over more than this hardly feel a holiday
_NOTABLE, _NOTABLE_MOST, _NOTABLE_SIZE = 800 * DAY, 40, 0.5
_NOTABLE_DOUBT = 0.3  # how far the same date may depart otherwise than a year ago


@dataclass(slots=True)
class Seasonal:
    """A ladder of moving averages over a shape of the day and week, each judged by its own past departures.

    Levels are compared on a logarithmic scale that also takes zero and negative numbers, so that a halving counts the
    same for a large and a small series. Rungs of the ladder average over 2, 8, 32, … intervals, up to about two
    months. A departure is how far something new leaves the range of two slower rungs: the newest value, the mildest of
    the last two and of the last four, and the averages up to a week. What only returns to where it was departs from
    nothing. Each kind of departure has its own ``Tails`` in each direction, which tell how many such departures a year
    the series makes by itself: autocorrelation, heavy tails and the noise of small numbers need no model of their own.
    Values enter the averages clipped to four usual deviations from the level of the last days, so one wild interval
    moves little; what was found to be rare enough to report moves nothing.

    A world-wide movement is taken out with the weight with which this series followed the world before (a shrunk
    regression). What is usual is widened by the part that this weight may be wrong by; a place that moves against the
    world is judged as if it did not follow. Around the slopes of a day an hour's doubt about the clock is granted;
    what departed on the same date last year departs less this year, and a public holiday of ``country`` may look like
    any day of the week. After a gap it is more careful for some intervals; after a month without data it learns the
    level anew. Only measured values are learned. ``step`` and times are in
    seconds, times since 1970.

    Moving averages at several rates: Lucas and Saccucci, "Exponentially weighted moving average control schemes",
    Technometrics 32 (1990); see ``Tails`` for the rates.
    """

    step: int
    country: str = ""
    unit: float = 0.0
    levels: list[float] = field(default_factory=list)
    worlds: list[float] = field(default_factory=list)
    tails: Tails = field(default_factory=lambda: Tails([], []))
    shape: Shape = field(default_factory=lambda: Shape(DAY))
    first: list[list[float]] = field(default_factory=list)
    notable: list[list[float]] = field(default_factory=list)
    spread: float = 0.1
    follow: float = _FOLLOW
    together: float = 0.0
    moved: float = 0.0
    world: float = 0.0
    worldly: bool = False
    before: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    risen: float = 0.0
    fallen: float = 0.0
    loose: float = 0.0
    learned: int = 0
    at: float = 0.0
    gains: tuple[float, ...] = ()
    ladder: tuple[tuple[int, int, float, bool], ...] = ()
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

        rungs = [
            (0, 1),
            (1, 2),
            (1, 2),
            *((each, each + 1) for each in range(1, len(gains) - 1) if self.step / gains[each - 1] <= WEEK),
        ]
        memories = [*_RUNS, *(1 / gain for gain in gains)]
        self.ladder = tuple(
            (one, two, memory, memory * self.step < DAY and self.step < DAY)
            for (one, two), memory in zip(rungs, memories, strict=False)
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
        self.before, self.times = [*self.before[1:], y], [*self.times[1:], time]
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
        self.before, self.times = [*self.before[1:], y], [*self.times[1:], time]
        return y - self.levels[rung] - self.follow * (self.world - self.worlds[rung])

    def rate(self, scale: int, sign: float, size: float) -> float:
        """How often a year a departure of this size would happen by itself."""
        share = self.tails.share(2 * scale + (sign < 0), size, self._counting() / 2)
        return share * self._chances(scale)

    def intervals_to_see_a_loss(self, terms: Terms) -> int | None:
        """Intervals after which a fall to zero that begins now would count; None if it never would."""
        after = self.at + self.step
        for scale, intervals in enumerate(_RUNS):
            depth = self.levels[self.ladder[scale][1]] - scaled(0.0, self.unit) + self.shape.at(after)
            if depth >= terms.least and self.rate(scale, -1.0, depth) * terms.entry < 1 and terms.drops <= intervals:
                return int(intervals)
        return None

    def own(self, scale: int, sign: float, size: float) -> None:
        """Learn a departure that was given as a surprise and proved to be one of the series' own."""
        self.tails.passed(2 * scale + (sign < 0), size)

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
        kept = saved["tails"]
        tails = Tails(
            usual=list(kept["usual"]),
            memory=list(kept["memory"]),
            intervals=kept["intervals"],
            last=list(kept["last"]),
            seen=list(kept["seen"]),
            excess=list(kept["excess"]),
        )
        shape = Shape(step, *(list(each) for each in saved["shape"]))
        lists = {name: list(saved[name]) for name in ("levels", "worlds", "before", "times")}
        pairs = {name: [list(each) for each in saved[name]] for name in ("first", "notable")}
        return cls(**{**saved, **lists, **pairs, "tails": tails, "shape": shape})

    def copy(self) -> "Seasonal":
        """Another one that knows the same."""
        return Seasonal.load(self.save())

    def _began(self, time: float, kind: int, sign: float, departed: float) -> float:
        """Since when it has departed: by half as much without a pause, or, for slow averages, visibly at all."""
        if kind >= len(_RUNS):
            return (self.risen if sign > 0 else self.fallen) or time
        level = self.levels[self._rung(kind)]
        for at, y in zip(reversed(self.times), reversed(self.before), strict=True):
            if sign * (y - level) < departed / 2:
                break
            time = at
        return time

    def _chances(self, kind: int) -> float:
        """How many independent intervals a year has, for a kind of departure.

        A slow average that departs does so for about its own memory, which is one event, not many. The slower kinds
        share what each of the first three has.
        """
        chances = YEAR / self.step / self.ladder[kind][2]
        return chances if kind < len(_RUNS) else chances * (len(self.ladder) - len(_RUNS))

    def _rung(self, scale: int) -> int:
        """The rung that a departure of this kind is measured from."""
        return 1 if scale < len(_RUNS) else self.ladder[scale][1]

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
            own = max(own, self._counting(), FLOOR)
            self.spread = (own * len(ys) + 0.15 * 6) / (len(ys) + 6)
            memory = [each for _one, _two, each, _short in self.ladder]
            usual = [self.spread * _USUAL_FIRST * max(sqrt(1 / each), _USUAL_SLOWEST) for each in memory]
            self.tails = Tails(_twice(usual), _twice(memory))
        self.before, self.times = ys[1 - int(_RUNS[-1]) :], times[1 - int(_RUNS[-1]) :]
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
        usual = tails.usual
        low = high = 0.0
        if self.shape.day:
            # Higher than any offset near in time, or lower than any: an hour's doubt about the clock.
            low, high = self.shape.around(time)
            low, high = offset - low, high - offset
        feast = self._festive(time)
        calmer, livelier = self.shape.week_around(time) if feast else (0.0, 0.0)
        before = self.before
        least, most = min(before), max(before)
        # Where a change must be confirmed, an average has moved by no more than the milder of the last two.
        mild_rise = min(y, before[-1]) if terms.rises > 1 else inf
        mild_drop = max(y, before[-1]) if terms.drops > 1 else -inf
        sizes = [y, y, y, *fresh]
        found: Surprise | None = None
        for kind, (nearer, further, memory, short) in enumerate(self.ladder):
            one, two, size = levels[nearer], levels[further], sizes[kind]
            if one < two:
                one, two = two, one
            up, down = (min(size, mild_rise), max(size, mild_drop)) if kind >= len(_RUNS) else (size, size)
            rise, drop = up - one, two - down
            if kind == 1:
                rise, drop = rise + min(before[-1] - y, 0.0), drop + min(y - before[-1], 0.0)
            elif kind == 2:
                rise, drop = rise + min(least - y, 0.0), drop + min(y - most, 0.0)
            if short:
                rise, drop = rise - high, drop - low
            if feast and memory * self.step <= _FESTIVE:
                rise, drop = rise - livelier, drop - calmer
            if rise > FLOOR and rise > usual[2 * kind]:
                found = self._weigh(time, kind, 1.0, rise, up - levels[further], worlds, terms, found)
            if drop > FLOOR and drop > usual[2 * kind + 1]:
                found = self._weigh(time, kind, -1.0, drop, levels[further] - down, worlds, terms, found)
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
        nearer, further, memory, _short = self.ladder[kind]
        movements = self.world - self.worlds[nearer], self.world - self.worlds[further]
        # Whoever moves with the world may follow it more than known, whoever moves against it not at all.
        along, against = (max(0.0, *(way * each for each in movements)) for way in (sign, -sign))
        doubt = _DOUBT * along + _DOUBT_AGAINST * against
        left = departed - self.follow * against
        widened = doubt + self._counting() / 2
        if kind == 0 and tails.share(place, left, widened) < SHARE / 3:
            self._note(time, sign, departed)
        if self.notable and memory <= _RUNS[-1]:
            again = self._last_year(time, sign)
            left, widened = left - again, widened + _NOTABLE_DOUBT * again
        if self.loose:
            widened += usual * (sqrt(1 + self.loose / 2) - 1)
        if self.step < DAY and self.ladder[kind][2] * self.step >= DAY / 2 and self.learned * self.step < WEEK:
            widened += _UNKNOWN_WEEK
        share = tails.share(place, left, widened)
        wanted = terms.rises if sign > 0 else terms.drops
        rate = share * self._chances(kind)
        if rate * terms.entry >= 1 or not wanted or (wanted > 1 and kind == 0) or change < terms.least:
            if doubt < usual:
                tails.passed(place, departed)
            return found
        if found is not None and found.rate <= rate:
            return found
        return Surprise(sign, rate, kind, usual, departed, self._began(time, kind, sign, departed))

    def _learn(self, time: float, departure: float, clipped: float, tame: float) -> None:
        spread, world = self.spread, self.world
        weekly = clipped
        if self.far != self.home:
            weekly = tame - self.levels[self.far] - self.follow * (world - self.worlds[self.far])
            weekly = max(-_CLIP * spread, min(_CLIP * spread, weekly))
        if not self._festive(time):
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
        self.spread = max(spread, FLOOR)
        self.learned += 1

    def _festive(self, time: float) -> bool:
        return bool(self.country) and self.step <= DAY and is_feast(self.country, time)

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


def _twice(values: list[float]) -> list[float]:
    """One value for each direction."""
    return [value for value in values for _ in range(2)]
