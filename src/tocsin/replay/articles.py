"""Reads recorded articles in the shapes that data sets come in, and says nothing of what they hold."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.replay.clock import parse_moment
from tocsin.replay.feed_formats import Article, paragraphs
from tocsin.replay.feeds import ArticleSet
from tocsin.replay.world import host_of

Row = dict[str, Any]
OLDEST = datetime(1995, 1, 1, tzinfo=UTC)  # an article from before the web is a typing error of the recording
SUMMARY = 280


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a JSON Lines file, compressed or not; lines that are not objects are left out."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if not line.strip():
                continue
            row = json.loads(line)
            if isinstance(row, dict):
                yield row


def first_row(path: Path) -> Row:
    """The first row of a JSON Lines file, an empty one where it has none or is not such a file."""
    try:
        return next(rows_of(path), {})
    except (OSError, ValueError, EOFError):
        return {}


def annotated_sets(folder: Path) -> list[ArticleSet]:
    """Annotation files of news articles: a JSON list of ``sample`` with title, date and HTML paragraphs."""
    found = []
    for path in sorted(folder.glob("*/*.json")):
        with path.open(encoding="utf-8", errors="replace") as start:
            if "Input.article_interface" not in start.read(20_000):
                continue
        name = f"{path.parent.name}-{path.stem}"
        samples = [row["sample"] for row in json.loads(path.read_text(encoding="utf-8"))]
        found.append(ArticleSet(name, tuple(_annotated(name, sample) for sample in samples)))
    return found


def _annotated(name: str, sample: Row) -> Article:
    return Article(
        id=f"{name}:{sample['Input.GLOBALEVENTID']}",
        title=_clean(sample.get("Input.title")),
        html=_clean(sample.get("Input.article_interface")),
        masthead="",  # the recording has none
        published=_moment(sample.get("Input.publish_date")),
        language="en",
    )


def news_sets(folder: Path) -> list[ArticleSet]:
    """JSON Lines of articles with ``source_domain``, as news crawlers write them."""
    found = []
    for path in _lines_files(folder):
        if {"title", "text", "source_domain"} <= first_row(path).keys():
            name = path.parent.name
            found.append(ArticleSet(name, tuple(_news(name, row) for row in rows_of(path))))
    return found


def _news(name: str, row: Row) -> Article:
    return Article(
        id=f"{name}:{row['id']}",
        title=_clean(row.get("title")),
        html=paragraphs(_clean(row.get("text"))),
        masthead=_clean(row.get("source_domain")),
        published=_moment(row.get("date_publish")),
        language=_clean(row.get("language")),
        summary=_clean(row.get("description"))[:SUMMARY],
    )


def story_sets(folder: Path) -> list[ArticleSet]:
    """The plain form of story sets: ``id, time, language, source, title, text, story`` (the last is never served)."""
    found = []
    for path in _lines_files(folder):
        if {"title", "text", "story", "source"} <= first_row(path).keys():
            name = f"stories-{path.name.split('.')[0]}"
            found.append(ArticleSet(name, tuple(_story(name, row) for row in rows_of(path))))
    return found


def _story(name: str, row: Row) -> Article:
    return Article(
        id=f"{name}:{row['id']}",
        title=_clean(row.get("title")),
        html=paragraphs(_clean(row.get("text"))),
        masthead=_clean(row.get("source")),
        published=_moment(row.get("time")),
        language=_clean(row.get("language")),
    )


def event_rows(folder: Path) -> list[Row]:
    """Rows of GDELT events that carry the text of their article."""
    return [
        row
        for path in _lines_files(folder)
        if {"GLOBALEVENTID", "SOURCEURL", "text"} <= first_row(path).keys()
        for row in rows_of(path)
    ]


def event_articles(rows: list[Row]) -> ArticleSet:
    """The articles of GDELT events, by the domain they stood on."""
    name = "gdelt-event-articles"
    return ArticleSet(name, tuple(_event_article(name, row) for row in rows))


def _event_article(name: str, row: Row) -> Article:
    return Article(
        id=f"{name}:{row['GLOBALEVENTID']}",
        title=_clean(row.get("title")),
        html=paragraphs(_clean(row.get("text"))),
        masthead=host_of(_clean(row.get("SOURCEURL"))),
        published=event_moment(row),
        language=_clean(row.get("meta_lang")),
    )


def event_moment(row: Row) -> datetime | None:
    """When the article of an event was published, or the day of the event where that is not known."""
    return _moment(row.get("publish_date")) or _moment(str(row.get("SQLDATE") or "").removesuffix(".0"))


def _lines_files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*/*.jsonl.gz"), *folder.glob("*/*.jsonl")])


def _moment(value: object) -> datetime | None:
    moment = parse_moment(value) if isinstance(value, str) else None
    return moment if moment and moment >= OLDEST else None


def _clean(value: object) -> str:
    if not isinstance(value, str):
        return ""
    # Lone surrogates of a careless crawl can't be sent in any encoding.
    return value.encode("utf-8", "replace").decode("utf-8")
