"""Names that were found in a text: where they stand in a string, however they are written there, and masks for them."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from tocsin.analysis.text.folding import fold_name
from tocsin.analysis.text.languages import UNSPACED, main_script, script_of
from tocsin.analysis.text.persecution.account import Span
from tocsin.analysis.text.persecution.words import PARTICLES

MASK = "[…]"
"""What stands in the place of a name: in every font, and in no language."""

LETTERS = r"[^\W\d_]"
SHORT = 3  # letters that a word has at least to say something by itself
# A word, with what joins its parts: al-Mankuri, O'Brien, D’Souza; and an initial with its full stop.
_MARKS = (
    r"\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0963\u0971-\u0dff\u0e31-\u0e4e"
    r"\u0eb1-\u0ece\u0f71-\u0fbc\u102b-\u103e\u135d-\u135f\u17b4-\u17d3"
)
_INNER = rf"[\w{_MARKS}]*"
_TOKEN = re.compile(rf"(?:{LETTERS}\.)+(?={LETTERS}|\s)|{LETTERS}{_INNER}(?:['’ʼ‘-]{LETTERS}{_INNER})*|\S")
_POSSESSIVE = re.compile(r"['’ʼ]s?$")
_ARTICLE = re.compile(r"(?:al|el|ul|as|ad|ar|an|at|az|bin|ibn|abu|de|di|da|van|von|d|l|o|mc)['’ʼ‘-]", re.IGNORECASE)
_INFLECTED = frozenset(("Cyrl", "Grek", "Armn"))


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign of a text without invisible characters; places are of that text."""

    start: int
    end: int
    word: str
    folded: str
    capital: bool


@dataclass(frozen=True, slots=True)
class Names:
    """Parts of names, folded: those of spaced scripts as words, those of unspaced ones as strings."""

    parts: frozenset[str] = frozenset()
    strings: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    """Full names, folded: masked as a whole where a part by itself is also a word or a place."""
    public: frozenset[str] = frozenset()
    """Full names of those who are named in public; where one stands as a whole it is left."""

    def __bool__(self) -> bool:
        return bool(self.parts or self.strings or self.whole)

    def spans(self, written: str) -> tuple[Span, ...]:
        """Where any of these stands in a string, as wide as whole words; in order, none within another."""
        if not self:
            return ()
        shown, places = visible(written)
        found = [(one.start, one.end) for one in self._words(shown)]
        for string in self.strings:
            at = shown.find(string)
            while at >= 0:
                found.append((at, at + len(string)))
                at = shown.find(string, at + 1)
        return tuple(_source(merged(found, shown), places))

    def _words(self, shown: str) -> Iterator[Token]:
        words = list(tokens(shown))
        kept, told = _standing(self.public, words), _standing(self.whole, words)
        for index, one in enumerate(words):
            if index in told or (index not in kept and self.has(one.folded, one.word)):
                yield one

    def has(self, folded: str, word: str) -> bool:
        """Whether a word is part of one of these names: as it is, in the genitive, or with another ending."""
        if not folded:
            return False
        if folded in self.parts or _POSSESSIVE.sub("", folded) in self.parts:
            return True
        halves = folded.replace("-", " ").replace("'", " ").split()
        if len(halves) > 1 and any(half in self.parts and len(half) >= SHORT for half in halves):
            return True
        script = script_of(word[:1])
        if script == "Arab" or script == "Hebr" or script == "Ethi":
            return any(folded.startswith(head) and folded[len(head) :] in self.parts for head in _ATTACHED)
        if len(folded) < 4 or not (word[:1].isupper() or script == "Geor"):
            return False
        if script in _INFLECTED or script == "Geor":
            stem = folded[: max(4, len(folded) - 3)]
            return any(part[: max(4, len(part) - 3)] == stem or _near(part, folded) for part in self.parts)
        return any(folded.startswith(part) and len(folded) - len(part) <= 3 and len(part) >= 4 for part in self.parts)

    def masked(self, written: str) -> str:
        """A string with each of these names as one mask."""
        return masked(written, self.spans(written))


def _standing(names: Iterable[str], row: Sequence[Token]) -> set[int]:
    """Where these names stand as a whole, by the numbers of their words."""
    begun: dict[str, list[list[str]]] = {}
    for name in names:
        words = name.split()
        begun.setdefault(words[0], []).append(words)
    found: set[int] = set()
    for at, one in enumerate(row if begun else ()):
        for words in begun.get(one.folded, ()):
            if [each.folded for each in row[at : at + len(words)]] == words:
                found.update(range(at, at + len(words)))
    return found


