"""Settles what a place's name stands for where it may be another place, a person, a word, or where a writer sits."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from tocsin.analysis.text.folding import Folded, fold_name
from tocsin.analysis.text.gazetteer import listed_names, traps
from tocsin.analysis.text.languages import CASED, UNSPACED
from tocsin.analysis.text.lexicon import FREE, Hit

# A name after one of these is a place.
_BEFORE_PLACES = frozenset(
    ("in", "from", "of", "to", "across", "inside", "near", "throughout", "within", "into", "for", "at", "and")
)
# After a people's name: a language or its speakers, not the country.
_TONGUE = re.compile(r"(language|languages|speaking|speakers?|version|edition|subtitles|translations?|wikipedia) ")
_WRITER_REACH = 60


def settled(text: Folded, hits: Sequence[Hit], language: str) -> list[tuple[Hit, str]]:
    """Each hit with the place it stands for: ISO 3166-1, or 3166-2 where only a region is meant."""
    known = traps()
    found: list[tuple[Hit, str]] = []
    for hit in hits:
        key = hit.sign.key
        if not key or _is_word(text, hit, language) or _is_part(text, hit) or _is_tongue(text, hit):
            continue
        if hit.sign.script == "Arab" and hit.sign.tail < FREE and _rest(text.plain, hit.end) not in _ARABIC_ENDINGS:
            continue
        trap = known.get(text.plain[hit.start : hit.end].strip())
        if trap is not None and key[:2] in (str(trap["code"])[:2], str(trap["other"])[:2]):
            key = _trapped(text, hit, trap)
        if key:
            found.append((hit, key))
    return found


# What may follow a place's name within its word: of the place, its people (one, many, women), its plural in Persian.
_ARABIC_ENDINGS = frozenset(("", "ي", "يه", "يا", "ين", "ان", "ها", "ون", "ات", "ه"))


def _rest(plain: str, end: int) -> str:
    return plain[end : plain.find(" ", end)]


def writes_from(text: Folded, hit: Hit) -> bool:
    """Whether what stands before or after a name says that a writer or an office sits there."""
    plain = text.plain
    after = plain[hit.end - 1 : hit.end + 6] if plain[hit.end - 1] == " " else plain[hit.end : hit.end + 7]
    if after.startswith(" based "):
        return True
    before = plain[max(0, hit.start - _WRITER_REACH) : hit.start + 1].rstrip()
    return before.endswith(_writers())


@cache
def _writers() -> tuple[str, ...]:
    words = [fold_name(one) for listed in listed_names("writer").values() for one in listed]
    # A word begins at its beginning, except where none has an edge.
    return tuple(one if ord(one[0]) > 0x2E7F else f" {one}" for one in words)


@cache
def _words(language: str) -> frozenset[str]:
    listed = listed_names("word")
    return frozenset(fold_name(one) for one in (*listed.get("any", ()), *listed.get(language, ())))


def _is_word(text: Folded, hit: Hit, language: str) -> bool:
    """Whether a name is spelt like a word, and nothing marks it as a name."""
    begin, end = text.span(hit.start, hit.end)
    sign, source = hit.sign, text.source
    if begin >= end:
        return True
    upper = source[begin].isupper() or not source[begin].isalpha()
    if sign.kind == "demonym" and sign.languages == _ENGLISH and not upper and not source.islower():
        return True
    if language == "vi" and sign.languages == _VIETNAMESE and not upper:
        return True
    if text.plain[hit.start : hit.end].strip() not in _words(language):
        return False
    return sign.script not in CASED or not upper or _begins_sentence(source, begin)


_ENGLISH, _VIETNAMESE = frozenset(("en",)), frozenset(("vi",))


def _begins_sentence(source: str, at: int) -> bool:
    before = source[max(0, at - 12) : at].rstrip(" \t\u00a0\"'«“„(¿¡")
    return not before or before[-1] in ".!?:;\n\r…"


def _is_part(text: Folded, hit: Hit) -> bool:
    """Whether a name in kana is only a part of a longer word in kana."""
    if hit.sign.script != "Kana":
        return False
    plain = text.plain
    around = (plain[hit.start - 1], plain[hit.start]), (plain[hit.end - 1], plain[min(hit.end, len(plain) - 1)])
    return any(_is_kana(one) and _is_kana(other) for one, other in around)


def _is_kana(char: str) -> bool:
    return "\u30a1" <= char <= "\u30fa" or char in "ー\u3099\u309a"


def _is_tongue(text: Folded, hit: Hit) -> bool:
    return hit.sign.kind == "demonym" and _TONGUE.match(text.plain, hit.end) is not None


def _trapped(text: Folded, hit: Hit, trap: dict[str, object]) -> str:
    plain = text.plain
    support, against = _count(plain, trap["support"], hit), _count(plain, trap["against"], hit)
    other, code = str(trap["other"]), str(trap["code"])
    if support > against:
        return code
    if against > support:
        return other
    if code == "CD" and len(plain.split()) == 1:
        return other  # A list's bare "Congo" is the name that ISO 3166 gives to the Republic.
    before = plain[: hit.start].rsplit(None, 1)
    if before and before[-1] in _BEFORE_PLACES:
        return code
    return "" if _is_person(text, hit, named_so=bool(trap.get("person"))) else code


def _is_person(text: Folded, hit: Hit, *, named_so: bool) -> bool:
    """Whether a capital right after, or a first name right before, makes it a person: "Chad Smith", "Ann Jordan"."""
    begin, end = text.span(hit.start, hit.end)
    source = text.source
    after = source[end : end + 2]
    if len(after) == 2 and after[0] == " " and after[1].isupper() and not _is_headline(source, begin):
        return True
    if not named_so:
        return False
    before = re.search(r"(\w+) $", source[max(0, begin - 30) : begin])
    return before is not None and before.group(1)[0].isupper() and not _begins_sentence(source, begin - len(before[0]))


def _is_headline(source: str, begin: int) -> bool:
    """Whether nearly every word of a line has a capital, so that one tells nothing."""
    line = source[source.rfind("\n", 0, begin) + 1 : begin] + source[begin:].partition("\n")[0]
    words = [word for word in line.split() if len(word) > 3]
    return len(words) > 4 and sum(word[0].isupper() for word in words) > 0.8 * len(words)


def _count(plain: str, words: object, hit: Hit) -> int:
    assert isinstance(words, Iterable)
    if hit.sign.script in UNSPACED:
        return sum(word in plain for word in words)
    return sum(f" {word} " in plain for word in words)
