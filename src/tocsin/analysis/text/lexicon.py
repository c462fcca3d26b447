"""Everything that is looked for in a text, in one automaton: names of places, words of harm, actors, targets, us.

Word lists are the files of ``terms/``, one a language; ``ours.toml`` names the movement in every script; place names
come from CLDR and ``gazetteer.toml``. How a pattern is written in those files:

``word``   the whole word or phrase;  ``word*``  any word that begins so (a stem);  ``=US``  in this very case.

Scripts without spaces match anywhere. Arabic, Hebrew and Ethiopic words may carry their usual attached prefixes.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from ahocorasick_rs import AhoCorasick

from tocsin.analysis.text.folding import Folded, fold_name
from tocsin.analysis.text.languages import CASED, UNSPACED, script_of

_CLITICS = {
    "Arab": frozenset("و ف ب ل ك ال وال بال لل فال كال ول وب فل وك ولل وبال س وس".split()),
    "Hebr": frozenset("ו ה ב ל מ ש כ וה וב ול ומ וש וכ שה מה כש לה בה".split()),
    "Ethi": frozenset("የ በ ከ ለ እና ስለ እንደ ወደ በየ ከየ ለየ ያ".split()),
}
# Longest ending that may follow a place's name, by script: case endings, particles, attached postpositions.
_TAILS = {"Arab": 2, "Hebr": 2, "Ethi": 3, "Hang": 4, "Deva": 3, "Beng": 4, "Taml": 6, "Telu": 5, "Knda": 5, "Mlym": 6}
FREE = 99
# Languages whose marks tell words apart: their patterns must match with marks.
_MARKED = frozenset(("vi",))
_ATTACHED = frozenset(("Arab", "Hebr", "Ethi"))


@dataclass(frozen=True, slots=True)
class Sign:
    """What a pattern stands for. ``kind``: place, demonym, city, harm, word, actor, target, our, trap, credit, ….

    ``tail`` is the longest ending that may follow; ``exact`` the original writing where case or marks matter;
    ``capital`` asks for a capital first letter; ``languages`` are those in which the pattern means this.
    """

    kind: str
    key: str
    weight: float
    languages: frozenset[str]
    script: str
    tail: int = 0
    exact: str = ""
    capital: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A sign found at ``start``–``end`` of the folded text."""

    start: int
    end: int
    sign: Sign


def script_of_name(name: str) -> str:
    """Script of the first letter of a name; empty if it has none."""
    return next((s for s in map(script_of, name) if s), "")


def pattern_of(written: str, kind: str, key: str, weight: float, languages: frozenset[str]) -> tuple[str, Sign] | None:
    """The folded pattern and its sign for one entry of a word list; None for an entry without letters or digits."""
    case_matters, stem = written.startswith("="), written.endswith("*")
    name = written.strip("=*")
    folded = fold_name(name)
    if not folded:
        return None
    script = script_of_name(name)
    exact = name if case_matters or languages & _MARKED else ""
    if script in UNSPACED:
        return folded, Sign(kind, key, weight, languages, script, FREE, exact)
    free_start = script in _ATTACHED
    tail = FREE if stem or script == "Hang" else _TAILS.get(script, 0)
    pattern = ("" if free_start else " ") + folded + ("" if tail else " ")
    return pattern, Sign(kind, key, weight, languages, script, tail, exact)


def place_pattern(
    name: str, kind: str, key: str, weight: float, languages: frozenset[str], inflected: bool
) -> tuple[str, Sign] | None:
    """As ``pattern_of``, for a name: capital letter where the script has them, case endings where languages have them."""
    folded = fold_name(name.strip("=*"))
    script = script_of_name(name)
    if not folded or not script or len(folded) < 2:
        return None
    if inflected and script in CASED and len(folded) >= 5 and kind != "demonym":
        stem = folded.rstrip("aeiouyаеиоуяюэыьй") if len(folded) > 5 else folded
        stem = stem if len(stem) >= 5 else folded
        return " " + stem, Sign(kind, key, weight, languages, script, len(folded) - len(stem) + 3, "", True)
    made = pattern_of(name, kind, key, weight, languages)
    if made is None:
        return None
    pattern, sign = made
    capital = script in CASED and kind != "demonym"
    return pattern, Sign(kind, key, weight, languages, script, sign.tail, sign.exact, capital)


