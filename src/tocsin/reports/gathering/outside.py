"""Words for readers outside: places made coarser where naming them could endanger people."""

from collections.abc import Callable, Mapping

from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.gathering import words

OUTSIDE = tuple(one.key for one in AUDIENCES.values() if one.outside)


def named_outside(country: str, say: Callable[[str], str]) -> Mapping[str, str]:
    """The same sentence for each audience outside, with the place as it may be named there."""
    said = say(words.place(country))
    return dict.fromkeys(OUTSIDE, said)
