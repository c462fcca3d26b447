"""Applies what was learned from corrections: a linear model whose words can be read, and jurors that bound it.

What trains it stands in ``training``; here are only its features, its weights and how a verdict is made of them.
"""

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp, log, sqrt
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tocsin.analysis.text.folding import fold
from tocsin.analysis.text.harms import TOLD

NONE, DEAD, NOT_OURS = "none", "dead", "not_ours"
"""Answers beside the kinds of harm: no harm told, nothing to read, not about us."""

JURORS = 5
AGREE = 2
SURE = 0.5  # what is less likely is no answer: the model abstains
# To call harmless what the word lists found costs more when it is wrong than to look at one text too many.
DISMISS_SURE, DISMISS_AGREE = 0.75, 4
SLOTS = 1 << 12  # a juror's features; hashed, so that no other part of the examples can move them
_WORDS_FROM, _LETTERS_FROM = 1_500, 500
_SHARE = 0.5  # of the chance that orders work; the word lists have the rest

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a model sees of a text: its words, what the word lists said (key and strength, 0 to 1), our link."""

    text: str
    harms: tuple[tuple[str, float], ...] = ()
    our_link: bool = False

    @property
    def listed(self) -> str:
        """What the word lists alone answer: a kind of harm, or ``none``."""
        return self.harms[0][0] if self.harms and self.harms[0][1] >= TOLD else NONE


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of one version. ``weights`` is ``(features, classes)``, ``bias`` ``(classes,)``.

    ``jurors`` is ``(JURORS, SLOTS, classes)``, ``jury_bias`` ``(JURORS, classes)``; ``knows`` says which juror has seen
    examples of which class, ``(JURORS, classes)``.
    """

    version: int
    classes: tuple[str, ...]
    names: tuple[str, ...]
    weights: Floats
    bias: Floats
    jurors: Floats
    jury_bias: Floats
    knows: NDArray[np.bool_]
    places: Mapping[str, int] = field(repr=False)

    def to_bytes(self) -> bytes:
        """The model as it is kept; the same model gives the same bytes."""
        held = io.BytesIO()
        np.savez_compressed(
            held,
            version=np.array(self.version),
            classes=_told("\n".join(self.classes)),
            names=_told("\n".join(self.names)),
            weights=self.weights.astype(np.float16),
            bias=self.bias,
            jurors=self.jurors.astype(np.float16),
            jury_bias=self.jury_bias,
            knows=self.knows,
        )
        return held.getvalue()


def from_bytes(kept: bytes) -> Model:
    """The model that ``to_bytes`` kept.

    Raises:
        ValueError: for bytes that hold no model.
    """
    try:
        with np.load(io.BytesIO(kept), allow_pickle=False) as held:
            classes, names = (tuple(bytes(held[name]).decode().split("\n")) for name in ("classes", "names"))
            return made(
                int(held["version"]),
                classes,
                names,
                held["weights"].astype(np.float32),
                held["bias"],
                held["jurors"].astype(np.float32),
                held["jury_bias"],
                held["knows"],
            )
    except (OSError, KeyError, EOFError) as error:
        raise ValueError("these bytes hold no model") from error


def made(
    version: int,
    classes: tuple[str, ...],
    names: tuple[str, ...],
    weights: Floats,
    bias: Floats,
    jurors: Floats,
    jury_bias: Floats,
    knows: NDArray[np.bool_],
) -> Model:
    """A model of its parts, ready to be asked."""
    places = {name: place for place, name in enumerate(names)}
    return Model(version, classes, names, weights, bias, jurors, jury_bias, knows, places)


def _told(words: str) -> NDArray[np.uint8]:
    return np.frombuffer(words.encode(), dtype=np.uint8)


def features(seen: Seen) -> dict[str, float]:
    """Features of a text by name: ``w:`` words and pairs of words, ``c:`` runs of letters, ``harm:``, ``our``.

    Words and runs of letters each have length 1 as vectors, so that long texts weigh no more than short ones.
    """
    plain = " ".join(fold(seen.text[:_WORDS_FROM]).split())
    words = plain.split(" ")
    found = _unit("w:", [*words, *map(" ".join, pairwise(words))])
    found |= _unit("c:", _runs(f" {plain[:_LETTERS_FROM]} "))
    for key, strength in seen.harms:
        found[f"harm:{key}"] = strength
    if seen.our_link:
        found["our"] = 1.0
    return found


def _runs(plain: str) -> list[str]:
    """Runs of letters: three to five where words stand apart, one to three where they don't."""
    spaced = plain.count(" ") * 14 > len(plain)
    lengths = (3, 4, 5) if spaced else (1, 2, 3)
    return [plain[i : i + n] for n in lengths for i in range(len(plain) - n + 1)]


def _unit(kind: str, found: Iterable[str]) -> dict[str, float]:
    counted = {kind + name: 1 + log(count) for name, count in Counter(found).items() if name.strip()}
    length = sqrt(sum(value * value for value in counted.values())) or 1.0
    return {name: value / length for name, value in counted.items()}


