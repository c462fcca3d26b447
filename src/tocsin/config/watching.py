"""Subscribes to every source that a server lists: the exercise's own, or those of ``tocsin up --watch URL``."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from tocsin.config.refusal import RefusalError
from tocsin.lib.http import HttpError
from tocsin.streams import collecting


def subscribe(sources: Iterable[Mapping[str, Any]], allow_private: str, exercise: bool) -> int:
    """Subscribe to sources given as plain data; gives how many are new. Those there already stay as they are."""
    return sum(_subscribe(one, allow_private, exercise) for one in sources)


def listed(url: str) -> list[dict[str, Any]]:
    """The sources that ``URL/sources.json`` lists.

    Raises:
        RefusalError: when it can't be read.
    """
    address = url.rstrip("/") + "/sources.json"
    try:
        answer = collecting.client().fetch(address, allow=frozenset({private_of(url)}))
        found = json.loads(answer.body)["sources"]
    except (HttpError, ValueError, KeyError, TypeError) as error:
        line = f"No list of sources could be read from {address}. Does it answer, and is it JSON?"
        raise RefusalError(line) from error
    return [one for one in found if isinstance(one, dict)]


def private_of(url: str) -> str:
    """``host:port`` of an address, which its sources may use even if it is this machine's own."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _subscribe(one: Mapping[str, Any], allow_private: str, exercise: bool) -> bool:
    from tocsin.streams import actions

    with transaction.atomic():
        return bool(actions.subscribe(dict(one), allow_private=allow_private, exercise=exercise))
