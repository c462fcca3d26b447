"""Weighs what was found in a text: which kind of harm it tells of, who acts, on whom, and whether it is about us."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from tocsin.analysis.text.lexicon import Hit

TOLD = 0.5  # the strength from which a text counts as telling of a harm
_SCALE = 4.0
_TITLE = 2.0
_LEAD = 1.3
_LEAD_CHARACTERS = 600
_NEAR = 120
# What can end; a title that says so leaves half of it.
_ENDS = frozenset(("site-ban", "throttling", "shutdown", "arrest", "disappearance"))
_OVER = 0.5
_URGENT_NEAR = 60
_COUNTED_NEAR = 14  # "12 local journalists"
_MOST_PEOPLE = 100_000
_COUNT = re.compile(r"(?<![\d ]) ?(?P<count>[0-9]{1,3}(?: [0-9]{3})+|[0-9]{1,6})(?P<gap>[^0-9]*)$")
_REPEATS = (1.0, 0.6, 0.4, 0.25, 0.15)


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two kinds of words which together, within ``window`` characters, tell of a harm that neither tells alone."""

    harm: str
    first: str
    second: str
    window: int
    weight: float


PAIRINGS: tuple[Pairing, ...] = (
    Pairing("site-ban", "block", "our", 50, 3.6),
    Pairing("site-ban", "block", "site", 45, 2.2),
    Pairing("throttling", "slow", "our", 50, 2.5),
    Pairing("throttling", "slow", "net", 40, 2.2),
    Pairing("shutdown", "cut", "net", 40, 2.6),
    Pairing("affiliate-attack", "raid", "group", 50, 2.2),
    Pairing("affiliate-attack", "raid", "our", 40, 3.0),
    Pairing("law", "rule", "civic", 60, 1.6),
)
# A technical cause says something of a network only beside words of networks: power fails in many texts.
_FAULT, _FAULT_NEAR = 2.6, 80
# Groups of targets beside whom a word of harm to a person weighs more.
_PEOPLE = frozenset(("editor", "photographer", "affiliate", "staff", "journalist", "defender"))
_TO_PERSONS = frozenset(("arrest", "disappearance", "violence", "killing", "threat", "surveillance", "legal-demand"))


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a text tells of: strengths between 0 and 1, strongest first; the hits that say so; actor and target keys.

    ``fault`` is how strongly it names a technical cause of a lost network; ``faults`` are the hits that say so.
    ``urgency`` is ``now``, ``soon``, ``past`` or ``over``, empty where no word beside the harm says so.
    """

    harm: str
    harms: tuple[tuple[str, float], ...]
    evidence: tuple[tuple[Hit, str], ...]
    actor: str
    target: str
    our_link: bool
    ours: tuple[Hit, ...]
    fault: float
    faults: tuple[Hit, ...]
    urgency: str = ""


class _Found:
    """Hits by kind and key, with their places, for questions of nearness."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self.by: dict[str, list[Hit]] = {}
        for hit in hits:
            kind = hit.sign.kind
            self.by.setdefault(hit.sign.key if kind == "word" else kind, []).append(hit)
        self._starts = {name: [h.start for h in listed] for name, listed in self.by.items()}

    def near(self, name: str, start: int, end: int, window: int) -> Hit | None:
        """The nearest hit of this kind within ``window`` characters before or after a span, not the span itself."""
        listed = self.by.get(name)
        if not listed:
            return None
        best, least = None, window + 1
        i = bisect_left(self._starts[name], start - window - 40)
        while i < len(listed) and listed[i].start <= end + window:
            hit = listed[i]
            gap = hit.start - end if hit.start >= end else start - hit.end
            if gap < least and (hit.end <= start or hit.start >= end - 1):
                best, least = hit, gap
            i += 1
        return best

    def before(self, name: str, start: int, window: int) -> bool:
        """Whether a hit of this kind ends within ``window`` characters before ``start``."""
        listed = self.by.get(name)
        if not listed:
            return False
        i = bisect_left(self._starts[name], start) - 1
        return i >= 0 and listed[i].end >= start - window


