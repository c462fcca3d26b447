"""Names of countries in all languages of CLDR, and of regions, cities and peoples that stand for them."""

import pickle
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel.core import get_global
from babel.localedata import locale_identifiers, resolve_locale_filename

from tocsin.analysis.text.folding import fold, fold_name
from tocsin.analysis.text.languages import UNSPACED
from tocsin.analysis.text.lexicon import Entry, place_entry


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_VARIANTS = ("zh_Hant", "sr_Latn", "az_Cyrl", "uz_Cyrl", "pt_PT", "es_419", "bs_Cyrl")
_INFLECTED = _set("ru uk be bg mk sr hr bs sl cs sk pl lt lv et fi hu tr az kk ky uz tk mn ka hy el la eu sq ro")
_NOT_COUNTRIES = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
# Languages whose city names are read: those that the language model tells apart.
_CITY_LANGUAGES = _set(
    "en es fr pt de it nl sv da no fi pl cs sk hu ro bg uk ru be sr hr sl mk sq el tr az ka hy he ar fa ur ps hi bn ta "
    "te kn ml mr gu pa si ne th lo km my vi id ms fil ja ko zh am sw ha so zu xh af lt lv et kk ky uz mn ku ckb"
)
_CITY_TRAPS = _set(
    "Pacific/Easter Pacific/Midway Pacific/Wake Pacific/Chatham America/Marigot Indian/Reunion America/Nome "
    "America/Phoenix America/Toronto Pacific/Apia Africa/Lome America/Regina America/Resolute"
)
# Languages whose names of countries are read in texts of other languages too, if they are not short.
_LARGE = _CITY_LANGUAGES | {"", "eu", "br", "eo", "gl", "ca", "is", "ga", "cy", "nn", "tg", "be", "bs"}
# Written in Arabic letters, but without the short words that Arabic attaches before a name.
_UNPREFIXED = _set("fa ur ps ckb sd ks mzn lrc pnb ug trw bal")
# What stands before the bracket of these names is another country's name too; what stands within these is a name.
_SHARED = _set("CD CG VI VG MF SX UM VA")
_ALSO_INSIDE = _set("MM TL CI FK")
# Short words of CLDR's names, and how people write them.
_IN_FULL: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (("St. ", "Saint "), ("&", "and"), ("U.S. ", "US ")),
    "ru": (("о-ва", "острова"), ("о-в", "остров")),
    "de": (("St. ", "Sankt "), ("St. ", "Saint "), ("ß", "ss")),
    "da": (("Den ", ""), ("De ", "")),
    "no": (("Den ", ""), ("De ", "")),
    "it": (("Repubblica ", "Rep. "),),
    "cs": (("sv. ", "svatý "), ("Sv. ", "Svatý ")),
    "pl": (("Św. ", "Święty "), ("św. ", "świętego ")),
}
_THAI_LETTERS = 6
_CITY = 0.7
_DEMONYM = 0.55
_REGION = 0.85


@cache
def _own() -> dict[str, Any]:
    return tomllib.loads((files("tocsin.analysis.text") / "gazetteer.toml").read_text("utf-8"))


