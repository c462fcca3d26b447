"""Where it happened: country, region and city; none is an answer."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import log1p

from babel import Locale

from tocsin.analysis.text.folding import fold_name
from tocsin.analysis.text.lexicon import Hit
from tocsin.analysis.text.persecution.account import Span, Value
from tocsin.analysis.text.persecution.seeing import Seen
from tocsin.analysis.text.persecution.weights import Weights
from tocsin.analysis.text.places import Located, locate

_MOST_SPANS = 3
_MOST = 60
_NAME = r"[A-Z][\w'’-]+(?: (?:of |al-|el |de |du )?[A-Z][\w'’-]+){0,2}"
_IN = re.compile(
    rf"\b(?P<how>in|at|near|from|of|to|outside) (?:the )?(?:(?:city|town|village|port|capital) of )?(?P<name>{_NAME})"
)
_COMMA = re.compile(r"\A, (?=[A-Z])")
_REGION = re.compile(
    rf"\b(?P<name>{_NAME}) (?:[Ss]tate|[Pp]rovince|[Rr]egion|[Gg]overnorate|[Oo]blast|[Cc]ounty|[Pp]refecture)\b"
    rf"|\b(?:state|province|region|governorate|county) of (?P<other>{_NAME})"
)
_DATELINE = re.compile(r"\A\s*(?P<name>[A-Z][A-Z .'-]{2,24})(?:,| \(|—| [-–—])")
_NOT = (
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday court police state government parliament ministry university president"
)
_NO_PLACE = frozenset(_NOT.split())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be meant: a country's code or a name as written, its features, and where it stands."""

    value: str
    features: dict[str, float]
    spans: tuple[Span, ...]


def located(seen: Seen) -> Located:
    """The countries of a text, as ``places`` weighs them."""
    told = bool(seen.harmful)
    return locate(seen.text, seen.hits, seen.harmful, seen.title, seen.source_country, told, seen.language)


def countries(seen: Seen, found: Located) -> list[Candidate]:
    """Every country named, with how and where it is named."""
    by: dict[str, list[Hit]] = {}
    for hit, code in found.mentions:
        by.setdefault(code[:2], []).append(hit)
    shares = dict(found.countries)
    ranked = [code for code, _ in found.countries]
    most = max((len(hits) for hits in by.values()), default=1)
    total = sum(len(hits) for hits in by.values()) or 1
    made = []
    for code, hits in by.items():
        told = {"one": 1.0, "share": shares.get(code, 0.0), "count": log1p(len(hits)), "most": float(len(hits) == most)}
        told["part"] = len(hits) / total
        told["rank:1"] = float(ranked[:1] == [code])
        told["rank:2"] = float(ranked[1:2] == [code])
        told["only"] = float(len(by) == 1)
        told["start"] = min(hit.start for hit in hits) / max(1, len(seen.text.plain))
        told["first"] = float(min(by, key=lambda c: by[c][0].start) == code)
        for kind in ("place", "city", "demonym"):
            n = sum(hit.sign.kind == kind for hit in hits)
            told[f"kind:{kind}"] = log1p(n)
            told[f"any:{kind}"] = float(n > 0)
        zones = Counter(seen.zone(hit.start) for hit in hits)
        for zone in ("title", "lead"):
            told[f"zone:{zone}"] = log1p(zones[zone])
            told[f"in:{zone}"] = float(zones[zone] > 0)
        near = sum(seen.nearest(hit.start) < 80 for hit in hits)
        told["near"] = log1p(near)
        told["near:part"] = near / len(hits)
        told["inside"] = log1p(sum(seen.text.plain[: hit.start + 1].endswith(" in ") for hit in hits))
        told["own"] = float(seen.source_country.upper() == code)
        told[f"code:{code}"] = 1.0 if code in ("US", "GB") else 0.0
        made.append(Candidate(code, told, _spans(seen, hits)))
    return made


def _spans(seen: Seen, hits: list[Hit]) -> tuple[Span, ...]:
    ordered = sorted(hits, key=lambda hit: (seen.nearest(hit.start) >= 80, hit.start))
    return tuple(seen.span(hit.start, hit.end) for hit in ordered[:_MOST_SPANS])


def country(seen: Seen, found: Located, weights: Weights) -> Value | None:
    """The country where it happened."""
    return best(countries(seen, found), "country", weights)


