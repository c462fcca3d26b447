"""Learns the weights from labelled texts. The only module here that needs scikit-learn, and only when it learns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tocsin.analysis.text.folding import fold_name
from tocsin.analysis.text.persecution import kinds, when
from tocsin.analysis.text.persecution import victims as people
from tocsin.analysis.text.persecution import where as places
from tocsin.analysis.text.persecution.account import PERPETRATORS, RULE, VIOLATIONS
from tocsin.analysis.text.persecution.seeing import Seen, see
from tocsin.analysis.text.persecution.weights import Features, Linear, Weights
from tocsin.analysis.text.places import Located
from tocsin.analysis.text.reading import Text

_FOLDS = 5
_STRENGTH = {"city": 0.5, "region": 0.5}
# Labels count these to the country that they are part of.
_WITHIN = {"HK": "CN", "MO": "CN"}
_UNITS = ("year", "month", "day")


@dataclass(frozen=True, slots=True)
class Truth:
    """What a person said of a text. Empty strings and zeros: nothing. ``country`` is a code, ``victims`` names."""

    violations: frozenset[str] = frozenset()
    mentioned: bool = False
    perpetrator: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    year: int = 0
    month: int = 0
    day: int = 0
    victims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text."""

    text: Text
    truth: Truth


@dataclass(slots=True)
class Case:
    """An example that was looked at once."""

    seen: Seen
    found: Located
    truth: Truth
    moments: list[when.Moment] = field(default_factory=list)
    named: list[people.Named] = field(default_factory=list)


def look(examples: Sequence[Example]) -> list[Case]:
    """Looks at all texts once, so that several learnings over parts of them cost little."""
    cases = []
    for example in examples:
        seen = see(example.text)
        cases.append(Case(seen, places.located(seen), example.truth, when.moments(seen), people.people(seen)))
    return cases


def learn(cases: Sequence[Case], learned: Mapping[str, object]) -> Weights:
    """Weights from these cases; the thresholds are those that did best on parts that were held out in turn."""
    return Weights(RULE.version, dict(learned), _thresholds(cases), _models(cases))


def folds(n: int, parts: int = _FOLDS) -> list[tuple[list[int], list[int]]]:
    """Which numbers to learn from and which to try on, part by part; the same each time."""
    order = sorted(range(n), key=lambda i: (i * 7919 + 13) % 10007)
    held = [sorted(order[part::parts]) for part in range(parts)]
    return [([i for i in range(n) if i not in set(one)], one) for one in held]


def _models(cases: Sequence[Case]) -> dict[str, Linear]:
    models: dict[str, Linear] = {}
    told = [kinds.features(case.seen) for case in cases]
    for kind in VIOLATIONS:
        models[f"violation:{kind}"] = fit(told, [kind in c.truth.violations for c in cases], 0.5)
    models["perpetrator:mentioned"] = fit(told, [c.truth.mentioned for c in cases], 0.3)
    for kind in PERPETRATORS:
        models[f"perpetrator:{kind}"] = fit(told, [c.truth.perpetrator == kind for c in cases], 0.3)
    for name, listed in _listed(cases).items():
        models[name] = fit([one for one, _ in listed], [right for _, right in listed], _STRENGTH.get(name, 0.1))
    return models


def _listed(cases: Sequence[Case]) -> dict[str, list[tuple[Features, bool]]]:
    """For each model over candidates, all candidates with whether they are right."""
    listed: dict[str, list[tuple[Features, bool]]] = {}
    for unit in _UNITS:
        # Texts whose label says nothing teach too: there all dates are wrong, and silence is right.
        listed[f"when:{unit}"] = [
            (pool.features, pool.value == getattr(case.truth, unit))
            for case in cases
            for pool in when.pools(_within(case, unit), unit)
        ]
    listed["country"] = [
        (one.features, _WITHIN.get(one.value, one.value) == c.truth.country)
        for c in cases
        if c.truth.country
        for one in places.countries(c.seen, c.found)
    ]
    listed["city"] = [
        (one.features, same_name(one.value, c.truth.city))
        for c in cases
        for one in places.cities(c.seen, c.found, c.truth.country)
    ]
    listed["region"] = [
        (one.features, same_name(one.value, c.truth.region)) for c in cases for one in places.regions(c.seen)
    ]
    listed["victim"] = [(one.features, _is_victim(one.name, c.truth)) for c in cases for one in c.named]
    return listed


def _within(case: Case, unit: str) -> list[when.Moment]:
    """The moments that agree with the truth about the wider units, where it says them."""
    wider = [one for one in _UNITS[: _UNITS.index(unit)] if getattr(case.truth, one)]
    return [one for one in case.moments if all(getattr(one, name) == getattr(case.truth, name) for name in wider)]


def same_name(one: str, other: str) -> bool:
    """Whether two names of a place are the same but for case and marks."""
    return bool(one) and fold_name(one) == fold_name(other)


def _is_victim(name: str, truth: Truth) -> bool:
    return any(name in other or other in name for other in truth.victims)


