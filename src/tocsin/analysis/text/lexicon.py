"""Everything that is looked for in a text, in one automaton: names of places, words of harm, actors, targets, us.

Word lists are the files of ``terms/``, one a language; ``ours.toml`` names the movement in every script; place names
come from CLDR and ``gazetteer.toml``. How a pattern is written in those files:

``word``  the whole word or phrase;  ``word*``  any word that begins so (a stem);  ``stem* word``  a phrase with stems
in it;  ``=US``  in this very case.

Scripts without spaces match anywhere. Arabic, Hebrew and Ethiopic words may carry their usual attached prefixes.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick

from tocsin.analysis.text.folding import Folded, fold_name
from tocsin.analysis.text.languages import CASED, UNSPACED, script_of


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What is written before a word without a space: and, the, in, to, from ….
_CLITICS = {
    "Arab": _set("و ف ب ل ك ال وال بال لل فال كال ول وب فل وك ولل وبال س وس"),
    "Hebr": _set("ו ה ב ל מ ש כ וה וב ול ומ וש וכ שה מה כש לה בה"),
    "Ethi": _set("የ በ ከ ለ እና ስለ እንደ ወደ በየ ከየ ለየ ያ"),
}
# Longest ending that may follow a place's name, by script: case endings, particles, attached postpositions.
_TAILS = {"Arab": 2, "Hebr": 2, "Ethi": 3, "Hang": 4, "Deva": 3, "Beng": 4, "Taml": 6, "Telu": 5, "Knda": 5, "Mlym": 6}
FREE = 99
# Languages whose marks tell words apart: their patterns must match with marks.
_MARKED = frozenset(("vi",))
_ATTACHED = frozenset(("Arab", "Hebr", "Ethi"))


class Meaning(NamedTuple):
    """What a pattern stands for in one language (empty: in every language).

    ``kind``: place, city, demonym, harm, word, actor, target, our, credit. ``tail`` is the longest ending that may
    follow; ``exact`` the original writing where case or marks matter; ``capital`` asks for a capital first letter;
    ``rest`` must follow, for phrases with stems.
    """

    kind: str
    key: str
    weight: float
    script: str
    tail: int = 0
    exact: str = ""
    capital: bool = False
    rest: re.Pattern[str] | None = None


Entry = tuple[str, str, Meaning]  # pattern, language, meaning


@dataclass(frozen=True, slots=True)
class Sign:
    """A meaning with all the languages in which its pattern has it; no language means every language."""

    kind: str
    key: str
    weight: float
    script: str
    tail: int
    exact: str
    capital: bool
    rest: re.Pattern[str] | None
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A sign found at ``start``–``end`` of the folded text."""

    start: int
    end: int
    sign: Sign


def script_of_name(name: str) -> str:
    """Script of the first letter of a name; empty if it has none."""
    return next((s for s in map(script_of, name) if s), "")


def entry_of(written: str, kind: str, key: str, weight: float, language: str) -> Entry | None:
    """The pattern and meaning of one entry of a word list; None for an entry without letters or digits."""
    name = written.strip("=*")
    if "*" in name:
        return _phrase(written, kind, key, weight, language)
    folded = fold_name(name)
    if not folded:
        return None
    script = script_of_name(name)
    exact = name if written.startswith("=") or language in _MARKED else ""
    return _shaped(folded, language, Meaning(kind, key, weight, script, 0, exact), stem=written.endswith("*"))


def _shaped(folded: str, language: str, meaning: Meaning, *, stem: bool) -> Entry:
    """Adds the word boundaries that the script has: as spaces in the pattern where they are certain."""
    script = meaning.script
    if script in UNSPACED:
        return folded, language, meaning._replace(tail=FREE)
    tail = FREE if stem or script == "Hang" else _TAILS.get(script, 0)
    pattern = ("" if script in _ATTACHED else " ") + folded + ("" if tail else " ")
    return pattern, language, meaning._replace(tail=tail) if tail else meaning


