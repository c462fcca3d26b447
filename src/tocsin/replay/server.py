"""The loopback server: routes, conditional requests, compression, and nothing said about what it serves."""

import gzip
import hashlib
import ipaddress
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tocsin.replay.clock import Clock, Dates
from tocsin.replay.directory import with_directory
from tocsin.replay.faults import Damage, Faults
from tocsin.replay.recordings import world_from
from tocsin.replay.world import Answer, Request, Stream, World, not_found

SMALLEST_COMPRESSED = 512
MOST_TAKEN = 64 * 1024  # bytes of what is posted
# Names that no stranger can own, so that a page in a browser can't rebind its own name to this server.
OWN_NAMES = (".test", ".invalid", ".example", ".localhost")


class NotLoopbackError(ValueError):
    """The address given is reachable from outside this machine; ``advice`` says what to give instead."""

    advice = "Replay binds loopback addresses only: give 127.0.0.1 or ::1."


def loopback(host: str) -> str:
    """The address to bind: one of 127.0.0.0/8 or ::1, or NotLoopbackError."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise NotLoopbackError(NotLoopbackError.advice) from None
    if not address.is_loopback or getattr(address, "ipv4_mapped", None) is not None:
        raise NotLoopbackError(NotLoopbackError.advice)
    return str(address)


class Server(ThreadingHTTPServer):
    """Holds the world, the clock and the stop flag for its handlers."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, world: World, clock: Clock, faults: Faults | None, log: bool) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.world, self.clock, self.faults, self.log = world, clock, faults, log
        self.stopping = threading.Event()
        super().__init__((host, port), Handler)
        name = f"[{host}]" if ":" in host else host
        self.base_url = f"http://{name}:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who hangs up is everyday here; the default would print a traceback."""


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive."""

    protocol_version = "HTTP/1.1"
    server_version = "replay"
    sys_version = ""
    timeout = 60
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Answer with a body."""
        self._respond(with_body=True)

    def do_HEAD(self) -> None:
        """Answer with headers alone."""
        self._respond(with_body=False)

    def do_POST(self) -> None:
        """Take what is handed in, where something takes it."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_TAKEN:
            self.close_connection = True
            self._send(Answer(b"Too much, or of no stated length.\n", status=413), with_body=True, cut=1.0)
            return
        request = self._request(self.rfile.read(int(length)))
        self._send(self._taken(request), with_body=True, cut=1.0)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """The default log holds queries and addresses; ours is the path alone, see _respond."""

    def _request(self, body: bytes = b"") -> Request:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        if self.server.log:
            sys.stderr.write(f"replay {ascii(path)[1:-1]}\n")
        return Request(
            path=path,
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            base_url=self.server.base_url,
            clock=self.server.clock,
            body=body,
        )

    def _respond(self, *, with_body: bool) -> None:
        request = self._request()
        answer, damage = self._prepare(request)
        if answer.stream is not None:
            self._send_stream(answer, answer.stream, with_body)
        else:
            self._send(answer, with_body, cut=damage.cut if damage else 1.0)

    def _prepare(self, request: Request) -> tuple[Answer, Damage | None]:
        if not own_host(request.headers.get("host", "")):
            return misdirected(), None
        endpoint = self.server.world.find(request.path)
        answer = self._made(endpoint.answer, request) if endpoint else not_found()
        if answer.plain or answer.stream or answer.status != 200:
            return answer, None
        damage = self.server.faults.draw(request.path) if self.server.faults and endpoint and endpoint.faulty else None
        if damage is None:
            return conditional(request, answer), None
        self.server.stopping.wait(damage.wait_seconds)
        return damage.change(answer if damage.replaces else conditional(request, answer)), damage

    def _taken(self, request: Request) -> Answer:
        if not own_host(request.headers.get("host", "")):
            return misdirected()
        endpoint = self.server.world.find(request.path)
        if endpoint is None:
            return not_found()
        if endpoint.takes is None:
            return Answer(b"Nothing is taken here.\n", status=405, headers=(("Allow", "GET, HEAD"),))
        return self._made(endpoint.takes, request)

    def _made(self, answer: Callable[[Request], Answer], request: Request) -> Answer:
        try:
            return answer(request)
        except Exception as error:  # noqa: BLE001 - whatever a broken recording does, the server goes on
            # The text of an error may quote an item, so only its kind is told.
            sys.stderr.write(f"replay {ascii(request.path)[1:-1]} failed: {type(error).__name__}\n")
            return Answer(b"The replay could not make this answer.\n", status=500)

    def _send(self, answer: Answer, with_body: bool, *, cut: float) -> None:
        self._head(answer)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body and answer.status != 304:
            self.wfile.write(answer.body[: int(len(answer.body) * cut)])
        if cut < 1.0:
            self.close_connection = True

    def _send_stream(self, answer: Answer, stream: Stream, with_body: bool) -> None:
        self._head(answer)
        chunked = answer.length is None
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(answer.length))))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        if not with_body:
            return
        for piece in stream(self.server.stopping):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            self.wfile.flush()
            if self.server.stopping.is_set():
                return
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers:
            self.send_header(name, value)


def misdirected() -> Answer:
    """What a caller gets who came by a name that somebody may own."""
    return Answer(b"This server answers to loopback names only.\n", status=421)


def own_host(header: str) -> bool:
    """Whether a Host header names this machine, or a name that nobody can register."""
    try:
        name = (urlsplit(f"//{header}").hostname or "") if header else "localhost"
        if name == "localhost" or name.endswith(OWN_NAMES):
            return True
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def conditional(request: Request, answer: Answer) -> Answer:
    """Adds ETag and Last-Modified, turns into 304 what the caller has already, compresses if asked."""
    etag = '"' + hashlib.blake2b(answer.body, digest_size=12).hexdigest() + '"'
    headers = [*answer.headers, ("ETag", etag), ("Vary", "Accept-Encoding")]
    if answer.modified is not None:
        headers.append(("Last-Modified", format_datetime(answer.modified.astimezone(UTC), usegmt=True)))
    if unchanged(request, etag, answer.modified):
        return Answer(status=304, content_type="", headers=tuple(headers))
    body = answer.body
    compressed = any(name.lower() == "content-encoding" for name, _ in answer.headers)
    if not compressed and len(body) >= SMALLEST_COMPRESSED and accepts_gzip(request):
        body = gzip.compress(body, compresslevel=1, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    return Answer(body, answer.content_type, answer.status, tuple(headers), answer.modified)


def unchanged(request: Request, etag: str, modified: datetime | None) -> bool:
    """RFC 9110: If-None-Match decides where it is given, else If-Modified-Since to the second."""
    match = request.headers.get("if-none-match")
    if match is not None:
        return match.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in match.split(","))
    since = request.headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    return modified.replace(microsecond=0) <= (moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def accepts_gzip(request: Request) -> bool:
    """Whether the caller takes gzip and has not refused it with q=0."""
    for part in request.headers.get("accept-encoding", "").split(","):
        name, _, quality = part.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return quality.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


@contextmanager
def serve(
    folder: Path | None = None,
    *,
    world: World | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    speed: float | None = None,
    start: datetime | None = None,
    dates: Dates = Dates.NOW,
    faults: Faults | None = None,
    log: bool = False,
) -> Iterator[str]:
    """Serve a folder of recordings, or a world, while the block runs; gives the base URL without a last slash.

    ``speed``: recorded seconds a second; 0 shows everything at once. Not given, it is 0 for a folder and 1 for a live
    world. ``port`` 0 takes a free one. Raises NotLoopbackError for an address that others can reach, OSError where the
    port is taken, ValueError where neither or both of folder and world are given.
    """
    if (folder is None) == (world is None):
        raise ValueError("Give a folder or a world, one of the two.")
    address = loopback(host)
    played = world if world is not None else world_from(folder or Path())
    pace = speed if speed is not None else (1.0 if played.live else 0.0)
    clock = Clock(datetime.now(UTC), pace, start, dates, played.live)
    server = Server(address, port, with_directory(played), clock, faults, log)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="replay", daemon=True)
    thread.start()
    try:
        yield server.base_url
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def stop_signal(signals: Iterable[signal.Signals] = (signal.SIGINT, signal.SIGTERM)) -> threading.Event:
    """An event that is set when one of these signals arrives. Main thread only."""
    done = threading.Event()
    for number in signals:
        signal.signal(number, lambda *_: done.set())
    return done
