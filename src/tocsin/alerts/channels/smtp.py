"""One letter by SMTP, from the first look-up to the last reply within one deadline.

``smtplib`` has a limit for each read only: a server that drips would hold it for ever, and one that floods would fill
the memory. So the connection is cut from outside at the deadline, and replies are counted.
"""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tocsin.alerts.channels.base import Outcome, Result
from tocsin.alerts.channels.calling import Line, one_line
from tocsin.alerts.channels.reasons import Why
from tocsin.lib.http import HttpError
from tocsin.lib.http.dialling import Deadline, look_up

STARTTLS, TLS, NONE = "starttls", "tls", "none"
MOST_BYTES = 64 * 1024
_OWN_NAME = "[127.0.0.1]"  # an address tells the server no more than it sees anyway; a name would name this machine
_AUTHENTICATION = frozenset({530, 534, 535, 538})
_NO_SUCH_ADDRESS = frozenset({b"5.1.1", b"5.1.2", b"5.1.3", b"5.1.6", b"5.1.10", b"5.2.1"})


@dataclass(frozen=True, slots=True)
class Server:
    """The mail server that takes our letters."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = ""


class _LostError(Exception):
    """The session ended before the letter was out; ``outcome`` says how."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.why)
        self.outcome = outcome


def deliver(server: Server, sender: str, recipient: str, letter: bytes, timeout: float, line: Line) -> Outcome:
    """Hand over one letter.

    Until its last line is on its way the server has no letter: failed, or refused where it says that the address does
    not exist. From then until its answer nobody knows: unknown. ``TAKEN`` is its 250, after which it must deliver or
    send it back (RFC 5321, 4.2.5).
    """
    client: _Client | None = None
    handed = False
    try:
        deadline = Deadline(timeout)
        client = _Client(server, deadline, line)
        with _cut_at(client, deadline):
            _greet(client, server, line)
            _envelope(client, sender, recipient)
            client.put(letter)
            handed = True
            code, said = client.getreply()
            client.leave()
        if code == 250:
            return Outcome(Result.TAKEN)
        refused = 400 <= code < 600
        return _refusal(code, said, of_recipient=False) if refused else _outcome(handed, Why.CUT_SHORT)
    except _LostError as error:
        return error.outcome
    except HttpError as error:
        return _outcome(handed, Why.DNS if error.code == "dns" else Why.TIMEOUT)
    except ssl.SSLError:
        return _outcome(handed, Why.TIMEOUT if client is not None and client.cut else Why.TLS)
    except smtplib.SMTPResponseException as error:
        return _outcome(True, Why.CUT_SHORT) if handed else _refusal(error.smtp_code, b"", of_recipient=False)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        slow = isinstance(error, TimeoutError) or (client is not None and client.cut)
        connected = client is not None and client.connected
        return _outcome(handed, Why.TIMEOUT if slow else Why.CUT_SHORT if connected else Why.CONNECT)
    finally:
        if client is not None:
            with suppress(OSError):
                client.close()
            client.forget()


def _outcome(handed: bool, why: Why) -> Outcome:
    return Outcome(Result.UNKNOWN if handed else Result.FAILED, why)


def _greet(client: "_Client", server: Server, line: Line) -> None:
    code, said = client.connect(server.host, server.port)
    if code != 220:
        raise _LostError(_refusal(code, said, of_recipient=False))
    client.ehlo_or_helo_if_needed()
    if server.security == STARTTLS:
        if not client.has_extn("starttls"):
            raise _LostError(Outcome(Result.FAILED, Why.NO_ENCRYPTION))
        client.starttls(context=_trust(line))
        client.ehlo_or_helo_if_needed()
    if server.user:
        try:
            client.login(server.user, server.password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError):
            raise _LostError(Outcome(Result.FAILED, Why.NOT_ALLOWED)) from None


def _envelope(client: "_Client", sender: str, recipient: str) -> None:
    code, said = client.mail(sender)
    if code != 250:
        raise _LostError(_refusal(code, said, of_recipient=False))
    code, said = client.rcpt(recipient)
    if code not in {250, 251}:
        raise _LostError(_refusal(code, said, of_recipient=True))
    code, said = client.docmd("DATA")
    if code != 354:
        raise _LostError(_refusal(code, said, of_recipient=False))


