"""Numbers as languages write them, and whether two texts say the same ones, each as often.

A shape that two languages read differently keeps both readings: "1.500" is a thousand and a half in one and one and a
half, told to the thousandth, in another.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_POINTS: Final = ".,\u066b\u060c"
_GROUPS: Final = "'’\u066c"
_SPACES: Final = " \u00a0\u202f\u2009"
_FOUND: Final = re.compile(
    rf"(?P<date>\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d)|\d{{1,2}}([-/.])\d{{1,2}}\2\d{{4}}(?!\d))"
    r"|(?P<month>\d{1,2}(?=\s?(?:月|월))|(?<=tháng )\d{1,2}(?!\d))"
    rf"|(?P<spaced>\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?!\d)(?:[.,\u066b]\d+)?)"
    rf"|\d+(?:[{_POINTS}{_GROUPS}]\d+)*"
)
# Beyond this many ways to read two texts, each further number is read in its first way alone.
_MOST: Final = 4096

Reading = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it is written, and every way to read it: plain ASCII digits, "." before decimals."""

    written: str
    readings: tuple[Reading, ...]


def numerals(text: str) -> tuple[Numeral, ...]:
    """The numbers of a text in their order; one that stands twice is there twice."""
    return tuple(Numeral(one.group(), tuple(dict.fromkeys(_readings(one)))) for one in _FOUND.finditer(text))


def differing(original: str, version: str) -> tuple[list[str], list[str]]:
    """What the original alone says and what the version alone says, as written there, in the readings that agree best.

    Digits of any script, groups and decimals of any language, and a month in digits or as a word are the same.
    """
    ours, theirs = numerals(original), numerals(version)
    states: dict[frozenset[tuple[str, int]], None] = {frozenset(): None}
    for numeral, sign in (*((one, 1) for one in ours), *((one, -1) for one in theirs)):
        readings = numeral.readings if len(states) * len(numeral.readings) <= _MOST else numeral.readings[:1]
        states = {_moved(dict(state), reading, sign): None for state in states for reading in readings}
    best = dict(min(states, key=lambda state: (sum(abs(n) for _one, n in state), sorted(state))))
    return _written(ours, {key: n for key, n in best.items() if n > 0}), _written(
        theirs, {key: -n for key, n in best.items() if n < 0}
    )


def _moved(state: dict[str, int], reading: Reading, sign: int) -> frozenset[tuple[str, int]]:
    for one in reading:
        state[one] = state.get(one, 0) + sign
    return frozenset((key, n) for key, n in state.items() if n)


def _written(numbers: tuple[Numeral, ...], left: Mapping[str, int]) -> list[str]:
    """How numbers that are left over are written; those that stand more often come last in the text."""
    found, open_ = [], Counter(left)
    for numeral in reversed(numbers):
        if any(open_[one] > 0 for reading in numeral.readings for one in reading):
            found.append(numeral.written)
            open_.subtract({one for reading in numeral.readings for one in reading if open_[one] > 0})
    return found[::-1]


def _readings(found: re.Match[str]) -> list[Reading]:
    said = "".join(str(unicodedata.digit(one)) if one.isdecimal() else one for one in found.group())
    if found["date"]:
        parts = [_whole(one) for one in re.split(r"[-/.]", said)]
        # Whichever of the two is the month, the other text may say it as a word.
        days = parts[1:] if len(parts[0]) == 4 else parts[:2]
        year = parts[0] if len(parts[0]) == 4 else parts[2]
        return [(*days, year), *((day, year) for day, month in (days, days[::-1]) if int(month) <= 12)]
    if found["month"]:
        return [(_whole(said),), ()]
    if found["spaced"]:
        first, *rest = re.split(f"[{_SPACES}]", said)
        whole, point, decimals = re.sub("[,\u066b]", ".", re.sub(f"[{_SPACES}]", "", said)).partition(".")
        return [(_whole(whole) + point + decimals,), tuple(each for one in (first, *rest) for each in _plain(one)[0])]
    return _plain(said)


def _plain(said: str) -> list[Reading]:
    groups = re.split(f"[{_POINTS}{_GROUPS}]", said)
    marks = [one for one in said if not one.isdecimal()]
    if not marks:
        return [(_whole(said),)]
    apart = tuple(_whole(one) for one in groups)
    if len(marks) == 1:
        return _once(groups, marks[0], apart)
    if len(set(marks)) == 1:
        if _grouped(groups):
            return [(_whole("".join(groups)),)]
        return [(".".join(groups),)] if marks[0] == "." else [apart]
    if len(set(marks[:-1])) == 1 and marks[-1] != marks[0] and marks[-1] in _POINTS and _grouped(groups[:-1]):
        return [(f"{_whole(''.join(groups[:-1]))}.{groups[-1]}",)]
    return [apart]


def _once(groups: list[str], mark: str, apart: Reading) -> list[Reading]:
    decimal = (f"{_whole(groups[0])}.{groups[1]}",)
    grouped = (_whole("".join(groups)),)
    if mark in _GROUPS:
        return [grouped] if _grouped(groups) else [apart]
    if mark == "\u066b" or not _grouped(groups):
        # Hours and minutes, which others part by a colon.
        clock = len(groups[1]) == 2 and len(groups[0]) == 2 and int(groups[0]) < 24 and int(groups[1]) < 60
        return [decimal, apart] if clock and mark == "." else [decimal]
    return [grouped, decimal]


def _grouped(groups: list[str]) -> bool:
    """Whether groups of digits are thousands, or the lakhs and crores of South Asia."""
    first, *middle, last = groups
    return 1 <= len(first) <= 3 and first[0] != "0" and len(last) == 3 and all(len(one) in {2, 3} for one in middle)


def _whole(digits: str) -> str:
    return digits.lstrip("0") or "0"
