"""One folder per kind of source; this page is the list of them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

# A parser in its jail loads this page too; what only checkers need stays out of there.
if TYPE_CHECKING:
    from tocsin.streams.sources.base import Kind

# Name of the kind, as sources store it → the class that describes it. A new kind is one folder and one line.
KINDS = {
    "feeds": "tocsin.streams.sources.feeds.kind:Feeds",
    "ooni": "tocsin.streams.sources.ooni.kind:Ooni",
    "ioda": "tocsin.streams.sources.ioda.kind:Ioda",
    "pageviews": "tocsin.streams.sources.pageviews.kind:PageViews",
    "gdelt": "tocsin.streams.sources.gdelt.kind:Gdelt",
    "calendars": "tocsin.streams.sources.calendars.kind:Calendars",
    "documents": "tocsin.streams.sources.documents.kind:Documents",
}


@cache
def kind(name: str) -> Kind:
    """The kind of this name. Loaded when asked for, so that a parser in its jail loads no other kind.

    Raises:
        KeyError: for a name that is not in the list.
    """
    module, _, found = KINDS[name].partition(":")
    made: Kind = getattr(import_module(module), found)()
    return made


def kinds() -> list[Kind]:
    """Every kind, in the order of the list."""
    return [kind(name) for name in KINDS]
