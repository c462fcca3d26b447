"""On whom: what a text tells of those it happened to, and which words may be their names."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from math import log1p

from tocsin.analysis.text.folding import fold_name
from tocsin.analysis.text.languages import CASED, main_script
from tocsin.analysis.text.persecution.account import Span, Value, Victims
from tocsin.analysis.text.persecution.numbers import counted
from tocsin.analysis.text.persecution.seeing import HARMFUL, LEAD, Seen
from tocsin.analysis.text.persecution.weights import Weights
from tocsin.analysis.text.persecution.words import PARTICLES, roles, stops

_MOST = 120
_NEAR = 70
_CLOSE = 25
_READ = 8
_GAPS = (2, 5, 6)  # ", ", " and ", ", and "
_PRIOR = frozenset(("of", "by", "against", "and", "mr", "ms", "mrs", "for", "that", "the", "with", "to", "in"))
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_TOKEN = re.compile(rf"{_WORD}|\S")
# A small word tied to a name, as "al-" is; in lower case it is one in these alone.
_SMALL = PARTICLES | {"ad", "an", "ar", "as", "at", "ash", "az", "d", "l", "ul", "ur", "us"}
_TIED = re.compile(r"[^\W\d_]{1,3}['’-][^\W\d_]+(?:['’-][^\W\d_]+)*")
_ROLE_KINDS = {"journalist": "journalist", "unionist": "trade unionist", "defender": "human rights defender"}


@dataclass(frozen=True, slots=True)
class Named:
    """A name of a person, as it stands most fully, all the spans where it stands, and its features."""

    name: str
    spans: tuple[Span, ...]
    features: dict[str, float]


def people(seen: Seen) -> list[Named]:
    """Names that may be a person's: rows of capitalised words that are no place, day or thing known."""
    script = main_script(seen.text.source[:2_000])[0]
    if script not in CASED:
        return []
    rows = list(_rows(seen))
    full: dict[str, list[tuple[int, int]]] = {}
    for start, end, words in rows:
        if len(words) >= 2:
            full.setdefault(" ".join(words), []).append((start, end))
    last = {name.split()[-1]: name for name in reversed(list(full)) if len(name.split()[-1]) > 2}
    for start, end, words in rows:
        if len(words) == 1 and words[0] in last:
            full[last[words[0]]].append((start, end))
    listed = list(full.items())[:_MOST]
    around = _around(seen, listed)
    return [Named(name, tuple(Span(*one) for one in sorted(spans)), _features(seen, around, name, sorted(spans)))
            for name, spans in listed]  # fmt: skip


def _around(seen: Seen, listed: list[tuple[str, list[tuple[int, int]]]]) -> "_Around":
    source = seen.text.source
    counts = [len(spans) for _, spans in listed]
    acts = sorted((seen.text.span(hit.start, hit.end)[0], hit.sign.key) for hit in seen.acts)
    return _Around(
        names=len(listed),
        most=max(counts, default=0),
        all=sum(counts) or 1,
        title=source.find("\n"),
        lower=frozenset(word for word in re.findall(_WORD, source) if word[0].islower()),
        acts=tuple(at for at, _ in acts),
        keys=tuple(key for _, key in acts),
        starts=frozenset(start for _, spans in listed for start, _ in spans),
        ends=frozenset(end for _, spans in listed for _, end in spans),
    )


def _rows(seen: Seen) -> Iterator[tuple[int, int, list[str]]]:
    """Rows of one to four capitalised words, in order, without those that are places, days or words of a list."""
    source, taken, places = seen.text.source, *_taken(seen)
    stop = stops(seen.language)
    row: list[tuple[int, int, str]] = []
    for match in _TOKEN.finditer(source):
        word, start, end = match.group(), match.start(), match.end()
        joined = not row or (source[row[-1][1] : start].strip(" \u00a0") == "" and start - row[-1][1] <= 2)
        plain = word.casefold()
        # A family name may be a place's name too: it goes on with a name, but begins none.
        free = start not in taken and (start not in places or (bool(row) and joined))
        capital = _capital(word) and plain not in stop and free
        particle = bool(row) and plain in PARTICLES and joined
        if (capital or particle) and joined and not (word.isupper() and len(word) <= 4 and not row):
            row.append((start, end, word))
        else:
            yield from _closed(row)
            row = [(start, end, word)] if capital and not (word.isupper() and len(word) <= 4) else []
    yield from _closed(row)


