"""Serves articles as web feeds: each set is split by masthead, each feed stands in three formats."""

import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from tocsin.replay.clock import Clock, Span
from tocsin.replay.feed_formats import Article, Entry, Feed, atom, json_feed, page, rss
from tocsin.replay.world import Answer, Endpoint, Request, Suggestion, not_found

Writer = Callable[[Feed, Sequence[Entry]], tuple[bytes, str]]
FORMATS: tuple[tuple[str, Writer], ...] = (("rss", rss), ("atom", atom), ("json", json_feed))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OWN_FEED = 5  # a masthead with this many articles gets its own feed
GROUP = 25  # articles of smaller mastheads that share one
BLOCK = 50  # articles of no known masthead that share one


@dataclass(frozen=True, slots=True)
class Shelf:
    """Articles that become one feed. ``suggestion`` None: served, not recommended (it stands elsewhere too)."""

    slug: str
    title: str
    articles: tuple[Article, ...]
    suggestion: Suggestion | None


@dataclass(frozen=True, slots=True)
class ArticleSet:
    """One recorded set of articles under one name."""

    name: str
    articles: tuple[Article, ...]

    @property
    def span(self) -> Span:
        """From the first to the last dated article; the epoch where none has a date."""
        times = [article.published for article in self.articles if article.published]
        return Span.of(times) or Span(EPOCH, EPOCH)


def shelves(articles: ArticleSet, *, suggested: bool = True) -> list[Shelf]:
    """Split a set into feeds by masthead; articles without one are spread evenly, by a hash of their id."""
    groups = _groups(articles)
    return [_shelf(articles.name, slug, members, suggested) for slug, members in groups.items()]


def _shelf(name: str, slug: str, members: list[Article], suggested: bool) -> Shelf:
    languages = tuple(sorted({member.language for member in members if member.language}))
    title = f"Replay: {name}, {slug}"
    # The recordings are republished news of many hands, so nothing better than C is honest.
    suggestion = Suggestion(title, "feeds", languages=languages, reliability="C", interval_seconds=900)
    return Shelf(slug, title, tuple(members), suggestion if suggested else None)


def _groups(articles: ArticleSet) -> dict[str, list[Article]]:
    mastheads: dict[str, list[Article]] = defaultdict(list)
    for article in articles.articles:
        mastheads[article.masthead].append(article)
    nameless = mastheads.pop("", [])
    groups = {slug_of(name): members for name, members in sorted(mastheads.items()) if len(members) >= OWN_FEED}
    rest = [each for _, members in sorted(mastheads.items()) if len(members) < OWN_FEED for each in members]
    for first in range(0, len(rest), GROUP):
        groups[f"others-{first // GROUP + 1}"] = rest[first : first + GROUP]
    blocks = -(-len(nameless) // BLOCK)
    for article in nameless:
        groups.setdefault(f"part-{zlib.crc32(article.id.encode()) % blocks + 1}", []).append(article)
    return dict(sorted(groups.items()))


def slug_of(text: str) -> str:
    """A name that is safe in a path."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "unnamed"


def feed_endpoints(name: str, parts: Iterable[Shelf], span: Span) -> list[Endpoint]:
    """Endpoints of a set: every shelf in every format, and the articles' own pages."""
    known = list(parts)
    endpoints = [
        feed_endpoint(name, shelf, span, suffix, write, preferred=number == index % len(FORMATS))
        for index, shelf in enumerate(known)
        for number, (suffix, write) in enumerate(FORMATS)
    ]
    return [*endpoints, page_endpoint(name, known, span)]


def feed_endpoint(name: str, shelf: Shelf, span: Span, suffix: str, write: Writer, *, preferred: bool) -> Endpoint:
    """One shelf in one format; ``preferred`` marks the format that the suggested source uses."""
    path = f"/feeds/{name}/{shelf.slug}.{suffix}"
    # What is visible only grows, so the number of entries tells whether the last answer still holds.
    kept: dict[tuple[str, int], Answer] = {}

    def answer(request: Request) -> Answer:
        shown = visible(shelf.articles, request.clock, span)
        key = (request.base_url, len(shown))
        if key not in kept:
            kept.clear()
            kept[key] = _write(shown, request)
        return kept[key]

    def _write(shown: list[Article], request: Request) -> Answer:
        updated = changed(shown, request.clock, span)
        feed = Feed(shelf.title, request.base_url + path, request.base_url + "/", updated, _one_language(shelf))
        entries = [entry_of(name, article, request, span) for article in shown]
        body, media = write(feed, entries)
        return Answer(body, media, modified=updated)

    suggestions = (shelf.suggestion,) if preferred and shelf.suggestion else ()
    return Endpoint(path, "feeds", f"{shelf.title} ({len(shelf.articles)} articles)", answer, suggestions)


def _one_language(shelf: Shelf) -> str:
    languages = {article.language for article in shelf.articles}
    return languages.pop() if len(languages) == 1 else ""


def visible(articles: Iterable[Article], clock: Clock, span: Span) -> list[Article]:
    """The articles in sight, newest first; the undated last, in file order."""
    shown = [a for a in articles if a.published is None or clock.visible(a.published, span)]
    return sorted(shown, key=lambda article: article.published or EPOCH, reverse=True)


def changed(shown: list[Article], clock: Clock, span: Span) -> datetime:
    """When the newest of these came into sight, on the wall clock."""
    return max(
        (clock.appeared(article.published, span) for article in shown if article.published), default=clock.launched
    )


def entry_of(name: str, article: Article, request: Request, span: Span) -> Entry:
    """An article as this answer shows it."""
    clock = request.clock
    date = clock.shown(article.published, span) if article.published else None
    updated = clock.shown(article.updated, span) if article.updated else None
    return Entry(article, request.base_url + _page_path(name, article), date, updated)


def _page_path(name: str, article: Article) -> str:
    return f"/articles/{name}/{slug_of(article.masthead or 'unknown')}/{quote(article.id, safe='')}"


def page_endpoint(name: str, parts: Iterable[Shelf], span: Span) -> Endpoint:
    """Every article of these shelves as an HTML page, once it is visible."""
    by_id = {article.id: article for shelf in parts for article in shelf.articles}

    def answer(request: Request) -> Answer:
        pieces = request.path.removeprefix(f"/articles/{name}/").split("/", 1)
        article = by_id.get(pieces[-1])
        if article is None or not (article.published is None or request.clock.visible(article.published, span)):
            return not_found()
        date = request.clock.shown(article.published, span) if article.published else None
        return Answer(page(article, date), "text/html; charset=utf-8", modified=changed([article], request.clock, span))

    return Endpoint(f"/articles/{name}/*", "page", f"The {len(by_id)} articles of {name}, a page each", answer)
