"""Applies the linear models that were learned, in plain Python: workers need no library for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from math import exp, sqrt

Features = Mapping[str, float]

_LEAST = 0.01  # what weighs less is not written


@dataclass(frozen=True, slots=True)
class Linear:
    """A logistic model: a bias and a weight for each named feature; unknown features count nothing."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, features: Features) -> float:
        """Between 0 and 1."""
        total = self.bias
        for name, value in features.items():
            weight = self.weights.get(name)
            if weight is not None:
                total += weight * value
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True)
class Weights:
    """All models by name, and the thresholds by name."""

    version: int
    learned: Mapping[str, object]
    thresholds: Mapping[str, float]
    models: Mapping[str, Linear] = field(default_factory=dict)


@cache
def shipped() -> Weights:
    """The weights that the package brings."""
    return parsed((files("tocsin.analysis.text.persecution") / "weights.json").read_text("utf-8"))


def parsed(written: str) -> Weights:
    """Weights from their file. Raises ValueError or KeyError for a file in another form."""
    data = json.loads(written)
    models = {name: Linear(one["bias"], one["weights"]) for name, one in data["models"].items()}
    return Weights(data["version"], data["learned"], data["thresholds"], models)


def written(weights: Weights) -> str:
    """The file of these weights: sorted, one weight a line, rounded."""
    data = {
        "version": weights.version,
        "learned": dict(weights.learned),
        "thresholds": {name: round(value, 3) for name, value in sorted(weights.thresholds.items())},
        "models": {
            name: {
                "bias": round(model.bias, 4),
                "weights": {key: round(w, 3) for key, w in sorted(model.weights.items()) if abs(w) >= _LEAST},
            }
            for name, model in sorted(weights.models.items())
        },
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def scaled(features: dict[str, float], length: float) -> dict[str, float]:
    """The same features, their vector made ``length`` long."""
    norm = sqrt(sum(value * value for value in features.values()))
    return {name: value * length / norm for name, value in features.items()} if norm else {}
