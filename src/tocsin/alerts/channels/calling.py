"""Calls a provider once over HTTP, and says precisely whether the call may have been taken.

``lib.http.Client`` does not fit: it is made for fetching, one request at a time to a host and with pauses, and it
throws away the body of a refusal, which is where providers say that an address does not exist. This uses the same
dialler below it: the name is looked up once, every address is checked, each read and write keeps one deadline for the
whole call, proxies and redirects don't exist. Each call has a connection of its own: a kept one may be closed by the
other side at the very moment of use, and nobody would know whether the request arrived.
"""

import json
import ssl
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import certifi
import httpcore

from tocsin.alerts.channels.base import Outcome, Result
from tocsin.alerts.channels.reasons import Why
from tocsin.lib.http import Code, HttpError, Limits, Resolver, retry_after
from tocsin.lib.http import urls as http_urls
from tocsin.lib.http.dialling import Deadline, Dialler, Wire, system_resolver

MOST_BYTES = 64 * 1024
# Once the body is on its way, a request with its length may have been read whole.
_BODY_BEGUN = "http11.send_request_body.started"
_BEFORE_SENDING = {
    Code.DNS: Why.DNS,
    Code.CONNECT: Why.CONNECT,
    Code.TLS: Why.TLS,
    Code.REFUSED_ADDRESS: Why.INSIDE,
    Code.BAD_URL: Why.NOT_SET_UP,
    Code.TOO_SLOW: Why.TIMEOUT,
}


class NoAnswerError(Exception):
    """A call without an answer; ``outcome`` says whether the request may have been taken."""

    def __init__(self, result: Result, why: Why) -> None:
        super().__init__(why)
        self.outcome = Outcome(result, why)


@dataclass(frozen=True, slots=True)
class Line:
    """How calls reach the net. Tests replace the trusted roots of TLS (``trust``) and the name service."""

    trust: ssl.SSLContext | None = None
    resolver: Resolver = system_resolver


PLAIN_LINE = Line()


@dataclass(frozen=True, slots=True)
class Call:
    """One POST. ``inside``: its host may lead to this machine or a private network. ``socket``: a Unix socket's path,
    reached instead of the host."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    inside: bool = False
    socket: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: at most 64 kB of body. ``broken`` says why the body is not whole, None if it is."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    broken: Why | None = None

    def fields(self) -> Mapping[str, Any]:
        """The body's JSON object; empty if it is none."""
        try:
            read = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return read if isinstance(read, dict) else {}

    def verdict(self) -> Outcome | None:
        """What the status alone says; None for 2xx, where the body has to prove who answered."""
        return verdict(self.status, self.headers.get("retry-after", ""))

    def unproved(self) -> Outcome:
        """For a 2xx whose body proves nothing.

        A body that broke off may have been the proof: unknown. A page of HTML, or more than any provider writes, comes
        from something else, which surely sends no messages.
        """
        if self.broken in {Why.TIMEOUT, Why.CUT_SHORT}:
            return Outcome(Result.UNKNOWN, self.broken)
        return Outcome(Result.FAILED, Why.NOT_THE_PROVIDER)


def verdict(status: int, retry_header: str = "") -> Outcome | None:
    """What a status says of a POST that was sent whole; None for 2xx.

    Of 5xx only 503 says that the request was not handled (RFC 9110, 15.6.4). Behind 500, 502 and 504 a provider may
    have queued the message before its fault: unknown. A redirected POST was not handled where it was sent, and we
    never follow.
    """
    if 200 <= status < 300:
        return None
    pause = retry_after(retry_header, datetime.now(UTC)) if status in {429, 503} else None
    rest = pause.total_seconds() if pause else 0.0
    if status >= 500 and status != 503:
        return Outcome(Result.UNKNOWN, Why.PROVIDER_ERROR)
    return Outcome(Result.FAILED, _WHY_OF_STATUS.get(status, _why_of_class(status)), retry_after=rest)


_WHY_OF_STATUS = {
    401: Why.NOT_ALLOWED,
    403: Why.NOT_ALLOWED,
    407: Why.NOT_ALLOWED,
    404: Why.NOT_FOUND,
    405: Why.NOT_FOUND,
    410: Why.NOT_FOUND,
    408: Why.TIMEOUT,  # the server gave up waiting for the request
    425: Why.TOO_MANY,
    429: Why.TOO_MANY,
    503: Why.BUSY,
}


