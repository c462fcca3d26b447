"""Looks a host up once, checks every answer, and connects to that very address."""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

import httpcore

from tocsin.lib.http.addresses import why_never, why_refused
from tocsin.lib.http.answers import Limits
from tocsin.lib.http.errors import Code, HttpError
from tocsin.lib.http.unpacking import too_large

Resolver = Callable[[str, int], list[str]]
"""Host and port in, addresses out (as text). Raises ``OSError`` if the name has none."""

_PIECE = 64 * 1024
_LOOKUPS = threading.BoundedSemaphore(16)


def system_resolver(host: str, port: int) -> list[str]:
    """Ask the operating system for the addresses of a host, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def too_slow() -> HttpError:
    """The error for anything that took too long."""
    return HttpError(Code.TOO_SLOW, "The server took too long to answer. It is tried again later.")


class Deadline:
    """The moment when a fetch must be over, on a clock that never jumps."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def extend(self, seconds: float) -> None:
        """Put the moment off, for time that was not the server's."""
        self._end += seconds

    def left(self, at_most: float) -> float:
        """Seconds that one step may take.

        Raises:
            HttpError: ``too-slow`` if none are left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise too_slow()
        return min(left, at_most)


def look_up(resolver: Resolver, host: str, port: int, seconds: float) -> list[str]:
    """Resolve a host once within the time given. A look-up that hangs is left behind; at most 16 hang at once.

    Raises:
        HttpError: ``dns`` if the name is unknown or the look-up took too long.
    """
    if _is_address(host):
        return [host]
    ended = time.monotonic() + seconds
    if not _LOOKUPS.acquire(timeout=seconds):
        raise _no_address()
    results: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            results.put(resolver(host, port))
        except (OSError, ValueError):
            results.put(None)
        finally:
            _LOOKUPS.release()

    try:
        threading.Thread(target=ask, name="look-up", daemon=True).start()
    except RuntimeError:  # this process may start no more threads
        _LOOKUPS.release()
        raise _no_address() from None
    try:
        addresses = results.get(timeout=max(0.001, ended - time.monotonic()))
    except queue.Empty:
        addresses = None
    if not addresses:
        raise _no_address()
    return addresses


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _no_address() -> HttpError:
    return HttpError(Code.DNS, "The server's name was not found. Check its spelling, and this machine's name service.")


class Dialler(httpcore.NetworkBackend):
    """Makes one connection of one fetch. TLS and the Host header get the name; only checked addresses are dialled."""

    def __init__(self, resolver: Resolver, limits: Limits, deadline: Deadline, allowed: bool) -> None:
        self._resolver = resolver
        self._limits = limits
        self._deadline = deadline
        self._allowed = allowed
        self._plain = httpcore.SyncBackend()
        self._wire: Wire | None = None

    def headers_are_in(self) -> None:
        """From here on the room is that of the body."""
        if self._wire is not None:
            self._wire.make_room_for_the_body()

    def close(self) -> None:
        """Close the connection, even one that broke off while it was being secured."""
        if self._wire is not None:
            self._wire.close()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = look_up(self._resolver, host, port, self._deadline.left(self._limits.dns))
        _check_all(addresses, self._allowed)
        for address in addresses:
            try:
                stream = self._plain.connect_tcp(address, port, self._deadline.left(self._limits.connect))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            self._wire = Wire(stream, self._limits, self._deadline)
            return self._wire
        raise HttpError(Code.CONNECT, "The server can't be reached. It may be down; it is tried again later.")


def _check_all(addresses: list[str], allowed: bool) -> None:
    for address in addresses:
        if allowed and (reason := why_never(address)):
            raise HttpError(
                Code.REFUSED_ADDRESS,
                f"This name leads to an address that is never fetched from ({reason}). Check the address.",
            )
        if allowed:
            continue
        reason = why_refused(address)
        if reason:
            raise HttpError(
                Code.REFUSED_ADDRESS,
                f"This name leads to an address that is not on the public internet ({reason}). "
                "If that is meant, allow the host by name and port on this source.",
            )


class Wire(httpcore.NetworkStream):
    """A connection that keeps the deadline at every read and write, and counts what comes in."""

    def __init__(self, stream: httpcore.NetworkStream, limits: Limits, deadline: Deadline) -> None:
        self._stream = stream
        self._limits = limits
        self._deadline = deadline
        self._room = self._most = limits.headers

    def make_room_for_the_body(self) -> None:
        """Count anew, up to the limit of the body."""
        # Chunk marks and padding cost bytes too: room for them, but not without end.
        self._room = 4 * self._limits.received + 1024 * 1024
        self._most = self._limits.received

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._room <= 0:
            raise too_large(self._most)
        data = self._stream.read(min(max_bytes, self._room), self._deadline.left(self._limits.read))
        self._room -= len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], self._deadline.left(self._limits.read))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._stream = self._stream.start_tls(
                ssl_context, server_hostname, self._deadline.left(self._limits.connect)
            )
        except httpcore.ConnectTimeout:
            raise too_slow() from None
        except httpcore.ConnectError:
            raise HttpError(
                Code.TLS, "The server could not prove who it is, or speaks no safe protocol. Check the address."
            ) from None
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
