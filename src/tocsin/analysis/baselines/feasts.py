"""Which days are public holidays of a country: computed, also those that move with the moon."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from holidays import country_holidays
from holidays.registry import COUNTRIES

from tocsin.analysis.baselines.shapes import DAY

_KNOWN = frozenset(one[1] for one in COUNTRIES.values())


@dataclass(frozen=True, slots=True)
class Feast:
    """A public holiday, named in English."""

    day: date
    name: str


def feasts(country: str, first: date, last: date) -> tuple[Feast, ...]:
    """The public holidays of a whole country from ``first`` to ``last``; none where they are not known."""
    found = (one for year in range(first.year, last.year + 1) for one in _of_year(country, year))
    return tuple(one for one in found if first <= one.day <= last)


def is_feast(country: str, time: float) -> bool:
    """Whether an interval that begins at ``time``, in seconds since 1970, begins on a public holiday in UTC."""
    return int(time // DAY) in _days(country, datetime.fromtimestamp(time, UTC).year)


@lru_cache(maxsize=4_096)
def _days(country: str, year: int) -> frozenset[int]:
    return frozenset((one.day - date(1970, 1, 1)).days for one in _of_year(country, year))


@lru_cache(maxsize=4_096)
def _of_year(country: str, year: int) -> tuple[Feast, ...]:
    if country not in _KNOWN:
        return ()
    found = country_holidays(country, years=[year], language="en_US")
    return tuple(Feast(day, name) for day, name in sorted(found.items()))
