"""Fetches one address, redirect by redirect, within limits."""

import io
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import BinaryIO, Literal

import certifi
import httpcore

from tocsin.lib.http import urls
from tocsin.lib.http.answers import DEFAULTS, Answer, Limits
from tocsin.lib.http.dialling import Deadline, Dialler, Resolver, system_resolver, too_slow
from tocsin.lib.http.errors import Code, HttpError
from tocsin.lib.http.politeness import Politeness, retry_after
from tocsin.lib.http.unpacking import ACCEPTED, Unpacker, too_large

Method = Literal["GET", "HEAD", "POST"]

_REDIRECTS = {301, 302, 303, 307, 308}
_FOR_GOOD = {301, 308}
_ASKS_FOR_REST = {429, 503}
# What may go on to another host: nothing that could hold a secret or tell what was fetched before.
_HARMLESS = {"accept", "accept-language", "accept-encoding", "user-agent"}


@dataclass(frozen=True, slots=True)
class _Request:
    method: Method
    headers: Mapping[str, str]
    content: bytes
    limits: Limits
    allow: frozenset[str]
    into: BinaryIO | None


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
        self._politeness = politeness or Politeness()
        self._resolver = resolver
        self._trust = trust or ssl.create_default_context(cafile=certifi.where())
        self._now = now

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
        ``host:port`` names that may lead to addresses inside. ``into`` takes the body instead of memory; after an
        error it may hold a part of it. A POST follows no redirect.

        Raises:
            HttpError: for everything that goes wrong, an answer other than 2xx and 304 included.
        """
        sent = {name.lower(): _one_line(value) for name, value in headers.items()}
        sent |= {"accept-encoding": ACCEPTED, "user-agent": self._user_agent}
        sent.setdefault("accept", "*/*")
        if etag:
            sent["if-none-match"] = _one_line(etag)
        if last_modified:
            sent["if-modified-since"] = _one_line(last_modified)
        return self._follow(url, _Request(method, sent, content, limits, allow, into))

    def _follow(self, url: str, request: _Request) -> Answer:
        here = urls.read(url)
        deadline = Deadline(request.limits.total)
        moved_to, for_good = "", True
        for _ in range(request.limits.redirects + 1):
            outcome = self._visit(here, request, deadline, moved_to)
            if isinstance(outcome, Answer):
                return outcome
            there = urls.read(outcome.location, here.text)
            if here.scheme == "https" and there.scheme == "http":
                raise HttpError(
                    Code.REFUSED_REDIRECT,
                    "The server leads from a safe to an unsafe connection. Check the address.",
                )
            if there.host != here.host or (there.port != here.port and there.port != 443):
                kept = {name: value for name, value in request.headers.items() if name in _HARMLESS}
                request = _Request(request.method, kept, request.content, request.limits, request.allow, request.into)
            for_good = for_good and outcome.for_good
            moved_to = there.text if for_good else moved_to
            here = there
        raise HttpError(Code.TOO_MANY_REDIRECTS, "The server leads from page to page without end. Check the address.")

    def _visit(self, here: urls.Address, request: _Request, deadline: Deadline, moved_to: str) -> "Answer | _Onward":
        with self._politeness.turn(here.host, request.limits.patience):
            dialler = Dialler(self._resolver, request.limits, deadline, here.name in request.allow)
            connection = httpcore.HTTPConnection(
                httpcore.Origin(here.scheme.encode(), here.host.encode(), here.port),
                ssl_context=self._trust,
                network_backend=dialler,
            )
            with closing(connection):
                try:
                    return self._exchange(connection, dialler, here, request, moved_to)
                except httpcore.TimeoutException:
                    raise too_slow() from None
                except httpcore.RemoteProtocolError:
                    raise HttpError(
                        Code.CUT_SHORT,
                        "The answer broke off, or breaks the rules of HTTP. It is tried again later.",
                    ) from None
                except httpcore.NetworkError:
                    raise HttpError(Code.BROKEN, "The connection was lost. It is tried again later.") from None
                except httpcore.LocalProtocolError:
                    raise HttpError(Code.BAD_URL, "The request can't be sent as it is. Correct the address.") from None

    def _exchange(
        self,
        connection: httpcore.HTTPConnection,
        dialler: Dialler,
        here: urls.Address,
        request: _Request,
        moved_to: str,
    ) -> "Answer | _Onward":
        url = httpcore.URL(scheme=here.scheme, host=here.host, port=here.port, target=here.target)
        host = here.name if here.port not in {80, 443} else here.name.rsplit(":", 1)[0]
        sent = [("host", host), ("connection", "close"), *request.headers.items()]
        if request.method == "POST":
            sent.append(("content-length", str(len(request.content))))
        response = connection.handle_request(
            httpcore.Request(request.method, url, headers=sent, content=request.content or None)
        )
        if dialler.wire is not None:
            dialler.wire.headers_are_in()
        headers = _headers(response)
        if response.status in _REDIRECTS and request.method != "POST" and headers.get("location"):
            return _Onward(headers["location"], response.status in _FOR_GOOD)
        if response.status == 304:
            return self._answer(response.status, here, headers, b"", Unpacker("", request.limits), moved_to)
        if not 200 <= response.status < 300:
            raise self._refusal(response.status, here, headers)
        return self._take_body(response, here, headers, request, moved_to)

    def _take_body(
        self,
        response: httpcore.Response,
        here: urls.Address,
        headers: Mapping[str, str],
        request: _Request,
        moved_to: str,
    ) -> Answer:
        announced = headers.get("content-length", "")
        if announced.isdigit() and int(announced[:18]) > request.limits.received and request.method != "HEAD":
            raise too_large(request.limits.received)
        encoding = headers.get("content-encoding", "") if request.method != "HEAD" else ""
        unpacker = Unpacker(encoding, request.limits)
        memory = io.BytesIO()
        into = request.into or memory
        for piece in response.iter_stream():
            for plain in unpacker.feed(piece):
                into.write(plain)
        unpacker.finish()
        return self._answer(response.status, here, headers, memory.getvalue(), unpacker, moved_to)

    def _answer(
        self,
        status: int,
        here: urls.Address,
        headers: Mapping[str, str],
        body: bytes,
        unpacker: Unpacker,
        moved_to: str,
    ) -> Answer:
        return Answer(
            status=status,
            url=here.text,
            headers=headers,
            body=body,
            fetched_at=self._now(),
            not_modified=status == 304,
            bytes_received=unpacker.received,
            size=unpacker.size,
            moved_to=moved_to,
        )

    def _refusal(self, status: int, here: urls.Address, headers: Mapping[str, str]) -> HttpError:
        pause: timedelta | None = None
        if "retry-after" in headers:
            pause = retry_after(headers["retry-after"], self._now())
        if pause is not None and status in _ASKS_FOR_REST:
            self._politeness.rest(here.host, pause)
        return HttpError(Code.STATUS, _status_words(status), status=status, retry_after=pause)


@dataclass(frozen=True, slots=True)
class _Onward:
    location: str
    for_good: bool


def _headers(response: httpcore.Response) -> Mapping[str, str]:
    merged: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        merged[name] = f"{merged[name]}, {value}" if name in merged else value
    return MappingProxyType(merged)


def _one_line(value: str) -> str:
    return "".join(sign for sign in value if sign.isprintable() and ord(sign) < 127).strip()


def _status_words(status: int) -> str:
    if status in {401, 403}:
        return f"The server refuses to show this to us ({status}). Ask its owner for access, or remove the source."
    if status in {404, 410}:
        return f"There is nothing at this address ({status}). Find its new address, or remove the source."
    if status == 429:
        return "The server says that we ask too often (429). It is tried again later; raise the interval."
    if status >= 500:
        return f"The server has a fault of its own ({status}). It is tried again later."
    return f"The server gave an answer that can't be used ({status}). Check the address."