def weigh(hits: Sequence[Hit], title_length: int, length: int) -> Weighed:
    """Weighs the hits of one text; ``title_length`` and ``length`` are in folded characters."""
    found = _Found(_without_doubles(hits))
    ours = tuple(found.by.get("our", ()))
    about_us = [h for h in ours if not found.before("credit", h.start, 25)]
    told: dict[str, list[tuple[float, Hit, str]]] = {}
    for hit in found.by.get("harm", ()):
        weight = _weight_of(hit, found, title_length)
        if weight > 0:
            told.setdefault(hit.sign.key, []).append((weight, hit, hit.sign.key))
    for pairing in PAIRINGS:
        for hit in found.by.get(pairing.first, ()):
            other = found.near(pairing.second, hit.start, hit.end, pairing.window)
            if other is not None and (pairing.second != "our" or other in about_us):
                weight = pairing.weight * _place(hit, title_length) * _doubt(hit, found)
                told.setdefault(pairing.harm, []).append((weight, hit, pairing.harm))
    damp = _damping(found, length)
    over = any(hit.start < title_length for hit in found.by.get("undo", ()))
    sums = {k: _sum(list_, damp) * (_OVER if over and k in _ENDS else 1.0) for k, list_ in told.items()}
    harms = tuple(
        sorted(((k, round(1 - exp(-s / _SCALE), 4)) for k, s in sums.items() if s > 0.4), key=lambda t: (-t[1], t[0]))
    )
    harm = harms[0][0] if harms and harms[0][1] >= TOLD else ""
    evidence = _evidence(told, {k for k, s in harms if s >= 0.25})
    ours_count = len(about_us) >= 1 and _is_about_us(about_us, title_length, found)
    actor, target = _who(found, [h for h, key in evidence if key == harm], ours_count)
    faults = _faults(found, title_length)
    fault = round(1 - exp(-_sum(faults, damp) / _SCALE), 4)
    first = harms[0][0] if harms else ""
    urgency = _urgency(found, [hit for hit, key in evidence if key == first], over=over)
    told_faults = tuple(hit for _, hit, _ in faults)
    return Weighed(harm, harms, evidence, actor, target, ours_count, ours, fault, told_faults, urgency)


