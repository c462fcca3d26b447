"""Small feeds that tests make themselves."""

from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape


def rss(*entries: tuple[str, str, str], when: datetime | None = None, language: str = "en") -> bytes:
    """An RSS feed of (address, title, text) entries."""
    date = format_datetime(when or datetime.now(UTC))
    items = "".join(
        f"<item><guid>{escape(url)}</guid><link>{escape(url)}</link><title>{escape(title)}</title>"
        f"<description>{escape(text)}</description><pubDate>{date}</pubDate></item>"
        for url, title, text in entries
    )
    channel = f"<channel><title>Masthead</title><language>{language}</language>{items}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{channel}</rss>'.encode()


ONE = ("https://news.example/1", "Site blocked in Sarvania", "<p>The regulator <b>ordered</b> a block.</p>")
TWO = ("https://news.example/2", "Editor released", "<p>She is home.</p>")
