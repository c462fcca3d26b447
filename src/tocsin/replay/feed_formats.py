"""Articles written as RSS 2.0, Atom 1.0 and JSON Feed 1.1."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

# What XML 1.0 can't carry at all, escaped or not.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Article:
    """One recorded article. ``published`` None: the recording has no usable date. ``html``: the body as markup."""

    id: str
    title: str
    html: str
    masthead: str
    published: datetime | None = None
    language: str = ""
    summary: str = ""
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as it stands in one answer: its address here and the date shown."""

    article: Article
    url: str
    date: datetime | None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """The head of a feed. ``updated`` moves only when an entry comes in, so that an unchanged feed is unchanged."""

    title: str
    url: str
    home: str
    updated: datetime
    language: str = ""


def paragraphs(text: str) -> str:
    """Plain text as markup: a paragraph a line."""
    return "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())


def xml(text: str) -> str:
    """Text safe in XML content and in double-quoted attributes."""
    return escape(NOT_XML.sub("", text))


def rss(feed: Feed, entries: Sequence[Entry]) -> tuple[bytes, str]:
    """RSS 2.0 with the full text in content:encoded; body and media type."""
    language = f"<language>{xml(feed.language)}</language>" if feed.language else ""
    items = "".join(_rss_item(entry) for entry in entries)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n'
        f"<channel><title>{xml(feed.title)}</title><link>{xml(feed.home)}</link>"
        f'<atom:link rel="self" type="application/rss+xml" href="{xml(feed.url)}"/>'
        f"<description>{xml(feed.title)}</description>{language}"
        f"<lastBuildDate>{format_datetime(feed.updated.astimezone(UTC), usegmt=True)}</lastBuildDate>\n"
        f"{items}</channel></rss>\n"
    )
    return body.encode(), "application/rss+xml; charset=utf-8"


def _rss_item(entry: Entry) -> str:
    article = entry.article
    date = f"<pubDate>{format_datetime(entry.date.astimezone(UTC), usegmt=True)}</pubDate>" if entry.date else ""
    summary = f"<description>{xml(article.summary)}</description>" if article.summary else ""
    language = f"<dc:language>{xml(article.language)}</dc:language>" if article.language else ""
    return (
        f"<item><title>{xml(article.title)}</title><link>{xml(entry.url)}</link>"
        f'<guid isPermaLink="false">{xml(article.id)}</guid>{date}'
        f"<dc:publisher>{xml(article.masthead)}</dc:publisher>{language}{summary}"
        f"<content:encoded>{xml(article.html)}</content:encoded></item>\n"
    )


def atom(feed: Feed, entries: Sequence[Entry]) -> tuple[bytes, str]:
    """Atom 1.0 with the full text as HTML content; body and media type."""
    language = f' xml:lang="{xml(feed.language)}"' if feed.language else ""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom"{language}><title>{xml(feed.title)}</title>'
        f'<id>{xml(feed.title)}</id><link rel="self" href="{xml(feed.url)}"/><link href="{xml(feed.home)}"/>'
        f"<updated>{_iso(feed.updated)}</updated>\n"
        f"{''.join(_atom_entry(entry, feed) for entry in entries)}</feed>\n"
    )
    return body.encode(), "application/atom+xml; charset=utf-8"


def _atom_entry(entry: Entry, feed: Feed) -> str:
    article = entry.article
    published = f"<published>{_iso(entry.date)}</published>" if entry.date else ""
    updated = entry.updated or entry.date or feed.updated
    summary = f"<summary>{xml(article.summary)}</summary>" if article.summary else ""
    language = f' xml:lang="{xml(article.language)}"' if article.language else ""
    return (
        f"<entry{language}><title>{xml(article.title)}</title><id>{xml(article.id)}</id>"
        f'<link href="{xml(entry.url)}"/>{published}<updated>{_iso(updated)}</updated>'
        f"<author><name>{xml(article.masthead)}</name></author>{summary}"
        f'<content type="html">{xml(article.html)}</content></entry>\n'
    )


def json_feed(feed: Feed, entries: Sequence[Entry]) -> tuple[bytes, str]:
    """JSON Feed 1.1; body and media type."""
    items = []
    for entry in entries:
        article = entry.article
        item: dict[str, object] = {"id": article.id, "url": entry.url, "title": article.title}
        item["content_html"] = article.html
        if article.summary:
            item["summary"] = article.summary
        if entry.date:
            item["date_published"] = _iso(entry.date)
        if entry.updated:
            item["date_modified"] = _iso(entry.updated)
        item["authors"] = [{"name": article.masthead}]
        if article.language:
            item["language"] = article.language
        items.append(item)
    data: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.url,
        "items": items,
    }
    if feed.language:
        data["language"] = feed.language
    return json.dumps(data, ensure_ascii=False).encode(), "application/feed+json; charset=utf-8"


def page(article: Article, date: datetime | None) -> bytes:
    """The article's own page as HTML."""
    language = f' lang="{escape(article.language)}"' if article.language else ""
    shown = f'<p><time datetime="{_iso(date)}">{date:%Y-%m-%d %H:%M}</time></p>' if date else ""
    text = (
        f'<!doctype html><html{language}><head><meta charset="utf-8"><title>{escape(article.title)}</title></head>'
        f"<body><article><h1>{escape(article.title)}</h1><p>{escape(article.masthead)}</p>{shown}"
        f"{article.html}</article></body></html>"
    )
    # Recorded texts may hold lone surrogates, which no encoding can carry.
    return text.encode("utf-8", "replace")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
