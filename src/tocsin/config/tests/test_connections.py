"""Sockets that ask for nothing hold no place, and those that ask are served."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
import uvicorn

from tocsin.config.connections import bind, impatient

LIMIT = 12
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
Serve = Callable[..., int]


async def hello(scope: Any, receive: Any, send: Any) -> None:
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves ``hello`` with the given bounds; gives the port."""
    with ExitStack() as stack:

        def start(header_within: float, waiting_at_most: int) -> int:
            listening = stack.enter_context(closing(bind("127.0.0.1", 0)))
            configuration = uvicorn.Config(
                hello, log_config=None, lifespan="off", ws="none", limit_concurrency=LIMIT, timeout_keep_alive=3600,
                http=impatient(header_within, waiting_at_most),
            )  # fmt: skip
            server = uvicorn.Server(configuration)
            thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
            thread.start()

            def end() -> None:
                server.should_exit = server.force_exit = True
                thread.join()

            stack.callback(end)
            return int(listening.getsockname()[1])

        yield start


def is_closed(connection: socket.socket) -> bool:
    """Wait until the server says something or goes; whether it went."""
    try:
        return connection.recv(1000) == b""
    except ConnectionResetError:
        return True


def whole_answer(connection: socket.socket) -> bytes:
    """Head and body may come in pieces."""
    came = b""
    while not came.endswith(b"hello") and (piece := connection.recv(1000)):
        came += piece
    return came


def answer(connection: socket.socket) -> bytes:
    connection.sendall(ASK)
    return whole_answer(connection)


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: local", ASK + b"GET /", ASK])
def test_who_sends_no_whole_header_is_let_go(serve: Serve, sent: bytes) -> None:
    port = serve(0.2, LIMIT)
    with closing(socket.create_connection(("127.0.0.1", port))) as connection:
        connection.sendall(sent)
        if sent.startswith(ASK):
            assert whole_answer(connection).startswith(b"HTTP/1.1 200")
        assert is_closed(connection)


def test_who_dribbles_is_let_go_and_who_sends_a_body_slowly_is_not(serve: Serve) -> None:
    port = serve(0.4, LIMIT)
    with closing(socket.create_connection(("127.0.0.1", port))) as dribbling:
        slow = socket.create_connection(("127.0.0.1", port))
        slow.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n")
        dribbling.setblocking(False)
        gone = False
        while not gone:
            try:
                dribbling.sendall(b"x")
                gone = dribbling.recv(1) == b""
            except BlockingIOError:
                threading.Event().wait(0.05)
            except (ConnectionResetError, BrokenPipeError):
                gone = True
        slow.sendall(b"abc")
        with closing(slow):
            assert slow.recv(1000).startswith(b"HTTP/1.1 200")


def test_sockets_that_ask_nothing_keep_nobody_out(serve: Serve) -> None:
    port = serve(3600.0, LIMIT // 2)
    with ExitStack() as stack:
        idle = [stack.enter_context(closing(socket.create_connection(("127.0.0.1", port)))) for _ in range(3 * LIMIT)]
        asks = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
        assert answer(asks).startswith(b"HTTP/1.1 200"), "not: too busy"
        assert is_closed(idle[0]), "the oldest gave way"
        assert answer(idle[-1]).startswith(b"HTTP/1.1 200"), "the newest was left"
