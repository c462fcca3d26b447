"""A source to bring texts from, and a worker that remembers nothing of an earlier test."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tocsin.situations.tests.arriving import NOW
from tocsin.streams.models import Source


@pytest.fixture
def source(db: None) -> Callable[..., Source]:
    def make(name: str = "Daily", **more: object) -> Source:
        fields = {"kind": "feeds", "url": f"https://{name}.example/", "reliability": "B", **more}
        return Source.objects.create(name=name, expected_every=timedelta(hours=1), next_fetch_at=NOW, **fields)

    return make
