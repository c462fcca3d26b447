"""Names of countries, and of cities and peoples that stand for them, in all languages of CLDR."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers

from tocsin.analysis.text.lexicon import Sign, place_pattern

_VARIANTS = ("zh_Hant", "sr_Latn", "az_Cyrl", "uz_Cyrl", "pt_PT", "es_419", "bs_Cyrl")
_INFLECTED = frozenset(
    "ru uk be bg mk sr hr bs sl cs sk pl lt lv et fi hu tr az kk ky uz tk mn ka hy el la eu sq ro".split()
)
_NOT_COUNTRIES = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
# Places nobody lives in: their names are words or other places far more often.
_EMPTY = frozenset(("AQ", "BV", "GS", "HM", "TF", "UM", "IO"))
# Languages whose city names are read: those that the language model tells apart.
_CITY_LANGUAGES = frozenset(
    "en es fr pt de it nl sv da no fi pl cs sk hu ro bg uk ru be sr hr sl mk sq el tr az ka hy he ar fa ur ps hi bn ta te "
    "kn ml mr gu pa si ne th lo km my vi id ms fil ja ko zh am sw ha so zu xh af lt lv et kk ky uz mn ku ckb".split()
)
_CITY_TRAPS = frozenset(
    "Pacific/Easter Pacific/Midway Pacific/Wake Pacific/Chatham America/Marigot Indian/Reunion America/Nome "
    "America/Phoenix America/Toronto Pacific/Apia Africa/Lome America/Regina America/Resolute".split()
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


def place_entries() -> Iterator[tuple[str, Sign]]:
    """All patterns of places with their signs; the key of each is ISO 3166-1 alpha-2 (XK for Kosovo)."""
    for identifier in sorted(locale_identifiers()):
        if "_" not in identifier or identifier in _VARIANTS:
            yield from _from_cldr(identifier)
    yield from _from_own()


def _from_cldr(identifier: str) -> Iterator[tuple[str, Sign]]:
    locale = Locale.parse(identifier)
    language = locale.language
    languages, inflected = frozenset((language,)), language in _INFLECTED
    english = _english() if language != "en" else {}
    for code, name in locale.territories.items():
        if len(code) != 2 or code in _NOT_COUNTRIES or code in _EMPTY or code == name or english.get(code) == name:
            continue
        for part in _parts(name):
            made = place_pattern(part, "place", code, 1.0, languages, inflected)
            if made is not None:
                yield made
    if language in _CITY_LANGUAGES:
        yield from _cities(locale, languages, inflected)


def _cities(locale: Locale, languages: frozenset[str], inflected: bool) -> Iterator[tuple[str, Sign]]:
    territories = get_global("zone_territories")
    for zone, names in locale.time_zones.items():
        code, city = territories.get(zone, ""), names.get("city", "") if "city" in names else ""
        if city and code and zone not in _CITY_TRAPS and not zone.startswith("Antarctica"):
            made = place_pattern(city, "city", code, _CITY, languages, inflected)
            if made is not None:
                yield made


@cache
def _english() -> dict[str, str]:
    return dict(Locale("en").territories)


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


def _from_own() -> Iterator[tuple[str, Sign]]:
    own = _own()
    zones = get_global("zone_territories")
    for zone, code in zones.items():
        city = zone.rpartition("/")[2].replace("_", " ")
        if zone not in _CITY_TRAPS and zone.startswith(("Africa/", "America/", "Asia/", "Europe/")) and code:
            made = place_pattern(city, "city", code, _CITY, frozenset(("en",)), False)
            if made is not None and zone.count("/") == 1:
                yield made
    for section, kind, weight in (("name", "place", 1.0), ("city", "city", _CITY), ("demonym", "demonym", _DEMONYM)):
        for language, table in own.get(section, {}).items():
            languages = frozenset() if language == "any" else frozenset((language,))
            for code, listed in table.items():
                for name in listed.split("|"):
                    made = place_pattern(name, kind, code, weight, languages, language in _INFLECTED)
                    if made is not None:
                        yield made
