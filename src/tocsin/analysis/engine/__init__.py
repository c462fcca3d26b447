"""Dataframes over the files it is handed: scan, filter, group and join."""

from tocsin.analysis.engine.parquet import Written, merge, read, write
from tocsin.analysis.engine.reducing import Table, points, scan
from tocsin.analysis.engine.schema import COLUMNS, KEY, Row, check

__all__ = ["COLUMNS", "KEY", "Row", "Table", "Written", "check", "merge", "points", "read", "scan", "write"]