def _phrase(written: str, kind: str, key: str, weight: float, language: str) -> Entry | None:
    """A phrase with a stem inside: the part before that stem's end is looked up, the rest is compared."""
    head, _, rest = written.partition("*")
    made = entry_of(head + "*", kind, key, weight, language)
    if made is None:
        return None
    words = [re.escape(fold_name(w.strip("*"))) + (r"\S*" if w.endswith("*") else r"(?= )") for w in rest.split()]
    follows = re.compile(r"\S{0,12} +" + " +".join(words))
    return made[0], language, made[2]._replace(rest=follows, exact="")


def place_entry(written: str, kind: str, key: str, weight: float, language: str, *, inflected: bool) -> Entry | None:
    """As ``entry_of``, for a name: capital letters where the script has them, case endings where a language does."""
    name = written.strip("=*")
    folded, script = fold_name(name), script_of_name(name)
    if len(folded) < 2 or not script:
        return None
    cased = script in CASED and kind != "demonym"
    if inflected and cased and len(folded) >= 5:
        stem = folded[:-1] if folded[-1] in "aeiouyаеиоуяюэыьй" and (len(folded) > 5 or script != "Latn") else folded
        return " " + stem, language, Meaning(kind, key, weight, script, len(folded) - len(stem) + 3, "", True)
    exact = name if written.startswith("=") or language in _MARKED else ""
    return _shaped(folded, language, Meaning(kind, key, weight, script, 0, exact, cased), stem=written.endswith("*"))


class Lexicon:
    """One automaton over all patterns, and what each stands for."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        spoken: dict[tuple[str, Meaning], list[str]] = {}
        for pattern, language, meaning in entries:
            known = spoken.get((pattern, meaning))
            if known is None:
                spoken[pattern, meaning] = [language]
            else:
                known.append(language)
        sets: dict[tuple[str, ...], frozenset[str]] = {}
        signs: dict[str, list[Sign]] = {}
        for (pattern, meaning), languages in spoken.items():
            named = () if "" in languages else tuple(languages)
            sign = Sign(*meaning, sets.setdefault(named, frozenset(named)))
            known_signs = signs.get(pattern)
            if known_signs is None:
                signs[pattern] = [sign]
            else:
                known_signs.append(sign)
        patterns = sorted(signs)
        self._signs = [signs[p] for p in patterns]
        self._automaton = AhoCorasick(patterns, store_patterns=False)

    def hits(self, text: Folded, language: str) -> list[Hit]:
        """All signs of a text that its language, letters and word boundaries allow, in order of place."""
        plain, found = text.plain, []
        for index, start, end in self._automaton.find_matches_as_indexes(plain, overlapping=True):
            for sign in self._signs[index]:
                if not _speaks(sign, language):
                    continue
                if sign.tail and not _edges_fit(plain, start, end, sign):
                    continue
                if (sign.exact or sign.capital) and not _writing_fits(text, start, end, sign):
                    continue
                if sign.rest is None:
                    found.append(Hit(start, end, sign))
                elif follows := sign.rest.match(plain, end):
                    found.append(Hit(start, follows.end(), sign))
        found.sort(key=lambda h: (h.start, -h.end))
        return found


# Languages so close, or so often mistaken for each other, that words of the one are read in the other.
_NEAR = {
    language: frozenset(others.split())
    for language, others in {
        "id": "ms jv", "ms": "id", "mr": "hi", "ne": "hi", "ti": "am", "nb": "no da", "nn": "no nb", "da": "no nb",
        "no": "nb nn da", "gl": "pt es", "bs": "hr sr", "hr": "sr bs", "sr": "hr bs", "yue": "zh", "ps": "fa ar",
        "rw": "rn", "pcm": "en", "be": "ru", "as": "bn", "zu": "xh",
    }.items()
}  # fmt: skip


def _speaks(sign: Sign, language: str) -> bool:
    """Whether a sign may be read in a text of this language.

    Names of countries and of us are read in every language, and English names of cities; other words in their own.
    """
    languages = sign.languages
    if not languages or language in languages:
        return True
    if sign.capital and sign.tail:
        return False  # a stem with any case ending is a word of its own in the next language: "Chil-e", "Chil-d"
    if language == "und" or not languages.isdisjoint(_NEAR.get(language, ())):
        return True
    if sign.kind in ("place", "city"):
        # German writes every noun with a capital: names in third languages would be found among them.
        return "en" in languages or (sign.kind == "place" and language != "de")
    return "en" in languages and sign.kind in ("demonym", "our", "credit")


def _edges_fit(plain: str, start: int, end: int, sign: Sign) -> bool:
    """Whether what stands before and after a match within its word is allowed there."""
    script = sign.script
    if script in UNSPACED:
        return True
    if script in _ATTACHED and plain[start] != " " and plain[start - 1] != " ":
        begin = plain.rfind(" ", 0, start) + 1
        if plain[begin:start] not in _CLITICS[script]:
            return False
    if sign.tail == FREE and script != "Hang":
        return True
    stop = plain.find(" ", end)
    tail = stop - end
    if script == "Hang" and end - start <= 3 and sign.kind == "place":
        return plain[end:stop] in _PARTICLES
    return tail <= sign.tail


# What may follow a two-letter Korean name within its word.
_PARTICLES = _set(
    "은 는 이 가 을 를 의 에 에서 에게 로 으로 와 과 도 만 측 군 인 인은 인이 내 발 산 계 "
    "정부 국민 당국 경찰 대사관 외교부 대통령 총리 법원"
) | {""}  # fmt: skip


def _writing_fits(text: Folded, start: int, end: int, sign: Sign) -> bool:
    begin, stop = text.span(start, end)
    source = text.source
    if sign.exact:
        surface = source[begin:stop]
        if sign.languages & _MARKED:
            return surface.casefold() == sign.exact.casefold()
        return surface == sign.exact
    return begin < len(source) and (source[begin].isupper() or not source[begin].isalpha() or source.islower())


def word_lists() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each language's word list, by code, in order of code."""
    folder = files("tocsin.analysis.text") / "terms"
    listed: list[Traversable] = sorted(folder.iterdir(), key=lambda f: f.name)
    for file in listed:
        if file.name.endswith(".toml") and file.name != "ours.toml":
            yield file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8"))


