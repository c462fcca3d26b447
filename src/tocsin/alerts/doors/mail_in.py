"""Takes mail for answers from the mail server beside it: small, few at a time, and never for long."""

import asyncio
import logging
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import DatabaseError, InterfaceError, connection

from tocsin.alerts import answering
from tocsin.alerts.doors import letters

logger = logging.getLogger("tocsin.alerts.doors")

MOST_CONNECTIONS = 20
MOST_RECIPIENTS = 5
_LETTERS_OF_A_CONNECTION = 8
_IDLE_SECONDS = 30.0
_WHOLE_SECONDS = 120.0
_LONGEST_TOKEN = 80
_TAKEN = "250 2.0.0 Taken"
_LATER = "451 4.3.0 Not now, try again"


@dataclass(slots=True)
class _Crowd:
    """How many are connected."""

    here: int = 0


class _Connection(SMTP):
    """One connection, with an end to its bytes and its time whatever it sends."""

    def __init__(self, handler: object, crowd: _Crowd, seconds: float, most: int, **options: Any) -> None:
        super().__init__(handler, **options)
        self._crowd, self._seconds, self._most = crowd, seconds, most
        self._came = 0
        self._line: asyncio.Transport | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        upgraded, self._line = self._line is not None, transport
        if upgraded:  # by STARTTLS: it is the same connection
            return
        self._end = self.loop.call_later(self._seconds, transport.abort)
        self._crowd.here += 1
        if self._crowd.here > MOST_CONNECTIONS:
            transport.write(b"421 4.7.0 Too many connections, try again\r\n")
            transport.close()

    def data_received(self, data: bytes) -> None:
        # The library keeps a line without an end in memory for as long as it comes.
        self._came += len(data)
        if self._came > self._most and self._line is not None:
            self._line.abort()
            return
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self._line is not None:
            self._crowd.here -= 1
            self._line = None
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(error)


class _Answers:
    """What the library asks at each step of a letter."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail-in")

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take only addresses with a token, and few of them."""
        if token_of(address) is None:
            return "550 5.1.1 No such address"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the letter, whether it counts or not; only when nothing can be stored it must come again."""
        content = envelope.content
        assert isinstance(content, bytes)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, take, content, envelope.mail_from, tuple(envelope.rcpt_tos))

    async def handle_exception(self, error: Exception) -> str:
        """Say nothing of what went wrong."""
        logger.error("a mail connection failed", exc_info=error)
        return _LATER


def token_of(address: str) -> tuple[str, str] | None:
    """The part before the plus and the token after it, from ``reply+TOKEN@host``; None without a token."""
    local, at, _host = address.strip("<> ").rpartition("@")
    name, plus, token = local.rpartition("+")
    plain = token.isascii() and token.replace("-", "").replace("_", "").isalnum()
    return (name.lower(), token) if at and plus and plain and len(token) <= _LONGEST_TOKEN else None


def take(content: bytes, return_path: str | None, recipients: tuple[str, ...]) -> str:
    """Count a letter as the answer that it is, if it is one; gives what the mail server is told."""
    returns = (return_path or "").strip("<> ")
    try:
        letter = letters.read(content, returns)
    except letters.UnreadableError:
        logger.info("a letter was not read")
        return _TAKEN
    try:
        for recipient in recipients:
            _count(recipient, letter, bool(returns))
    except (DatabaseError, InterfaceError) as error:
        logger.warning("a letter could not be stored", exc_info=error)
        return _LATER
    finally:
        # Letters are rare, and each comes in some thread: none keeps a connection for the next.
        if not connection.in_atomic_block:
            connection.close()
    return _TAKEN


def _count(recipient: str, letter: letters.Letter, returns: bool) -> None:
    found = token_of(recipient)
    if found is None or not letter.number:
        return
    name, token = found
    # The pager's own heartbeat comes back as it left, marked as automatic; what bounces has no way back.
    if letter.automatic and not (name == "pulse" and returns):
        return
    answering.by_mail_token(token, letter.sender, letter.first_line, letter.number)


class Takes(Protocol):
    """What the library asks at each step of a letter; the threads in which letters are stored."""

    threads: ThreadPoolExecutor


class MailIn:
    """The receiver. It listens from ``start`` to ``stop``, in a thread of its own.

    What takes letters is ours for answers, unless another is given, with its own bound; ``tls`` offers STARTTLS.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        idle_seconds: float = _IDLE_SECONDS,
        whole_seconds: float = _WHOLE_SECONDS,
        answers: Takes | None = None,
        most_bytes: int = letters.MOST_BYTES,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._host, self._port, self._most, self._tls = host, port, most_bytes, tls
        self._idle, self._whole = idle_seconds, whole_seconds
        self._crowd, self._answers = _Crowd(), answers or _Answers()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name="mail-in", daemon=True)

    def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: when the port is taken.
        """
        listening = self._loop.create_server(self._connection, self._host, self._port)
        self._server = self._loop.run_until_complete(listening)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Stop listening, end every connection, and wait for letters that are being stored."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._answers.threads.shutdown(wait=True)

    def _run(self) -> None:
        try:
            self._loop.run_forever()
            assert self._server is not None
            self._server.close()
            self._loop.run_until_complete(self._end())
        finally:
            self._loop.close()

    async def _end(self) -> None:
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _connection(self) -> SMTP:
        return _Connection(
            self._answers,
            self._crowd,
            self._whole,
            _LETTERS_OF_A_CONNECTION * self._most,
            data_size_limit=self._most,
            tls_context=self._tls,
            timeout=self._idle,
            hostname="tocsin",
            ident="ready",
            enable_SMTPUTF8=True,
            loop=self._loop,
        )


def address_of(setting: str) -> tuple[str, int] | None:
    """Host and port from ``host:port``; None for an empty setting, which switches mail in off."""
    host, colon, port = setting.strip().rpartition(":")
    return (host.strip("[]") or "127.0.0.1", int(port)) if colon and port.isdecimal() else None
