"""The built-in exercise plays on the same server, marked as an exercise everywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tocsin.replay import exercise, serve


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serve(world=exercise.world()) as base_url:
        yield base_url


def items_of(base: str) -> list[dict[str, str]]:
    feeds = [row["url"] for row in httpx.get(f"{base}/index.json").json()["endpoints"] if row["kind"] == "feeds"]
    return [item for url in feeds if url.endswith(".json") for item in httpx.get(url).json()["items"]]


def test_every_title_says_that_it_is_an_exercise(base: str) -> None:
    items = items_of(base)
    assert len(items) > 25
    assert all(item["title"].startswith("EXERCISE: ") for item in items)
    marked = [item["title"] for item in items if any(word in item["title"] for word in ("EJERCICIO", "تمرين", "演习"))]
    assert marked == [], "said once is enough"


def test_it_speaks_four_languages_and_covers_thirty_days(base: str) -> None:
    items = items_of(base)
    ages = [datetime.now(UTC) - datetime.fromisoformat(item["date_published"]) for item in items]
    assert {item["language"] for item in items} == {"en", "ar", "zh", "es"}
    assert max(ages) > timedelta(days=28)
    assert min(ages) >= timedelta(0)


def test_more_arrives_after_the_launch() -> None:
    launch = datetime.now(UTC) - timedelta(minutes=5)
    with serve(world=exercise.world()) as fresh, serve(world=exercise.world(launch)) as later:
        assert len(items_of(later)) == len(items_of(fresh)) + 5


def test_a_wire_story_stands_in_three_mastheads_and_is_corrected(base: str) -> None:
    copies = [item for item in items_of(base) if "taken from home before dawn by six officers" in item["content_html"]]
    assert len({item["authors"][0]["name"] for item in copies}) == 3  # type: ignore[index]
    assert any(item["title"].startswith("EXERCISE: Correction") for item in items_of(base))


def test_sources_name_the_invented_countries_alone(base: str) -> None:
    sources = httpx.get(f"{base}/sources.json").json()["sources"]
    assert {country for source in sources for country in source["countries"]} == {"XS", "XO"}
    assert all(source["url"].startswith(base) for source in sources)
