"""ISO 3166-1 territories, with their names in the reader's language."""

from functools import lru_cache

from tocsin.lib.locales import locale_of

# Codes that ISO 3166-1 leaves to users; exercises use them for invented countries.
INVENTED = {"XS": "Sarvania", "XO": "Ostrell"}

_NOT_PLACES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


@lru_cache(maxsize=64)
def _names(language: str) -> dict[str, str]:
    names = {**locale_of("en").territories, **locale_of(language).territories}
    short = {code: str(name) for code, name in names.items() if len(code) == 2 and code.isalpha()}
    return {code: name for code, name in short.items() if code not in _NOT_PLACES} | INVENTED


TERRITORIES: frozenset[str] = frozenset(_names("en"))


# Every text and finding of an exercise begins with it.
EXERCISE_MARK = "EXERCISE: "


def name(code: str, language: str = "en") -> str:
    """A territory's name, or its code where no name is known; empty for no code."""
    return _names(language).get(code, code)


def choices(language: str = "en") -> list[tuple[str, str]]:
    """Every territory as (code, name), in the order of the names."""
    return sorted(_names(language).items(), key=lambda pair: pair[1])


def code(words: str, language: str = "en") -> str:
    """The code of a territory given by its code or its name in a language; empty for what is neither."""
    wanted = words.strip()
    if wanted.upper() in TERRITORIES:
        return wanted.upper()
    named = {name.casefold(): one for one, name in _names(language).items()}
    return named.get(wanted.casefold(), "")
