"""Vaults of the cast."""

from tocsin.keys.tests.conftest import holder, know, opened

__all__ = ["holder", "know", "opened"]