_ATTACHED = (
    "و",
    "ب",
    "ل",
    "ك",
    "ف",
    "ال",
    "وال",
    "بال",
    "لل",
    "ول",
    "ו",
    "ב",
    "ל",
    "ה",
    "ש",
    "מ",
    "של",
    "የ",
    "ለ",
    "በ",
    "ከ",
)


def _near(part: str, folded: str) -> bool:
    """Whether two words are one name in two cases: the same but for endings of at most three letters."""
    short = min(len(part), len(folded))
    same = next((i for i in range(short) if part[i] != folded[i]), short)
    return same >= 4 and len(part) - same <= 2 and len(folded) - same <= 3


def names_at(written: str, spans: Iterable[Span]) -> Names:
    """The names that stand at these spans of a string, by their parts and as a whole."""
    parts: set[str] = set()
    strings: set[str] = set()
    for one in spans:
        name = visible(written[one.start : one.end])[0].strip()
        if main_script(name)[0] in UNSPACED or main_script(name)[0] == "Hang":
            strings.add(name)
        else:
            for token in tokens(name):
                parts.update((token.folded, *token.folded.split("-")))
    return Names(
        frozenset(part for part in parts if len(part) > 1 and part not in PARTICLES), frozenset(strings - {""})
    )


def masked(written: str, spans: Iterable[Span]) -> str:
    """A string with a mask in the place of each span; spans that don't fit it are cut."""
    pieces, at = [], 0
    for one in spans:
        start, end = max(at, one.start), min(len(written), one.end)
        if start < end:
            pieces += [written[at:start], MASK]
            at = end
    return "".join((*pieces, written[at:]))


def visible(written: str) -> tuple[str, list[int] | None]:
    """A string without characters that nobody sees, and where each of the others stands; None: where it stands."""
    if written.isascii() or not any(unicodedata.category(one) == "Cf" for one in set(written)):
        return written, None
    places = [i for i, one in enumerate(written) if unicodedata.category(one) != "Cf"]
    return "".join(written[i] for i in places), places


def merged(found: Iterable[tuple[int, int]], shown: str) -> list[tuple[int, int]]:
    """Spans in order, those of one name joined: what touches, or is parted by a space, a hyphen or a small word."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        initials = _INITIALS.search(shown, max(0, begin - 14), begin)
        start = initials.start() if initials and initials[0][0].isupper() else begin
        if joined and start - joined[-1][1] <= 24 and _joins(shown[joined[-1][1] : start]):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif not joined or start >= joined[-1][1]:
            joined.append((start, end))
    return joined


_INITIALS = re.compile(rf"(?:{LETTERS}\.[ \u00a0]?){{1,4}}$")
_QUOTED = re.compile(r"""\s["'“‘«]\w{2,20}["'”’»]\s""")


def _joins(between: str) -> bool:
    if _QUOTED.fullmatch(between):
        return True
    plain = between.strip(" \u00a0-'’\"“”‘") if len(between) <= 8 else between
    return "\n" not in between and (not plain or fold_name(plain) in PARTICLES - {"e", "y"} or plain in listed("links"))


def _source(spans: Iterable[tuple[int, int]], places: list[int] | None) -> Iterator[Span]:
    for start, end in spans:
        yield Span(start, end) if places is None else Span(places[start], places[end - 1] + 1)


def tokens(shown: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(shown):
        word = match.group()
        if word.isalpha():
            yield Token(match.start(), match.end(), word, folded_word(word), word[0].isupper())
            continue
        bare = _ARTICLE.sub("", word, count=1)
        capital = word[0].isupper() or (bare != word and bare[:1].isupper())
        yield Token(match.start(), match.end(), word, _POSSESSIVE.sub("", folded_word(word)), capital)


@lru_cache(maxsize=100_000)
def folded_word(word: str) -> str:
    return "-".join(fold_name(half) for half in re.split("[-'’ʼ‘]", word)) if not word.isalpha() else fold_name(word)


@cache
def table() -> dict[str, str]:
    return tomllib.loads((files("tocsin.analysis.text.persecution") / "masking.toml").read_text("utf-8"))


@cache
def listed(name: str) -> frozenset[str]:
    return frozenset(fold_name(word) for word in table()[name].split())
