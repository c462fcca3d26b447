"""One country in one window, on the page."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from tocsin.console.telling import strip
from tocsin.console.tests import two_sites
from tocsin.people.models import Person
from tocsin.streams.models import Source

Browse = Callable[[Person], Client]


@pytest.fixture
def measured(db: None, tmp_path: Path, settings: pytest.FixtureRequest) -> Source:
    """Two sites, of which one is blocked."""
    settings.LAKE = tmp_path / "lake"  # type: ignore[attr-defined]
    return two_sites.measure(90)


@pytest.mark.usefixtures("measured")
def test_a_window_and_a_site_narrow_what_is_shown(browse: Browse, alice: Person) -> None:
    client = browse(alice)
    page = client.get("/look/", {"country": "XS"}).content.decode()
    assert "xs.wikipedia.org" in page
    assert "news.example" in page
    page = client.get("/look/", {"country": "XS", "domain": "https://wikipedia.org/"}).content.decode()
    assert "xs.wikipedia.org" in page
    assert "news.example" not in page


@pytest.mark.usefixtures("measured")
def test_a_window_that_is_none_is_explained_and_the_usual_one_shown(browse: Browse, alice: Person) -> None:
    client = browse(alice)
    for query, words in (
        ({"since": "2999-01-01"}, "begins in the future"),
        ({"since": "2024-02-02", "until": "2024-01-01"}, "ends before it begins"),
        ({"since": "2001-01-01"}, "ten years"),
        ({"since": "0001-01-01"}, "from 1990 on"),
        ({"until": "0001-01-01"}, "from 1990 on"),
        ({"since": "yesterday"}, "written as 2026-01-31"),
    ):
        page = client.get("/look/", {"country": "XS", **query}).content.decode()
        assert words in page, query
        assert "xs.wikipedia.org" in page, query


def test_a_strip_shows_missing_unusable_and_zero_apart() -> None:
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    points = [(begin, 0.0), (begin + two_sites.DAY, 1.0), (begin + 3 * two_sites.DAY, None)]
    assert strip(points, begin, begin + 4 * two_sites.DAY, width=4) == "▁█·×"
    assert strip(points, begin, begin + 4 * two_sites.DAY, width=8) == "▁▁██··××"
    assert strip(points, begin + two_sites.DAY, begin + 4 * two_sites.DAY, width=3) == "█·×"
