"""Documents that people bring, or that a page lists."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tocsin.lib import http, jail
from tocsin.streams.sources.base import Batch, Kind, Option, Request, Target, _
from tocsin.streams.sources.reading import items_of, lines_of

_MB = 1024 * 1024
LARGEST = 25 * _MB
PARSER = "tocsin.streams.sources.documents.parse:document"
LIMITS = jail.Limits(memory=768 * _MB, cpu=25, wall=25.0, payload=LARGEST, output=40 * _MB)
REMEMBERED = 5_000


class Documents(Kind):
    """Reports as PDF, DOCX, HTML or text: from the links of a page, or, without an address, brought by people."""

    name: ClassVar[str] = "documents"
    title: ClassVar[str] = _("Documents")
    about: ClassVar[str] = _(
        "Reports as PDF, DOCX, HTML or text: uploaded, dropped into a folder, or listed on a page."
    )
    address_help: ClassVar[str] = _("A page that lists documents. Leave it empty if people bring them.")
    default_every: ClassVar[timedelta] = timedelta(days=7)
    options: ClassVar[tuple[Option, ...]] = ()
    texts: ClassVar[bool] = True

    def plan(self, target: Target, now: datetime) -> Request | None:
        """The next document that is waiting, or else the page that lists them."""
        waiting = target.memory.get("waiting", [])
        if waiting:
            return Request(
                url=str(waiting[0]),
                parser=PARSER,
                argument={"name": str(waiting[0])},
                name="document",
                labelled=True,
                may_be_missing=True,
                fetch_limits=http.Limits(received=LARGEST, unpacked=LARGEST, total=120.0),
                parse_limits=LIMITS,
            )
        return Request(
            url=target.url,
            parser="tocsin.streams.sources.documents.parse:listing",
            argument={"address": target.url},
            name="list",
            accept="text/html",
            fetch_limits=http.Limits(received=5 * _MB, unpacked=20 * _MB),
        )

    def take(self, target: Target, request: Request, data: Any, now: datetime) -> Batch:
        """New links wait; a document becomes one item."""
        if request.name == "document":
            memory = self._next(target, request)
            items = items_of(data)
            return Batch(
                items=items, entries=len(items), refused=lines_of(data), memory=memory, more=bool(memory["waiting"])
            )
        here = urlsplit(target.url)
        seen = set(target.memory.get("seen", []))
        links = [str(link) for link in data["links"]]
        near = [link for link in links if urlsplit(link)[:2] == here[:2]]
        fresh = [link for link in near if _short(link) not in seen]
        refused = (
            [f"{len(links) - len(near)} links lead to other servers; they were left out."] if near != links else []
        )
        memory = {**target.memory, "waiting": fresh[:1_000]}
        return Batch(entries=len(near), refused=refused, memory=memory, more=bool(fresh))

    def absent(self, target: Target, request: Request, now: datetime) -> Batch:
        """A link that leads nowhere is left aside."""
        memory = self._next(target, request)
        return Batch(memory=memory, entries=1, more=bool(memory["waiting"]), note="One document is gone.")

    def skipped(self, target: Target, request: Request, now: datetime) -> Mapping[str, Any]:
        """Leave a document aside that can't be read."""
        return target.memory if request.name == "list" else self._next(target, request)

    def _next(self, target: Target, request: Request) -> dict[str, Any]:
        waiting = list(target.memory.get("waiting", []))[1:]
        seen = [*target.memory.get("seen", []), _short(request.url)]
        return {**target.memory, "waiting": waiting, "seen": seen[-REMEMBERED:]}


def _short(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:12]
