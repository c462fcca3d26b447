"""Dates as texts write them, in the languages of CLDR, and what they mean on the day of publication."""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from babel.core import Locale, UnknownLocaleError

from tocsin.analysis.text.folding import Folded, fold_name
from tocsin.analysis.text.languages import CASED, UNSPACED
from tocsin.analysis.text.lexicon import script_of_name

FIRST_YEAR = 1800
_SHORT_MONTHS = frozenset(("en", "es", "fr", "pt", "de", "it", "nl", "id"))
# These languages bend the names of months and days: the stem is looked for, and any short ending may follow.
_BENT_LIST = "ru uk be bg pl cs sk hr sr sl mk lt lv et fi hu tr az kk ky uz tg mn ka hy el sq ro"
_BENT = frozenset(_BENT_LIST.split())
_ALSO = {"ar": ("ar", "ar_SY"), "ur": ("ur",), "zh": ("zh",)}
# The names of months that are words as well: only a capital, a day or a year beside them makes them months.
_WORDS = frozenset(("may", "march", "mars", "mai", "sun", "sat", "mon", "wed"))
_BUDDHIST = 543
# What the press writes beside the short forms of CLDR.
_ALSO_SHORT = {"en": {"Sept": 9}}


@dataclass(frozen=True, slots=True)
class Dated:
    """A date in a text: a span of the folded text, what it says, and how it says so.

    ``month`` and ``day`` are 0 where they are not said. ``how``: ``full``, ``month`` (with a year), ``day`` (the year
    from the publication), ``bare`` (a month alone), ``year``, ``weekday``, ``near`` (yesterday, today), ``week``,
    ``span`` (last month, this year), ``ago``.
    """

    start: int
    end: int
    year: int
    month: int
    day: int
    how: str


Maker = Callable[["re.Match[str]", date | None], "tuple[int, int, int, str] | None"]


def dates(text: Folded, language: str, published: date | None) -> list[Dated]:
    """All dates of a text in order; those that need the day of publication are left out without it.

    English dates are read in every language. Days after the publication are left out: they are no account of the past.
    """
    found: list[Dated] = []
    for spoken in dict.fromkeys((language, "en")):
        for pattern, maker in _patterns(spoken):
            for match in pattern.finditer(text.plain):
                made = maker(match, published)
                if made is not None and _fits(text, match, made[3]) and _past(made, published):
                    found.append(Dated(match.start(), match.end(), *made))
    found.sort(key=lambda one: (one.start, -one.end, -_said(one)))
    kept: list[Dated] = []
    reach = -1
    for one in found:
        if one.start >= reach - 1:
            kept.append(one)
            reach = one.end
    return kept


def _said(one: Dated) -> int:
    return (one.year > 0) + (one.month > 0) + (one.day > 0)


def _fits(text: Folded, match: re.Match[str], how: str) -> bool:
    """A word that may be a month's name is one if it is written with a capital letter, or beside a number."""
    if how != "bare" and how != "weekday":
        return True
    word = match.groupdict().get("month") or match.groupdict().get("weekday") or ""
    if script_of_name(word) not in CASED:
        return True
    place = match.start("month") if "month" in match.groupdict() else match.start("weekday")
    return text.capital(place) or word not in _WORDS


def _past(made: tuple[int, int, int, str], published: date | None) -> bool:
    year, month, day, _ = made
    if published is None:
        return FIRST_YEAR <= year <= 2100
    if year < FIRST_YEAR:
        return False
    return (year, month or 1, day or 1) <= (published.year, published.month, published.day)


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], Maker]]:
    """Patterns over folded text, with what makes a date of each match."""
    made: list[tuple[re.Pattern[str], Maker]] = []
    if language == "en":
        made.append((re.compile(r"(?<= )(?P<year>[12]\d{3}) (?P<month>\d\d?) (?P<day>\d\d?)(?=[ t])"), _ymd))
        made.append((re.compile(r"(?<= )(?P<day>\d\d?) (?P<month>\d\d?) (?P<year>(?:19|20|25)\d\d)(?= )"), _dmy))
        made.append((re.compile(r"(?<= )(?P<year>(?:18|19|20)\d\d)(?= )"), _year))
        day = r"(?P<month>\d\d?) ?[月월] ?(?:(?P<day>\d\d?) ?[日일])?"
        made.append((re.compile(rf"(?<![0-9])(?P<year>[12]\d{{3}}) ?[年년] ?(?:{day})?"), _cjk))
        made.append((re.compile(rf"(?<![0-9]){day}"), _cjk))
    months = _months(language)
    if months:
        made += _month_patterns(language, months)
    return [*made, *_weekdays(language), *_relative(language), *_ago(language)]


