"""A web feed: one address, fetched again and again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from tocsin.lib.http import Limits
from tocsin.streams.sources.base import LOOK, Batch, Kind, NewItem, Option, Request, Target, _
from tocsin.streams.sources.reading import items_of, lines_of

_MB = 1024 * 1024


class Feeds(Kind):
    """Web feeds. Entries become items; the entry is kept as it stood in the feed."""

    name: ClassVar[str] = "feeds"
    title: ClassVar[str] = _("Web feed")
    about: ClassVar[str] = _("RSS, Atom or JSON Feed of a news site, a blog or a register.")
    address_help: ClassVar[str] = _("The address of the feed itself, not of the page that shows it.")
    default_every: ClassVar[timedelta] = timedelta(hours=12)
    options: ClassVar[tuple[Option, ...]] = (LOOK,)
    texts: ClassVar[bool] = True

    def plan(self, target: Target, now: datetime) -> Request | None:
        """The feed's address, always."""
        return Request(
            url=target.url,
            parser="tocsin.streams.sources.feeds.parse:parse",
            argument={"address": target.url},
            labelled=True,
            accept="application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
            fetch_limits=Limits(received=10 * _MB, unpacked=32 * _MB),
        )

    def take(self, target: Target, request: Request, data: Any, now: datetime) -> Batch:
        """Every entry; an entry without any words or address is refused with a line."""
        read = items_of(data)
        items: list[NewItem] = [item for item in read if item.title or item.text or item.url]
        refused, empty = lines_of(data), len(read) - len(items)
        if empty:
            refused.append(f"{empty} entries have no words and no address; they were left out.")
        return Batch(
            items=items,
            entries=len(items),
            refused=refused,
            note=str(data.get("note", ""))[:300],
            memory=dict(target.memory),
        )

    def variant(self, options: Mapping[str, Any]) -> str:
        """A feed's address says it all."""
        return ""
