"""When it happened: of all dates in a text the one that the event most likely has; none is an answer."""

from dataclasses import dataclass
from datetime import date
from math import log1p

from tocsin.analysis.text.persecution.account import Span, Value
from tocsin.analysis.text.persecution.dates import Dated
from tocsin.analysis.text.persecution.seeing import Seen
from tocsin.analysis.text.persecution.weights import Weights

_MOST = 40
_MOST_SPANS = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """A date that the event may have, with its features; ``dated`` is None for the day of publication itself."""

    dated: Dated | None
    year: int
    month: int
    day: int
    features: dict[str, float]


def moments(seen: Seen) -> list[Moment]:
    """Candidates: the dates of the text, the first forty of them, and the publication."""
    listed = seen.dates[:_MOST]
    found = [
        Moment(one, one.year, one.month, one.day, _features(seen, one, number, len(listed)))
        for number, one in enumerate(listed)
    ]
    if seen.published is not None:
        day = seen.published
        none = {"how:published": 1.0, "how:published:alone": float(not listed), "one": 1.0}
        none["published:full"] = float(any(one.how in ("full", "month", "year") for one in listed))
        found.append(Moment(None, day.year, day.month, 0, none | {"place": 1.0}))
    return found


def _features(seen: Seen, one: Dated, number: int, all_: int) -> dict[str, float]:
    told = {f"how:{one.how}": 1.0, f"zone:{seen.zone(one.start)}": 1.0, "one": 1.0}
    told["first"] = float(number == 0)
    told["alone"] = float(all_ == 1)
    told["later"] = min(number, 10) / 10
    told["place"] = min(1.0, one.start / max(1, len(seen.text.plain)))
    near = seen.nearest((one.start + one.end) // 2)
    for least in (40, 80, 160):
        told[f"near:{least}"] = float(near < least)
    for hit in seen.acts:
        if abs(hit.start - one.start) < 90:
            told[f"act:{hit.sign.key}"] = 1.0
    if seen.published is not None:
        told[f"ago:{_ago(one, seen.published)}"] = 1.0
        told[f"ago:{_ago(one, seen.published)}:{one.how}"] = 1.0
    if seen.zone(one.start) == "lead" and near < 80:
        told["lead:near"] = 1.0
    # "on Monday (March 2)" near the very beginning is more often the day of the report than of the event.
    told["dateline"] = float(one.start < seen.title + 60)
    return told


def _ago(one: Dated, published: date) -> str:
    days = (published.year - one.year) * 365 + (published.month - (one.month or published.month)) * 30
    days += published.day - (one.day or published.day)
    for name, most in (("day", 1), ("week", 8), ("month", 35), ("year", 370), ("years", 1500), ("decade", 5000)):
        if days <= most:
            return name
    return "long"


def when(seen: Seen, weights: Weights) -> tuple[Value | None, Value | None, Value | None]:
    """Year, month and day, each with its own confidence; a day only within a month, a month only within a year."""
    found = moments(seen)
    year = chosen(found, "year", weights)
    within = [one for one in found if year is None or one.year == int(year[0])]
    month = chosen([one for one in within if one.month], "month", weights)
    within = [one for one in within if month is not None and one.month == int(month[0])]
    day = chosen([one for one in within if one.day], "day", weights)
    return _value(seen, year, "year", weights), _value(seen, month, "month", weights), _value(seen, day, "day", weights)


Choice = tuple[str, float, tuple[Moment, ...]]
_EXPLICIT = ("full", "month", "year")
_SAID = ("full", "month", "year", "day", "bare")


@dataclass(frozen=True, slots=True)
class Pool:
    """All moments with one value of a unit, and their features together."""

    value: int
    moments: tuple[Moment, ...]
    features: dict[str, float]


def pools(found: list[Moment], unit: str) -> list[Pool]:
    """The values of a unit, each with what all its moments say together and how it stands among the others."""
    by: dict[int, list[Moment]] = {}
    for one in found:
        if getattr(one, unit):
            by.setdefault(getattr(one, unit), []).append(one)
    counts = {value: len([one for one in ones if one.dated is not None]) for value, ones in by.items()}
    said = [value for value, ones in by.items() if any(_how(one) in _SAID for one in ones)]
    nearest = {value: max(one.features.get("near:40", 0.0) + one.features.get("near:80", 0.0) for one in ones)
               for value, ones in by.items()}  # fmt: skip
    made = []
    for value, ones in by.items():
        told: dict[str, float] = {"one": 1.0}
        for one in ones:
            for name, number in one.features.items():
                told[name] = max(told.get(name, 0.0), number)
        told["place"] = min((one.features["place"] for one in ones if one.dated is not None), default=1.0)
        told["times"] = log1p(counts[value])
        told["times:most"] = float(counts[value] == max(counts.values()))
        told["times:part"] = counts[value] / (sum(counts.values()) or 1)
        told["said"] = float(value in said)
        told["said:only"] = float(said == [value])
        told["said:first"] = float(said[:1] == [value])
        told["said:none"] = float(not said)
        told["said:times"] = log1p(sum(_how(one) in _SAID for one in ones))
        told["explicit:times"] = log1p(sum(_how(one) in _EXPLICIT for one in ones))
        told["day:said"] = float(any(one.day and _how(one) in _SAID for one in ones))
        told["others"] = log1p(len(by))
        told["nearest"] = float(nearest[value] == max(nearest.values()) > 0)
        told["newest"] = float(value == max(by))
        made.append(Pool(value, tuple(ones), told))
    return made


def _how(one: Moment) -> str:
    return one.dated.how if one.dated is not None else ""


def chosen(found: list[Moment], unit: str, weights: Weights) -> Choice | None:
    """The value that most speaks for, how strongly, and the moments that say it; threshold not yet applied."""
    model = weights.models[f"when:{unit}"]
    scored = [(model.probability(pool.features), pool) for pool in pools(found, unit)]
    if not scored:
        return None
    sure, best = max(scored, key=lambda pair: (pair[0], -pair[1].value))
    ordered = sorted(best.moments, key=lambda one: -model.probability(one.features))
    return str(best.value), sure, tuple(ordered)


def _value(seen: Seen, choice: Choice | None, unit: str, weights: Weights) -> Value | None:
    if choice is None or choice[1] < weights.thresholds[f"when:{unit}"]:
        return None
    spans: list[Span] = [seen.span(one.dated.start, one.dated.end) for one in choice[2] if one.dated is not None][
        :_MOST_SPANS
    ]
    return Value(choice[0], round(choice[1], 3), tuple(spans))
