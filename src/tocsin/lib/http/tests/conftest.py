"""A client that waits for nobody."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.lib.http import Client, Politeness

ROOTS = ssl.create_default_context()
NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def client() -> Callable[..., Client]:
    def made(**setting: Any) -> Client:
        setting.setdefault("trust", ROOTS)
        setting.setdefault("politeness", Politeness(timedelta(0)))
        return Client("Tocsin test (someone@example.org)", now=lambda: NOW, **setting)

    return made