def _urgency(found: _Found, evidence: Sequence[Hit], *, over: bool) -> str:
    """Whether the harm goes on, is to come, is over or long past, by the words beside it; what is near counts most.

    Of equals what calls for more haste is believed: a text that says both "now" and "years ago" tells of now.
    """
    if not evidence:
        return ""
    if over:
        return "over"
    gaps: dict[str, int] = {}
    for hit in evidence[:20]:
        for name in ("now", "soon", "past"):
            other = found.near(name, hit.start, hit.end, _URGENT_NEAR)
            if other is not None:
                gap = max(other.start - hit.end, hit.start - other.end, 0)
                gaps[name] = min(gaps.get(name, gap), gap)
    return min(gaps, key=lambda name: (gaps[name] // 25, ("now", "soon", "past").index(name))) if gaps else ""


def people_told(plain: str, hits: Sequence[Hit]) -> int:
    """The largest number of people that a folded text names right before a word for people or for harm to them; or 0.

    Only digits count, and no number that reads like a year. "12 journalists", "40 people killed", "7 arrested".
    """
    most = 0
    for hit in hits:
        sign = hit.sign
        # The surest words of an arrest are often terms of prison: "12 years in prison" counts nobody.
        to_people = sign.kind == "target" or (
            sign.kind == "harm" and sign.key in _TO_PERSONS and (sign.key != "arrest" or sign.weight <= 2)
        )
        if not to_people:
            continue
        reach = _COUNTED_NEAR if sign.kind == "target" else 1
        before = _COUNT.search(plain[max(0, hit.start - reach - 12) : hit.start + 1])
        if before is not None and len(before["gap"]) <= reach:
            count = int(before["count"].replace(" ", ""))
            if not 1900 <= count <= 2100:
                most = max(most, min(count, _MOST_PEOPLE))
    return most


def _faults(found: _Found, title_length: int) -> list[tuple[float, Hit, str]]:
    """Technical causes beside a network: a cable, power, maintenance, weather."""
    return [
        (_FAULT * _place(hit, title_length) * _doubt(hit, found), hit, "fault")
        for hit in found.by.get("fault", ())
        if found.near("net", hit.start, hit.end, _FAULT_NEAR) is not None
    ]


def _without_doubles(hits: Sequence[Hit]) -> list[Hit]:
    """Without hits inside a longer one that says the same: "arrested" is found as itself and by its stem."""
    kept: list[Hit] = []
    reach: dict[tuple[str, str], int] = {}
    for hit in hits:
        name = (hit.sign.kind, hit.sign.key)
        if hit.end > reach.get(name, -1) and not (hit.start < reach.get(name, -1) - 1):
            kept.append(hit)
            reach[name] = hit.end
    return kept


def _place(hit: Hit, title_length: int) -> float:
    if hit.start < title_length:
        return _TITLE
    return _LEAD if hit.start < title_length + _LEAD_CHARACTERS else 1.0


def _weight_of(hit: Hit, found: _Found, title_length: int) -> float:
    """A hit's weight by place, company and doubt; the weakest words count in company only."""
    weight = hit.sign.weight
    company = 1.0
    if hit.sign.key in _TO_PERSONS:
        person = found.near("target", hit.start, hit.end, _NEAR // 2)
        if found.near("our", hit.start, hit.end, _NEAR) is not None:
            company = 1.6
        elif person is not None and person.sign.key in _PEOPLE:
            company = 1.4
    elif found.near("our", hit.start, hit.end, _NEAR) is not None:
        company = 1.4
    if weight <= 1:
        if company == 1.0 and found.near("actor", hit.start, hit.end, _NEAR // 2) is None:
            return 0.0
        weight *= 0.6
    return weight * company * _place(hit, title_length) * _doubt(hit, found)


def _doubt(hit: Hit, found: _Found) -> float:
    """Negation just before, or the language of sport and shows around, leaves little of a word's weight."""
    doubt = 1.0
    if found.before("deny", hit.start, 14) or found.before("denial", hit.start, 40):
        doubt *= 0.25
    if (
        found.near("sport", hit.start, hit.end, 90) is not None
        or found.near("show", hit.start, hit.end, 60) is not None
    ):
        doubt *= 0.2
    if found.near("undo", hit.start, hit.end, 30) is not None:
        doubt *= 0.6
    return doubt


def _damping(found: _Found, length: int) -> float:
    """How far a whole text about sport or shows is discounted: 1 for none of it."""
    words = len(found.by.get("sport", ())) + len(found.by.get("show", ()))
    per_thousand = words * 1000 / max(length, 400)
    return 1.0 if per_thousand < 3 else max(0.25, 3 / per_thousand)


def _sum(told: list[tuple[float, Hit, str]], damp: float) -> float:
    """Weights added up, the strongest first; a word that is said again adds less each time."""
    total = 0.0
    times: dict[int, int] = {}
    for weight, hit, _ in sorted(told, key=lambda t: (-t[0], t[1].start)):
        n = times.get(id(hit.sign), 0)
        times[id(hit.sign)] = n + 1
        total += weight * (_REPEATS[n] if n < len(_REPEATS) else 0.1)
    return total * damp


def _evidence(told: dict[str, list[tuple[float, Hit, str]]], kept: set[str]) -> tuple[tuple[Hit, str], ...]:
    listed = {(hit.start, hit.end, key): (hit, key) for key in kept for _, hit, key in told[key]}
    return tuple(listed[k] for k in sorted(listed))


def _is_about_us(about_us: list[Hit], title_length: int, found: _Found) -> bool:
    """One mention in the title or beside a harm, or two anywhere, or the text's only subject."""
    if any(h.start < title_length for h in about_us) or len(about_us) >= 2:
        return True
    near = ("harm", "block", "target", "actor", "raid", "undo")
    return any(found.near(name, h.start, h.end, _NEAR) is not None for h in about_us for name in near)


def _who(found: _Found, evidence: list[Hit], about_us: bool) -> tuple[str, str]:
    """Actor and target nearest to the words of harm; what comes nearest most often wins."""
    if not evidence:
        return "unknown", "unknown"
    actors: dict[str, float] = {}
    targets: dict[str, float] = {}
    for hit in evidence[:40]:
        actor = found.near("actor", hit.start, hit.end, _NEAR)
        if actor is not None:
            actors[actor.sign.key] = actors.get(actor.sign.key, 0.0) + _who_weight(actor)
        target = found.near("target", hit.start, hit.end, _NEAR)
        if target is not None:
            key = target.sign.key
            if key == "journalist" and about_us and found.near("our", target.start, target.end, 40) is not None:
                key = "editor"
            targets[key] = targets.get(key, 0.0) + (0.5 if key == "reader" else 1.0)
        if about_us and found.near("our", hit.start, hit.end, _NEAR // 2) is not None:
            targets["project"] = targets.get("project", 0.0) + 0.9
    return _best(actors), _best(targets)


def _who_weight(actor: Hit) -> float:
    return 0.8 if actor.sign.key in ("state", "company", "political-group", "individual") else 1.0


def _best(scores: dict[str, float]) -> str:
    return min(scores, key=lambda k: (-scores[k], k)) if scores else "unknown"
