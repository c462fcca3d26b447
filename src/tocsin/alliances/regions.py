"""Regions that an ally may serve: the subregions of UN M49, by their codes, with the countries in each.

Source: https://unstats.un.org/unsd/methodology/m49/ (the grouping; names come from CLDR in the reader's language). The
world is region 001. Taiwan and Kosovo stand where their neighbours do.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from tocsin.lib import territories
from tocsin.lib.locales import locale_of

WORLD: Final = "001"
MEMBERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        code: frozenset(members.split())
        for code, members in {
            "015": "DZ EG EH LY MA SD TN",
            "011": "BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG",
            "014": "BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TF TZ UG YT ZM ZW",
            "017": "AO CD CF CG CM GA GQ ST TD",
            "018": "BW LS NA SZ ZA",
            "021": "BM CA GL PM US",
            "029": "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
            "013": "BZ CR GT HN MX NI PA SV",
            "005": "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
            "143": "KG KZ TJ TM UZ",
            "030": "CN HK JP KP KR MN MO TW",
            "034": "AF BD BT IN IR LK MV NP PK",
            "035": "BN ID KH LA MM MY PH SG TH TL VN",
            "145": "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE",
            "151": "BG BY CZ HU MD PL RO RU SK UA",
            "154": "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ",
            "039": "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK",
            "155": "AT BE CH DE FR LI LU MC NL",
            "053": "AU CC CX HM NF NZ",
            "054": "FJ NC PG SB VU",
            "057": "FM GU KI MH MP NR PW UM",
            "061": "AS CK NU PF PN TK TO TV WF WS",
        }.items()
    }
)


def covering(country: str) -> str:
    """The region that a country belongs to; empty for none."""
    return next((code for code, members in MEMBERS.items() if country in members), "")


@lru_cache(maxsize=64)
def _names(language: str) -> dict[str, str]:
    names = {**locale_of("en").territories, **locale_of(language).territories}
    return {code: str(names[code]) for code in (WORLD, *MEMBERS)}


def choices(language: str = "en") -> list[tuple[str, str]]:
    """Every region as (code, name): the world, then the others in the order of their names."""
    names = _names(language)
    return [(WORLD, names[WORLD]), *sorted(((code, names[code]) for code in MEMBERS), key=lambda pair: pair[1])]


def place_names(countries: Iterable[str], regions: Iterable[str], language: str = "en") -> list[str]:
    """Names of regions and countries, regions first."""
    names = _names(language)
    return [names.get(one, one) for one in regions] + [territories.name(one, language) for one in countries]
