"""Places and days made coarser where naming them could endanger people: a region for a country, a month for a day."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances import regions
from tocsin.analysis.text.reading import Text, read
from tocsin.audit.actions import record
from tocsin.lib import territories
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports.gathering import words
from tocsin.reports.models import ProtectedList
from tocsin.reports.refusals import RefusedError, refuse_unseen

_FILE = Path(__file__).with_name("protected_countries.toml")


@dataclass(frozen=True, slots=True)
class Shipped:
    """The list that comes with Tocsin: its codes (ISO 3166), where it is from, and of when."""

    codes: frozenset[str]
    source: str
    as_of: str


@cache
def shipped() -> Shipped:
    """The list that holds until a lead writes another."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Shipped(frozenset(told["codes"].split()), told["source"], told["as_of"])


def newest() -> ProtectedList | None:
    """What a lead wrote last."""
    return ProtectedList.objects.select_related("by").order_by("-pk").first()


def protected() -> frozenset[str]:
    """The countries that no reader outside sees named."""
    row = newest()
    return frozenset(row.codes) if row is not None else shipped().codes


def place(code: str, listed: Collection[str] | None = None) -> str:
    """The same country, or the region of UN M49 that stands for it; the world for one that belongs to none.

    ``listed`` spares looking the list up again.
    """
    if code not in (protected() if listed is None else listed):
        return code
    return regions.covering(code) or regions.WORLD


def named(code: str, language: str = "") -> str:
    """What a country may be called outside: its name, or its region's."""
    coarse = place(code)
    if coarse == code:
        return words.place(code)
    return region(coarse, language)


def region(code: str, language: str = "") -> str:
    """The name of a region of UN M49."""
    return regions.place_names([], [code], language or get_language() or "en")[0]


def moment(at: datetime, code: str) -> str:
    """A day as it may be told outside; a month in a country that is not named."""
    return words.day(at) if place(code) == code else words.month(at)


def told(text: str, listed: Collection[str] | None = None) -> tuple[str, ...]:
    """The countries of the list that a text names, also by a city or a people, in order of their codes."""
    codes = protected() if listed is None else listed
    return tuple(sorted({one.key for one in read(Text(title="", body=text)).places} & set(codes)))


def coarsened(text: str, codes: Collection[str]) -> str:
    """A text in which the region of each of these countries stands where it named the country, a city or its people."""
    if not codes:
        return text
    kept, last = [], 0
    # Mentions are counted from the empty title on, which a line break ends.
    for one in sorted(read(Text(title="", body=text)).places, key=lambda each: (each.start, -each.end)):
        start, end = one.start - 1, one.end - 1
        if one.key in codes and start >= last:
            kept += [text[last:start], region(place(one.key, codes))]
            last = end
    return "".join([*kept, text[last:]])


def change(by: Person, codes: Collection[str], reason: str) -> ProtectedList:
    """Write another list. It holds at once for all that is drawn up from now on; what left does not come back.

    Raises:
        RefusedError: when this person may not, says no reason, or names what is no country.
    """
    if not (by.may(Right.RELEASE) and by.may(Right.DUTY)):
        raise RefusedError(_("Only whoever leads changes this list."))
    refuse_unseen(reason)
    wrong = sorted(set(codes) - territories.TERRITORIES)
    if wrong:
        raise RefusedError(_("No country has these codes: %(codes)s.") % {"codes": ", ".join(wrong)[:100]})
    if not reason.strip():
        raise RefusedError(_("Say why. Whoever is taken off this list can be seen outside."))
    with transaction.atomic():
        row = ProtectedList.objects.create(codes=sorted(codes), reason=reason.strip()[:300], by=by, at=clock.now())
        record(by.pk, "report.protected", f"protected:{row.pk}", countries=len(row.codes))
    return row
