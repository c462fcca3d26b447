"""Finds recorded sets in a folder by their shape and makes one world of them."""

from pathlib import Path

from tocsin.replay import articles
from tocsin.replay.feeds import ArticleSet, feed_endpoints, shelves
from tocsin.replay.world import Endpoint, World


def world_from(folder: Path) -> World:
    """Everything in the folder that is known by its shape. Raises FileNotFoundError where there is no such folder."""
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}.")
    return World(folder.name, (*_feeds(folder),))


def _feeds(folder: Path) -> list[Endpoint]:
    sets = [*articles.annotated_sets(folder), *articles.news_sets(folder)]
    events = articles.event_rows(folder)
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
