"""What many clues amount to when each origin counts once and no further than its cap.

Everything here is done cause by cause and for what speaks for and against it apart, with sums, maxima, minima and caps
alone. So the order of clues changes nothing, and one more clue for a cause never lowers what there is for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tocsin.analysis.fusion.causes import Cause
from tocsin.analysis.fusion.clues import Clue, Door, Origin

CONTEXT = 1.0
"""How much all that a calendar says may add or take: it tells of the day, and has seen nothing itself."""

FAMILY = 2
"""How many origins the networks of one provider count for at most, however many they are."""

_MOST = 50

Vector = dict[Cause, float]


def pooled(clues: Sequence[Clue], caps: Mapping[Cause, float]) -> Vector:
    """The sum of log likelihood ratios of each cause in ``caps``, which says how far one origin is believed."""
    texts, measured, carriers = _texts(clues, caps), _measured(clues, caps), _carriers(clues)
    calendar = [clue for clue in clues if clue.origin.door is Door.CALENDAR]
    known = _voice(calendar, dict.fromkeys(caps, CONTEXT))
    found: Vector = {}
    for cause, cap in caps.items():
        total = known.get(cause, 0.0)
        for sign in (1, -1):
            said = {name: max(0.0, sign * vector.get(cause, 0.0)) for name, vector in texts.items()}
            said |= {_counts(name): _family(parts, cause, sign, cap) for name, parts in measured.items()}
            total += sign * sum(said[name] for name in _apart(said, carriers))
        found[cause] = total
    return found


def witnesses(clues: Sequence[Clue], causes: frozenset[Cause]) -> int:
    """How many independent origins speak for one of these causes: mastheads that came through feeds of their own, and
    networks; a provider of counts is one of its own feeds. A calendar is no witness."""
    speaking = [clue for clue in clues if any(weight > 0 and cause in causes for cause, weight in clue.weights)]
    texts = {clue.origin.name for clue in speaking if clue.origin.door is Door.TEXT}
    parts: dict[str, set[str]] = defaultdict(set)
    for clue in speaking:
        if clue.origin.door is Door.MEASURED:
            parts[clue.origin.name].add(clue.origin.carrier)
    each = dict.fromkeys(texts, 1.0) | {_counts(name): max(1.0, len(nets - {""})) for name, nets in parts.items()}
    return int(sum(each[name] for name in _apart(each, _carriers(speaking))))


def _texts(clues: Iterable[Clue], caps: Mapping[Cause, float]) -> dict[str, Vector]:
    """What each masthead says, by whatever feeds."""
    by_name: dict[str, list[Clue]] = defaultdict(list)
    for clue in clues:
        if clue.origin.door is Door.TEXT:
            by_name[clue.origin.name].append(clue)
    return {name: _voice(said, caps) for name, said in by_name.items()}


def _measured(clues: Iterable[Clue], caps: Mapping[Cause, float]) -> dict[str, dict[str, Vector]]:
    """What each provider says by each network."""
    by_origin: dict[Origin, list[Clue]] = defaultdict(list)
    for clue in clues:
        if clue.origin.door is Door.MEASURED:
            by_origin[clue.origin].append(clue)
    found: dict[str, dict[str, Vector]] = defaultdict(dict)
    for origin, said in by_origin.items():
        found[origin.name][origin.carrier] = _voice(said, caps)
    return found


def _voice(clues: Iterable[Clue], caps: Mapping[Cause, float]) -> Vector:
    """One origin: the strongest of each kind of clue, added up, within the caps."""
    best: dict[tuple[Cause, str, int], float] = {}
    for clue in clues:
        for cause, weight in clue.weights:
            place = (cause, clue.key, 1 if weight > 0 else -1)
            best[place] = max(best.get(place, 0.0), abs(weight))
    total: Vector = defaultdict(float)
    for (cause, _key, sign), weight in sorted(best.items()):
        total[cause] += sign * weight
    return {cause: min(max(weight, -caps[cause]), caps[cause]) for cause, weight in total.items() if cause in caps}


def _family(parts: Mapping[str, Vector], cause: Cause, sign: int, cap: float) -> float:
    """A provider's count over all networks and its networks hold the same measurements: the stronger one counts."""
    each = sorted(max(0.0, sign * vector.get(cause, 0.0)) for network, vector in parts.items() if network)
    whole = max(0.0, sign * parts.get("", {}).get(cause, 0.0))
    return min(max(whole, sum(each)), FAMILY * cap)


def _carriers(clues: Iterable[Clue]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for clue in clues:
        if clue.origin.door is Door.TEXT:
            found[clue.origin.name].add(clue.origin.carrier)
        elif clue.origin.door is Door.MEASURED:
            found[_counts(clue.origin.name)].add(clue.origin.name)
    return found


def _counts(provider: str) -> str:
    """A provider of counts, as a masthead that it carries itself: what it counts may be the very texts it brings."""
    return f"counts of {provider}\0"


def _apart(said: Mapping[str, float], carriers: Mapping[str, set[str]]) -> list[str]:
    """The mastheads that weigh most together when each needs a feed of its own.

    One feed that carries a hundred names is one origin, and so is one name in a hundred feeds. Taking the heaviest
    first is best here, for sets that can be matched form a matroid.
    Reference: Edmonds and Fulkerson, "Transversals and matroid partition" (1965).
    """
    taken: dict[str, str] = {}
    chosen: list[str] = []
    for name, weight in sorted(said.items(), key=lambda one: (-one[1], one[0])):
        if weight > 0 and len(chosen) < _MOST and _placed(name, carriers, taken, set()):
            chosen.append(name)
    return chosen


def _placed(name: str, carriers: Mapping[str, set[str]], taken: dict[str, str], tried: set[str]) -> bool:
    for carrier in sorted(carriers[name]):
        if carrier in tried:
            continue
        tried.add(carrier)
        if carrier not in taken or _placed(taken[carrier], carriers, taken, tried):
            taken[carrier] = name
            return True
    return False
