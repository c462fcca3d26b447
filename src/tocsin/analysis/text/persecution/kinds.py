"""Kinds of violation and of perpetrator: features of a whole text, and what the models make of them."""

from collections import Counter
from math import log1p

from tocsin.analysis.text.lexicon import Hit
from tocsin.analysis.text.persecution.account import PERPETRATORS, VIOLATIONS, Span, Value
from tocsin.analysis.text.persecution.seeing import HARMFUL, Seen
from tocsin.analysis.text.persecution.weights import Features, Weights, scaled

_SHOWN = 3
_FAINT = 0.15
_ACTS_OF = {
    "arbitrary detention": ("detain", "court"),
    "enforced disappearance": ("vanish",),
    "kidnapping": ("kidnap",),
    "killing": ("kill",),
    "torture": ("torture",),
    "other": ("threat", "assault", "sexual", "displace", "raid", "court", "labour"),
}
_HARMS_OF = {
    "arbitrary detention": ("arrest",),
    "enforced disappearance": ("disappearance",),
    "kidnapping": ("disappearance",),
    "killing": ("killing",),
    "torture": ("violence",),
    "other": ("threat", "violence", "legal-demand", "surveillance", "affiliate-attack"),
}
_FOREMOST = (*HARMFUL, "court")
_ACTING = ("official", "gang", "private")


def features(seen: Seen) -> dict[str, float]:
    """Features of a text: its acts and signs, the same in every language.

    Words of their own language were tried beside them: on what was held out they told nothing more.
    """
    together = scaled(_foremost(seen), 1.5) | scaled(_pairs(seen), 1.5)
    return scaled(_of_acts(seen), 3.0) | scaled(_of_signs(seen), 2.0) | together


def _of_acts(seen: Seen) -> dict[str, float]:
    all_, lead, title = Counter[str](), Counter[str](), Counter[str]()
    for hit in seen.acts:
        zone = seen.zone(hit.start)
        all_[hit.sign.key] += zone != "title"
        lead[hit.sign.key] += zone == "lead"
        title[hit.sign.key] += zone == "title"
    length, total = max(len(seen.text.plain), 300), sum(all_.values()) or 1
    told: dict[str, float] = {}
    for key in sorted({hit.sign.key for hit in seen.acts}):
        told[f"n:{key}"] = log1p(all_[key])
        told[f"d:{key}"] = min(2.0, all_[key] * 1000 / length)
        told[f"l:{key}"] = log1p(lead[key])
        told[f"t:{key}"] = float(title[key] > 0)
        told[f"p:{key}"] = 1.0
        told[f"s:{key}"] = 3 * all_[key] / total
    return told


def _foremost(seen: Seen) -> dict[str, float]:
    """Which acts against people a text most speaks of, in its title, its lead and altogether."""
    told: dict[str, float] = {}
    for zone in ("title", "lead", "all"):
        counts = Counter(
            hit.sign.key
            for hit in seen.acts
            if hit.sign.key in _FOREMOST and (zone == "all" or seen.zone(hit.start) == zone)
        )
        for rank, (key, _) in enumerate(counts.most_common(3), 1):
            told[f"top:{rank}:{zone}:{key}"] = 1.0
        told[f"kinds:{zone}"] = len(counts) / 5
    return told


def _pairs(seen: Seen) -> dict[str, float]:
    """Kinds of act that stand in title and lead together."""
    keys = sorted({hit.sign.key for hit in seen.acts if seen.zone(hit.start) != "body"})
    return {f"both:{one}:{other}": 1.0 for i, one in enumerate(keys) for other in keys[i + 1 :]}


def _of_signs(seen: Seen) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for hit in seen.hits:
        sign = hit.sign
        if sign.kind in ("harm", "actor", "target"):
            weight = sign.weight if sign.kind == "harm" else 1.0
            counts[f"{sign.kind}:{sign.key}"] += weight  # type: ignore[assignment]
            zone = seen.zone(hit.start)
            if zone != "body":
                counts[f"{zone}:{sign.kind}:{sign.key}"] += weight  # type: ignore[assignment]
    return {name: log1p(count) for name, count in counts.items()}


def violations(seen: Seen, told: Features, weights: Weights) -> tuple[Value, ...]:
    """Kinds of violation that the text tells of, the surest first; none if the language is not read."""
    sure = {kind: weights.models[f"violation:{kind}"].probability(told) for kind in VIOLATIONS}
    most, least = max(sure.values()), weights.thresholds["violation"]
    found = []
    for kind, probability in sure.items():
        spans = _spans(seen, kind)
        # Where no kind is likely, the likeliest is still the best answer, if a word of the text supports it.
        if spans and (probability >= least or (probability == most and most >= _FAINT)):
            found.append(Value(kind, round(probability, 3), spans))
    return tuple(sorted(found, key=lambda one: (-one.confidence, one.value)))


def perpetrator(seen: Seen, told: Features, weights: Weights) -> tuple[Value | None, Value | None]:
    """Whether a perpetrator is mentioned, and of which type."""
    mentioned = weights.models["perpetrator:mentioned"].probability(told)
    spans = _acting(seen)
    if mentioned < weights.thresholds["perpetrator:mentioned"] or not (spans or seen.harmful):
        return None, None
    chances = {kind: weights.models[f"perpetrator:{kind}"].probability(told) for kind in PERPETRATORS}
    total = sum(chances.values()) or 1.0
    best = max(PERPETRATORS, key=lambda kind: chances[kind])
    return Value("yes", round(mentioned, 3), spans), Value(best, round(chances[best] / total, 3), spans)


def _spans(seen: Seen, kind: str) -> tuple[Span, ...]:
    """Where the text says so: the title and the lead first."""
    hits = [hit for hit in seen.acts if hit.sign.key in _ACTS_OF[kind]]
    hits = hits or [hit for hit in seen.hits if hit.sign.kind == "harm" and hit.sign.key in _HARMS_OF[kind]]
    return _shown(seen, hits)


def _acting(seen: Seen) -> tuple[Span, ...]:
    hits = [hit for hit in seen.acts if hit.sign.key in _ACTING]
    hits = hits or [hit for hit in seen.hits if hit.sign.kind == "actor"]
    near = [hit for hit in hits if seen.nearest(hit.start) < 120]
    return _shown(seen, near or hits)


def _shown(seen: Seen, hits: list[Hit]) -> tuple[Span, ...]:
    return tuple(seen.span(hit.start, hit.end) for hit in hits[:_SHOWN])
