"""Puts the exercise together as a world that the replay server can play."""

from datetime import UTC, datetime, timedelta

from tocsin.replay.bad import bad_endpoints
from tocsin.replay.clock import Span
from tocsin.replay.documents import document_endpoints
from tocsin.replay.exercise.country import BY_DOMAIN, CONTROL, COUNTRIES, MASTHEADS, OTHER_WIKI, WIKI, Masthead
from tocsin.replay.exercise.measurements import DAYS_BACK, TEST, connectivity, counts, measurements, projects
from tocsin.replay.exercise.papers import papers
from tocsin.replay.exercise.stories import ENGLISH, MARK, Story
from tocsin.replay.exercise.stories_more import DAILY, LIVE, OTHER_LANGUAGES
from tocsin.replay.feed_formats import Article, paragraphs
from tocsin.replay.feeds import FORMATS, Shelf, feed_endpoint, page_endpoint
from tocsin.replay.ioda import ROOT, connectivity_endpoint
from tocsin.replay.ooni import aggregation_endpoint
from tocsin.replay.ooni_measurements import measurement_endpoints
from tocsin.replay.pageviews import SYNTHETIC, pageview_endpoints
from tocsin.replay.world import Endpoint, Suggestion, World

NAME = "exercise"
# Hours after the launch at which the networks are measured again: often at first, then hourly, then once a day.
BULLETIN_HOURS = (*(tenth / 6 for tenth in range(2, 13)), *range(3, 49), *range(72, 91 * 24, 24))
# A paper prints something at least every other day, and is looked at more often: who watches sees what comes.
DAILY_HOURS = range(24, 91 * 24, 48)
INTERVAL_SECONDS, LOOK_MINUTES = 86_400, 3
HOUR_SECONDS = 3_600


def world(launch: datetime | None = None) -> World:
    """The exercise as it stands at this moment (now, where none is given): thirty days back, ninety ahead.

    Give the same launch again after a restart, and every article keeps its date.
    """
    start = (launch or datetime.now(UTC)).replace(microsecond=0)
    documents = Suggestion(
        f"{MARK}documents",
        "documents",
        countries=tuple(COUNTRIES),
        languages=("en",),
        reliability="B",
        interval_seconds=100 * 86_400,
        tlp="AMBER",
    )
    endpoints = (
        *_feeds(start),
        aggregation_endpoint([counts(start)], (_ooni(),), note=SYNTHETIC),
        *measurement_endpoints([measurements(start)], note=SYNTHETIC),
        connectivity_endpoint(connectivity(start), (_ioda(),), note=SYNTHETIC),
        *pageview_endpoints(projects(start), reliability="A"),
        *document_endpoints(papers(), documents),
        *bad_endpoints(),
    )
    return World("EXERCISE: Sarvania", endpoints, live=True)


def _ooni() -> Suggestion:
    return Suggestion(
        f"{MARK}OONI",
        "ooni",
        "/api/v1/aggregation",
        countries=tuple(COUNTRIES),
        reliability="A",
        interval_seconds=HOUR_SECONDS,
        options={
            "countries": list(COUNTRIES),
            "tests": [TEST],
            "domains": [WIKI, OTHER_WIKI, CONTROL],
            "history_days": 30,
        },
    )


def _ioda() -> Suggestion:
    return Suggestion(
        f"{MARK}IODA",
        "ioda",
        ROOT,
        countries=tuple(COUNTRIES),
        reliability="A",
        interval_seconds=600,
        options={"countries": list(COUNTRIES), "history_days": DAYS_BACK},
    )


def printed(start: datetime) -> list[Article]:
    """Every article of the exercise, also those that are still to come."""
    found = [_article(story, start) for story in (*ENGLISH, *OTHER_LANGUAGES, *LIVE)]
    found += [_bulletin(number, start + timedelta(hours=hours)) for number, hours in enumerate(BULLETIN_HOURS, 1)]
    found += [
        _daily(masthead, number, start + timedelta(hours=hours))
        for masthead in MASTHEADS
        for number, hours in enumerate(DAILY_HOURS, 1)
    ]
    return found


def _feeds(start: datetime) -> list[Endpoint]:
    articles = printed(start)
    span = Span.of([article.published for article in articles if article.published]) or Span(start, start)
    shelves = [_shelf(masthead, articles) for masthead in MASTHEADS]
    writers = dict(FORMATS)
    endpoints = [
        feed_endpoint(NAME, shelf, span, suffix, writers[suffix], preferred=suffix == masthead.format)
        for masthead, shelf in zip(MASTHEADS, shelves, strict=True)
        for suffix in writers
    ]
    return [*endpoints, page_endpoint(NAME, shelves, span)]


def _shelf(masthead: Masthead, articles: list[Article]) -> Shelf:
    title = f"{MARK}{masthead.name}"
    suggestion = Suggestion(
        title,
        "feeds",
        countries=(masthead.country,),
        languages=masthead.languages,
        reliability=masthead.reliability,
        interval_seconds=INTERVAL_SECONDS,
        options={"look_minutes": LOOK_MINUTES},
    )
    own = tuple(article for article in articles if article.masthead == masthead.name)
    return Shelf(masthead.domain.split(".")[0], title, own, suggestion)


def _article(story: Story, start: datetime) -> Article:
    return Article(
        id=f"{NAME}:{story.key}",
        title=MARK + story.title,
        html=paragraphs(story.text),
        masthead=BY_DOMAIN[story.domain].name,
        published=start + timedelta(hours=story.hours),
        language=story.language,
        summary=story.text.split("\n", 1)[0],
    )


def _daily(masthead: Masthead, number: int, when: datetime) -> Article:
    title, text = DAILY[masthead.languages[0]]
    return Article(
        id=f"{NAME}:daily-{masthead.domain}-{number}",
        title=MARK + title.format(number=number),
        html=paragraphs(text),
        masthead=masthead.name,
        published=when,
        language=masthead.languages[0],
        summary=text,
    )


def _bulletin(number: int, when: datetime) -> Article:
    text = (
        f"Round {number}: sarvanian.wiki.example stays blocked on Sarvatel and Dawnlink in Sarvania and opens on "
        "Kestrel Mobile. The control site opens on all three."
    )
    return Article(
        id=f"{NAME}:bulletin-{number}",
        title=f"{MARK}Measurement round {number}: no change in Sarvania",
        html=paragraphs(text),
        masthead=BY_DOMAIN["networks.example"].name,
        published=when,
        language="en",
        summary=text,
    )