def _refusal(code: int, said: bytes, *, of_recipient: bool) -> Outcome:
    """What a reply means. A bare 550 is about the address; an enhanced code may say that it is about us."""
    if 500 <= code < 600:
        first = said.split(None, 1)[0] if said.strip() else b""
        bare = of_recipient and code in {550, 551, 553} and not _is_enhanced(first)
        if bare or first in _NO_SUCH_ADDRESS:
            return Outcome(Result.REFUSED, Why.BAD_ADDRESS)
    if code in _AUTHENTICATION:
        return Outcome(Result.FAILED, Why.NOT_ALLOWED)
    if 400 <= code < 500:
        return Outcome(Result.FAILED, Why.TOO_MANY if code in {450, 452} and not of_recipient else Why.BUSY)
    return Outcome(Result.FAILED, Why.REFUSED_MESSAGE if code >= 500 else Why.NOT_THE_PROVIDER)


def _is_enhanced(word: bytes) -> bool:
    parts = word.split(b".")
    return len(parts) == 3 and all(part.isdigit() for part in parts)


def _trust(line: Line) -> ssl.SSLContext:
    # The system's roots: a mail server of one's own may have a certificate of one's own.
    return line.trust or _system_roots()


@lru_cache(maxsize=1)
def _system_roots() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Client(smtplib.SMTP):
    """A session that looks its server up once, counts what it reads, and can be cut from another thread."""

    def __init__(self, server: Server, deadline: Deadline, line: Line) -> None:
        super().__init__(local_hostname=_OWN_NAME, timeout=deadline.left(3600))
        self._server = server
        self._deadline = deadline
        self._line = line
        self._host = server.host  # what a certificate must name
        self._cutter: socket.socket | None = None
        self._lock = threading.Lock()
        self.connected = False
        self.cut = False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = self._dialled(host, port)
        # A second handle of the same connection: it stays valid when TLS takes over the first one.
        with self._lock:
            self._cutter = made.dup()
        self.connected = True
        if self._server.security == TLS:
            return _trust(self._line).wrap_socket(made, server_hostname=host)
        return made

    def _dialled(self, host: str, port: int) -> socket.socket:
        lost: OSError = ConnectionError()
        for address in look_up(self._line.resolver, host, port, self._deadline.left(5)):
            try:
                made = socket.create_connection((address, port), timeout=self._deadline.left(10))
                made.settimeout(self._deadline.left(3600) + 1)  # the cut at the deadline comes first
                return made
            except OSError as error:
                lost = error
        raise lost

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply, of a limited length."""
        if self.file is None and self.sock is not None:
            self.file = _Counted(self.sock.makefile("rb"))
        return super().getreply()

    def put(self, letter: bytes) -> None:
        """Send the letter and its end, after 354. Where that fails the end was not sent, and there is no letter."""
        lines = letter.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        stuffed = b"\r\n".join(b"." + one if one.startswith(b".") else one for one in lines)
        self.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")

    def leave(self) -> None:
        """Say good-bye without waiting for the answer."""
        with suppress(OSError, smtplib.SMTPException):
            self.send(b"QUIT\r\n")

    def cut_now(self) -> None:
        """End the connection, whatever is going on with it."""
        self.cut = True
        with self._lock, suppress(OSError):
            if self._cutter is not None:
                self._cutter.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        """Give the second handle back."""
        with self._lock:
            if self._cutter is not None:
                self._cutter.close()
                self._cutter = None


class _Counted:
    """What a server says, up to a limit."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = MOST_BYTES

    def readline(self, most: int) -> bytes:
        """One line; an error beyond the limit."""
        line: bytes = self._file.readline(most)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("too much")
        return line

    def close(self) -> None:
        """Close what is read from."""
        self._file.close()


@contextmanager
def _cut_at(client: _Client, deadline: Deadline) -> Iterator[None]:
    timer = threading.Timer(deadline.left(3600), client.cut_now)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def plain(text: str) -> str:
    """A word for a header: one line, ASCII."""
    return one_line(text)
