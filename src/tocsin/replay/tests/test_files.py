"""GDELT files, documents and files served byte for byte."""

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import docx
import feedparser
import httpx
import pytest

from tocsin.replay import Dates, exercise, serve


def event(number: int, day: str) -> dict[str, object]:
    return {
        "GLOBALEVENTID": number,
        "SQLDATE": day.replace("-", ""),
        "Actor1Code": "XSGOV",
        "Actor1Name": "SARVANIA",
        "EventCode": 173.0,
        "QuadClass": 4.0,
        "GoldsteinScale": -5.0,
        "AvgTone": -1.5,
        "ActionGeo_FullName": "Lume, Lume, Sarvania",
        "ActionGeo_CountryCode": "XS",
        "ActionGeo_Lat": 1.5,
        "ActionGeo_Long": 2.5,
        "SOURCEURL": f"https://paper.example/{number}",
        "publish_date": f"{day} 10:07:00",
        "title": "A title",
        "text": "A text",
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    events = tmp_path / "made-events"
    events.mkdir()
    rows = [event(1, "2021-01-01"), event(2, "2021-01-02"), event(3, "1920-01-01") | {"publish_date": ""}]
    (events / "rows.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    with zipfile.ZipFile(events / "20210102120000.gkg.csv.zip", "w") as archive:
        line = "\t".join(["20210102120000-0", "20210102120000", *[""] * 25])
        archive.writestr("20210102120000.gkg.csv", f"{line}\n")
    reports = tmp_path / "made-reports"
    reports.mkdir()
    passage = {"year": 2022, "country": "Sarvania", "item": None, "sub_item": "A1", "detail": "Fair & free?"}
    (reports / "texts.jsonl.gz").write_bytes(gzip.compress(json.dumps(passage).encode()))
    return tmp_path


@pytest.fixture
def base(folder: Path) -> Iterator[str]:
    with serve(folder, dates=Dates.RECORDED) as base_url:
        yield base_url


def lines(base: str, name: str) -> list[list[str]]:
    return [line.split(" ") for line in httpx.get(f"{base}/gdeltv2/{name}").text.splitlines()]


def table(url: str) -> list[list[str]]:
    with zipfile.ZipFile(io.BytesIO(httpx.get(url).content)) as archive:
        [name] = archive.namelist()
        assert url.endswith(f"/{name}.zip")
        return [row.split("\t") for row in archive.read(name).decode().splitlines()]


def test_the_newest_files_are_named_with_their_sizes_and_sums(base: str) -> None:
    newest = lines(base, "lastupdate.txt")
    assert [url.split(".", 4)[-1] for _, _, url in newest] == ["export.CSV.zip", "mentions.CSV.zip", "gkg.csv.zip"]
    for size, mark, url in newest:
        body = httpx.get(url).content
        assert (len(body), hashlib.md5(body).hexdigest()) == (int(size), mark)


def test_events_have_61_columns_mentions_16_and_the_graph_27(base: str) -> None:
    events, mentions, graph = (table(url) for _, _, url in lines(base, "lastupdate.txt"))
    assert [len(row) for row in events] == [61] * 3
    assert [len(row) for row in mentions] == [16] * 3
    assert [len(row) for row in graph] == [27]
    assert (events[-1][0], events[-1][1], events[-1][26], events[-1][60]) == (
        "2",
        "20210102",
        "173",
        "https://paper.example/2",
    )
    assert graph[0][1] == events[0][59] == lines(base, "lastupdate.txt")[0][2].rsplit("/", 1)[1][:14]


def test_with_a_speed_each_quarter_of_an_hour_has_its_own_files(folder: Path) -> None:
    start = datetime(2021, 1, 2, tzinfo=UTC)
    with serve(folder, speed=0.001, start=start, dates=Dates.RECORDED) as base:
        [[_, _, url], *_] = lines(base, "lastupdate.txt")
        assert url.endswith("/20210101101500.export.CSV.zip")
        assert {row[0] for row in table(url)} == {"1", "3"}
        assert httpx.get(f"{base}/gdeltv2/20210102101500.export.CSV.zip").status_code == 404


def test_reports_are_listed_and_read_as_html_and_text(base: str) -> None:
    rows = httpx.get(f"{base}/documents/index.json").json()["documents"]
    texts = {row["url"].rsplit(".", 1)[1]: httpx.get(row["url"]).text for row in rows}
    assert "Fair &amp; free?" in texts["html"]
    assert "Fair & free?" in texts["txt"]


def test_the_word_file_of_the_exercise_opens() -> None:
    with serve(world=exercise.world()) as base:
        body = httpx.get(f"{base}/documents/sarvania-risk-report.docx").content
    assert docx.Document(io.BytesIO(body)).paragraphs[0].text.startswith("EXERCISE")


@pytest.fixture
def files(tmp_path: Path) -> Iterator[str]:
    crawl = tmp_path / "made-crawl"
    crawl.mkdir()
    (crawl / "made.rss").write_bytes(
        b'<rss version="2.0"><channel><title>T</title><item><title>One</title>'
        b"<link><BASE_WEBSITE_URL/>made/page.html</link></item></channel></rss>"
    )
    tests = tmp_path / "made-tests"
    tests.mkdir()
    conformance = (
        b"<?xml version='1.0' encoding='koi8-r'?>\n<!--\nHeader:   Content-type: text/xml; charset=koi8-r\n-->\n<rss/>"
    )
    put(crawl / "made_pages.tar.gz", {"page.html": b"<p>Page</p>"})
    put(tests / "all.tar.gz", {"wellformed/rss/a.xml": conformance, "../outside.xml": b"<a/>"})
    alerts = tmp_path / "made-alerts"
    alerts.mkdir()
    (alerts / "storm.cap").write_bytes(b"<alert/>")
    (alerts / "index.atom").write_bytes(b"<feed/>")
    (alerts / "no_id.atom").write_bytes(b"<feed/>")
    with serve(tmp_path) as base_url:
        yield base_url


def put(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))


def test_a_recorded_feed_leads_to_its_pages(files: str) -> None:
    [entry] = feedparser.parse(httpx.get(f"{files}/globalvoices/made.rss").content).entries
    assert httpx.get(entry.link).text == "<p>Page</p>"


def test_a_conformance_file_is_sent_with_the_header_that_it_states(files: str) -> None:
    answer = httpx.get(f"{files}/feedparser/wellformed/rss/a.xml")
    assert answer.headers["content-type"] == "text/xml; charset=koi8-r"
    assert answer.content.endswith(b"<rss/>")


def test_spoilt_samples_are_served_and_not_suggested(files: str) -> None:
    assert httpx.get(f"{files}/cap/no_id.atom").status_code == 200
    urls = [source["url"] for source in httpx.get(f"{files}/sources.json").json()["sources"]]
    assert f"{files}/cap/index.atom" in urls
    assert f"{files}/cap/no_id.atom" not in urls
