"""TLP 2.0, the Admiralty scale and ICD 203's likelihood words, as published."""

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Tlp(StrEnum):
    """The Traffic Light Protocol 2.0 (FIRST): who may receive something."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"


RELIABILITY = {
    "A": "Completely reliable",
    "B": "Usually reliable",
    "C": "Fairly reliable",
    "D": "Not usually reliable",
    "E": "Unreliable",
    "F": "Reliability can't be judged",
}

CREDIBILITY = {
    1: "Confirmed by other sources",
    2: "Probably true",
    3: "Possibly true",
    4: "Doubtful",
    5: "Improbable",
    6: "Truth can't be judged",
}

LIKELIHOOD = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even chance"),
    (0.80, "likely"),
    (0.95, "very likely"),
    (1.01, "almost certain"),
)


def likelihood(probability: float) -> str:
    """The ICD 203 word for a probability between 0 and 1, as it is printed beside it: of two decimals."""
    shown = printed(probability)
    return next(word for limit, word in LIKELIHOOD if shown < limit)


def printed(probability: float) -> float:
    """A probability as pages print it: two decimals, a half goes up."""
    return float(Decimal(str(probability)).quantize(Decimal("0.01"), ROUND_HALF_UP))
