"""Keeps this node's search cache up with the log of signals."""

from functools import lru_cache

from django.conf import settings

from tocsin.console.index import Index, NodeLock, Page, fold
from tocsin.signals.models import Change, Signal
from tocsin.streams import masking

BATCH = 500


@lru_cache(maxsize=1)
def search_index() -> Index:
    """The cache of this node."""
    return Index(settings.HOME / "cache" / "search")


@lru_cache(maxsize=1)
def _lock() -> NodeLock:
    return NodeLock(settings.HOME / "cache" / "search")


def step() -> bool:
    """Index what came, changed or went; False when there was nothing."""
    if not _lock().had():
        return False
    index = search_index()
    start = index.position()
    changes = list(Change.objects.filter(pk__gt=start).order_by("pk")[:BATCH])
    if not changes:
        return False
    try:
        _follow(index, changes)
    except Exception:
        # A damaged cache is made again rather than mended.
        index.remove()
        raise
    return True


def _follow(index: Index, changes: list[Change]) -> None:
    ids = {change.signal for change in changes}
    rows = (
        Signal.objects.filter(pk__in=ids)
        .select_related("item")
        .only("title", "summary", "readers", "item__text", "item__title", "item__named", "item__language")
    )
    pages = [Page(row.pk, row.readers, fold(text_of(row))) for row in rows]
    index.write(pages, ids - {page.signal for page in pages}, changes[-1].pk)


def text_of(signal: Signal) -> str:
    """Everything of a signal that can be searched."""
    return searched(signal.title, signal.summary, masking.body(signal.item) if signal.item is not None else "")


def searched(title: str, summary: str, body: str | None) -> str:
    """The same from the parts of a signal, where the whole of it is not at hand."""
    return f"{title}\n{body or summary}"
