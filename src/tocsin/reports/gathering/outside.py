"""Words for readers outside: countries where naming them could endanger people are told as their region."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from tocsin.reports import coarsening
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.gathering import words

OUTSIDE = tuple(one.key for one in AUDIENCES.values() if one.outside)
BRIEF = tuple(one.key for one in AUDIENCES.values() if one.brief)


def named_outside(country: str, say: Callable[[str], str]) -> Mapping[str, str]:
    """The same sentence for each audience outside, with the place as it may be named there."""
    said = say(coarsening.named(country) if country else words.place(country))
    return dict.fromkeys(OUTSIDE, said)


def day_outside(when: date | datetime, country: str) -> str:
    """A day as it may be told outside: a month in a country that is not named."""
    return words.day(when) if not country or coarsening.place(country) == country else words.month(when)
