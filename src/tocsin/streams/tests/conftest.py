"""A site on loopback, a source on it, and no waiting between requests."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tocsin.lib.http import Client, Politeness
from tocsin.streams import collecting
from tocsin.streams.models import Source
from tocsin.streams.tests.server import Site, site

AddSource = Callable[..., Source]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site, and a client that does not wait between two requests to it."""
    impatient = Client("Tocsin test", politeness=Politeness(timedelta(0)))
    monkeypatch.setattr(collecting, "client", lambda: impatient)
    with site() as running:
        yield running


@pytest.fixture
def add_source(db: None, served: Site) -> AddSource:
    """Makes a source of the site that is due now."""

    def add(url: str = "", kind: str = "feeds", **more: Any) -> Source:
        values: dict[str, Any] = {
            "name": "Test source",
            "kind": kind,
            "url": url,
            "expected_every": timedelta(hours=1),
            "allow_private": served.name,
            "next_fetch_at": timezone.now() - timedelta(minutes=1),
            **more,
        }
        return Source.objects.create(**values)

    return add


@pytest.fixture
def due_again() -> Callable[[Source], Source]:
    """Makes a source due now, and gives its newest state."""

    def again(source: Source) -> Source:
        Source.objects.filter(pk=source.pk).update(next_fetch_at=timezone.now() - timedelta(seconds=1))
        source.refresh_from_db()
        return source

    return again
