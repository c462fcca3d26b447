"""Which words of a text may name a person whom it says was harmed, so that they can be masked.

It prefers to mask too much: a name left standing may cost somebody more than a word that one has to uncover. So it
asks of every name of a person whether anything speaks *against* masking: an office, a bench, a crime that they are said
to have done. It reads no meaning, and it finds a name that nothing marks as one (no capital, no title, no word of work
or kinship beside it) only where the text marks it elsewhere.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from tocsin.analysis.series import RuleId
from tocsin.analysis.text.folding import Folded, fold_name
from tocsin.analysis.text.languages import CASED, UNSPACED, detect, main_script
from tocsin.analysis.text.lexicon import lexicon, stop_words
from tocsin.analysis.text.persecution.names import (
    LETTERS,
    MASK,
    SHORT,
    Names,
    Token,
    folded_word,
    listed,
    masked,
    names_at,
    table,
    tokens,
    visible,
)
from tocsin.analysis.text.persecution.seeing import HARMFUL, act_lexicon
from tocsin.analysis.text.persecution.words import PARTICLES, roles, stops
from tocsin.analysis.text.reading import LIMIT, Text

__all__ = ["MASK", "READ", "RULE", "Names", "masked", "names_at", "names_in"]
RULE = RuleId("masking", 1)
READ = 5 * LIMIT
"""How many characters of a text are read for names; what comes behind them is not to be shown."""
_PLACES = frozenset(("place", "city"))
_KNOWN = frozenset(("our", "actor", "target", "demonym", "act", "harm"))
_WORK = ("journalist", "unionist", "defender")
_LINE = re.compile(r"[^\n]+")
_LONGEST, _MOST_WORDS, _MOST_PARTS = 60, 6, 400
_HAN = "\u3400-\u9fff"
_HANGUL = "\uac00-\ud7a3"


def names_in(text: Text) -> Names:
    """Names of persons in a text that tells of harm; none where it tells of none. Never raises.

    It reads the first ``READ`` characters, as much as is ever shown, a piece at a time.
    """
    title, body = text.title[:LIMIT], text.body[: max(0, READ - len(text.title))]
    step = LIMIT - len(title) - 1
    rest = [body[at : at + step] for at in range(step, len(body), step)] if 0 < step < len(body) else []
    if step <= 0:
        rest = [body[at : at + LIMIT] for at in range(0, len(body), LIMIT)]
    first = _names_of(Text(title, body[: max(0, step)], text.language))
    return _together([first, *(_names_of(Text("", one, text.language)) for one in rest)])


def _together(found: Sequence[Names]) -> Names:
    if len(found) == 1:
        return found[0]
    parts, strings, whole, public = (
        frozenset().union(*(getattr(one, name) for one in found)) for name in ("parts", "strings", "whole", "public")
    )
    return Names(parts, strings, whole, frozenset(name for name in public if not set(name.split()[:1]) & parts))


def _names_of(text: Text) -> Names:
    look = _look(text)
    if look is None:
        return Names()
    found: set[str] = set()
    public: dict[str, bool] = {}
    whole: set[str] = set()
    strings = set(_unspaced(look.shown))
    if look.script in CASED:
        _capitals(look, found, public)
        whole = {name for name, told in public.items() if not told}
    found.update(_cued(look))
    kept = {name for name, told in public.items() if told and not set(name.split()[:1]) & found}
    parts = {part for part in found if len(part) > 1 and part not in look.common}
    return Names(*(frozenset(sorted(one)[:_MOST_PARTS]) for one in (parts, strings, whole, kept)))


@dataclass(frozen=True, slots=True)
class _Look:
    shown: str
    title: int
    language: str
    script: str
    tokens: tuple[Token, ...]
    taken: dict[int, str]
    acts: tuple[int, ...]
    common: frozenset[str]
    hard: frozenset[str]


def _look(text: Text) -> _Look | None:
    """What is to be known of a text; None for one that tells of no harm."""
    title = text.title[:LIMIT]
    shown, _ = visible(f"{title}\n{text.body[: max(0, LIMIT - len(title))]}")
    language = detect(title[:1_000], text.body, text.language)[0]
    folded = Folded(shown)
    hits, acts = lexicon().hits(folded, language), act_lexicon().hits(folded, language)
    harmful = [hit for hit in acts if hit.sign.key in HARMFUL] + [hit for hit in hits if hit.sign.kind == "harm"]
    if not harmful:
        return None
    taken: dict[int, str] = {}
    for hit in [*hits, *acts]:
        start, end = folded.span(hit.start, hit.end)
        for place in range(start, end):
            if taken.get(place) not in ("place", "city"):
                taken[place] = hit.sign.kind
    struck = tuple(sorted({folded.span(hit.start, hit.end)[0] for hit in harmful}))
    words = tuple(tokens(shown))
    return _Look(
        shown, len(visible(title)[0]), language, main_script(shown[:2_000])[0], words, taken, struck,
        _common(words, language), listed("things") | stops(language),
    )  # fmt: skip


def _common(words: Sequence[Token], language: str) -> frozenset[str]:
    """Words that name nobody here: small words, words of lists, and those that stand in small letters elsewhere.

    A text that has no capital at all says nothing by small letters.
    """
    small = {one.folded for one in words if one.word[:1].islower() and len(one.folded) > 1 and not one.capital}
    if not any(one.capital for one in words):
        small = set()
    return frozenset(small | listed("things") | stops(language) | stop_words(language) | _rare_not(language))


@cache
def _rare_not(language: str) -> frozenset[str]:
    return listed("frequent") if language == "en" else frozenset()


def _capitals(look: _Look, found: set[str], public: dict[str, bool]) -> None:
    """Rows of capitalised words: into ``found`` their parts, into ``public`` full names and if they hold office."""
    rows = [row for line in _lines(look) for row in _rows(look, line)]
    # An initial counts: "I. Mankuri" is a name as surely as one in full.
    full = [row for row in rows if len(row) > 1 and any(len(one.folded.strip(".")) > 1 for one in row)]
    for row in full:
        name = " ".join(one.folded for one in row)
        public[name] = public.get(name, False) or _in_office(look, row)
    for row in full:
        name = " ".join(one.folded for one in row)
        if not public[name]:
            found.update(_parts(look, row))
    single = [row for row in rows if len(row) == 1]
    # Twice: in a list of names each is known by its neighbour.
    for row in [*single, *reversed(single)]:
        if _marked(look, row[0], found):
            found.update(_parts(look, row))


def _parts(look: _Look, row: Sequence[Token]) -> Iterator[str]:
    for one in row:
        plain = one.folded.strip(".")
        if len(row) > 1 and look.taken.get(one.start) in {*_PLACES, "demonym"}:
            continue
        if plain not in PARTICLES and plain not in listed("titles") and len(plain) > 1:
            yield plain
            yield from (half for half in plain.split("-") if len(half) > SHORT)


def _lines(look: _Look) -> Iterator[list[Token]]:
    """The words of each line; of a line that is all in capitals, or has one at nearly every word, those not common."""
    by_line: dict[int, list[Token]] = {}
    ends = [match.end() for match in _LINE.finditer(look.shown)]
    at = 0
    for one in look.tokens:
        while at < len(ends) - 1 and one.start >= ends[at]:
            at += 1
        by_line.setdefault(at, []).append(one)
    yield from by_line.values()


def _rows(look: _Look, line: Sequence[Token]) -> Iterator[list[Token]]:
    shouted = _headline(line)
    row: list[Token] = []
    for index, one in enumerate(line):
        if not row and not one.capital:
            continue
        if _begins(look, one, row, shouted=shouted):
            row.append(one)
            continue
        yield from _closed(look, row)
        row = [one] if _begins(look, one, [], shouted=shouted) or _leads(look, line, index, shouted=shouted) else []
    yield from _closed(look, row)


def _leads(look: _Look, line: Sequence[Token], index: int, *, shouted: bool) -> bool:
    """Whether a common word with a capital amid a sentence begins a name: what follows it directly is one."""
    one = line[index]
    if shouted or not one.capital or look.taken.get(one.start) in _KNOWN:
        return False
    if index == 0 or not line[index - 1].word[0].isalpha() or index + 1 >= len(line):
        return False
    if one.folded in look.hard and not _is_cue(look, line[index - 1]):
        return False
    return line[index + 1].start - one.end == 1 and _capital(look, line[index + 1], shouted=shouted)


def _headline(line: Sequence[Token]) -> bool:
    """Whether capitals say nothing in a line: a headline that has one at every longer word."""
    words = [one for one in line if len(one.word) > SHORT and one.word[0].isalpha()]
    return len(words) > 2 and sum(one.capital for one in words) >= 0.75 * len(words) and line[-1].word != "."


def _begins(look: _Look, one: Token, row: Sequence[Token], *, shouted: bool) -> bool:
    if not row:
        return _capital(look, one, shouted=shouted)
    between = look.shown[row[-1].end : one.start]
    if between.strip(" \u00a0") or len(between) > 2 or len(row) >= _MOST_WORDS:
        return False
    if one.folded in PARTICLES and one.word.islower():
        return True
    # Within a row a capital counts for more than the lists: Said, Win and Baloch stand in names too.
    inside = one.capital and not shouted and one.folded not in look.hard
    return inside or _capital(look, one, shouted=shouted)


def _capital(look: _Look, one: Token, *, shouted: bool) -> bool:
    if not one.capital or look.taken.get(one.start) in _KNOWN:
        return False
    if one.word.isupper() and 2 <= len(one.word) <= 5 and not shouted:
        return False
    return one.folded not in look.common


def _closed(look: _Look, row: list[Token]) -> Iterator[list[Token]]:
    while row and ((row[-1].folded in PARTICLES and not row[-1].capital) or row[-1].word.endswith(".")):
        row = row[:-1]
    if row and not all(look.taken.get(one.start) in _PLACES for one in row) and not _of_a_body(look, row[-1]):
        yield row


def _of_a_body(look: _Look, last: Token) -> bool:
    """Whether a word of organisations follows directly: Joint Action Committee."""
    index = _at(look, last.start) + 1
    if index >= len(look.tokens) or look.tokens[index].start - last.end != 1:
        return False
    follows = look.tokens[index]
    return follows.capital and not follows.word.isupper() and follows.folded in _bodies()


@cache
def _bodies() -> frozenset[str]:
    return listed("things") | listed("bodies")


def _before(look: _Look, start: int, most: int = 3) -> list[str]:
    """The folded words directly before a place, the nearest last, as far as the phrase goes."""
    words: list[str] = []
    index = _at(look, start) - 1
    while index >= 0 and len(words) < most:
        one = look.tokens[index]
        if not one.word[0].isalpha() and one.word not in ("-", "’", "'"):
            break
        words.insert(0, one.folded.strip("."))
        index -= 1
    return words


def _at(look: _Look, start: int) -> int:
    return bisect_left(look.tokens, start, key=lambda one: one.start)


def _in_office(look: _Look, row: Sequence[Token]) -> bool:
    """Whether the words before or the apposition after say that this person holds office, judges or is accused."""
    if _struck(look, row[0].start, row[-1].end):
        return False
    before = set(_before(look, row[0].start, 4))
    if before & listed("bodies") or set(roles(tuple(before), look.language)) & set(_WORK):
        return False
    if before & listed("office"):
        return True
    after = look.shown[row[-1].end : row[-1].end + 80]
    apposed = fold_name(after[1:].partition(",")[0]).split()[:9] if after.startswith(",") else []
    return bool(set(apposed[:4]) & listed("office")) and not set(apposed) & listed("bodies")


_DONE = re.compile(
    r"\s(?:and \S+ )?(?:who )?(?:was|were|is|are|ha[sd] been|have been|fue|fueron|ha sido|a été|foi|wurde|был[аи]?)\b"
)


def _struck(look: _Look, start: int, end: int) -> bool:
    """Whether the sentence says beside a name that something was done to its bearer."""
    # The acts are in order: looked through in whole for each name, a text that repeats itself took minutes.
    behind = look.acts[bisect_right(look.acts, end) : bisect_right(look.acts, end + 30)]
    if any("." not in look.shown[end:place] for place in behind) and _DONE.match(look.shown, end):
        return True
    ahead = look.acts[bisect_left(look.acts, start - 40) : bisect_left(look.acts, start)]
    return any(" of " in look.shown[place:start] for place in ahead)


def _marked(look: _Look, one: Token, found: set[str]) -> bool:
    """Whether a single capitalised word is a name: a title or a work before it, an age after it, an act beside it."""
    if one.folded in found:
        return True
    before = _before(look, one.start, 2)
    near = before[-1:]
    if set(near) & listed("office"):
        return False
    if set(near) & listed("titles") or set(roles(near, look.language)) & {*_WORK, "man", "woman", "child"}:
        return True
    after = look.shown[one.end : one.end + 45]
    if re.match(r",? (?:aged )?\(?\d\d?\b[,)]", after):
        return True
    if look.taken.get(one.start) in _PLACES:
        return False
    if _struck(look, one.start, one.end):
        return True
    follows = re.match(rf"(?:, (?:and )?| and )({LETTERS}[\w'’-]+)", after)
    leads = re.search(rf"({LETTERS}[\w'’-]+)(?:, (?:and )?| and )$", look.shown[max(0, one.start - 40) : one.start])
    return any(found_ and folded_word(found_[1]) in found for found_ in (follows, leads))


def _cued(look: _Look) -> Iterator[str]:
    """Words behind a word of work or a title where no capital tells a name: other scripts, and text in one case."""
    spaced = look.script not in CASED and look.script not in UNSPACED
    for line in _lines(look):
        flat = sum(one.capital for one in line) == 0 and len(line) > 2
        if not (spaced or (flat and line[0].start <= look.title)):
            continue
        for index, one in enumerate(line):
            cue = one.folded in listed("cues") or (flat and _is_cue(look, one))
            if cue:
                yield from _taken_from(look, line[index + 1 : index + 5])
            elif spaced and (one.folded in listed("given") or one.folded in listed("links")):
                yield from _taken_from(look, line[index : index + 4])


def _is_cue(look: _Look, one: Token) -> bool:
    return one.folded in listed("titles") or bool(set(roles([one.folded], look.language)) & set(_WORK))


def _taken_from(look: _Look, words: Sequence[Token]) -> Iterator[str]:
    small = stop_words(look.language)
    for one in words:
        known = look.taken.get(one.start, "")
        if not one.word[0].isalpha() or known or one.folded in small or one.folded in listed("cues"):
            return
        if look.script in CASED and (one.folded in listed("things") or one.folded in _rare_not(look.language)):
            return
        if one.folded not in listed("links") and one.folded not in PARTICLES:
            yield one.folded


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    words = table()
    before = "|".join(sorted(map(re.escape, words["before"].split()), key=len, reverse=True))
    after = "|".join(sorted(map(re.escape, words["after"].split()), key=len, reverse=True))
    han, hangul = f"[{words['surnames']}][{_HAN}]{{1,2}}", f"[{words['surnames_ko']}][{_HANGUL}]{{1,2}}"
    return (
        re.compile(
            rf"(?:{before})[\s“\"「《]*({han}?)(?=$|[^{_HAN}]|[被遭在因于於已涉向说說称稱的和与與及等失遇入获獲])"
        ),
        re.compile(rf"(?:{before})[\s“\"「《]*({han})"),
        re.compile(rf"(?<![{_HAN}])({han}?)(?={after})"),
        re.compile(rf"({han})[的]?(?={after})"),
        re.compile(rf"(?:기자|변호사|활동가|작가|언론인|블로거)\s*({hangul})"),
        re.compile(rf"({hangul})\s*(?=씨|기자|변호사|작가|활동가|군이|양이)"),
        re.compile(rf"([{_HAN}]{{2,4}}|[\u30a0-\u30ff・]{{3,14}})(?=さん|氏|容疑者|記者|被告)"),
        re.compile(r"(?:นักข่าว|นักกิจกรรม|ทนายความ|นางสาว|นาย|นาง)\s*([\u0e00-\u0e7f]{2,14}(?: [\u0e00-\u0e7f]{2,16})?)"),
        re.compile(r"(?:သတင်းထောက်|အယ်ဒီတာ|ဦး|ဒေါ်|ကို|မ)\s*([\u1000-\u109f]{3,20})"),
    )


def _unspaced(shown: str) -> set[str]:
    """Names in scripts without spaces, by what stands directly before or after."""
    if shown.isascii():
        return set()
    return {
        part
        for pattern in _patterns()
        for match in pattern.finditer(shown)
        for part in match[1].split()
        if len(part) > 1 and len(part) <= _LONGEST
    }
