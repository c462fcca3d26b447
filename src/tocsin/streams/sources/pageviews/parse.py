"""Reads answers of Wikimedia's page view interface. Runs in the jail; imports no Django.

``pageviews.project`` holds the views of a whole project by people (not by known robots). ``pageviews.country`` holds,
for one country and project, the sum over the day's most read pages, as Wikimedia publishes them: each rounded up, pages
with few readers left out. It follows the trend of reading in the country; it is not its volume.
"""

import json
from datetime import UTC, datetime
from typing import Any

from tocsin.lib.jail.results import UnreadableError

_DAY = 86_400


def of_project(body: bytes, *, project: str, step: int) -> dict[str, Any]:
    """Views of one project, one row for each interval of ``step`` seconds.

    Raises:
        UnreadableError: for anything but an answer of this interface.
    """
    items = _items(body)
    rows, refused = [], 0
    for item in items:
        try:
            epoch = int(datetime.strptime(str(item["timestamp"]), "%Y%m%d%H").replace(tzinfo=UTC).timestamp())
            views = _views(item["views"])
        except (KeyError, ValueError, TypeError):
            refused += 1
            continue
        rows.append(_row("pageviews.project", project, "", epoch, step, views))
    return _result(rows, len(items), refused)


def of_country(body: bytes, *, country: str, projects: list[str], epoch: int) -> dict[str, Any]:
    """Views of the most read pages of one country on one day, summed by project; only the ``projects`` asked for.

    Raises:
        UnreadableError: for anything but an answer of this interface.
    """
    items = _items(body)
    articles = items[0].get("articles", []) if items else []
    if not isinstance(articles, list):
        raise UnreadableError("This is JSON, but not an answer of the page view interface. Check the address.")
    sums: dict[str, float] = {}
    refused = 0
    for article in articles:
        try:
            project, views = str(article["project"]).removesuffix(".org"), _views(article["views_ceil"])
        except (KeyError, ValueError, TypeError):
            refused += 1
            continue
        sums[project] = sums.get(project, 0.0) + views
    wanted = {project.removesuffix(".org"): project for project in projects}
    rows = [
        _row("pageviews.country", name, country, epoch, _DAY, sums[bare])
        for bare, name in wanted.items()
        if bare in sums
    ]
    return _result(rows, len(articles), refused)


def _items(body: bytes) -> list[dict[str, Any]]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableError("The page view interface gave no JSON. Check the address.") from None
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UnreadableError("This is JSON, but not an answer of the page view interface. Check the address.")
    return items


def _views(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise ValueError
    return float(value)


def _row(kind: str, project: str, country: str, epoch: int, step: int, views: float) -> dict[str, Any]:
    return {
        "stream": "views",
        "kind": kind,
        "subject": project,
        "country": country,
        "epoch": epoch,
        "step": step,
        "value": views,
    }


def _result(rows: list[dict[str, Any]], entries: int, refused: int) -> dict[str, Any]:
    lines = [f"{refused} rows have no usable time or number; they were left out."] if refused else []
    return {"observations": rows, "entries": entries, "refused": lines}