def _month_patterns(language: str, months: dict[str, int]) -> list[tuple[re.Pattern[str], Maker]]:
    names, edge = _alternatives(months), _edge(language)
    month = rf"{edge}(?P<month>{names}){_ending(language)}"
    day = r"(?P<day>\d\d?) ?(?:st|nd|rd|th|er|de|di|a|º|o|of|an|af)? "
    until = r"(?: (?:to |and |al |au |bis )?\d\d?(?:st|nd|rd|th)?)?"
    year = r"(?:of |de |del |nam |anno |year )?(?P<year>(?:1[89]|20|25)\d\d)"

    def named(match: re.Match[str], published: date | None) -> tuple[int, int, int, str] | None:
        given = match.groupdict()
        said = next(number for name, number in months.items() if given["month"].startswith(name))
        return _settle(int(given.get("year") or 0), said, int(given.get("day") or 0), published)

    both = re.compile(rf"(?<= ){day}(?:of |de )?{month.replace(edge, '', 1)} *(?:{year}(?![0-9]))?")
    first = re.compile(rf"{month} +(?P<day>\d\d?)(?:st|nd|rd|th)?(?= )(?:{until} +{year}(?![0-9]))?")
    alone = re.compile(rf"{month} *(?:{year}(?![0-9]))?")
    return [(both, named), (first, named), (alone, named)]


def _settle(year: int, month: int, day: int, published: date | None) -> tuple[int, int, int, str] | None:
    """A date as said, with its year from the publication where none is said: the last one that is past."""
    if year >= 2400:
        year -= _BUDDHIST
    if not 1 <= month <= 12 or not 0 <= day <= 31:
        return None
    if year:
        return year, month, day, "full" if day else "month"
    if published is None:
        return None
    year = published.year - ((month, day) > (published.month, published.day))
    return year, month, day, "day" if day else "bare"


def _ymd(match: re.Match[str], published: date | None) -> tuple[int, int, int, str] | None:
    return _settle(int(match["year"]), int(match["month"]), int(match["day"]), published)


def _dmy(match: re.Match[str], published: date | None) -> tuple[int, int, int, str] | None:
    day, month, year = (int(match[name]) for name in ("day", "month", "year"))
    if month > 12 >= day:
        day, month = month, day
    elif day <= 12 and day != month:
        return year, 0, 0, "year"  # which is the day and which the month, nobody can tell
    return _settle(year, month, day, published)


def _year(match: re.Match[str], _published: date | None) -> tuple[int, int, int, str] | None:
    return int(match["year"]), 0, 0, "year"


def _cjk(match: re.Match[str], published: date | None) -> tuple[int, int, int, str] | None:
    given = match.groupdict()
    year = int(given.get("year") or 0)
    if given["month"] is None:
        return year, 0, 0, "year"
    return _settle(year, int(given["month"]), int(given["day"] or 0), published)


def _weekdays(language: str) -> list[tuple[re.Pattern[str], Maker]]:
    locale = _locale(language)
    if locale is None:
        return []
    names = _stems(language, {locale.days["format"]["wide"][number]: number for number in range(7)}, 4)

    def passed(match: re.Match[str], published: date | None) -> tuple[int, int, int, str] | None:
        if published is None:
            return None
        said = next(number for name, number in names.items() if match["weekday"].startswith(name))
        day = published - timedelta(days=(published.weekday() - said) % 7)
        return day.year, day.month, day.day, "weekday"

    return [(re.compile(rf"{_edge(language)}(?P<weekday>{_alternatives(names)}){_ending(language)}"), passed)]


_SHIFTS: dict[str, Callable[[date], tuple[int, int, int, str]]] = {
    "yesterday": lambda d: (*_parts(d - timedelta(days=1)), "near"),
    "today": lambda d: (*_parts(d), "near"),
    "last_week": lambda d: ((d - timedelta(days=7)).year, (d - timedelta(days=7)).month, 0, "week"),
    "last_month": lambda d: (*_before(d, 1), 0, "span"),
    "this_month": lambda d: (d.year, d.month, 0, "span"),
    "last_year": lambda d: (d.year - 1, 0, 0, "span"),
    "this_year": lambda d: (d.year, 0, 0, "span"),
}


