"""What is normal here, at this hour and on this weekday, where missing is not zero."""

from tocsin.analysis.baselines.bands import Band
from tocsin.analysis.baselines.events import Events
from tocsin.analysis.baselines.rates import Belief, Rate
from tocsin.analysis.baselines.seasonal import Seasonal
from tocsin.analysis.baselines.surprises import Surprise, Terms
from tocsin.analysis.baselines.tails import Tails
from tocsin.analysis.baselines.worldwide import movements, with_elsewhere

__all__ = [
    "Band",
    "Belief",
    "Events",
    "Rate",
    "Seasonal",
    "Surprise",
    "Tails",
    "Terms",
    "movements",
    "with_elsewhere",
]
