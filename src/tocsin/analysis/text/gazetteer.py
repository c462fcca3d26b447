"""Names of countries, and of cities and peoples that stand for them, in all languages of CLDR."""

import pickle
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel.core import get_global
from babel.localedata import locale_identifiers, resolve_locale_filename

from tocsin.analysis.text.lexicon import Entry, place_entry


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_VARIANTS = ("zh_Hant", "sr_Latn", "az_Cyrl", "uz_Cyrl", "pt_PT", "es_419", "bs_Cyrl")
_INFLECTED = _set("ru uk be bg mk sr hr bs sl cs sk pl lt lv et fi hu tr az kk ky uz tk mn ka hy el la eu sq ro")
_NOT_COUNTRIES = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
# Places nobody lives in: their names are words or other places far more often.
_EMPTY = frozenset(("AQ", "BV", "GS", "HM", "TF", "UM", "IO"))
# Languages whose city names are read: those that the language model tells apart.
_CITY_LANGUAGES = _set(
    "en es fr pt de it nl sv da no fi pl cs sk hu ro bg uk ru be sr hr sl mk sq el tr az ka hy he ar fa ur ps hi bn ta "
    "te kn ml mr gu pa si ne th lo km my vi id ms fil ja ko zh am sw ha so zu xh af lt lv et kk ky uz mn ku ckb"
)
_CITY_TRAPS = _set(
    "Pacific/Easter Pacific/Midway Pacific/Wake Pacific/Chatham America/Marigot Indian/Reunion America/Nome "
    "America/Phoenix America/Toronto Pacific/Apia Africa/Lome America/Regina America/Resolute"
)
_CITY = 0.7
_DEMONYM = 0.8


@cache
def _own() -> dict[str, Any]:
    return tomllib.loads((files("tocsin.analysis.text") / "gazetteer.toml").read_text("utf-8"))


def traps() -> dict[str, dict[str, Any]]:
    """Names that mean something else as often: by folded name, what supports the country and what the rival."""
    found: dict[str, dict[str, Any]] = _own()["trap"]
    return found


def place_entries() -> Iterator[Entry]:
    """All patterns of places with their signs; the key of each is ISO 3166-1 alpha-2 (XK for Kosovo)."""
    for identifier in sorted(locale_identifiers()):
        if "_" not in identifier or identifier in _VARIANTS:
            yield from _from_cldr(identifier)
    yield from _from_own()


def _from_cldr(identifier: str) -> Iterator[Entry]:
    data = _locale(identifier)
    language = identifier.partition("_")[0]
    inflected = language in _INFLECTED
    # English names are read in every language: the same name again tells nothing new.
    english = _english() if language != "en" and not inflected else {}
    for code, name in data.get("territories", {}).items():
        if len(code) != 2 or code in _NOT_COUNTRIES or code in _EMPTY or code == name or english.get(code) == name:
            continue
        for part in _parts(name):
            made = place_entry(part, "place", code, 1.0, language, inflected=inflected)
            if made is not None:
                yield made
    if language not in _CITY_LANGUAGES:
        return
    territories = get_global("zone_territories")
    for zone, names in data.get("time_zones", {}).items():
        code, city = territories.get(zone, ""), names.get("city", "")
        if city == zone.rpartition("/")[2].replace("_", " ") and not inflected:
            continue
        if city and code and zone not in _CITY_TRAPS and not zone.startswith("Antarctica"):
            made = place_entry(city, "city", code, _CITY, language, inflected=inflected)
            if made is not None:
                yield made


def _locale(identifier: str) -> dict[str, Any]:
    """What Babel holds of one locale, without what it inherits: a name that a language lacks is English there.

    Babel's own loader would keep all of it in memory, more than 100 MB; these are files of the installed package.
    """
    data: dict[str, Any] = pickle.loads(Path(resolve_locale_filename(identifier)).read_bytes())  # noqa: S301
    return data


@cache
def _english() -> dict[str, str]:
    names: dict[str, str] = _locale("en")["territories"]
    return names


def _parts(name: str) -> list[str]:
    """A name as written, and without or from within its brackets: "Myanmar (Burma)" gives three."""
    for opening, closing in (("(", ")"), ("（", "）")):
        if opening in name and closing in name:
            before, _, rest = name.partition(opening)
            inside = rest.partition(closing)[0]
            parts = [name, before.strip()]
            if len(inside) > 4:
                parts.append(inside.strip())
            # "Congo (Kinshasa)": what stands before the bracket is two countries' name.
            return [name] if before.strip().lower()[:4] in ("cong", "kong", "конг", "الكو", "刚果", "剛果") else parts
    return [name]


def _from_own() -> Iterator[Entry]:
    for zone, code in get_global("zone_territories").items():
        region, _, city = zone.partition("/")
        if code and region in ("Africa", "America", "Asia", "Europe") and zone not in _CITY_TRAPS and "/" not in city:
            made = place_entry(city.replace("_", " "), "city", code, _CITY, "en", inflected=False)
            if made is not None:
                yield made
    own = _own()
    for section, kind, weight in (("name", "place", 1.0), ("city", "city", _CITY), ("demonym", "demonym", _DEMONYM)):
        for listed_for, table in own.get(section, {}).items():
            language = "" if listed_for == "any" else listed_for
            for code, listed in table.items():
                for name in listed.split("|"):
                    made = place_entry(name, kind, code, weight, language, inflected=language in _INFLECTED)
                    if made is not None:
                        yield made
