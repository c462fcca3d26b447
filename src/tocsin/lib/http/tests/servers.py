"""Servers on loopback that answer byte by byte as a test tells them to, however wrong that is."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
Answering = Callable[[str], bytes | Iterable[bytes]]


@dataclass
class Server:
    """A running server: what it was asked, in order. ``name`` is what allows it."""

    port: int
    requests: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{HOST}:{self.port}"

    def url(self, path: str = "/", host: str = HOST, scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def serving(answering: Answering, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve until the block ends; one connection after the other."""
    with socket.create_server((HOST, 0)) as listener:
        server = Server(listener.getsockname()[1])
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, server, answering, context, over))
        thread.start()
        try:
            yield server
        finally:
            over.set()
            with suppress(OSError):
                socket.create_connection((HOST, server.port), timeout=1).close()
            thread.join()


def _serve(
    listener: socket.socket, server: Server, answering: Answering, context: ssl.SSLContext | None, over: threading.Event
) -> None:
    while True:
        connection, _ = listener.accept()
        if over.is_set():
            connection.close()
            return
        with suppress(OSError), connection:
            connection.settimeout(5)
            if context is None:
                _answer(connection, server, answering, over)
                continue
            with context.wrap_socket(connection, server_side=True) as secured:
                _answer(secured, server, answering, over)


def _answer(connection: socket.socket, server: Server, answering: Answering, over: threading.Event) -> None:
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            return
        request += piece
    server.requests.append(request.decode("latin-1"))
    answer = answering(request.decode("latin-1").split(" ")[1])
    for part in (answer,) if isinstance(answer, bytes) else answer:
        if over.is_set():
            return
        connection.sendall(part)


def page(body: bytes = b"hello", status: str = "200 OK", **headers: str) -> bytes:
    """A correct answer; underscores in header names become hyphens."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    """An answer that leads on."""
    return page(b"", status, Location=to)
