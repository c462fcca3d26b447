"""Takes ports, and bounds connections that ask for nothing.

A socket costs whoever opens it nothing, and holds one of the few places.
uvicorn waits for a request's header for ever, and closes nothing that sends a byte now and then.
"""

import asyncio
import os
import socket

from uvicorn.protocols.http.h11_impl import H11Protocol

from tocsin.config.refusal import RefusalError

# A connection of which no whole header has come after this many seconds is closed.
HEADER_WITHIN = 10.0
# Of more than so many that wait for a header, the oldest gives way. Half of what the server takes in all.
WAITING_AT_MOST = 250


def bind(host: str, port: int, used_for: str = "", choice: str = "with --port") -> socket.socket:
    """Take a port before anything else is started. ``used_for`` and ``choice`` are words of the refusal: what for, and
    how another is chosen.

    Raises:
        RefusalError: when it is taken or may not be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(512)
    except OSError as error:
        made.close()
        purpose = f" for {used_for}" if used_for else ""
        raise RefusalError(
            f"Port {port} on {host} can't be used{purpose} ({os.strerror(error.errno or 0).lower()}). "
            f"End what uses it, or choose another {choice}."
        ) from error
    return made


def bind_door(host: str, port: int) -> socket.socket:
    """Take the public door's port.

    Raises:
        RefusalError: when it is taken or may not be used.
    """
    return bind(host, port, "the public door", "by intake_port")


def impatient(header_within: float = HEADER_WITHIN, waiting_at_most: int = WAITING_AT_MOST) -> type[H11Protocol]:
    """The protocol for one server; both bounds hold over all of its connections.

    The time runs from the connection's beginning, and from the end of each answer, until the next whole header.
    """
    waiting: dict[_Impatient, asyncio.TimerHandle] = {}

    class Bounded(_Impatient):
        """A connection with these bounds."""

        def wait_for_header(self) -> None:
            self.stop_waiting()
            waiting[self] = self.loop.call_later(header_within, self.give_way)
            if len(waiting) > waiting_at_most:
                next(iter(waiting)).give_way()

        def stop_waiting(self) -> None:
            if (timer := waiting.pop(self, None)) is not None:
                timer.cancel()

    return Bounded


class _Impatient(H11Protocol):
    """Notes when a connection begins and when it ends to wait for a header."""

    def wait_for_header(self) -> None:
        """From now on a header is awaited."""
        raise NotImplementedError

    def stop_waiting(self) -> None:
        """It came, or the connection is over."""
        raise NotImplementedError

    def give_way(self) -> None:
        """Close the connection."""
        self.stop_waiting()
        self.transport.close()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self.wait_for_header()

    def connection_lost(self, exc: Exception | None) -> None:
        self.stop_waiting()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self.stop_waiting()

    def on_response_complete(self) -> None:
        # Before: what has come already of the next request is looked at in there.
        if not self.transport.is_closing():
            self.wait_for_header()
        super().on_response_complete()
