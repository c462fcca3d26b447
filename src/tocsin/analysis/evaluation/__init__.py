"""Replays history through the detectors and their rivals; counts hits, misses, delays and false alarms; calibration."""

from tocsin.analysis.evaluation.alarms import Alarm
from tocsin.analysis.evaluation.calibration import Bin, auc, brier, brier_base_rate, reliability
from tocsin.analysis.evaluation.events import Episode, Event, Sort
from tocsin.analysis.evaluation.intervals import mean_interval, poisson_interval, share_interval
from tocsin.analysis.evaluation.plain import Flag, Notes, PlainError, Series
from tocsin.analysis.evaluation.reading import Recorded, read_folder
from tocsin.analysis.evaluation.replaying import replay
from tocsin.analysis.evaluation.scoring import Bearable, Operating, bearable
from tocsin.analysis.evaluation.systems import System, systems

__all__ = [
    "Alarm",
    "Bearable",
    "Bin",
    "Episode",
    "Event",
    "Flag",
    "Notes",
    "Operating",
    "PlainError",
    "Recorded",
    "Series",
    "Sort",
    "System",
    "auc",
    "bearable",
    "brier",
    "brier_base_rate",
    "mean_interval",
    "poisson_interval",
    "read_folder",
    "reliability",
    "replay",
    "share_interval",
    "systems",
]
