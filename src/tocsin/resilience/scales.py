"""The scales of the register, in words: likelihood, impact, vulnerability, and the bands of a level."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
BandName = Literal["extreme", "high", "medium", "low", "unrated"]

LIKELIHOOD: Mapping[int, Words] = {
    5: _("almost certain within a year"),
    4: _("likely within a year"),
    3: _("as likely as not within a year"),
    2: _("unlikely within a year"),
    1: _("very unlikely within a year"),
}
IMPACT: Mapping[int, Words] = {
    5: _("lives, or the end of the community"),
    4: _("liberty, or lasting harm to many"),
    3: _("serious harm to some, or work stops for months"),
    2: _("harm that heals, or work stops for weeks"),
    1: _("a nuisance"),
}
VULNERABILITY: Mapping[int, Words] = {
    5: _("nothing stands against it"),
    4: _("little stands against it"),
    3: _("some protection, with gaps"),
    2: _("good protection"),
    1: _("well protected, and practised"),
}


@dataclass(frozen=True, slots=True)
class Band:
    """A span of levels with its word and its shape."""

    key: BandName
    word: Words
    mark: str
    least: int
    most: int


BANDS: Final = (
    Band("extreme", _("extreme"), "▲▲", 15, 25),
    Band("high", _("high"), "▲", 10, 14),
    Band("medium", _("medium"), "■", 5, 9),
    Band("low", _("low"), "▼", 1, 4),
)
UNRATED: Final = Band("unrated", _("not rated yet"), "–", 0, 0)


def band(level: int) -> Band:
    """The band of a level, the product of likelihood and impact; 0 is not rated yet."""
    return next((one for one in BANDS if one.least <= level <= one.most), UNRATED)
