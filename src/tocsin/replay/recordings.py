"""Finds recorded sets in a folder by their shape and makes one world of them."""

from pathlib import Path

from tocsin.replay import articles
from tocsin.replay.bad import bad_endpoints
from tocsin.replay.documents import document_endpoints, report_documents
from tocsin.replay.feeds import ArticleSet, feed_endpoints, shelves
from tocsin.replay.files import file_endpoints
from tocsin.replay.gdelt import gdelt_endpoints
from tocsin.replay.ooni import Count, aggregation_endpoint
from tocsin.replay.ooni_measurements import measurement_endpoints
from tocsin.replay.ooni_recorded import count_sets
from tocsin.replay.ooni_recorded_measurements import measurement_sets
from tocsin.replay.pageviews import demo_projects, pageview_endpoints
from tocsin.replay.world import Endpoint, Suggestion, World


def world_from(folder: Path) -> World:
    """Everything in the folder that is known by its shape, the invented project's page views and the bad answers.

    Raises FileNotFoundError where there is no such folder. A folder of which nothing is known gives no endpoints.
    """
    if not folder.is_dir():
        raise FileNotFoundError("There is no such folder.")
    events = articles.event_rows(folder)
    recorded = [
        *_feeds(folder, events),
        *file_endpoints(folder),
        *_ooni(folder),
        *gdelt_endpoints(folder, events),
        *document_endpoints(report_documents(folder)),
    ]
    invented = [*pageview_endpoints(demo_projects()), *bad_endpoints()] if recorded else []
    return World(folder.resolve().name, (*recorded, *invented))


def _feeds(folder: Path, events: list[articles.Row]) -> list[Endpoint]:
    sets = [*articles.annotated_sets(folder), *articles.news_sets(folder)]
    if events:
        sets.append(articles.event_articles(events))
    served = {_bare(article.id) for each in sets for article in each.articles}
    endpoints = [endpoint for each in sets for endpoint in _served(each, suggested=True)]
    for each in articles.story_sets(folder):
        # A story set may be the plain form of articles that are served already; suggesting both would double them.
        again = {_bare(article.id) for article in each.articles} <= served
        endpoints += _served(each, suggested=not again)
    return endpoints


def _served(articles_of: ArticleSet, *, suggested: bool) -> list[Endpoint]:
    return feed_endpoints(articles_of.name, shelves(articles_of, suggested=suggested), articles_of.span)


def _bare(article_id: str) -> str:
    return article_id.split(":", 1)[1]


def _ooni(folder: Path) -> list[Endpoint]:
    counts, measurements = count_sets(folder), measurement_sets(folder)
    endpoints: list[Endpoint] = []
    if counts:
        every = [count for each in counts for count in each.until(each.span.last)]
        longest = max((each.span.last - each.span.first).days for each in counts)
        endpoints.append(aggregation_endpoint(counts, (_suggested(every, longest),)))
    if measurements:
        endpoints += measurement_endpoints(measurements)
    return endpoints


def _suggested(counts: list[Count], days: int) -> Suggestion:
    """What there is to ask for: countries, tests, and the domains that were told apart."""
    countries = sorted({count.country for count in counts})
    return Suggestion(
        "Replay: OONI",
        "ooni",
        "/api/v1/aggregation",
        countries=tuple(countries),
        reliability="B",
        interval_seconds=3600,
        options={
            "countries": countries,
            "tests": sorted({count.test_name for count in counts}),
            "domains": sorted({count.domain for count in counts if count.domain}),
            # Dates are moved by whole weeks, so a set may end up to a week before the launch.
            "history_days": days + 7,
        },
    )
