"""The client that everything fetches with."""

import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import BinaryIO

import certifi

from tocsin.lib.http import urls
from tocsin.lib.http.answers import DEFAULTS, Answer, Limits
from tocsin.lib.http.dialling import Resolver, system_resolver
from tocsin.lib.http.fetching import Fetch, Method, Request, Setting
from tocsin.lib.http.politeness import Politeness
from tocsin.lib.http.unpacking import ACCEPTED


class Client:
    """The HTTP client for everything; safe to share between threads.

    ``user_agent`` should say how to reach whoever runs this. ``resolver`` and ``now`` are there for tests and replays;
    ``trust`` replaces the trusted roots of TLS. Proxy variables and ``.netrc`` are never read, cookies never kept.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        politeness: Politeness | None = None,
        resolver: Resolver = system_resolver,
        trust: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._user_agent = _one_line(user_agent)
        self._setting = Setting(
            politeness or Politeness(),
            resolver,
            trust or ssl.create_default_context(cafile=certifi.where()),
            now,
        )

    def fetch(
        self,
        url: str,
        *,
        method: Method = "GET",
        headers: Mapping[str, str] = MappingProxyType({}),
        content: bytes = b"",
        etag: str = "",
        last_modified: str = "",
        limits: Limits = DEFAULTS,
        allow: frozenset[str] = frozenset(),
        into: BinaryIO | None = None,
    ) -> Answer:
        """Fetch one address.

        ``etag`` and ``last_modified`` are those of the last answer and make the request conditional. ``allow`` holds
        ``host:port`` names that may lead to addresses inside, for as long as every address on the way is one of them.
        ``into`` takes the body instead of memory; after an error it may hold a part of it. A POST follows no redirect;
        headers of the caller don't follow one to another host.

        Raises:
            HttpError: for everything that goes wrong, an answer other than 2xx and 304 included.
        """
        sent = {name.lower(): _one_line(value) for name, value in headers.items()}
        sent.setdefault("accept", "*/*")
        sent |= {"accept-encoding": ACCEPTED, "user-agent": self._user_agent}
        if etag:
            sent["if-none-match"] = _one_line(etag)
        if last_modified:
            sent["if-modified-since"] = _one_line(last_modified)
        request = Request(method, sent, content, limits, frozenset(name.lower() for name in allow), into)
        return Fetch(self._setting, request, urls.read(url)).run()


def _one_line(value: str) -> str:
    return "".join(sign for sign in value if sign.isascii() and sign.isprintable()).strip()
