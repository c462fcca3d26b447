"""Bounds connections that ask for nothing: a socket costs whoever opens it nothing, and holds one of the few places.

uvicorn waits for a request's header for ever, and closes nothing that sends a byte now and then.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

# A connection of which no whole header has come after this many seconds is closed.
HEADER_WITHIN = 10.0
# Of more than so many that wait for a header, the oldest gives way. Half of what the server takes in all.
WAITING_AT_MOST = 250


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
