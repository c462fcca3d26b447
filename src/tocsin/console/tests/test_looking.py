"""One country in one window, on the page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.console.telling import strip
from tocsin.people.models import Person
from tocsin.signals import measuring
from tocsin.streams import lake
from tocsin.streams.models import Observation, Source

Browse = Callable[[Person], Client]

DAYS, BLOCKED, DAY = 300, 290, timedelta(days=1)


def start() -> datetime:
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - DAYS * DAY


@pytest.fixture
def measured(db: None, tmp_path: Path, settings: pytest.FixtureRequest) -> Source:
    """Two sites measured for 300 days, of which one is blocked since ten days."""
    settings.LAKE = tmp_path / "lake"  # type: ignore[attr-defined]
    source = Source.objects.create(
        name="OONI", kind="ooni", url="https://ooni.example/", reliability="B",
        expected_every=timedelta(hours=6), next_fetch_at=timezone.now(),
    )  # fmt: skip
    rows = []
    for subject in ("xs.wikipedia.org", "news.example"):
        for day in range(DAYS):
            time = start() + day * DAY
            bad = day >= BLOCKED and subject == "xs.wikipedia.org"
            rows.append(
                Observation(
                    source=source, stream="blocking", kind="ooni.web", country="XS", subject=subject,
                    network="AS64500" if day % 2 else "AS64501", epoch=int(time.timestamp()), step=86400,
                    n=30, k=28 if bad else 1, evidence="scored", fetched=int(time.timestamp()) + 90000, day=time.date(),
                )
            )  # fmt: skip
    Observation.objects.bulk_create(rows)
    while lake.step():
        pass
    while measuring.step():
        pass
    return source


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
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"since": "2999-01-01"}, "begins in the future"),
        ({"since": "2024-02-02", "until": "2024-01-01"}, "ends before it begins"),
        ({"since": "2001-01-01"}, "ten years"),
        ({"since": "0001-01-01"}, "from 1990 on"),
        ({"until": "0001-01-01"}, "from 1990 on"),
        ({"since": "yesterday"}, "written as 2026-01-31"),
    ],
)
def test_a_window_that_is_none_is_explained_and_the_usual_one_shown(
    browse: Browse, alice: Person, query: dict[str, str], words: str
) -> None:
    page = browse(alice).get("/look/", {"country": "XS", **query}).content.decode()
    assert words in page
    assert "xs.wikipedia.org" in page


def test_a_strip_shows_missing_unusable_and_zero_apart() -> None:
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    points = [(begin, 0.0), (begin + DAY, 1.0), (begin + 3 * DAY, None)]
    assert strip(points, begin, begin + 4 * DAY, width=4) == "▁█·×"
    assert strip(points, begin, begin + 4 * DAY, width=8) == "▁▁██··××"
    assert strip(points, begin + DAY, begin + 4 * DAY, width=3) == "█·×"
