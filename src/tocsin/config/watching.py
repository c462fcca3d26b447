"""Subscribes to every source that a server lists: the exercise's own, or those of ``tocsin up --watch URL``."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from tocsin.config import exercise
from tocsin.config.refusal import RefusalError
from tocsin.lib.http import HttpError
from tocsin.streams import actions, collecting

LINES_SHOWN = 5


def watch(url: str, say: Callable[[str], None]) -> None:
    """Subscribe to what ``URL/sources.json`` lists. Sources that are there already stay as they are.

    Raises:
        RefusalError: when the list can't be read.
    """
    address = url.rstrip("/") + "/sources.json"
    try:
        answer = collecting.client().fetch(address, allow=frozenset({_host_and_port(url)}))
        listed = json.loads(answer.body)["sources"]
    except (HttpError, ValueError, KeyError, TypeError) as error:
        line = f"No list of sources could be read from {address}. Does it answer, and is it JSON?"
        raise RefusalError(line) from error
    _subscribe(f"Watching {url}", listed, _host_and_port(url), settings.EXERCISE, say)


def watch_exercise(played: exercise.Exercise, say: Callable[[str], None]) -> None:
    """Subscribe to the sources of the exercise."""
    _subscribe("The exercise", exercise.sources(played), _host_and_port(played.base_url), True, say)


def _subscribe(
    name: str, sources: list[dict[str, Any]], private: str, is_exercise: bool, say: Callable[[str], None]
) -> None:
    done = actions.subscribe(sources, allow_private=private, exercise=is_exercise)
    if done.added or done.refused:
        say(f"{name}: {len(done.added)} new sources, {done.known} known, {len(done.refused)} refused.")
    for line in done.refused[:LINES_SHOWN]:
        say(f"  refused {line}")


def _host_and_port(url: str) -> str:
    # Sources at this very address may be reached even if it is this machine's own.
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
