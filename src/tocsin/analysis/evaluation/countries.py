"""Names of countries, as lists of events write them, to ISO 3166-1."""

from functools import cache
from types import MappingProxyType
from typing import Final

from babel import Locale

_ALSO: Final = MappingProxyType(
    {
        "bolivia plurinational state of": "BO",
        "bonaire": "BQ",
        "bonaire sint eustatius saba": "BQ",
        "brunei darussalam": "BN",
        "burma": "MM",
        "cabo verde": "CV",
        "congo": "CG",
        "congo democratic republic of the": "CD",
        "cote divoire": "CI",
        "czech republic": "CZ",
        "democratic peoples republic of korea": "KP",
        "democratic republic of": "CD",
        "democratic republic of congo": "CD",
        "democratic republic of the congo": "CD",
        "drc": "CD",
        "federated states of micronesia": "FM",
        "great britain": "GB",
        "iran islamic republic of": "IR",
        "ivory coast": "CI",
        "kyrgyz republic": "KG",
        "lao peoples democratic republic": "LA",
        "lao pdr": "LA",
        "macedonia": "MK",
        "moldova republic of": "MD",
        "palestine": "PS",
        "palestinian territory": "PS",
        "republic of the congo": "CG",
        "republic of korea": "KR",
        "russian federation": "RU",
        "state of palestine": "PS",
        "swaziland": "SZ",
        "syrian arab republic": "SY",
        "taiwan province of china": "TW",
        "tanzania united republic of": "TZ",
        "the gambia": "GM",
        "turkey": "TR",
        "united kingdom of great britain and northern ireland": "GB",
        "united republic of tanzania": "TZ",
        "united states of america": "US",
        "venezuela bolivarian republic of": "VE",
        "viet nam": "VN",
    }
)


def country_code(name: str) -> str:
    """The ISO 3166-1 alpha-2 code of an English name, or of a code; empty if nobody knows it."""
    if len(name) == 2 and name.isascii() and name.isalpha():
        return name.upper()
    known = _names()
    before, _, rest = name.partition("(")
    for part in (name, before, rest.partition(")")[0], *name.split("/")):
        code = known.get(_folded(part))
        if code is not None:
            return code
    return ""


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, name in Locale.parse("en").territories.items():
        if len(code) == 2 and code not in {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}:
            for part in (name, name.partition("(")[0], name.partition("(")[2].partition(")")[0]):
                if _folded(part):
                    found.setdefault(_folded(part), code)
    return {**found, **_ALSO}


def _folded(name: str) -> str:
    plain = name.casefold().replace("&", " and ").replace("st.", "saint").replace("’", "").replace("'", "")
    for accented, letter in zip("áàâãäåéèêëíîïóôõöúûüçñ", "aaaaaaeeeeiiioooouuucn", strict=True):
        plain = plain.replace(accented, letter)
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain).split())