def best(found: list[Candidate], unit: str, weights: Weights) -> Value | None:
    """The candidate that the model finds likeliest, if likely enough."""
    model, least = weights.models[unit], weights.thresholds[unit]
    scored = [(model.probability(one.features), one) for one in found]
    if not scored:
        return None
    probability, one = max(scored, key=lambda pair: (pair[0], pair[1].value))
    return Value(one.value, round(probability, 3), one.spans) if probability >= least else None


def cities(seen: Seen, found: Located, code: str) -> list[Candidate]:
    """Names that may be the city: known ones in every language, and in English what stands after "in" and its like."""
    places: dict[str, list[tuple[int, int, str]]] = {}
    for start, end, how in _named(seen):
        name = " ".join(seen.text.source[start:end].split())
        folded = fold_name(name)
        if folded in _countries() or not folded or set(folded.split()) & _NO_PLACE:
            continue
        places.setdefault(name.title() if name.isupper() else name, []).append((start, end, how))
    of_country = {
        fold_name(seen.text.source[slice(*seen.text.span(hit.start, hit.end))]): mentioned
        for hit, mentioned in found.mentions
        if hit.sign.kind == "city"
    }
    made = []
    for name, stands in list(places.items())[:_MOST]:
        ways = Counter(how for _, _, how in stands)
        at = [seen.text.position(start) for start, _, _ in stands]
        known = of_country.get(fold_name(name), "")
        told = {"one": 1.0, "count": log1p(len(stands)), "words": float(len(name.split()))}
        told |= {f"how:{how}": log1p(n) for how, n in ways.items()}
        told["known"] = float(bool(known))
        told["known:here"] = float(bool(known) and known == code)
        told["known:elsewhere"] = float(bool(known) and known != code)
        told["start"] = min(at) / max(1, len(seen.text.plain))
        told["first"] = float(min(at) == min(seen.text.position(s[0][0]) for s in places.values()))
        told["title"] = float(any(place < seen.title for place in at))
        told["lead"] = float(any(seen.zone(place) == "lead" for place in at))
        told["near"] = log1p(sum(seen.nearest(place) < 80 for place in at))
        told["others"] = log1p(len(places))
        told["all"] = log1p(seen.text.source.count(name))
        after = seen.text.source[stands[0][1] : stands[0][1] + 30]
        told["comma"] = float(bool(_COMMA.match(after)))
        spans = tuple(Span(start, end) for start, end, _ in stands[:_MOST_SPANS])
        made.append(Candidate(name, told, spans))
    return made


def _named(seen: Seen) -> Iterator[tuple[int, int, str]]:
    taken: set[int] = set()
    for hit in seen.hits:
        if hit.sign.kind == "city":
            start, end = seen.text.span(hit.start, hit.end)
            if start not in taken:
                taken.add(start)
                yield start, end, "known"
    if seen.language != "en":
        return
    dateline = _DATELINE.match(seen.text.source[seen.text.source.find("\n") + 1 :][:60])
    if dateline:
        begin = seen.text.source.find("\n") + 1
        yield begin + dateline.start("name"), begin + dateline.end("name"), "dateline"
    for match in _IN.finditer(seen.text.source):
        if match.start("name") not in taken:
            yield match.start("name"), match.end("name"), match["how"]


def regions(seen: Seen) -> list[Candidate]:
    """Names that are called a state, province or region, in English."""
    if seen.language != "en":
        return []
    places: dict[str, list[tuple[int, int]]] = {}
    for match in _REGION.finditer(seen.text.source):
        group = "name" if match["name"] else "other"
        name = match[group]
        if fold_name(name) not in _countries() and not set(fold_name(name).split()) & _NO_PLACE:
            places.setdefault(name, []).append(match.span(group))
    made = []
    for name, stands in list(places.items())[:_MOST]:
        at = [seen.text.position(start) for start, _ in stands]
        told = {"one": 1.0, "count": log1p(len(stands)), "others": float(len(places))}
        told["start"] = min(at) / max(1, len(seen.text.plain))
        told["early"] = float(any(seen.zone(place) != "body" for place in at))
        told["near"] = log1p(sum(seen.nearest(place) < 80 for place in at))
        told["all"] = log1p(seen.text.source.count(name))
        made.append(Candidate(name, told, tuple(Span(*one) for one in stands[:_MOST_SPANS])))
    return made


@cache
def _countries() -> frozenset[str]:
    names = {fold_name(name) for code, name in Locale("en").territories.items()}
    return frozenset(names | {"us", "uk", "u s", "u k", "united states of america", "america", "britain", "england"})
