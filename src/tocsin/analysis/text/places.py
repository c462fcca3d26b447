"""Weighs the places named in a text, and says which country it is about; none is an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from tocsin.analysis.text.folding import Folded
from tocsin.analysis.text.gazetteer import traps
from tocsin.analysis.text.lexicon import Hit

_TITLE = 3.0
_LEAD = 1.4
_LEAD_CHARACTERS = 400
_DATELINE = 0.6
_DATELINE_CHARACTERS = 45
_NEAR_HARM = 1.6
_NEAR = 120
_OWN_COUNTRY = 0.5
_ENOUGH = 0.65
_SHARE = 0.3
# A name after one of these is a place.
_BEFORE_PLACES = frozenset(
    ("in", "from", "of", "to", "across", "inside", "near", "throughout", "within", "into", "for")
)


@dataclass(frozen=True, slots=True)
class Located:
    """The country a text is about (empty: none stands out), each country's share, and the mentions that count."""

    country: str
    countries: tuple[tuple[str, float], ...]
    mentions: tuple[tuple[Hit, str], ...]


def locate(
    text: Folded, hits: Sequence[Hit], harm_starts: Sequence[int], title_length: int, source_country: str, harmful: bool
) -> Located:
    """Weighs place hits by what they are and where they stand.

    Args:
        text: the folded text.
        hits: all hits of the text, in order.
        harm_starts: where its words of harm begin, in order.
        title_length: in folded characters.
        source_country: where the source has its seat; weighs little, and alone only if the text tells of harm.
        harmful: whether the text tells of harm.
    """
    mentions = _settled(text, _longest([h for h in hits if h.sign.kind in ("place", "city", "demonym")]))
    weights: dict[str, float] = {}
    times: dict[str, int] = {}
    for hit, code in mentions:
        n = times[code] = times.get(code, 0) + 1
        weights[code] = weights.get(code, 0.0) + _weight(text, hit, harm_starts, title_length) / sqrt(n)
    source_country = source_country.upper()
    if len(source_country) == 2 and source_country.isalpha():
        if source_country in weights:
            weights[source_country] += _OWN_COUNTRY
        elif harmful and not weights:
            weights[source_country] = _ENOUGH
    total = sum(weights.values())
    ranked = sorted(weights.items(), key=lambda t: (-t[1], t[0]))
    countries = tuple((code, round(w / total, 4)) for code, w in ranked[:8])
    country = ""
    if ranked and ranked[0][1] >= _ENOUGH and ranked[0][1] / total >= _SHARE:
        tied = len(ranked) > 1 and ranked[1][1] > 0.97 * ranked[0][1]
        country = "" if tied else ranked[0][0]
    return Located(country, countries, tuple(mentions))


def _longest(hits: list[Hit]) -> list[Hit]:
    """Without hits that lie within a longer one, and one reading each span: a name before a city before a people."""
    kept: list[Hit] = []
    rank = {"place": 0, "city": 1, "demonym": 2}
    ordered = sorted(hits, key=lambda h: (h.start, -h.end, rank[h.sign.kind], -len(h.sign.languages), h.sign.key))
    reach = -1
    for hit in ordered:
        if hit.end <= reach:
            continue
        if kept and hit.start < reach - 1 and hit.sign.key == kept[-1].sign.key:
            continue
        kept.append(hit)
        reach = max(reach, hit.end)
    return kept


def _settled(text: Folded, hits: list[Hit]) -> list[tuple[Hit, str]]:
    """Each hit with the country it stands for, once names that mean something else as often are settled."""
    known = traps()
    settled: list[tuple[Hit, str]] = []
    for hit in hits:
        trap = known.get(text.plain[hit.start : hit.end].strip())
        if trap is None or trap["code"] != hit.sign.key:
            settled.append((hit, hit.sign.key))
            continue
        code = _trapped(text, hit, trap)
        if code:
            settled.append((hit, code))
    return settled


def _trapped(text: Folded, hit: Hit, trap: dict[str, object]) -> str:
    plain = text.plain
    support = _count(plain, trap["support"])
    against = _count(plain, trap["against"])
    other, code = str(trap["other"]), str(trap["code"])
    if support > against:
        return code
    if against > support:
        return other
    before = plain[: hit.start].rsplit(None, 1)
    if before and before[-1] in _BEFORE_PLACES:
        return code
    # "Chad Smith": a capital right after makes it a person.
    _, end = text.span(hit.start, hit.end)
    after = text.source[end : end + 2]
    person = len(after) == 2 and after[0] == " " and after[1].isupper()
    return "" if person else code


def _count(plain: str, words: object) -> int:
    assert isinstance(words, list)
    return sum(f" {word} " in plain for word in words)


def _weight(text: Folded, hit: Hit, harm_starts: Sequence[int], title_length: int) -> float:
    weight = hit.sign.weight
    if hit.start < title_length:
        weight *= _TITLE
    elif hit.start < title_length + _DATELINE_CHARACTERS and _is_dateline(text, hit, title_length):
        return weight * _DATELINE
    elif hit.start < title_length + _LEAD_CHARACTERS:
        weight *= _LEAD
    if any(-_NEAR <= start - hit.start <= _NEAR for start in harm_starts):
        weight *= _NEAR_HARM
    return weight


def _is_dateline(text: Folded, hit: Hit, title_length: int) -> bool:
    """Whether a dash or a bracket soon after a name at the very beginning makes it a dateline: "LAGOS (Agency) —"."""
    _, end = text.span(hit.start, hit.end)
    after = text.source[end : end + 40]
    return any(mark in after for mark in (" — ", " – ", " - ", "—", "(Reuters)", "(AP)", "(AFP)", ") -"))
