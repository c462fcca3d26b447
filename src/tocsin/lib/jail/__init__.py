"""Runs parsers of foreign files in a fresh process that can compute and answer, and nothing else."""

from tocsin.lib.jail.guards import Guard, capabilities
from tocsin.lib.jail.results import Code, Failure, Limits, Result, UnreadableError
from tocsin.lib.jail.running import run, run_many

__all__ = ["Code", "Failure", "Guard", "Limits", "Result", "UnreadableError", "capabilities", "run", "run_many"]