def slots(found: Mapping[str, float]) -> dict[int, float]:
    """Features by slot, as jurors see them."""
    hashed: dict[int, float] = {}
    for name, value in found.items():
        slot = crc32(name.encode(errors="replace")) % SLOTS
        hashed[slot] = hashed.get(slot, 0.0) + value
    return hashed


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands for a text, and what the model said of it.

    ``harm`` stands: a kind of harm or empty. ``label`` is the model's own answer (a kind of harm, ``none``, ``dead``,
    ``not_ours``; empty: it abstains) with its ``probability``. ``learned`` says whether it took the place of what the
    word lists say. ``chance`` of any harm, 0 to 1, orders work: never less than half of what the word lists give.
    """

    version: int
    harm: str
    label: str
    probability: float
    learned: bool
    chance: float


def judge(model: Model, seen: Seen) -> Verdict:
    """The verdict of a model over a text.

    It differs from that of the word lists only where the model is sure and at least two jurors, each of whom learned
    from a part of the examples of its own, prefer its answer to theirs; to say that no harm is told it takes four. That
    a text is dead or not about us is said, and the kind of harm that the word lists found stands. What they found of
    our own people is never taken for harmless.
    """
    found = features(seen)
    shares = _shares(_scores(model, found))
    best = int(np.argmax(shares))
    probability = float(shares[best])
    label = model.classes[best] if probability >= SURE else ""
    listed = seen.listed
    may = bool(label) and label not in (listed, DEAD, NOT_OURS)
    needed = AGREE
    if label == NONE:
        may, needed = may and probability >= DISMISS_SURE and not seen.our_link, DISMISS_AGREE
    learned = may and _agreed(model, found, label, listed) >= needed
    stands = label if learned else listed
    harmful = float(sum(share for share, one in zip(shares, model.classes, strict=True) if one not in _NO_HARM))
    strength = max((strength for _, strength in seen.harms), default=0.0)
    chance = _SHARE * strength + (1 - _SHARE) * harmful
    harm = "" if stands == NONE else stands
    return Verdict(model.version, harm, label, round(probability, 4), learned, round(chance, 4))


_NO_HARM = frozenset((NONE, DEAD, NOT_OURS))


def answers(model: Model, seen: Seen) -> dict[str, float]:
    """The share of each answer by the model alone, without lists and jurors; they add up to 1."""
    return dict(zip(model.classes, map(float, _shares(_scores(model, features(seen)))), strict=True))


def moved_by(model: Model, seen: Seen, label: str, most: int = 8) -> list[tuple[str, float]]:
    """What moved the model to an answer or away from it, the strongest first: name of a feature, and its weight here.

    Runs of letters within a word that is named itself are left out. A label that the model does not know: empty.
    """
    if label not in model.classes:
        return []
    column = model.classes.index(label)
    weighed = [
        (name, value * float(model.weights[model.places[name], column]))
        for name, value in features(seen).items()
        if name in model.places
    ]
    weighed.sort(key=lambda one: (-abs(one[1]), one[0]))
    named: list[tuple[str, float]] = []
    for name, weight in weighed:
        inside = name.startswith("c:") and any(name[2:].strip() in other for other, _ in named)
        if abs(weight) >= 0.005 and not inside:
            named.append((name, round(weight, 3)))
        if len(named) == most:
            break
    return named


def strongest(model: Model, label: str, most: int = 12) -> list[tuple[str, float]]:
    """The features that speak most for an answer, whatever the text."""
    column = model.weights[:, model.classes.index(label)]
    order = sorted(range(len(model.names)), key=lambda place: (-float(column[place]), model.names[place]))
    words = [place for place in order if not model.names[place].startswith("c:")]
    return [(model.names[place], round(float(column[place]), 3)) for place in words[:most] if column[place] > 0]


def _scores(model: Model, found: Mapping[str, float]) -> Floats:
    here = [(model.places[name], value) for name, value in found.items() if name in model.places]
    if not here:
        return model.bias
    rows = model.weights[[place for place, _ in here]]
    scores: Floats = model.bias + np.array([value for _, value in here], dtype=np.float32) @ rows
    return scores


def _shares(scores: Sequence[float] | Floats) -> Floats:
    """Each class was learned against all others; their chances are brought to add up to 1."""
    chances = np.array([1 / (1 + exp(-max(-30.0, min(30.0, float(one))))) for one in scores], dtype=np.float32)
    shares: Floats = chances / chances.sum()
    return shares


def _agreed(model: Model, found: Mapping[str, float], label: str, listed: str) -> int:
    """How many jurors prefer one answer to another; who has seen no example of either has no say."""
    if listed not in model.classes:
        return 0
    one, other = model.classes.index(label), model.classes.index(listed)
    hashed = slots(found)
    places, values = list(hashed), np.array(list(hashed.values()), dtype=np.float32)
    agreed = 0
    for number in range(JURORS):
        if model.knows[number, one] and model.knows[number, other]:
            scores = model.jury_bias[number] + values @ model.jurors[number][places]
            agreed += bool(scores[one] > scores[other])
    return agreed


def macro_f1(truth: Sequence[str], found: Sequence[str]) -> float:
    """The mean over the true answers of each one's F1."""
    right = Counter(one for one, other in zip(truth, found, strict=True) if one == other)
    there, said = Counter(truth), Counter(found)
    return sum(2 * right[one] / (there[one] + said[one]) for one in there) / len(there) if there else 0.0