def _term_entries() -> Iterator[Entry]:
    for language, lists in word_lists():
        for harm, by_weight in lists.get("harm", {}).items():
            for weight, words in by_weight.items():
                yield from _made(words, "harm", harm, float(weight), language)
        for kind in ("word", "actor", "target"):
            for key, words in lists.get(kind, {}).items():
                yield from _made(words, kind, key, 1.0, language)
    ours = tomllib.loads((files("tocsin.analysis.text") / "terms" / "ours.toml").read_text("utf-8"))
    for key, words in ours.items():
        yield from _made(words, "credit" if key == "credit" else "our", key, 1.0, "")


def _made(words: list[str], kind: str, key: str, weight: float, language: str) -> Iterator[Entry]:
    for word in words:
        made = entry_of(word, kind, key, weight, language)
        if made is not None:
            yield made


@cache
def lexicon() -> Lexicon:
    """The lexicon, built when first asked for (about a second) and kept."""
    from tocsin.analysis.text.gazetteer import place_entries

    return Lexicon(chain(_term_entries(), place_entries()))


@cache
def stop_words(language: str) -> frozenset[str]:
    """Folded words of a language that tell nothing; for an unknown language those of all languages together."""
    lists = dict(word_lists())
    chosen = [lists[language]] if language in lists else list(lists.values())
    return frozenset(w for entry in chosen for w in fold_name(entry.get("stop", "")).split())


@cache
def languages_read() -> frozenset[str]:
    """Languages with a word list. In any other, an empty harm means "not looked for", not "nothing there"."""
    return frozenset(language for language, _ in word_lists())
