"""Dataframes over the files it is handed: scan, filter, group and join."""

from tocsin.analysis.engine.embedded import Embedded
from tocsin.analysis.engine.families import with_families
from tocsin.analysis.engine.machine import Engine
from tocsin.analysis.engine.parquet import Written, merge, read, write
from tocsin.analysis.engine.reducing import By, points, sizes
from tocsin.analysis.engine.schema import COLUMNS, KEY, Row, check
from tocsin.analysis.engine.spark import NoSparkError, Spark

__all__ = [
    "COLUMNS",
    "KEY",
    "By",
    "Embedded",
    "Engine",
    "NoSparkError",
    "Row",
    "Spark",
    "Written",
    "check",
    "merge",
    "points",
    "read",
    "sizes",
    "with_families",
    "write",
]
