"""A world is a set of endpoints; each answers requests as its real upstream would."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from tocsin.replay.clock import Clock

Stream: TypeAlias = Callable[[Event], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: path, query (every value of a name), header names in lower case, and where the server is.

    ``body`` is what a POST handed in.
    """

    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    base_url: str
    clock: Clock
    body: bytes = b""

    def first(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]

    def words(self, name: str) -> frozenset[str]:
        """Every value of a parameter, those parted by commas too."""
        return frozenset(word for value in self.query.get(name, []) for word in value.split(",") if word)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back. A ``stream`` replaces ``body``; with ``length`` it is announced, without it is chunked.

    ``modified`` is when this state came into sight on the wall clock. ``plain`` keeps the server from compressing,
    from faults and from conditional answers: the bytes go out exactly as they are.
    """

    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    modified: datetime | None = None
    stream: Stream | None = None
    length: int | None = None
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How a source could be set up for an endpoint. ``url`` is a path on the server, or empty for the endpoint's."""

    name: str
    kind: str
    url: str = ""
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    reliability: str = "F"
    interval_seconds: int = 900
    tlp: str = "CLEAR"
    options: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self, base_url: str) -> dict[str, Any]:
        """The suggestion as plain data with an absolute address."""
        return {
            "name": self.name,
            "kind": self.kind,
            "url": base_url + self.url,
            "countries": list(self.countries),
            "languages": list(self.languages),
            "reliability": self.reliability,
            "interval_seconds": self.interval_seconds,
            "tlp": self.tlp,
            "options": dict(self.options),
        }


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address. A path that ends in ``/*`` also answers everything below it. ``takes`` answers what is posted."""

    path: str
    kind: str
    about: str
    answer: Callable[[Request], Answer]
    suggestions: tuple[Suggestion, ...] = ()
    faulty: bool = True
    takes: Callable[[Request], Answer] | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Endpoints under one name. ``live``: its times are given against the launch, so the clock runs from there."""

    name: str
    endpoints: tuple[Endpoint, ...]
    live: bool = False

    def find(self, path: str) -> Endpoint | None:
        """The endpoint that answers this path: the exact one, or the one with the longest matching beginning."""
        best: Endpoint | None = None
        for endpoint in self.endpoints:
            if endpoint.path == path:
                return endpoint
            below = endpoint.path.endswith("/*") and path.startswith(endpoint.path[:-1])
            if below and (best is None or len(endpoint.path) > len(best.path)):
                best = endpoint
        return best


def json_answer(data: Any, *, status: int = 200, modified: datetime | None = None, note: str = "") -> Answer:
    """Data as a JSON answer. ``note`` is said in X-Replay: ``synthetic`` for what no upstream ever sent."""
    headers = (("X-Replay", note),) if note else ()
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(body, "application/json", status, headers, modified)


def not_found() -> Answer:
    """The plain 404."""
    return Answer(b"Nothing is served at this address. See / for the list.\n", status=404)


def host_of(url: str) -> str:
    """The host name of an address, or an empty string."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
