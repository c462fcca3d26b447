"""A small town to watch: six papers on six loopback addresses, and the measurements of one invented network.

Several addresses, since a collector leaves each host a second between two requests.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.replay import serve
from tocsin.replay.clock import Span
from tocsin.replay.feed_formats import Article, paragraphs
from tocsin.replay.feeds import FORMATS, Shelf, feed_endpoint
from tocsin.replay.ooni import Count, aggregation_endpoint, fixed
from tocsin.replay.world import World

PAPERS, ARTICLES = 6, 40
DAYS, BLOCKED = 26, 20
_DAY = timedelta(days=1)
_PLACES = ("Turkey", "Peru", "Kenya", "Pakistan", "Belarus", "Egypt", "Ghana", "Nepal")
_EVENTS = (
    "A volunteer editor of Wikipedia was arrested in {place}, her lawyer said. Case {number} is before the court.",
    "The regulator of {place} ordered every provider to block Wikipedia. Order {number} was published at noon.",
    "Heavy rain closed road {number} in {place}. Nobody was hurt, the transport office said.",
    "Police in {place} beat a reporter who filmed protest {number} in the capital, witnesses said.",
)


@contextmanager
def town() -> Iterator[list[dict[str, Any]]]:
    """Serve the town while the block runs; gives the sources that watch it."""
    with ExitStack() as stack:
        addresses = [
            stack.enter_context(serve(world=paper(number), host=f"127.0.0.{number + 2}", speed=0.0))
            for number in range(PAPERS)
        ]
        sources = [
            _source(f"Paper {number}", "feeds", f"{at}/feeds/town/paper.rss") for number, at in enumerate(addresses)
        ]
        base = stack.enter_context(serve(world=measurements(), host="127.0.0.9", speed=0.0))
        options = {
            "countries": ["XS"],
            "tests": ["web_connectivity"],
            "domains": ["en.wikipedia.org"],
            "history_days": 28,
        }
        yield [*sources, _source("Measurements", "ooni", f"{base}/api/v1/aggregation", options)]


def paper(number: int) -> World:
    """One paper. Every paper prints a third of its articles word for word as the others do."""
    newest = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    articles = tuple(_article(number, each, newest - timedelta(minutes=7 * each)) for each in range(ARTICLES))
    shelf = Shelf("paper", f"Paper {number}", articles, None)
    span = Span(newest - timedelta(minutes=7 * ARTICLES), newest)
    endpoint = feed_endpoint("town", shelf, span, "rss", dict(FORMATS)["rss"], preferred=True)
    return World(f"paper {number}", (endpoint,))


def measurements() -> World:
    """Twenty quiet days on two networks, then one of them fails."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    counts = [
        Count(
            today - (DAYS - day) * _DAY, _DAY, "XS", "web_connectivity", "en.wikipedia.org", asn,
            ok=1 if day >= BLOCKED and asn == 64500 else 29, anomaly=29 if day >= BLOCKED and asn == 64500 else 1,
        )
        for day in range(DAYS)
        for asn in (64500, 64501)
    ]  # fmt: skip
    return World("measurements", (aggregation_endpoint([fixed("town", counts)], ()),))


def _article(paper_number: int, number: int, at: datetime) -> Article:
    shared = number % 3 == 0
    who = 0 if shared else paper_number
    place, event = _PLACES[(number + who) % len(_PLACES)], _EVENTS[(number // 2 + who) % len(_EVENTS)]
    text = event.format(place=place, number=1000 * who + number)
    title = " ".join(text.split()[:9])
    return Article(f"{paper_number}:{number}", title, paragraphs(text), f"Paper {paper_number}", at, "en", text)


def _source(name: str, kind: str, url: str, options: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": name, "kind": kind, "url": url, "countries": [], "languages": ["en"], "reliability": "C",
        "interval_seconds": 86_400, "tlp": "CLEAR", "options": options or {},
    }  # fmt: skip
