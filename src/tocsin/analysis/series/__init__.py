"""The few frozen types that everything else speaks: points, findings, verdicts, evidence."""

from tocsin.analysis.series.findings import Direction, Finding, Rival, RuleId
from tocsin.analysis.series.gaps import filled
from tocsin.analysis.series.points import Cell, Evidence, Part, Point, Stream

__all__ = ["Cell", "Direction", "Evidence", "Finding", "Part", "Point", "Rival", "RuleId", "Stream", "filled"]