def fit(told: Sequence[Features], right: Sequence[bool], strength: float) -> Linear:
    """A logistic model; one that never differs if all are right or none is."""
    if len(set(right)) < 2:
        return Linear(4.0 if right and right[0] else -4.0, {})
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = DictVectorizer(sparse=False)
    table = vectors.fit_transform([dict(one) for one in told])
    model = LogisticRegression(C=strength, solver="liblinear", random_state=1).fit(table, list(right))
    weights = zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
    return Linear(float(model.intercept_[0]), {str(name): float(weight) for name, weight in weights})


_SHIFTS = (-0.1, -0.05, 0.0, 0.05, 0.1)
_GRID = tuple(round(0.05 * step, 2) for step in range(1, 19))


def _thresholds(cases: Sequence[Case]) -> dict[str, float]:
    """Each threshold by the part that was held out: what is judged was never learned from."""
    held: list[tuple[Case, Weights]] = []
    for inside, outside in folds(len(cases)):
        weights = Weights(0, {}, {}, _models([cases[i] for i in inside]))
        held += [(cases[i], weights) for i in outside]
    chosen = {"perpetrator:mentioned": 0.5, "violation": _violation_threshold(held)}
    chosen |= {name: _accurate(held, ask) for name, ask in _ASKED.items()}
    chosen["victim"] = _victim_threshold(held)
    return chosen


def _violation_threshold(held: Sequence[tuple[Case, Weights]]) -> float:
    """The one threshold with the best F1 over all kinds together: one for each kind was fitted to accidents."""
    listed = []
    for case, weights in held:
        told = kinds.features(case.seen)
        sure = {kind: weights.models[f"violation:{kind}"].probability(told) for kind in VIOLATIONS}
        listed.append((sure, max(sure.values()), case.truth.violations))

    def f1(least: float) -> float:
        given = wanted = right = 0
        for sure, most, truth in listed:
            told = {kind for kind, one in sure.items() if one >= least or one == most}
            given, wanted, right = given + len(told), wanted + len(truth), right + len(told & truth)
        return 2 * right / max(1, wanted + given)

    return _smoothest(f1, _GRID[1:12])


def _smoothest(measure: Callable[[float], float], grid: Sequence[float]) -> float:
    """Where a measure is best: the curve is flat and ragged, so the mean around a point is less of an accident."""
    smooth = {least: sum(measure(least + shift) for shift in _SHIFTS) for least in grid}
    return max(smooth, key=lambda least: (smooth[least], least))


_Answer = tuple[str, float] | None
_Ask = Callable[[Case, Weights], tuple[_Answer, str]]


def _asked_unit(unit: str) -> _Ask:
    def ask(case: Case, weights: Weights) -> tuple[_Answer, str]:
        truth = str(getattr(case.truth, unit) or "")
        found = case.moments
        for wider in _UNITS[: _UNITS.index(unit)]:
            choice = when.chosen([one for one in found if getattr(one, wider)], wider, weights)
            found = [one for one in found if choice is not None and str(getattr(one, wider)) == choice[0]]
        choice = when.chosen([one for one in found if getattr(one, unit)], unit, weights)
        return (choice[0], choice[1]) if choice is not None else None, truth

    return ask


def _asked_place(unit: str) -> _Ask:
    def ask(case: Case, weights: Weights) -> tuple[_Answer, str]:
        if unit == "country":
            found = places.countries(case.seen, case.found)
        elif unit == "city":
            found = places.cities(case.seen, case.found, case.truth.country)
        else:
            found = places.regions(case.seen)
        value = places.best(found, unit, Weights(0, {}, {unit: 0.0}, weights.models))
        said = fold_name(_WITHIN.get(value.value, value.value)) if value else ""
        return (said, value.confidence) if value else None, fold_name(getattr(case.truth, unit))

    return ask


_ASKED: dict[str, _Ask] = {f"when:{unit}": _asked_unit(unit) for unit in _UNITS} | {
    unit: _asked_place(unit) for unit in ("country", "city", "region")
}


def _accurate(held: Sequence[tuple[Case, Weights]], ask: _Ask) -> float:
    """The threshold at which most answers are right, where saying nothing is right if there is nothing to say."""
    answers = [ask(case, weights) for case, weights in held]

    def right(least: float) -> int:
        said = [(answer[0] if answer is not None and answer[1] >= least else "", truth) for answer, truth in answers]
        return sum(given == truth for given, truth in said)

    return _smoothest(right, (0.0, *_GRID))


def _victim_threshold(held: Sequence[tuple[Case, Weights]]) -> float:
    """The threshold with the best F1."""
    listed = [
        (weights.models["victim"].probability(one.features), _is_victim(one.name, case.truth))
        for case, weights in held
        for one in case.named
    ]
    wanted = sum(len(case.truth.victims) for case, _ in held)

    def f1(least: float) -> float:
        given = [right for sure, right in listed if sure >= least]
        return 2 * sum(given) / max(1, wanted + len(given))

    return max(_GRID, key=lambda least: (f1(least), -least))
