"""What may lie behind what was seen, how likely each is before anything speaks, and how far one origin is believed."""

from collections.abc import Mapping
from enum import StrEnum
from math import log
from types import MappingProxyType
from typing import Final


class Cause(StrEnum):
    """One of the rival explanations. Those that detectors name as rivals have the same keys there."""

    BLOCKED = "blocked"  # our own sites are blocked
    WIDER = "wider-censorship"  # many sites are
    SHUTDOWN = "shutdown-ordered"  # the network was cut by order
    OUTAGE = "outage"  # cable, power, routing, weather
    OUR_FAULT = "our-fault"
    RENAMED = "renamed-country"
    GAP = "measurement-gap"
    SEASONAL = "seasonal"
    HAPPENED = "happened"  # what no instrument measures, an arrest for example, happened as it is told
    UNATTRIBUTED = "unattributed"  # none of these stands out


HARMFUL: Final = frozenset({Cause.BLOCKED, Cause.WIDER, Cause.SHUTDOWN, Cause.HAPPENED})
"""The causes that make a threat level."""

BOUND: Final = 0.6
"""What a single origin can raise at most: any one probability, and all harmful ones together."""

CEILING: Final = 0.95
"""What the harmful causes together, or the harmless ones, reach at most, however much speaks for them: the weights are
not sure enough for more."""

MARGIN: Final = 0.15
"""How far the likeliest cause must stand above the next one, else the verdict is “unattributed”."""

ACCESS: Final[Mapping[Cause, float]] = MappingProxyType(
    {
        Cause.BLOCKED: 0.05,
        Cause.WIDER: 0.05,
        # Of losses that a person looked at and matched with a list of shutdowns, one in five was ordered: 182 of 911.
        Cause.SHUTDOWN: 0.035,
        Cause.OUTAGE: 0.14,
        Cause.OUR_FAULT: 0.03,
        Cause.RENAMED: 0.02,
        Cause.GAP: 0.05,
        Cause.SEASONAL: 0.05,
        Cause.UNATTRIBUTED: 0.575,
    }
)
"""Before anything speaks, where access to sites or to the network is in question. Only the ratio of shutdowns to
outages is counted from a published list; the others are set by hand, so that "unattributed" is what stays."""

TOLD: Final[Mapping[Cause, float]] = MappingProxyType({Cause.HAPPENED: 0.08, Cause.UNATTRIBUTED: 0.92})
"""Before anything speaks, where nothing but words, or a count of them, tells of a harm."""


def caps(priors: Mapping[Cause, float]) -> dict[Cause, float]:
    """How much one origin may add to, or take from, the log odds of each cause against "unattributed".

    With it alone no cause passes ``BOUND``, nor do the harmful ones together, whatever it says.
    """
    harmful = sum(prior for cause, prior in priors.items() if cause in HARMFUL)
    held = BOUND / (1 - BOUND) * priors[Cause.UNATTRIBUTED]
    return {
        cause: log(held / (harmful if cause in HARMFUL else prior))
        for cause, prior in priors.items()
        if cause is not Cause.UNATTRIBUTED
    }
