"""Other systems, written from their published description, which read the same rows."""

from tocsin.analysis.evaluation.rivals.cusum import Cusum, Reading, cusum_alarms, readings
from tocsin.analysis.evaluation.rivals.flags import flag_alarms
from tocsin.analysis.evaluation.rivals.medians import MEDIANS, Median, median_alarms

__all__ = ["MEDIANS", "Cusum", "Median", "Reading", "cusum_alarms", "flag_alarms", "median_alarms", "readings"]
