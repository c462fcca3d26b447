"""GDELT's files of a quarter of an hour: first the list of the newest, then each file, also those that were missed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tocsin.analysis.series import Stream
from tocsin.lib import http, jail
from tocsin.streams.sources.base import Batch, Kind, NewObservation, Option, Request, Target, _
from tocsin.streams.sources.reading import items_of, lines_of, observations_of

COUNTRIES = Option(
    "countries", _("Only these countries"), "list", _("Two-letter codes, one a line. Empty: the whole world."), ()
)
TEXTS = Option(
    "texts",
    _("Which texts become items"),
    "choice",
    _("Events are counted in any case. Titles and addresses are kept; GDELT gives no text."),
    default="both",
    choices=(("both", _("Events and articles")), ("graph", _("Articles only")), ("none", _("None, only counts"))),
)
TRANSLATED = Option(
    "translated", _("Also what was written in other languages than English"), "yes-no", "", default=True
)

STAMP = "%Y%m%d%H%M%S"
QUARTER = timedelta(minutes=15)
CATCH_UP = 96  # files of a list: a day
FORGET_AFTER = 60  # days without an event, then a cell's zeros are not written any more

TRANSLATED_SUFFIX = "/translated"

_MB = 1024 * 1024


class Gdelt(Kind):
    """Counts of events by country and kind, and the texts that may concern us."""

    name: ClassVar[str] = "gdelt"
    title: ClassVar[str] = _("GDELT")
    about: ClassVar[str] = _("What the world's press writes about, coded by a machine every quarter of an hour.")
    address_help: ClassVar[str] = _("GDELT's list of its newest files, or that of a mirror.")
    default_url: ClassVar[str] = "http://data.gdeltproject.org/gdeltv2/lastupdate.txt"
    default_every: ClassVar[timedelta] = timedelta(minutes=30)
    options: ClassVar[tuple[Option, ...]] = (COUNTRIES, TEXTS, TRANSLATED)
    texts: ClassVar[bool] = True
    worldwide: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("gdelt.events",)

    def plan(self, target: Target, now: datetime) -> Request | None:
        """The next file that is waiting, or else the list."""
        waiting = target.memory.get("waiting", [])
        if waiting:
            return self._file(target, waiting[0])
        translated = target.memory.get("list") == "translated"
        return Request(
            url=_translated(target.url) if translated else target.url,
            parser="tocsin.streams.sources.gdelt.parse:listing",
            name="list",
            may_be_missing=translated,
            fetch_limits=http.Limits(received=_MB, unpacked=_MB),
        )

    def take(self, target: Target, request: Request, data: Any, now: datetime) -> Batch:
        """A list becomes files that wait; a file becomes items and counts."""
        if request.name == "list":
            return self._list_read(target, data)
        observations = observations_of(data)
        memory = self._next_file(target)
        if request.parser.endswith(":events"):
            stamp, suffix = str(request.argument["stamp"]), str(request.argument["suffix"])
            zeros, cells = _with_zeros(observations, target.memory.get("cells", {}), stamp, suffix)
            observations, memory = [*observations, *zeros], {**memory, "cells": cells}
        return Batch(
            items=items_of(data),
            observations=observations,
            entries=int(data["entries"]),
            refused=lines_of(data),
            memory=memory,
            more=_has_more(memory),
        )

    def absent(self, target: Target, request: Request, now: datetime) -> Batch:
        """GDELT leaves out a file now and then; that quarter of an hour stays unmeasured."""
        if request.name == "list":
            memory = {**target.memory, "list": "main"}
            return Batch(memory=memory, entries=1)
        memory = self._next_file(target)
        return Batch(memory=memory, entries=1, more=_has_more(memory), note="One file was missing at GDELT.")

    def skipped(self, target: Target, request: Request, now: datetime) -> Mapping[str, Any]:
        """Leave one unreadable file aside."""
        return {**target.memory, "list": "main"} if request.name == "list" else self._next_file(target)

    def _file(self, target: Target, waiting: Mapping[str, Any]) -> Request:
        events, translated = waiting["what"] == "export", ".translation." in waiting["url"]
        texts = target.option(TEXTS)
        argument: dict[str, Any] = {"stamp": waiting["stamp"], "md5": waiting.get("md5", "")}
        argument["countries"] = list(target.option(COUNTRIES))
        if events:
            argument |= {"items": texts == "both", "suffix": TRANSLATED_SUFFIX if translated else ""}
        return Request(
            url=str(waiting["url"]),
            parser=f"tocsin.streams.sources.gdelt.parse:{'events' if events else 'graph'}",
            argument=argument,
            name=f"{waiting['what']}|{waiting['stamp']}{TRANSLATED_SUFFIX if translated else ''}",
            may_be_missing=True,
            fetch_limits=http.Limits(received=60 * _MB, unpacked=60 * _MB),
            parse_limits=jail.Limits(cpu=30, wall=60.0),
        )

    def _list_read(self, target: Target, data: Any) -> Batch:
        which = str(target.memory.get("list", "main"))
        last = str(target.memory.get("last", {}).get(which, ""))
        wanted = {"export", "gkg"} if target.option(TEXTS) != "none" else {"export"}
        files = [one for one in data["files"] if one["what"] in wanted]
        foreign = [one for one in files if not _same_place(one["url"], target.url)]
        waiting = [
            {"url": url, "stamp": stamp, "what": one["what"], "md5": one["md5"] if stamp == one["stamp"] else ""}
            for one in files
            if one not in foreign
            for stamp, url in _since(str(one["stamp"]), last, str(one["url"]))
        ]
        newest = max([last, *(one["stamp"] for one in files)])
        memory = {
            **target.memory,
            "waiting": sorted(waiting, key=lambda one: (one["stamp"], one["what"])),
            "last": {**target.memory.get("last", {}), which: newest},
            "list": "translated" if which == "main" and target.option(TRANSLATED) else "main",
        }
        refused = ["The list names files on another server; they were left out."] if foreign else []
        return Batch(entries=len(files), memory=memory, refused=refused, more=_has_more(memory))

    def _next_file(self, target: Target) -> dict[str, Any]:
        return {**target.memory, "waiting": list(target.memory.get("waiting", []))[1:]}


def _has_more(memory: Mapping[str, Any]) -> bool:
    return bool(memory.get("waiting")) or memory.get("list") == "translated"


def _translated(address: str) -> str:
    return address.replace("lastupdate.txt", "lastupdate-translation.txt")


def _same_place(address: str, other: str) -> bool:
    one, two = urlsplit(address), urlsplit(other)
    return (one.scheme, one.netloc) == (two.scheme, two.netloc)


def _since(newest: str, last: str, address: str) -> list[tuple[str, str]]:
    """Stamp and address of the newest file and of those missed since the last one, at most a day's."""
    end = datetime.strptime(newest, STAMP).replace(tzinfo=UTC)
    if not last:
        return [(newest, address)]
    start = max(datetime.strptime(last, STAMP).replace(tzinfo=UTC), end - CATCH_UP * QUARTER)
    missed = int((end - start) / QUARTER)
    stamps = [(end - QUARTER * back).strftime(STAMP) for back in range(missed - 1, -1, -1)]
    return [(stamp, address.replace(newest, stamp)) for stamp in stamps]


def _with_zeros(
    counted: list[NewObservation], cells: Mapping[str, int], stamp: str, suffix: str
) -> tuple[list[NewObservation], dict[str, int]]:
    """Zeros for cells that had events before and have none now: the file came, so nothing was written there.

    ``cells`` maps country and subject to the day (since 1970) of its last event.
    """
    epoch = int(datetime.strptime(stamp, STAMP).replace(tzinfo=UTC).timestamp())
    today = epoch // 86_400
    now = {f"{one.country}|{one.subject}" for one in counted}
    known = {name: day for name, day in cells.items() if today - int(day) < FORGET_AFTER}
    zeros = []
    for name in sorted(known.keys() - now):
        if name.endswith(TRANSLATED_SUFFIX) != bool(suffix):
            continue
        country, _, subject = name.partition("|")
        zeros.append(NewObservation(Stream.EVENTS, "gdelt.events", subject, epoch, 900, country=country, value=0.0))
    return zeros, {**known, **dict.fromkeys(now, today)}
