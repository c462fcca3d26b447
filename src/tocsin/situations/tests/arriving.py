"""Texts that arrive, and the work that makes situations of them."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from tocsin.signals import work as reading
from tocsin.situations import work
from tocsin.streams.models import Item, Source

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ARREST = (
    "Wikipedia editor arrested in Turkey",
    "Police in Ankara arrested a volunteer Wikipedia editor on Monday, her lawyer said. She is accused of "
    "insulting a minister in an article about the dam in Bursa.",
)
ARREST_AGAIN = (
    "Turkey detains Wikipedia volunteer over dam article",
    "A volunteer editor of Wikipedia was arrested by police in Ankara, accused of insulting a minister in an "
    "article about the Bursa dam, her lawyer told reporters on Monday.",
)
FLOOD = (
    "Floods close roads in Peru",
    "Heavy rain closed three mountain roads near Cusco in Peru. No one was hurt, the transport office said.",
)


def arrive(source: Source, title: str, text: str, hours: int = 0, **more: object) -> Item:
    key = sha256(f"{title}{hours}{source.pk}".encode()).hexdigest()
    at = NOW + timedelta(hours=hours)
    return Item.objects.create(
        source=source, key=key, digest=key, title=title, text=text, published_at=at, fetched_at=at,
        expires_at=at + timedelta(days=400), **more,
    )  # fmt: skip


def run() -> None:
    for _ in range(20):
        if not any([reading.read_items(), reading.follow_readers(), work.step()]):
            return
