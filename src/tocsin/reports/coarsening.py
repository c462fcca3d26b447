"""Places and days made coarser where naming them could endanger people: a region for a country, a month for a day."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import cast

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances import regions
from tocsin.analysis.text.folding import Folded
from tocsin.analysis.text.gazetteer import place_entries
from tocsin.analysis.text.lexicon import Lexicon, place_entry
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
    """The countries of the list that a text names, also by a city or a people, in order of their codes.

    A city counts in any language, whatever the words around it are in.
    """
    codes = protected() if listed is None else listed
    found = {one.key for one in read(Text(title="", body=text)).places}
    found |= {one.sign.key for one in _cities().hits(Folded(text), "")}
    return tuple(sorted(found & set(codes)))


def told_in(text: str, language: str, listed: Collection[str] | None = None) -> tuple[str, ...]:
    """As ``told``, with the cities that CLDR names in this very language, under whatever name it keeps their zones."""
    codes = protected() if listed is None else listed
    found = set(told(text, codes))
    if (known := _cities_in(language)) is not None:
        found |= {one.sign.key for one in known.hits(Folded(text), "")} & set(codes)
    return tuple(sorted(found))


def without_cities(language: str, listed: Collection[str] | None = None) -> tuple[str, ...]:
    """The countries of the list of which no city is known by its name in this language: no check finds one there."""
    codes = protected() if listed is None else listed
    return tuple(sorted(set(codes) - {code for code, _city in _named_in(language)}))


@cache
def _cities() -> Lexicon:
    """Cities of all languages, each read in every language."""
    return Lexicon((pattern, "", meaning) for pattern, _language, meaning in place_entries() if meaning.kind == "city")


@cache
def _cities_in(language: str) -> Lexicon | None:
    made = [place_entry(city, "city", code, 1.0, "", inflected=False) for code, city in _named_in(language)]
    found = [one for one in made if one is not None]
    return Lexicon(found) if found else None


@cache
def _named_in(language: str) -> tuple[tuple[str, str], ...]:
    """Codes of countries with cities of theirs, as this language names those that stand for time zones."""
    try:
        zones = Locale.parse(language, sep="-").time_zones
    except (UnknownLocaleError, ValueError):
        return ()
    territories = cast("Mapping[str, str]", get_global("zone_territories"))
    aliases = cast("Mapping[str, str]", get_global("zone_aliases"))
    named = ((str(zone), zones[zone].get("city", "")) for zone in zones)
    coded = ((territories.get(zone) or territories.get(aliases.get(zone, ""), ""), city) for zone, city in named)
    return tuple((code, city) for code, city in coded if code and city)


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
