"""What many clues amount to when each origin counts once and no further than its cap.

Everything here is done cause by cause and for what speaks for and against it apart, with sums, maxima, minima and caps
alone. So the order of clues changes nothing, and one more clue for a cause never lowers what there is for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tocsin.analysis.fusion.causes import Cause
from tocsin.analysis.fusion.clues import Clue, Door, Origin
from tocsin.analysis.fusion.origins import apart, carriers, counts, heard

CONTEXT = 1.0
"""How much all that a calendar says may add or take: it tells of the day, and has seen nothing itself."""

FAMILY = 2
"""How many origins the networks of one provider count for at most, however many they are."""

Vector = dict[Cause, float]


def pooled(clues: Sequence[Clue], caps: Mapping[Cause, float]) -> Vector:
    """The sum of log likelihood ratios of each cause in ``caps``, which says how far one origin is believed."""
    texts, measured = _texts(clues, caps), _measured(clues, caps)
    carried = carriers(clue.origin for clue in clues)
    calendar = [clue for clue in clues if clue.origin.door is Door.CALENDAR]
    known = _voice(calendar, dict.fromkeys(caps, CONTEXT))
    found: Vector = {}
    for cause, cap in caps.items():
        total = known.get(cause, 0.0)
        for sign in (1, -1):
            said = {name: max(0.0, sign * vector.get(cause, 0.0)) for name, vector in texts.items()}
            said |= {counts(name): _family(parts, cause, sign, cap) for name, parts in measured.items()}
            total += sign * sum(said[name] for name in apart(said, carried))
        found[cause] = total
    return found


def witnesses(clues: Sequence[Clue], causes: frozenset[Cause]) -> int:
    """How many independent origins speak for one of these causes."""
    return heard(clue.origin for clue in clues if any(weight > 0 and cause in causes for cause, weight in clue.weights))


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
