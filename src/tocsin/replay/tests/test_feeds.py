"""Recorded articles come back as web feeds over a real socket."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import httpx
import pytest

from tocsin.replay import Dates, NotLoopbackError, serve


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small sets that we made up, in the shapes that replay knows."""
    news = tmp_path / "made-news"
    news.mkdir()
    rows = [
        {
            "id": f"n{number}",
            "date_publish": f"2019-03-{number + 1:02d}T10:00:00",
            "source_domain": "one.example" if number < 6 else f"small{number}.example",
            "language": "en",
            "title": f"Bread & roses {number}",
            "description": "A summary",
            "text": f"First line {number}\nSecond <line>",
        }
        for number in range(9)
    ]
    (news / "articles.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    notes = tmp_path / "made-notes"
    notes.mkdir()
    samples = [
        {
            "sample": {
                "Input.GLOBALEVENTID": number,
                "Input.title": f"Note {number}",
                "Input.publish_date": "2020-02-02 02:02:02",
                "Input.article_interface": "<p>A paragraph</p>",
            }
        }
        for number in range(3)
    ]
    (notes / "train.json").write_text(json.dumps(samples))
    return tmp_path


@pytest.fixture
def base(folder: Path) -> Iterator[str]:
    with serve(folder, dates=Dates.RECORDED) as base_url:
        yield base_url


def test_every_article_stands_in_the_suggested_feeds_exactly_once(base: str) -> None:
    sources = httpx.get(f"{base}/sources.json").json()["sources"]
    entries = [entry for source in sources for entry in feedparser.parse(httpx.get(source["url"]).text).entries]
    json_ids = [
        item["id"]
        for source in sources
        if source["url"].endswith(".json")
        for item in httpx.get(source["url"]).json()["items"]
    ]
    ids = [entry.id for entry in entries if entry.get("id")] + json_ids
    assert len(set(ids)) == 12
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_a_feed_carries_title_date_full_text_and_a_loopback_link(base: str, suffix: str) -> None:
    parsed = feedparser.parse(httpx.get(f"{base}/feeds/made-news/one.example.{suffix}").content)
    newest = parsed.entries[0]
    assert not parsed.bozo
    assert newest.title in ("Bread & roses 5", "Bread &amp; roses 5")
    assert newest.published_parsed[:3] == (2019, 3, 6)
    assert "First line 5" in newest.content[0].value
    assert "Second &lt;line&gt;" in newest.content[0].value
    assert newest.link.startswith(base)
    assert httpx.get(newest.link).status_code == 200


def test_json_feed_says_the_same_as_rss(base: str) -> None:
    data = httpx.get(f"{base}/feeds/made-news/one.example.json").json()
    rss = feedparser.parse(httpx.get(f"{base}/feeds/made-news/one.example.rss").content)
    assert data["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["id"] for item in data["items"]] == [entry.id for entry in rss.entries]


def test_an_unchanged_feed_answers_304_to_its_etag_and_to_its_date(base: str) -> None:
    url = f"{base}/feeds/made-news/one.example.rss"
    first = httpx.get(url)
    by_tag = httpx.get(url, headers={"If-None-Match": first.headers["etag"]})
    by_date = httpx.get(url, headers={"If-Modified-Since": first.headers["last-modified"]})
    assert (by_tag.status_code, by_tag.content) == (304, b"")
    assert by_date.status_code == 304
    assert httpx.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_it_compresses_only_for_who_asks(base: str) -> None:
    url = f"{base}/feeds/made-news/one.example.rss"
    assert httpx.get(url, headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in httpx.get(url, headers={"Accept-Encoding": "identity"}).headers
    assert "content-encoding" not in httpx.get(url, headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_articles_stay_hidden_until_the_replay_clock_reaches_them(folder: Path) -> None:
    start = datetime(2019, 3, 3, tzinfo=UTC)
    with serve(folder, speed=0.001, start=start, dates=Dates.RECORDED) as base:
        entries = feedparser.parse(httpx.get(f"{base}/feeds/made-news/one.example.rss").content).entries
        hidden = httpx.get(f"{base}/articles/made-news/one.example/made-news%3An5").status_code
    assert [entry.title for entry in entries] == ["Bread & roses 1", "Bread & roses 0"]
    assert hidden == 404


def test_dates_can_be_moved_by_whole_weeks_so_that_a_set_ends_this_week(folder: Path) -> None:
    with serve(folder) as base:
        items = httpx.get(f"{base}/feeds/made-news/one.example.json").json()["items"]
    shown = datetime.fromisoformat(items[0]["date_published"])
    moved = shown - datetime(2019, 3, 6, 10, tzinfo=UTC)
    assert moved.total_seconds() % (7 * 86_400) == 0
    assert (datetime.now(UTC) - shown).days < 14


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "::ffff:127.0.0.1", "example.org"])
def test_it_refuses_to_bind_anything_but_loopback(folder: Path, host: str) -> None:
    with pytest.raises(NotLoopbackError), serve(folder, host=host):
        pass


def test_it_does_not_answer_to_a_stranger_s_name(base: str) -> None:
    assert httpx.get(f"{base}/", headers={"Host": "attacker.example.org"}).status_code == 421
    assert httpx.get(f"{base}/", headers={"Host": "feeds.test"}).status_code == 200