def _why_of_class(status: int) -> Why:
    if 300 <= status < 400:
        return Why.REDIRECTED
    return Why.REFUSED_MESSAGE if 400 <= status < 500 else Why.NOT_THE_PROVIDER


def post(call: Call, timeout: float, line: Line = PLAIN_LINE) -> Reply:
    """Send it once; ends within ``timeout`` seconds, however slowly the other side drips.

    Raises:
        NoAnswerError: when there is no answer.
    """
    # A name with several addresses, the first of them dead, must leave time for the next.
    limits = Limits(connect=timeout / 3, read=timeout, total=timeout, headers=MOST_BYTES, received=MOST_BYTES)
    steps: set[str] = set()
    deadline = Deadline(timeout)
    try:
        address = http_urls.read(call.url)
        dialler = _SocketDialler(line.resolver, limits, deadline, call.inside)
        with closing(dialler), closing(_connection(address, call.socket, dialler, line)) as connection:
            response = connection.handle_request(_request(address, call, steps))
            dialler.headers_are_in()
            return _reply(response)
    except HttpError as error:
        raise _no_answer(_BEFORE_SENDING.get(error.code, Why.CUT_SHORT), steps) from None
    except httpcore.TimeoutException:
        raise _no_answer(Why.TIMEOUT, steps) from None
    except httpcore.ConnectError:
        raise _no_answer(Why.CONNECT, steps) from None
    except (httpcore.RemoteProtocolError, httpcore.NetworkError):
        raise _no_answer(Why.CUT_SHORT, steps) from None
    except httpcore.LocalProtocolError:
        raise NoAnswerError(Result.FAILED, Why.NOT_SET_UP) from None


def _no_answer(why: Why, steps: set[str]) -> NoAnswerError:
    return NoAnswerError(Result.UNKNOWN if _BODY_BEGUN in steps else Result.FAILED, why)


def _connection(
    address: http_urls.Address, socket: str, dialler: "_SocketDialler", line: Line
) -> httpcore.HTTPConnection:
    origin = httpcore.Origin(address.scheme.encode(), address.host.encode(), address.port)
    trust = line.trust or _public_roots()
    return httpcore.HTTPConnection(origin, ssl_context=trust, uds=socket or None, network_backend=dialler)


def _request(address: http_urls.Address, call: Call, steps: set[str]) -> httpcore.Request:
    url = httpcore.URL(scheme=address.scheme, host=address.host, port=address.port, target=address.target)
    headers = {
        "host": address.host_header,
        "connection": "close",
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": "Tocsin",
        "content-length": str(len(call.body)),
        **{name.lower(): one_line(value) for name, value in call.headers.items()},
    }

    def trace(event: str, _info: Mapping[str, Any]) -> None:
        steps.add(event)

    return httpcore.Request("POST", url, headers=list(headers.items()), content=call.body, extensions={"trace": trace})


def _reply(response: httpcore.Response) -> Reply:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    body, broken = bytearray(), None
    try:
        for piece in response.iter_stream():
            body += piece
            if len(body) > MOST_BYTES:
                broken = Why.NOT_THE_PROVIDER
                break
    except HttpError as error:
        broken = Why.TIMEOUT if error.code is Code.TOO_SLOW else Why.NOT_THE_PROVIDER
    except httpcore.TimeoutException:
        broken = Why.TIMEOUT
    except (httpcore.RemoteProtocolError, httpcore.NetworkError):
        broken = Why.CUT_SHORT
    return Reply(response.status, MappingProxyType(headers), bytes(body[:MOST_BYTES]), broken)


class _SocketDialler(Dialler):
    """Dials checked addresses, and a Unix socket that the operator named."""

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        stream = self._plain.connect_unix_socket(path, self._deadline.left(self._limits.connect))
        self._wire = Wire(stream, self._limits, self._deadline)
        return self._wire


@lru_cache(maxsize=1)
def _public_roots() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


def one_line(value: str) -> str:
    """The text without whatever could end or disturb a header."""
    return "".join(sign for sign in value if sign.isascii() and sign.isprintable()).strip()
