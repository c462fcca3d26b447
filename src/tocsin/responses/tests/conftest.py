"""Vaults of the cast."""

from tocsin.cases.tests.conftest import enter, found
from tocsin.keys.tests.conftest import holder, know, opened

__all__ = ["enter", "found", "holder", "know", "opened"]