def _capital(word: str) -> bool:
    """Whether a word is written as a name is: with a capital letter, or after a small word that is tied to it."""
    if word[0].isupper():
        return len(word) > 1
    first, _, rest = re.sub("['’]", "-", word).partition("-")
    return bool(_TIED.fullmatch(word)) and first in _SMALL and rest[:1].isupper()


def _closed(row: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, list[str]]]:
    while row and row[-1][2].casefold() in PARTICLES:
        row = row[:-1]
    if row and len(row) <= 5:
        yield row[0][0], row[-1][1], [word for _, _, word in row]


def _taken(seen: Seen) -> tuple[set[int], set[int]]:
    """Where words of dates, acts, actors and of us stand, which are in no person's name; and those of places."""
    firm = [(hit.start, hit.end) for hit in seen.hits if hit.sign.kind in ("our", "actor", "target")]
    firm += [(one.start, one.end) for one in seen.dates]
    firm += [(hit.start, hit.end) for hit in seen.acts]
    soft = [(hit.start, hit.end) for hit in seen.hits if hit.sign.kind in ("place", "city", "demonym")]
    return _covered(seen, firm), _covered(seen, soft)


def _covered(seen: Seen, spans: list[tuple[int, int]]) -> set[int]:
    return {at for start, end in spans for at in range(*seen.text.span(start, end))}


def _features(seen: Seen, told_of: "_Around", name: str, spans: list[tuple[int, int]]) -> dict[str, float]:
    source = seen.text.source
    words = name.split()
    told = {"one": 1.0, "count": log1p(len(spans)), "others": log1p(told_of.names), "words": float(len(words) == 2)}
    told["long"] = float(len(words) > 3)
    told["most"] = float(len(spans) == told_of.most)
    told["part"] = len(spans) / told_of.all
    told["first"] = spans[0][0] / max(1, len(source))
    told["title"] = float(any(start < told_of.title for start, _ in spans))
    told["lead"] = float(any(start < told_of.title + LEAD for start, _ in spans))
    # Words of a name stand nowhere without a capital; words of a body's or a law's name often do.
    told["lower"] = sum(word.casefold() in told_of.lower for word in words) / len(words)
    for start, end in spans[:_READ]:
        for key, value in _beside(seen, told_of, start, end):
            told[key] = told.get(key, 0.0) + value
    return {key: log1p(value) if value > 1 else value for key, value in told.items()}


@dataclass(frozen=True, slots=True)
class _Around:
    """What is the same for all names of a text; places are of the source."""

    names: int
    most: int
    all: int
    title: int
    lower: frozenset[str]
    acts: tuple[int, ...]
    keys: tuple[str, ...]
    starts: frozenset[int]
    ends: frozenset[int]


def _beside(seen: Seen, told_of: _Around, start: int, end: int) -> Iterator[tuple[str, float]]:
    """What stands beside one mention of a name."""
    source = seen.text.source
    before, after = fold_name(source[max(0, start - 40) : start]).split(), fold_name(source[end : end + 50]).split()
    for key in set(roles(before[-4:], seen.language)):
        yield f"role:{key}", 1.0
    for key in set(roles(after[:5], seen.language)):
        yield f"apposed:{key}", 1.0
    if re.match(r", (?:aged )?\d\d\b|\s\(\d\d\)", source[end : end + 10]):
        yield "aged", 1.0
    if re.match(r"\s?\([^\W\d_]*[A-Z]{2}", source[end : end + 12]):
        yield "short", 1.0
    yield from _acts_beside(told_of, start, end)
    yield from _said_beside(before, after)
    # One of a row of names: "A, B and C".
    listed = any(start - gap in told_of.ends for gap in _GAPS) + any(end + gap in told_of.starts for gap in _GAPS)
    if listed:
        yield "listed", float(listed)