def _relative(language: str) -> Iterator[tuple[re.Pattern[str], Maker]]:
    for name, written in _words().get(language, {}).items():
        phrases = [fold_name(phrase) for phrase in written.split("|")]
        shift = _SHIFTS[name]

        def told(
            match: re.Match[str],
            published: date | None,
            shift: Callable[[date], tuple[int, int, int, str]] = shift,
        ) -> tuple[int, int, int, str] | None:
            return None if published is None else shift(published)

        yield re.compile(f"{_edge(language)}(?:{_alternatives(phrases)}){_closing(language)}"), told


def _ago(language: str) -> Iterator[tuple[re.Pattern[str], Maker]]:
    """ "3 days ago", from the patterns that CLDR has for every language."""
    locale = _locale(language)
    fields: Any = locale._data.get("date_fields", {}) if locale is not None else {}
    for unit in ("day", "week", "month", "year"):
        if unit not in fields or "past" not in fields[unit]:
            continue
        phrases = {str(phrase) for phrase in dict(fields[unit]["past"]).values() if "{0}" in str(phrase)}
        for phrase in sorted(phrases):
            before, _, after = (fold_name(part) for part in phrase.partition("{0}"))
            pattern = rf"{_edge(language)}{re.escape(before)} ?(?P<n>\d\d?) ?{re.escape(after)}{_closing(language)}"

            def past(
                match: re.Match[str], published: date | None, unit: str = unit
            ) -> tuple[int, int, int, str] | None:
                return None if published is None else _back(published, unit, int(match["n"]))

            yield re.compile(pattern.replace(r"\ ", " +")), past


def _back(day: date, unit: str, n: int) -> tuple[int, int, int, str]:
    if unit in ("day", "week"):
        then = day - timedelta(days=n * (7 if unit == "week" else 1))
        return then.year, then.month, then.day if unit == "day" else 0, "ago"
    if unit == "month":
        return (*_before(day, n), 0, "ago")
    return day.year - n, 0, 0, "ago"


def _before(day: date, months: int) -> tuple[int, int]:
    passed = day.year * 12 + day.month - 1 - months
    return passed // 12, passed % 12 + 1


def _parts(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


@cache
def _words() -> dict[str, dict[str, str]]:
    text = (files("tocsin.analysis.text.persecution") / "times.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return None


@cache
def _months(language: str) -> dict[str, int]:
    """Folded names or stems of months with their numbers, the longest first."""
    named: dict[str, int] = {}
    for code in _ALSO.get(language, (language,)):
        locale = _locale(code)
        if locale is None or language in ("zh", "ja", "ko"):
            continue
        widths = ("wide", "abbreviated") if language in _SHORT_MONTHS else ("wide",)
        for number in range(1, 13):
            for form in ("format", "stand-alone"):
                for width in widths:
                    named.setdefault(str(locale.months[form][width][number]), number)
    return _stems(language, named | _ALSO_SHORT.get(language, {}), 3)


def _stems(language: str, named: dict[str, int], fewest: int) -> dict[str, int]:
    stems: dict[str, int] = {}
    for name, number in named.items():
        folded = fold_name(name)
        if len(folded) < 2 or folded.isdigit():
            continue
        if language in _BENT and len(folded) > fewest:
            folded = folded[:-1] if len(folded) <= 5 else folded[:-2]
        stems.setdefault(folded, number)
    return dict(sorted(stems.items(), key=lambda pair: (-len(pair[0]), pair[0])))


def _alternatives(names: Any) -> str:
    return "|".join(re.escape(name).replace(r"\ ", " +") for name in sorted(names, key=lambda n: (-len(n), n)))


def _script(language: str) -> str:
    locale = _locale(language)
    return script_of_name(str(locale.months["format"]["wide"][5])) if locale is not None else ""


def _edge(language: str) -> str:
    """What must stand before a word: a space, unless the script has none or attaches words to each other."""
    script = _script(language)
    if script in UNSPACED or language in ("zh", "ja"):
        return ""
    return r"(?:(?<= )|(?<= [الوبفלבהמש])|(?<= ال)|(?<= وال))" if script in ("Arab", "Hebr") else "(?<= )"


def _ending(language: str) -> str:
    if language in _BENT:
        return r"\w{0,5}(?= )"
    return _closing(language)


def _closing(language: str) -> str:
    script = _script(language)
    return "" if script in UNSPACED or language in ("zh", "ja", "ko") else "(?= )"
