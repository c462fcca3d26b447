"""When a departure counts, what it is told as, and the scale on which levels are compared."""

from dataclasses import dataclass
from math import copysign, expm1, log1p


@dataclass(frozen=True, slots=True)
class Terms:
    """When a departure counts: rarer than once in ``entry`` years, a change of at least ``least`` (a logarithm).

    ``rises`` and ``drops`` say which directions count, and how: 0 never, 1 from the first interval on, 2 when a
    second one confirms it.
    """

    entry: float
    least: float
    rises: int = 1
    drops: int = 1


@dataclass(frozen=True, slots=True)
class Surprise:
    """A departure that was rare enough: ``sign`` up or down, ``rate`` how often a year it would happen by itself.

    ``scale`` is the kind of departure (see ``Seasonal``), ``usual`` what one of twenty intervals departs by, and
    ``size`` how far this one
    went; ``since`` is when it began.
    """

    sign: float
    rate: float
    scale: int
    usual: float
    size: float
    since: float


def scaled(value: float, unit: float = 1.0) -> float:
    """A level on the symmetric logarithmic scale."""
    return copysign(log1p(abs(value) / unit), value)


def unscaled(x: float, unit: float = 1.0) -> float:
    """The level that ``scaled`` gave ``x`` for."""
    return copysign(unit * expm1(abs(x)), x)