def _acts_beside(told_of: _Around, start: int, end: int) -> Iterator[tuple[str, float]]:
    low = bisect_left(told_of.acts, start - _NEAR)
    for at in range(low, len(told_of.acts)):
        gap = told_of.acts[at] - start
        if gap >= _NEAR + (end - start):
            break
        side = "after" if gap > 0 else "before"
        yield f"{side}:{told_of.keys[at]}", 1.0
        if told_of.keys[at] in HARMFUL and -_CLOSE < gap < _CLOSE + (end - start):
            yield f"{side}:close", 1.0


def _said_beside(before: list[str], after: list[str]) -> Iterator[tuple[str, float]]:
    for word in after[:2]:
        if word in ("said", "says", "told", "added"):
            yield "says", 1.0
        if word in ("was", "were", "has", "had", "who"):
            yield f"next:{word}", 1.0
    if before[-1:] and before[-1] in _PRIOR:
        yield f"prior:{before[-1]}", 1.0


def victims(seen: Seen, weights: Weights) -> Victims:
    """Who it happened to, as far as the text tells."""
    model, least = weights.models["victim"], weights.thresholds["victim"]
    chosen = [one for one in people(seen) if model.probability(one.features) >= least] if seen.harmful else []
    count = counted(seen)
    if count is None and chosen:
        count = Value(str(len(chosen)), 0.4, tuple(one.spans[0] for one in chosen[:3]))
    about = [about_one(seen, one.spans) for one in chosen]
    return Victims(
        count=count,
        kinds=_kinds(seen),
        sex=_common([one.sex for one in about]),
        age=_common([one.age for one in about]),
        named=tuple(span for one in chosen for span in one.spans),
    )


@dataclass(frozen=True, slots=True)
class Trait:
    """What is told of one person; an empty string where it is not."""

    kinds: tuple[str, ...]
    sex: str
    age: str


def about_one(seen: Seen, spans: tuple[Span, ...]) -> Trait:
    """What the text tells of the person whose name stands at ``spans``, from the words around."""
    source = seen.text.source
    kinds: dict[str, int] = {}
    sex = {"man": 0, "woman": 0}
    age = ""
    for span in spans[:8]:
        before = fold_name(source[max(0, span.start - 60) : span.start]).split()
        after = fold_name(source[span.end : span.end + 140]).split()
        for key in (*roles(before[-6:], seen.language), *roles(after[:9], seen.language)):
            if key in _ROLE_KINDS:
                kinds[_ROLE_KINDS[key]] = kinds.get(_ROLE_KINDS[key], 0) + 1
        for near, weight in ((before[-4:], 2), (after[:24], 1)):
            for key in roles(near, seen.language):
                if key in sex:
                    sex[key] += weight
        if "child" in (*roles(before[-3:], seen.language), *roles(after[:4], seen.language)):
            age = "child"
        years = re.match(r",? (?:aged )?\(?(\d{1,2})\b", source[span.end : span.end + 12])
        if years:
            age = "child" if int(years[1]) < 18 else "adult"
    top = max(kinds.values(), default=0)
    told = "" if sex["man"] == sex["woman"] else max(sex, key=lambda key: sex[key])
    return Trait(tuple(sorted(kind for kind, n in kinds.items() if n == top)), told, age or "adult")


def _kinds(seen: Seen) -> tuple[Value, ...]:
    """Kinds of people that stand near words of harm."""
    near: dict[str, list[Span]] = {}
    for hit in seen.hits:
        if (
            hit.sign.kind == "target"
            and hit.sign.key in ("journalist", "defender", "photographer")
            and seen.nearest(hit.start) < _NEAR
        ):
            kind = "human rights defender" if hit.sign.key == "defender" else "journalist"
            near.setdefault(kind, []).append(seen.span(hit.start, hit.end))
    for hit in seen.acts:
        if (
            hit.sign.key == "labour"
            and "union" in seen.text.plain[hit.start : hit.end]
            and seen.nearest(hit.start) < _NEAR
        ):
            near.setdefault("trade unionist", []).append(seen.span(hit.start, hit.end))
    total = sum(len(spans) for spans in near.values())
    found = [Value(kind, round(len(spans) / (total + 1), 3), tuple(spans[:3])) for kind, spans in near.items()]
    return tuple(sorted(found, key=lambda one: (-one.confidence, one.value)))


def _common(told: list[str]) -> Value | None:
    said = {one for one in told if one}
    if not said:
        return None
    return Value(said.pop() if len(said) == 1 else "other", 0.5)
