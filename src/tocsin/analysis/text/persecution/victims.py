"""On whom: what a text tells of those it happened to, and which words may be their names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import log1p

from tocsin.analysis.text.folding import fold_name
from tocsin.analysis.text.languages import CASED, main_script
from tocsin.analysis.text.persecution.account import Span, Value, Victims
from tocsin.analysis.text.persecution.numbers import counted
from tocsin.analysis.text.persecution.seeing import Seen
from tocsin.analysis.text.persecution.weights import Weights
from tocsin.analysis.text.persecution.words import PARTICLES, roles, stops

_MOST = 60
_NEAR = 70
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_TOKEN = re.compile(rf"{_WORD}|\S")
_END = frozenset('.!?:;\n\u201c\u201d"')
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
    return [Named(name, tuple(Span(*one) for one in sorted(spans)), _features(seen, name, sorted(spans), len(listed)))
            for name, spans in listed]  # fmt: skip


def _rows(seen: Seen) -> Iterator[tuple[int, int, list[str]]]:
    """Rows of one to four capitalised words, in order, without those that are places, days or words of a list."""
    source, taken = seen.text.source, _taken(seen)
    stop = stops(seen.language)
    row: list[tuple[int, int, str]] = []
    before = "."
    for match in _TOKEN.finditer(source):
        word, start, end = match.group(), match.start(), match.end()
        joined = not row or (source[row[-1][1] : start].strip(" \u00a0") == "" and start - row[-1][1] <= 2)
        plain = word.casefold()
        capital = word[0].isupper() and len(word) > 1 and plain not in stop and start not in taken
        particle = bool(row) and plain in PARTICLES and joined
        if (capital or particle) and joined and not (word.isupper() and len(word) <= 4 and not row):
            row.append((start, end, word))
        else:
            yield from _closed(row)
            row = [(start, end, word)] if capital and not (word.isupper() and len(word) <= 4) else []
        if not row and before in _END:
            pass
        before = word
    yield from _closed(row)


def _closed(row: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, list[str]]]:
    while row and row[-1][2].casefold() in PARTICLES:
        row = row[:-1]
    if row and len(row) <= 5:
        yield row[0][0], row[-1][1], [word for _, _, word in row]


def _taken(seen: Seen) -> set[int]:
    """Where words of places, dates, actors and of us begin: none of them begins a person's name."""
    taken: set[int] = set()
    spans = [
        (hit.start, hit.end)
        for hit in seen.hits
        if hit.sign.kind in ("place", "city", "demonym", "our", "actor", "target")
    ]
    spans += [(one.start, one.end) for one in seen.dates]
    spans += [(hit.start, hit.end) for hit in seen.acts]
    for start, end in spans:
        begin, stop = seen.text.span(start, end)
        taken.update(range(begin, stop))
    return taken


def _features(seen: Seen, name: str, spans: list[tuple[int, int]], all_: int) -> dict[str, float]:
    source = seen.text.source
    told = {"one": 1.0, "count": log1p(len(spans)), "others": log1p(all_), "words": float(len(name.split()) == 2)}
    told["long"] = float(len(name.split()) > 3)
    told["first"] = spans[0][0] / max(1, len(source))
    told["title"] = float(any(seen.text.position(start) < seen.title for start, _ in spans))
    told["lead"] = float(any(seen.zone(seen.text.position(start)) == "lead" for start, _ in spans))
    for start, end in spans[:8]:
        place = seen.text.position(start)
        before, after = fold_name(source[max(0, start - 40) : start]).split(), fold_name(source[end : end + 50]).split()
        for key in roles(before[-4:], seen.language):
            told[f"role:{key}"] = 1.0
        for key in roles(after[:5], seen.language):
            told[f"apposed:{key}"] = 1.0
        told["aged"] = max(
            told.get("aged", 0.0), float(bool(re.match(r", (?:aged )?\d\d\b|\s\(\d\d\)", source[end : end + 10])))
        )
        for hit in seen.acts:
            gap = hit.start - place
            if -_NEAR < gap < _NEAR + (end - start):
                side = "after" if gap > 0 else "before"
                told[f"{side}:{hit.sign.key}"] = told.get(f"{side}:{hit.sign.key}", 0.0) + 1.0
        for word in after[:2]:
            if word in ("said", "says", "told", "added"):
                told["says"] = told.get("says", 0.0) + 1.0
            if word in ("was", "were", "has", "had", "who"):
                told[f"next:{word}"] = 1.0
        if before[-1:] and before[-1] in ("of", "by", "against", "and", "mr", "ms", "mrs", "for", "that"):
            told[f"prior:{before[-1]}"] = told.get(f"prior:{before[-1]}", 0.0) + 1.0
    return {key: log1p(value) if value > 1 else value for key, value in told.items()}


def victims(seen: Seen, weights: Weights) -> Victims:
    """Who it happened to, as far as the text tells."""
    named = [(weights.models["victim"].probability(one.features), one) for one in people(seen)]
    chosen = [one for sure, one in named if sure >= weights.thresholds["victim"]]
    if not seen.harmful:
        chosen = []
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