class Lexicon:
    """One automaton over all patterns, and what each stands for."""

    def __init__(self, entries: Iterator[tuple[str, Sign]]) -> None:
        merged: dict[str, dict[tuple[str, str, int, str], Sign]] = {}
        for pattern, sign in entries:
            same = merged.setdefault(pattern, {})
            slot = (sign.kind, sign.key, sign.tail, sign.exact)
            old = same.get(slot)
            same[slot] = sign if old is None else _joined(old, sign)
        patterns = sorted(merged)
        self._signs = [tuple(merged[p].values()) for p in patterns]
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
                found.append(Hit(start, end, sign))
        found.sort(key=lambda h: (h.start, -h.end))
        return found


def _joined(a: Sign, b: Sign) -> Sign:
    return Sign(
        a.kind, a.key, max(a.weight, b.weight), a.languages | b.languages, a.script, a.tail, a.exact,
        a.capital and b.capital,
    )  # fmt: skip


_NEAR = {
    "id": frozenset(("ms", "jv")), "ms": frozenset(("id",)), "mr": frozenset(("hi",)), "ne": frozenset(("hi",)),
    "ti": frozenset(("am",)), "nb": frozenset(("no", "da")), "nn": frozenset(("no", "nb")), "da": frozenset(("no", "nb")),
    "no": frozenset(("nb", "nn", "da")), "gl": frozenset(("pt", "es")), "bs": frozenset(("hr", "sr")),
    "hr": frozenset(("sr", "bs")), "sr": frozenset(("hr", "bs")), "yue": frozenset(("zh",)), "ps": frozenset(("fa", "ar")),
    "rw": frozenset(("rn",)), "pcm": frozenset(("en",)), "be": frozenset(("ru",)), "as": frozenset(("bn",)), "zu": frozenset(("xh",)),
}  # fmt: skip


def _speaks(sign: Sign, language: str) -> bool:
    """Whether a sign may be read in a text of this language.

    Names of places and of us are read in every language when they are long; other words only in their own.
    """
    languages = sign.languages
    if not languages or language in languages or language == "und":
        return True
    if not _NEAR.get(language, languages).isdisjoint(languages):
        return True
    if sign.kind in ("place", "city"):
        return "en" in languages or (sign.tail == FREE or language != "de") and len(sign.key) == 2 and _long(sign)
    return "en" in languages and sign.kind in ("demonym", "our", "credit")


def _long(sign: Sign) -> bool:
    return sign.weight >= 0.99


def _edges_fit(plain: str, start: int, end: int, sign: Sign) -> bool:
    """Whether what stands before and after a match within its word is allowed there."""
    script = sign.script
    if script in UNSPACED:
        return True
    if script in _ATTACHED and plain[start - 1] != " ":
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


_PARTICLES = frozenset(
    "",
) | frozenset(
    "은 는 이 가 을 를 의 에 에서 에게 로 으로 와 과 도 만 측 정부 군 인 인은 인이 내 발 산 계 국민 당국 경찰 대사관 외교부 대통령 총리 법원".split()
)


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


def _term_entries() -> Iterator[tuple[str, Sign]]:
    for language, lists in word_lists():
        languages = frozenset((language,))
        for harm, by_weight in lists.get("harm", {}).items():
            for weight, words in by_weight.items():
                yield from _made(words, "harm", harm, float(weight), languages)
        for kind in ("word", "actor", "target"):
            for key, words in lists.get(kind, {}).items():
                yield from _made(words, kind, key, 1.0, languages)
    ours = tomllib.loads((files("tocsin.analysis.text") / "terms" / "ours.toml").read_text("utf-8"))
    for key, words in ours.items():
        yield from _made(words, "credit" if key == "credit" else "our", key, 1.0, frozenset())


def _made(
    words: list[str], kind: str, key: str, weight: float, languages: frozenset[str]
) -> Iterator[tuple[str, Sign]]:
    for word in words:
        made = pattern_of(word, kind, key, weight, languages)
        if made is not None:
            yield made


@cache
def lexicon() -> Lexicon:
    """The lexicon, built when first asked for (below a second) and kept."""
    from tocsin.analysis.text.gazetteer import place_entries

    def entries() -> Iterator[tuple[str, Sign]]:
        yield from _term_entries()
        yield from place_entries()

    return Lexicon(entries())


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
