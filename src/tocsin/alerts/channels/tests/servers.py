"""Providers on loopback that answer byte by byte as a test tells them to, or hang, or die."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
Talk = Callable[[socket.socket, "Server"], None]


@dataclass
class Server:
    """A running server and the requests that it heard, head and body."""

    port: int
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def name(self) -> str:
        return f"{HOST}:{self.port}"


@contextmanager
def listening(talk: Talk, context: ssl.SSLContext | None = None, path: Path | None = None) -> Iterator[Server]:
    """Let ``talk`` have each connection in turn, until the block ends; on a Unix socket if a path is given."""
    with _listener(path) as listener:
        server = Server(0 if path else listener.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(listener, server, talk, context))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            with suppress(OSError), socket.socket(listener.family, socket.SOCK_STREAM) as knock:
                knock.connect(listener.getsockname())
            thread.join()


def _listener(path: Path | None) -> socket.socket:
    if path is None:
        return socket.create_server((HOST, 0))
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.bind(str(path))
    made.listen()
    return made


def _accept(listener: socket.socket, server: Server, talk: Talk, context: ssl.SSLContext | None) -> None:
    while True:
        connection, _ = listener.accept()
        if server.over.is_set():
            connection.close()
            return
        with suppress(OSError), connection:
            connection.settimeout(10)
            if context is None:
                talk(connection, server)
                continue
            with context.wrap_socket(connection, server_side=True) as secured:
                talk(secured, server)


def hear(connection: socket.socket, server: Server) -> None:
    """Read one request to its end."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += _some(connection)
    head, _, body = read.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next((int(one.split(":")[1]) for one in lines if one.startswith("content-length:")), 0)
    while len(body) < length:
        body += _some(connection)
    server.heard.append((head.decode("latin-1"), body))


def _some(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError
    return piece


def answering(*parts: bytes) -> Talk:
    """Hear a request, send these bytes, close."""

    def talk(connection: socket.socket, server: Server) -> None:
        hear(connection, server)
        for part in parts:
            connection.sendall(part)

    return talk


def flooding(first: bytes, then: bytes) -> Talk:
    """Hear a request, then send without end."""

    def talk(connection: socket.socket, server: Server) -> None:
        hear(connection, server)
        connection.sendall(first)
        while not server.over.is_set():
            connection.sendall(then)

    return talk


def dripping(text: bytes, first: bytes = b"") -> Talk:
    """Hear a request, say the first words, then a byte at a time, for longer than anybody should wait."""

    def talk(connection: socket.socket, server: Server) -> None:
        hear(connection, server)
        connection.sendall(first)
        drip(connection, server, text)

    return talk


def drip(connection: socket.socket, server: Server, text: bytes) -> None:
    """Send a byte at a time until the other side has gone."""
    for sign in text:
        if server.over.is_set():
            return
        connection.sendall(bytes([sign]))
        time.sleep(0.02)
    hang(connection)


def hanging(first: bytes = b"") -> Talk:
    """Hear a request, say the first words, and no more while the other side waits."""

    def talk(connection: socket.socket, server: Server) -> None:
        hear(connection, server)
        connection.sendall(first)
        hang(connection)

    return talk


def hang(connection: socket.socket) -> None:
    """Say nothing until the other side has gone."""
    with suppress(OSError):
        while connection.recv(65536):
            pass


def page(status: str, body: bytes = b"", kind: str = "application/json", more: str = "") -> bytes:
    """A correct answer; ``more`` are header lines, each with its end."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nContent-Type: {kind}\r\n{more}\r\n"
    return head.encode() + body


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Script:
    """How a mail server answers: by verb, in place of the usual reply. ``hangs_at`` and ``dies_at`` name a verb, or
    ``end`` for the moment after the letter."""

    replies: dict[str, bytes] = field(default_factory=dict)
    hangs_at: str = ""
    dies_at: str = ""
    drips_at: str = ""
    floods_at: str = ""
    letters: list[bytes] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)


_USUAL = {
    "banner": b"220 mail.example\r\n",
    "ehlo": b"250-mail.example\r\n250 8BITMIME\r\n",
    "mail": b"250 2.1.0 Ok\r\n",
    "rcpt": b"250 2.1.5 Ok\r\n",
    "data": b"354 Go on\r\n",
    "end": b"250 2.0.0 Taken\r\n",
    "quit": b"221 2.0.0 Bye\r\n",
}


def mailing(script: Script) -> Talk:
    """A mail server that follows a script."""

    def talk(connection: socket.socket, server: Server) -> None:
        lines = connection.makefile("rb")
        if not _reply(connection, server, script, "banner"):
            return
        while line := lines.readline():
            verb = line.split(b" ")[0].strip().decode().lower()
            script.verbs.append(line.decode("latin-1").strip())
            if not _reply(connection, server, script, verb):
                return
            if verb == "data" and b"354" in script.replies.get("data", b"354"):
                script.letters.append(b"".join(_until_dot(lines)))
                if not _reply(connection, server, script, "end"):
                    return

    return talk


def _until_dot(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line == b".\r\n":
            return
        yield line


def _reply(connection: socket.socket, server: Server, script: Script, at: str) -> bool:
    if script.dies_at == at:
        return False
    if script.hangs_at == at:
        hang(connection)
        return False
    if script.drips_at == at:
        drip(connection, server, b"250-" + b"x" * 10_000)
        return False
    if script.floods_at == at:
        while not server.over.is_set():
            connection.sendall(b"250-" + b"x" * 500 + b"\r\n")
        return False
    connection.sendall(script.replies.get(at, _USUAL.get(at, b"502 5.5.1 No\r\n")))
    return True
