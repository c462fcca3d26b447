"""What is normal here, at this hour and on this weekday, where missing is not zero."""

from tocsin.analysis.baselines.bands import Band
from tocsin.analysis.baselines.rates import Belief, Rate
from tocsin.analysis.baselines.seasonal import Seasonal

__all__ = ["Band", "Belief", "Rate", "Seasonal"]