@cache
def _regions() -> dict[str, dict[str, str]]:
    listed = (files("tocsin.analysis.text") / "regions.toml").read_text("utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(listed)
    return found


def traps() -> dict[str, dict[str, Any]]:
    """Names that mean something else as often: by folded name, what supports the country and what the rival."""
    found: dict[str, dict[str, Any]] = _own()["trap"]
    return found


def listed_names(section: str) -> dict[str, list[str]]:
    """The names of a section without countries, by language; ``any`` for all."""
    return {language: names.split("|") for language, names in _own()[section].items()}


def place_entries() -> Iterator[Entry]:
    """All patterns of places with their signs; the key of each is ISO 3166-1 alpha-2 (XK for Kosovo), ISO 3166-2 where
    the name tells the region too, or empty for what only looks like a place.

    A ``local`` is a country's name that is read in its own languages only: elsewhere it is more often a word. Names
    are known elsewhere if an English text or several large languages write them so, or if they are long.
    """
    listed = [entry for identifier in _identifiers() for entry in _from_cldr(identifier)]
    listed.extend(_from_own())
    large: dict[tuple[str, str], set[str]] = {}
    for pattern, language, meaning in listed:
        if meaning.kind == "place" and (language in _LARGE or not language):
            large.setdefault((pattern.strip(), meaning.key), set()).add(language)
    for pattern, language, meaning in listed:
        if meaning.kind == "place" and meaning.script not in UNSPACED and meaning.script != "Hang":
            bare = pattern.strip()
            among = large.get((bare, meaning.key), set())
            if "" not in among and "en" not in among and len(among) < (1 if len(bare) > 5 else 3):
                yield pattern, language, meaning._replace(kind="local")
                continue
        yield pattern, language, meaning


def _identifiers() -> list[str]:
    return sorted(one for one in locale_identifiers() if "_" not in one or one in _VARIANTS)


def _from_cldr(identifier: str) -> Iterator[Entry]:
    data = _locale(identifier)
    language = identifier.partition("_")[0]
    inflected = language in _INFLECTED
    # English names are read in every language: the same name again tells nothing new.
    english = _english() if language != "en" and not inflected else {}
    for code, name in data.get("territories", {}).items():
        if len(code) != 2 or code in _NOT_COUNTRIES or code == name or english.get(code) == name:
            continue
        for part in _parts(name, code, language):
            yield from _named(part, "place", code, 1.0, language)
    if language not in _CITY_LANGUAGES:
        return
    territories = get_global("zone_territories")
    for zone, names in data.get("time_zones", {}).items():
        code, city = territories.get(zone, ""), names.get("city", "")
        if city == zone.rpartition("/")[2].replace("_", " ") and not inflected:
            continue
        if city and code.isalpha() and zone not in _CITY_TRAPS and not zone.startswith("Antarctica"):
            yield from _named(city, "city", code, _CITY, language)


def _named(written: str, kind: str, key: str, weight: float, language: str) -> Iterator[Entry]:
    """The patterns of one name: with any case ending in its own language, and as it stands for all others.

    A dot, dash or bracket within a name leaves more than one space in the folded text: both are looked for.
    """
    inflected = language in _INFLECTED
    if kind == "city" and language == "th" and len(written) < _THAI_LETTERS:
        # Short ones stand in many words; with the word for a capital before it, it is one.
        written = f"กรุง{written}"
    made = place_entry(written, kind, key, weight, language, inflected=inflected)
    if made is None:
        return
    plain = place_entry(written, kind, key, weight, language, inflected=False) if inflected else None
    single, spread = fold_name(written.strip("=*")), fold(written.strip("=*")).strip()
    for pattern, spoken, meaning in (made,) if plain is None or plain == made else (made, plain):
        if language in _UNPREFIXED and not pattern.startswith(" "):
            pattern = f" {pattern}"
        yield pattern, spoken, meaning
        if spread != single and single in pattern:
            yield pattern.replace(single, spread), spoken, meaning


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


def _parts(name: str, code: str, language: str) -> list[str]:
    """A name as written, with its short words in full, and without or from within its brackets.

    "Myanmar (Burma)" gives three; "Virgin Islands (US)" one, as what stands before its bracket is two countries' name.
    """
    names = [name]
    for short, full in _IN_FULL.get(language, ()):
        names.extend([one.replace(short, full) for one in names if short in one])
    if "\u200c" in name:
        names.append(name.replace("\u200c", " "))
    if language == "eo" and name.endswith("ujo"):
        names.append(f"{name[:-3]}io")
    for opening, closing in (("(", ")"), ("（", "）")):
        before, found, rest = name.partition(opening)
        inside, _, after = rest.partition(closing)
        if found and before.strip() and not after.strip() and code not in _SHARED:
            names.append(before.strip())
            if code in _ALSO_INSIDE:
                names.append(inside.strip())
    return names


def _from_own() -> Iterator[Entry]:
    yield from _english_cities()
    own = _own()
    for section, kind, weight in (("name", "place", 1.0), ("city", "city", _CITY), ("demonym", "demonym", _DEMONYM)):
        for listed_for, table in own.get(section, {}).items():
            language = "" if listed_for == "any" else listed_for
            for code, listed in table.items():
                for name in listed.split("|"):
                    yield from _named(name, kind, code, weight, language)
    yield from _from_regions()
    for name in listed_names("no_place")["any"]:
        yield from _named(name, "place", "", 0.0, "")


def _english_cities() -> Iterator[Entry]:
    for zone, code in get_global("zone_territories").items():
        region, _, city = zone.partition("/")
        if code and region in ("Africa", "America", "Asia", "Europe") and zone not in _CITY_TRAPS and "/" not in city:
            yield from _named(city.replace("_", " "), "city", code, _CITY, "en")


def _from_regions() -> Iterator[Entry]:
    for country, regions in _regions().items():
        for region, listed in regions.items():
            for name in listed.split("|"):
                kind, weight = ("city", _CITY) if name.startswith("@") else ("region", _REGION)
                yield from _named(name.removeprefix("@"), kind, f"{country}-{region}", weight, "")
