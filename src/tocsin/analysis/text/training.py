"""Learns from corrections which kind of harm a text tells of; deterministic. Only this module needs scikit-learn."""

from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from tocsin.analysis.text.learning import (
    DEAD,
    JURORS,
    NONE,
    NOT_OURS,
    SLOTS,
    Floats,
    Model,
    Seen,
    features,
    judge,
    macro_f1,
    made,
    slots,
)

ENOUGH = 50
SITTINGS = 5
_TEXTS = 2  # a feature is kept that stands in so many texts at least
_KEPT = 20_000
_STRENGTH = 8.0  # inverse of the penalty on large weights
_FOLDS = 5
_OWN = 3.0  # how much more the word lists' strengths count than a single word


@dataclass(frozen=True, slots=True)
class Example:
    """A text with the answer of a person: a kind of harm, ``none``, ``dead`` or ``not_ours``.

    ``sitting`` names one account's work without a pause of an hour, in whatever way: equal names are one sitting.
    """

    seen: Seen
    label: str
    sitting: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Macro F1 with all examples, and with what stood before, on the same texts; each text was held out with its whole
    sitting."""

    score: float
    before: float

    @property
    def better(self) -> bool:
        """Whether learning from all of them is worth it."""
        return self.score > self.before


def enough(examples: Sequence[Example]) -> bool:
    """Whether these are examples enough to learn from: fifty, of five sittings, with two answers at least."""
    return (
        len(examples) >= ENOUGH
        and len({one.sitting for one in examples}) >= SITTINGS
        and len({one.label for one in examples}) >= 2
    )


def train(examples: Sequence[Example], version: int = 0, *, jury: bool = True) -> Model:
    """A model of these examples. The same examples in the same order give the same model.

    Without a jury it can be asked for its own answers, but takes the place of no word list.

    Raises:
        ValueError: where there are fewer than two different answers.
    """
    classes = tuple(sorted({one.label for one in examples}))
    if len(classes) < 2:
        raise ValueError("it takes two different answers to learn from")
    found = [features(one.seen) for one in examples]
    labels = np.array([classes.index(one.label) for one in examples])
    names, rarity = _kept(found)
    places = {name: place for place, name in enumerate(names)}
    rows = _matrix(({places[n]: v * rarity[n] for n, v in one.items() if n in places} for one in found), len(names))
    weights, bias = _fitted(rows, labels, len(classes), _weights(examples))
    scale = np.array([rarity[name] for name in names], dtype=np.float32)[:, None]
    jurors, jury_bias, knows = _jury(examples if jury else (), found, labels, len(classes))
    return made(version, classes, tuple(names), weights * scale, bias, jurors, jury_bias, knows)


def comparing(examples: Sequence[Example], known_before: Sequence[bool]) -> Generator[None, None, Compared]:
    """How well verdicts hold on sittings that were held out: learned from all others, and from those known before.

    ``known_before`` is ``(n,)``: which examples what stood before has learned from; none of them: the word lists alone.
    It pauses after each part, so that a worker can do other things meanwhile; what it returns is the comparison.
    """
    truth, after, before = [], [], []
    for held in folds([one.sitting for one in examples]):
        rest = [number for number in range(len(examples)) if number not in held]
        new = _trained([examples[number] for number in rest])
        yield
        old = _trained([examples[number] for number in rest if known_before[number]])
        for number in sorted(held):
            truth.append(examples[number].label)
            after.append(says(new, examples[number].seen))
            before.append(says(old, examples[number].seen))
        yield
    return Compared(round(macro_f1(truth, after), 4), round(macro_f1(truth, before), 4))


def compare(examples: Sequence[Example], known_before: Sequence[bool]) -> Compared:
    """``comparing``, without a pause."""
    work = comparing(examples, known_before)
    while True:
        try:
            next(work)
        except StopIteration as done:
            compared: Compared = done.value
            return compared


def folds(sittings: Sequence[str], most: int = _FOLDS) -> list[frozenset[int]]:
    """Numbers of examples in up to ``most`` parts of like size; no sitting stands in two."""
    parts: list[list[int]] = [[] for _ in range(min(most, len(set(sittings))))]
    members: dict[str, list[int]] = {}
    for number, sitting in enumerate(sittings):
        members.setdefault(sitting, []).append(number)
    for sitting in sorted(members, key=lambda one: (-len(members[one]), members[one][0])):
        min(parts, key=len).extend(members[sitting])
    return [frozenset(part) for part in parts]


def _trained(examples: Sequence[Example]) -> Model | None:
    """A model, even where holding some out leaves fewer examples than it takes to begin."""
    known = len(examples) >= ENOUGH // 2 and len({one.label for one in examples}) >= 2
    return train(examples) if known else None


def says(model: Model | None, seen: Seen) -> str:
    """The answer that stands for a text: that it is dead or not about us where no harm stands, else the harm."""
    if model is None:
        return seen.listed
    verdict = judge(model, seen)
    return verdict.harm or (verdict.label if verdict.label in (DEAD, NOT_OURS) else NONE)


def _kept(found: Sequence[Mapping[str, float]]) -> tuple[list[str], dict[str, float]]:
    """The features that are kept, in order of name, and how rare each is."""
    texts = Counter(name for one in found for name in one)
    listed = sorted((name for name, count in texts.items() if count >= _TEXTS), key=lambda name: (-texts[name], name))
    names = sorted(listed[:_KEPT])
    rarity = {name: float(np.log((1 + len(found)) / (1 + texts[name])) + 1) for name in names}
    for name in names:
        if name == "our" or name.startswith("harm:"):
            rarity[name] = _OWN
    return names, rarity


def _weights(examples: Sequence[Example]) -> NDArray[np.float64]:
    """No sitting weighs more than a fifth of all examples together."""
    sizes = Counter(one.sitting for one in examples)
    most = max(1.0, len(examples) / 5)
    return np.array([min(1.0, most / sizes[one.sitting]) for one in examples])


def _jury(
    examples: Sequence[Example], found: Sequence[Mapping[str, float]], labels: NDArray[np.int64], classes: int
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Each juror learns from its own sittings alone: they are dealt out in the order in which they began."""
    order = {sitting: number for number, sitting in enumerate(dict.fromkeys(one.sitting for one in examples))}
    jurors = np.zeros((JURORS, SLOTS, classes), dtype=np.float32)
    bias = np.zeros((JURORS, classes), dtype=np.float32)
    knows = np.zeros((JURORS, classes), dtype=np.bool_)
    for juror in range(JURORS):
        mine = [number for number, one in enumerate(examples) if order[one.sitting] % JURORS == juror]
        present = sorted({int(labels[number]) for number in mine})
        if len(present) < 2:
            continue
        rows = _matrix((slots(found[number]) for number in mine), SLOTS)
        jurors[juror], bias[juror] = _fitted(rows, labels[mine], classes, np.ones(len(mine)))
        knows[juror, present] = True
    return jurors, bias, knows


def _matrix(rows: Iterable[Mapping[int, float]], width: int) -> csr_matrix:
    data: list[float] = []
    places: list[int] = []
    ends = [0]
    for row in rows:
        places += row
        data += row.values()
        ends.append(len(places))
    return csr_matrix((np.array(data), np.array(places, dtype=np.int32), np.array(ends)), shape=(len(ends) - 1, width))


def _fitted(
    rows: csr_matrix, labels: NDArray[np.int64], classes: int, weights: NDArray[np.float64]
) -> tuple[Floats, Floats]:
    """One class against all others, each side weighing the same; ``(features, classes)`` and ``(classes,)``."""
    found, bias = np.zeros((rows.shape[1], classes), dtype=np.float32), np.full(classes, -30.0, dtype=np.float32)
    for one in range(classes):
        mine = labels == one
        if not mine.any() or mine.all():
            continue
        fit = LogisticRegression(C=_STRENGTH, solver="liblinear", class_weight="balanced", max_iter=200)
        fit.fit(rows, mine, sample_weight=weights)
        found[:, one], bias[one] = fit.coef_[0], fit.intercept_[0]
    return found, bias
