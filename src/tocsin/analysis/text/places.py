"""Weighs the places named in a text, and says which country and region it is about; none is an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from tocsin.analysis.text.folding import Folded, fold_name
from tocsin.analysis.text.lexicon import Hit
from tocsin.analysis.text.misleading import settled, writes_from


def _folded(words: str) -> frozenset[str]:
    return frozenset(fold_name(word) for word in words.split())


# A region's own name goes before a country's, which goes before a city's and a people's.
_KINDS = {"region": 0, "place": 0, "local": 0, "city": 1, "demonym": 2}
_TITLE = 3.0
_LEAD = 1.4
_LEAD_CHARACTERS = 400
_DATELINE = 0.6
_DATELINE_CHARACTERS = 45
_NEAR_HARM = 1.3
_NEAR = 120
_WRITER = 0.15
_THERE = 1.5
# Right before a name, these say that something happened there; a direction or an article may stand between.
_WHERE = _folded(
    "in at near across inside within outside throughout en au aux dans em na nos nas im bei v ve w we på "
    "в во на у στη στην στο في در"
)
_BETWEEN = _folded(
    "the northern southern eastern western central north south east west northwestern northeastern southwestern "
    "southeastern northwest northeast southwest southeast neighbouring neighboring rural downtown occupied"
)
_OWN_COUNTRY = 0.5
_ENOUGH = 0.65
_SHARE = 0.3
_REGION_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Located:
    """The country a text is about (empty: none stands out), each country's share, and the mentions that count.

    ``region`` is the ISO 3166-2 code of a first-level region of that country (empty: none, or several alike), and
    ``regional`` are the mentions that tell regions.
    """

    country: str
    countries: tuple[tuple[str, float], ...]
    mentions: tuple[tuple[Hit, str], ...]
    region: str = ""
    regional: tuple[tuple[Hit, str], ...] = ()


def locate(
    text: Folded, hits: Sequence[Hit], harm_starts: Sequence[int], title_length: int, source_country: str,
    harmful: bool, language: str = "",
) -> Located:  # fmt: skip
    """Weighs place hits by what they are and where they stand.

    Args:
        text: the folded text.
        hits: all hits of the text, in order.
        harm_starts: where its words of harm begin, in order.
        title_length: in folded characters.
        source_country: where the source has its seat; weighs little, and alone only if the text tells of harm.
        harmful: whether the text tells of harm.
        language: of the text (ISO 639); names in its own language go before others.
    """
    named = [h for h in hits if h.sign.kind in _KINDS and not (h.sign.kind == "local" and language == "und")]
    longest, shared = _longest(text, named, language)
    mentions = _told_apart(settled(text, longest, language), shared)
    weights: dict[str, float] = {}
    regions: dict[str, float] = {}
    times: dict[str, int] = {}
    for hit, code in mentions:
        country = code[:2]
        n = times[country] = times.get(country, 0) + 1
        weight = _weight(text, hit, harm_starts, title_length)
        weights[country] = weights.get(country, 0.0) + weight / sqrt(n)
        if len(code) > 2:
            n = times[code] = times.get(code, 0) + 1
            regions[code] = regions.get(code, 0.0) + weight / sqrt(n)
    source_country = source_country.upper()
    if len(source_country) == 2 and source_country.isalpha():
        if source_country in weights:
            weights[source_country] += _OWN_COUNTRY
        elif harmful and not weights:
            weights[source_country] = _ENOUGH
    total = sum(weights.values())
    # Of two that weigh the same, the one named first.
    ranked = sorted(weights.items(), key=lambda t: -t[1])
    countries = tuple((code, round(w / total, 4)) for code, w in ranked[:8])
    stands_out = ranked and ranked[0][1] >= _ENOUGH and ranked[0][1] / total >= _SHARE
    country = ranked[0][0] if stands_out else ""
    return Located(
        country,
        countries,
        tuple((hit, code[:2]) for hit, code in mentions),
        _region(country, regions),
        tuple((hit, code) for hit, code in mentions if len(code) > 2),
    )


def _region(country: str, regions: dict[str, float]) -> str:
    """The region of the country that stands out among its regions; empty if none does."""
    ranked = sorted(((w, code) for code, w in regions.items() if code[:2] == country), reverse=True)
    if not ranked or ranked[0][0] < _REGION_SHARE * sum(w for w, _ in ranked):
        return ""
    return "" if len(ranked) > 1 and ranked[1][0] > 0.97 * ranked[0][0] else ranked[0][1]


def _longest(text: Folded, hits: list[Hit], language: str) -> tuple[list[Hit], dict[int, list[str]]]:
    """Without hits that lie within a longer one, and one reading each span; and what else it could stand for.

    A name goes before a city, a city before a people; the text's own language before others, many before few.
    """
    plain = text.plain
    kept: list[Hit] = []
    shared: dict[int, list[str]] = {}
    reach = first = -1

    def order(hit: Hit) -> tuple[object, ...]:
        start, end = _trimmed(plain, hit)
        sign = hit.sign
        foreign = bool(sign.languages) and language not in sign.languages
        return start, -end, _KINDS[sign.kind], foreign, -len(sign.key), -len(sign.languages), sign.key

    for hit in sorted(hits, key=order):
        start, end = _trimmed(plain, hit)
        if end <= reach:
            if start == first and end == reach and hit.sign.kind == kept[-1].sign.kind == "region":
                shared.setdefault(kept[-1].start, [kept[-1].sign.key]).append(hit.sign.key)
            continue
        if kept and start < reach and hit.sign.key == kept[-1].sign.key:
            continue
        kept.append(hit)
        reach, first = max(reach, end), start
    return kept, shared


def _trimmed(plain: str, hit: Hit) -> tuple[int, int]:
    start, end = hit.start, hit.end
    return start + (plain[start] == " "), end - (plain[end - 1] == " ")


def _told_apart(mentions: list[tuple[Hit, str]], shared: dict[int, list[str]]) -> list[tuple[Hit, str]]:
    """Names that regions of several countries share ("Punjab") go to the country that the text names most."""
    if not shared:
        return mentions
    times: dict[str, int] = {}
    for hit, code in mentions:
        if hit.start not in shared:
            times[code[:2]] = times.get(code[:2], 0) + 1
    return [
        (hit, max(shared.get(hit.start, [code]), key=lambda one: (times.get(one[:2], 0), one == code)))
        for hit, code in mentions
    ]


def _weight(text: Folded, hit: Hit, harm_starts: Sequence[int], title_length: int) -> float:
    weight = hit.sign.weight
    if hit.start < title_length:
        weight *= _TITLE
    elif hit.start < title_length + _DATELINE_CHARACTERS and _is_dateline(text, hit):
        return weight * _DATELINE
    elif hit.start < title_length + _LEAD_CHARACTERS:
        weight *= _LEAD
    if writes_from(text, hit):
        return weight * _WRITER
    if any(-_NEAR <= start - hit.start <= _NEAR for start in harm_starts):
        weight *= _NEAR_HARM
    return weight * _THERE if _is_where(text.plain, hit.start) else weight


def _is_where(plain: str, start: int) -> bool:
    words = plain[max(0, start - 40) : start].split()
    while words and words[-1] in _BETWEEN:
        words.pop()
    return bool(words) and words[-1] in _WHERE


def _is_dateline(text: Folded, hit: Hit) -> bool:
    """Whether a dash or a bracket soon after a name at the very beginning makes it a dateline: "LAGOS (Agency) —"."""
    _, end = text.span(hit.start, hit.end)
    after = text.source[end : end + 40]
    return any(mark in after for mark in (" — ", " – ", " - ", "—", "(Reuters)", "(AP)", "(AFP)", ") -"))
