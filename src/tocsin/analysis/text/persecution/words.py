"""Words about people in the languages of ``people.toml``."""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from tocsin.analysis.text.folding import fold_name
from tocsin.analysis.text.lexicon import stop_words

_PARTICLES = "al el bin ibn bint abu de da do dos del di van von der den la le ben y e"
PARTICLES = frozenset(_PARTICLES.split())
"""Small words that may stand within a name, in lower case."""

_ROLES = ("journalist", "unionist", "defender", "man", "woman", "child", "official", "suspect")


@cache
def _people() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("tocsin.analysis.text.persecution") / "people.toml").read_text("utf-8"))


@cache
def _roles(language: str) -> dict[str, tuple[str, ...]]:
    listed = _people().get(language, _people()["en"])
    found: dict[str, tuple[str, ...]] = {}
    for key in _ROLES:
        for word in fold_name(listed.get(key, "")).split():
            found[word] = (*found.get(word, ()), key)
    return found


def roles(words: Sequence[str], language: str) -> tuple[str, ...]:
    """What folded words say of a person: their work, sex or age; a word that says it twice counts twice."""
    known = _roles(language)
    return tuple(key for word in words for key in known.get(word, ()))


@cache
def stops(language: str) -> frozenset[str]:
    """Words that begin no name, in the language and in English."""
    listed = {fold_name(word) for code in (language, "en") for word in _people().get(code, {}).get("stop", "").split()}
    return frozenset(listed | stop_words(language)) if language in _people() else frozenset(listed)


@cache
def persons(language: str) -> tuple[str, ...]:
    """Folded nouns for several people."""
    return tuple(fold_name(_people().get(language, {}).get("persons", "")).split())


@cache
def numbers(language: str) -> dict[str, int]:
    """Numbers written out, from one on."""
    listed = fold_name(_people().get(language, {}).get("numbers", "")).split()
    return {word: number for number, word in enumerate(listed, 1)}
