"""On which days something repeats, by a calendar's rule. Pure, and bounded: no rule makes it count its way anywhere.

Followed are rules by day, week, month or year with an interval, an end or a number of times: on some weekdays, on a day
of the month, or on such as the second Monday. Any other is not guessed at.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import count, takewhile
from typing import Final

MOST_TIMES: Final = 160
"""What happens more often than that in the window (every week of three years) is no occasion."""

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LARGEST: Final = 100_000
_KNOWN: Final = frozenset(("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST"))

Rule = Mapping[str, Sequence[str]]
Numbered = Iterator[tuple[int, date]]


def times(first: date, rule: Rule, window: tuple[date, date], *, out: Collection[date] = ()) -> list[date] | None:
    """The days in a window, both ends included, on which something begins that began on ``first``; None: the rule is
    not followed, or gives more than ``MOST_TIMES``.

    ``rule`` holds the parts of an RRULE in capitals, UNTIL as an ISO day. ``out`` are days that are left out.

    >>> window = date(2026, 1, 1), date(2026, 12, 31)
    >>> times(date(2020, 1, 6), {"FREQ": ["WEEKLY"], "INTERVAL": ["26"]}, window)
    [datetime.date(2026, 6, 22), datetime.date(2026, 12, 21)]

    Reference: RFC 5545, 3.3.10.
    """
    try:
        found = _numbered(first, rule, window[0])
        limit = _whole(rule, "COUNT", _LARGEST)
        until = date.fromisoformat(rule["UNTIL"][0]) if "UNTIL" in rule else date.max
    except (ValueError, IndexError):
        return None
    if found is None or ("COUNT" in rule and _may_skip(first, rule)):
        return None
    made: list[date] = []
    for number, day in found:
        if number >= limit or day > min(until, window[1]):
            break
        if day >= window[0] and day not in out:
            made.append(day)
            if len(made) > MOST_TIMES:
                return None
    return made


def _numbered(first: date, rule: Rule, begin: date) -> Numbered | None:
    """The days from about ``begin`` on, each with its number from 0; None for a rule that is not followed."""
    step, by = _whole(rule, "INTERVAL", 1), rule.get("BYDAY", ())
    if set(rule) - _KNOWN:
        return None
    match list(rule.get("FREQ", ())):
        case ["DAILY"] if _only(rule):
            return _by_days(first, step, [0], begin)
        case ["WEEKLY"] if _only(rule, "BYDAY"):
            offsets = sorted({(_DAYS.index(one) - first.weekday()) % 7 for one in by}) or [0]
            # Of several days in every second week, the first day of a week matters; that is not followed.
            return (
                _by_days(first, 7 * step, offsets, begin) if offsets[0] == 0 and (step == 1 or offsets == [0]) else None
            )
        case ["MONTHLY"] if _only(rule, "BYDAY") and len(by) == 1:
            return _by_months(first, step, _weekday_of(by[0]), begin)
        case ["MONTHLY"] if _only(rule, "BYMONTHDAY") and _is(rule, "BYMONTHDAY", first.day):
            return _by_months(first, step, _day_of(first.day), begin)
        case ["YEARLY"] if (
            _only(rule, "BYMONTH", "BYMONTHDAY")
            and _is(rule, "BYMONTH", first.month)
            and _is(rule, "BYMONTHDAY", first.day)
        ):
            return _by_months(first, 12 * step, _day_of(first.day), begin)
    return None


def _only(rule: Rule, *allowed: str) -> bool:
    return not {name for name in rule if name.startswith("BY")} - set(allowed)


def _is(rule: Rule, name: str, value: int) -> bool:
    """Whether a part says nothing but what the first day says already."""
    return name not in rule or list(rule[name]) == [str(value)]


def _whole(rule: Rule, name: str, default: int) -> int:
    """A number above nought.

    Raises:
        ValueError: for any other.
    """
    value = int(rule[name][0]) if name in rule else default
    if not 1 <= value <= _LARGEST * 10_000 or len(rule.get(name, "1")) != 1:
        raise ValueError(name)
    return min(value, _LARGEST)


def _may_skip(first: date, rule: Rule) -> bool:
    """Whether a month or year may lack the day, so that times can't be counted without walking."""
    fifth = any(one[:-2].lstrip("+-") == "5" for one in rule.get("BYDAY", ()))
    return fifth or (list(rule.get("FREQ", ())) != ["WEEKLY"] and rule.get("FREQ") != ["DAILY"] and first.day > 28)


def _by_days(first: date, period: int, offsets: Sequence[int], begin: date) -> Numbered:
    skipped = max(0, (begin - first).days // period)
    for turn in count(skipped):
        for place, offset in enumerate(offsets):
            days = turn * period + offset
            if days > (date.max - first).days:
                return
            yield turn * len(offsets) + place, first + timedelta(days=days)


def _by_months(first: date, step: int, pick: Callable[[int, int], date | None], begin: date) -> Numbered | None:
    if pick(first.year, first.month) != first:
        return None
    start = first.year * 12 + first.month - 1
    skipped = max(0, (begin.year * 12 + begin.month - 1 - start) // step)

    def found() -> Numbered:
        for turn in takewhile(lambda one: start + one * step < date.max.year * 12, count(skipped)):
            year, month = divmod(start + turn * step, 12)
            if (day := pick(year, month + 1)) is not None:
                yield turn, day

    return found()


def _day_of(day: int) -> Callable[[int, int], date | None]:
    def pick(year: int, month: int) -> date | None:
        try:
            return date(year, month, day)
        except ValueError:
            return None

    return pick


def _weekday_of(written: str) -> Callable[[int, int], date | None]:
    """Such as ``2MO`` or ``-1FR``.

    Raises:
        ValueError: for anything else.
    """
    weekday, nth = _DAYS.index(written[-2:]), int(written[:-2])
    if not 1 <= abs(nth) <= 5:
        raise ValueError(written)

    def pick(year: int, month: int) -> date | None:
        beyond = date(year + month // 12, month % 12 + 1, 1) if (year, month) < (date.max.year, 12) else date.max
        if nth > 0:
            opening = date(year, month, 1)
            day = opening + timedelta(days=(weekday - opening.weekday()) % 7 + 7 * (nth - 1))
        else:
            last = beyond - timedelta(days=1)
            day = last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-nth - 1))
        return day if (day.year, day.month) == (year, month) else None

    return pick
