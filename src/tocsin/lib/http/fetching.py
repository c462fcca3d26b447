"""One fetch: from address to address until there is an answer."""

import io
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import BinaryIO, Literal

import httpcore

from tocsin.lib.http import urls
from tocsin.lib.http.answers import Answer, Limits
from tocsin.lib.http.dialling import Deadline, Dialler, Resolver, too_slow
from tocsin.lib.http.errors import Code, HttpError
from tocsin.lib.http.politeness import Politeness, retry_after
from tocsin.lib.http.unpacking import Unpacker, too_large

Method = Literal["GET", "HEAD", "POST"]

_REDIRECTS = {301, 302, 303, 307, 308}
_FOR_GOOD = {301, 308}
_ASKS_FOR_REST = {429, 503}
# What may go on to another host: nothing that could hold a secret or tell what was fetched before.
_HARMLESS = {"accept", "accept-language", "accept-encoding", "user-agent"}
_CONDITIONS = {"if-none-match", "if-modified-since"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What all fetches of one client share."""

    politeness: Politeness
    resolver: Resolver
    trust: ssl.SSLContext
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller asked for; header names in lower case."""

    method: Method
    headers: Mapping[str, str]
    content: bytes
    limits: Limits
    allow: frozenset[str]
    into: BinaryIO | None


@dataclass(frozen=True, slots=True)
class _Onward:
    location: str
    for_good: bool


class Fetch:
    """One fetch on its way. ``run`` may be called once."""

    def __init__(self, setting: Setting, request: Request, start: urls.Address) -> None:
        self._setting = setting
        self._request = request
        self._limits = request.limits
        self._here = start
        self._deadline = Deadline(request.limits.total)
        self._moved_to = ""
        self._all_for_good = True

    def run(self) -> Answer:
        """Follow the redirects to an answer.

        Raises:
            HttpError: for everything that goes wrong.
        """
        for hop in range(self._limits.redirects + 1):
            try:
                outcome = self._visit()
            except HttpError as error:
                error.redirected = hop > 0
                raise
            if isinstance(outcome, Answer):
                return outcome
            self._go_on(outcome)
        raise HttpError(Code.TOO_MANY_REDIRECTS, "The server leads from page to page without end. Check the address.")

    def _go_on(self, onward: _Onward) -> None:
        here, there = self._here, urls.read(onward.location, self._here.text)
        if here.scheme == "https" and there.scheme == "http":
            raise HttpError(
                Code.REFUSED_REDIRECT, "The server leads from a safe to an unsafe connection. Check the address."
            )
        upgraded = (here.scheme, here.port, there.scheme, there.port) == ("http", 80, "https", 443)
        if there.host != here.host or (there.port != here.port and not upgraded):
            kept = {name: value for name, value in self._request.headers.items() if name in _HARMLESS}
            self._request = replace(self._request, headers=kept)
        if here.name not in self._request.allow:
            # Who is outside may not steer a fetch to what is inside.
            self._request = replace(self._request, allow=frozenset())
        self._all_for_good = self._all_for_good and onward.for_good
        if self._all_for_good:
            self._moved_to = there.text
        self._here = there

    def _visit(self) -> Answer | _Onward:
        here, setting = self._here, self._setting
        with setting.politeness.turn(here.host, self._limits.patience) as waited:
            self._deadline.extend(waited)
            dialler = Dialler(setting.resolver, self._limits, self._deadline, here.name in self._request.allow)
            origin = httpcore.Origin(here.scheme.encode(), here.host.encode(), here.port)
            connection = httpcore.HTTPConnection(origin, ssl_context=setting.trust, network_backend=dialler)
            with closing(dialler), closing(connection), _plain_errors():
                response = connection.handle_request(self._prepared())
                dialler.headers_are_in()
                return self._judge(response)

    def _prepared(self) -> httpcore.Request:
        here, request = self._here, self._request
        url = httpcore.URL(scheme=here.scheme, host=here.host, port=here.port, target=here.target)
        headers = [("host", here.host_header), ("connection", "close"), *request.headers.items()]
        if request.method == "POST":
            headers.append(("content-length", str(len(request.content))))
        return httpcore.Request(request.method, url, headers=headers, content=request.content or None)

    def _judge(self, response: httpcore.Response) -> Answer | _Onward:
        headers = _readable(response.headers)
        status = response.status
        if status in _REDIRECTS and self._request.method != "POST" and headers.get("location"):
            return _Onward(headers["location"].strip().replace(" ", "%20"), status in _FOR_GOOD)
        if status == 304 and _CONDITIONS & self._request.headers.keys():
            return self._answer(status, headers, b"", 0, 0)
        if not 200 <= status < 300:
            raise self._refusal(status, headers)
        return self._take_body(response, headers)

    def _take_body(self, response: httpcore.Response, headers: Mapping[str, str]) -> Answer:
        if self._request.method == "HEAD":
            return self._answer(response.status, headers, b"", 0, 0)
        announced = headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced[:18]) > self._limits.received:
            raise too_large(self._limits.received)
        unpacker = Unpacker(headers.get("content-encoding", ""), self._limits)
        memory = io.BytesIO()
        into = self._request.into or memory
        for piece in response.iter_stream():
            for plain in unpacker.feed(piece):
                into.write(plain)
        unpacker.finish()
        return self._answer(response.status, headers, memory.getvalue(), unpacker.received, unpacker.size)

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes, received: int, size: int) -> Answer:
        return Answer(
            status=status,
            url=self._here.text,
            headers=headers,
            body=body,
            fetched_at=self._setting.now(),
            not_modified=status == 304,
            bytes_received=received,
            size=size,
            moved_to=self._moved_to,
        )

    def _refusal(self, status: int, headers: Mapping[str, str]) -> HttpError:
        pause = retry_after(headers.get("retry-after", ""), self._setting.now())
        if pause is not None and status in _ASKS_FOR_REST:
            self._setting.politeness.rest(self._here.host, pause)
        return HttpError(Code.STATUS, _status_words(status), status=status, retry_after=pause)


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException:
        raise too_slow() from None
    except httpcore.RemoteProtocolError:
        raise HttpError(
            Code.CUT_SHORT, "The answer broke off, or breaks the rules of HTTP. It is tried again later."
        ) from None
    except httpcore.NetworkError:
        raise HttpError(Code.BROKEN, "The connection was lost. It is tried again later.") from None
    except httpcore.LocalProtocolError:
        raise HttpError(Code.BAD_URL, "The request can't be sent as it is. Correct the address.") from None


def _readable(headers: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    merged: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), _decoded(raw_value)
        merged[name] = f"{merged[name]}, {value}" if name in merged else value
    return MappingProxyType(merged)


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


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
