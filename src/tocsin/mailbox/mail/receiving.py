"""How mail comes to the emergency address: from the mail server beside it by SMTP, or fetched by IMAP over TLS."""

import asyncio
import contextlib
import imaplib
import logging
import re
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import DatabaseError, InterfaceError, connection

from tocsin.alerts.doors.mail_in import MailIn, address_of
from tocsin.lib import claims
from tocsin.mailbox.mail import taking
from tocsin.mailbox.mail.reading import MOST_BYTES
from tocsin.mailbox.mail.taking import Taken

logger = logging.getLogger("tocsin.mailbox")

_LATER: Final = "451 4.3.0 Not now, try again"
_TAKEN: Final = "250 2.0.0 Taken"
_AT_ONCE: Final = 50
_TIMEOUT: Final = 30.0
_LEASE, _LEASE_SECONDS = "mailbox.imap", 60.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")


class Answers:
    """What the library asks at each step of a letter to the emergency address."""

    def __init__(self, address: str) -> None:
        self._address = address.lower()
        self.threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="letters")

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the one address."""
        if address.strip("<> ").lower() != self._address:
            return "550 5.1.1 No such address"
        envelope.rcpt_tos = [address]
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the letter; it is acknowledged only once it is sealed and stored."""
        content = envelope.content
        assert isinstance(content, bytes)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, said_of, content)

    async def handle_exception(self, error: Exception) -> str:
        """Say nothing of what went wrong."""
        logger.error("a mail connection failed", exc_info=error)
        return _LATER


def said_of(content: bytes) -> str:
    """Take a letter; gives what the mail server is told."""
    try:
        return _LATER if taking.take(content) is Taken.LATER else _TAKEN
    except (DatabaseError, InterfaceError) as error:
        logger.warning("a letter could not be stored", exc_info=error)
        return _LATER
    finally:
        if not connection.in_atomic_block:
            connection.close()


def listening(setting: str, address: str, tls: ssl.SSLContext | None = None) -> MailIn | None:
    """The receiver for ``host:port``; None where none is set. With a certificate it offers STARTTLS."""
    found = address_of(setting)
    if found is None:
        return None
    return MailIn(*found, answers=Answers(address), most_bytes=MOST_BYTES, tls=tls)


@dataclass(frozen=True, slots=True)
class Account:
    """Where mail is fetched from."""

    host: str
    port: int
    user: str
    password: str
    trust: ssl.SSLContext | None = None


def fetch(account: Account) -> bool:
    """Fetch, seal and delete what waits there; True when there was something. One process at a time does it.

    What is longer than may be is kept as far as it goes, and stays at the server, marked; so nothing is lost.
    A server that can't be reached is a line in the log.
    """
    try:
        if not claims.hold(_LEASE, _LEASE_SECONDS):
            return False
        with _signed_in(account) as client:
            return _empty(client)
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        logger.warning("the emergency address could not be asked", exc_info=error)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("letters wait for the database", exc_info=error)
        connection.close()
    return False


@contextlib.contextmanager
def _signed_in(account: Account) -> Any:
    trust = account.trust or ssl.create_default_context()
    client = imaplib.IMAP4_SSL(account.host, account.port, ssl_context=trust, timeout=_TIMEOUT)
    try:
        client.login(account.user, account.password)
        client.select("INBOX")
        yield client
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            client.logout()


def _empty(client: imaplib.IMAP4) -> bool:
    _, found = client.uid("SEARCH", "UNFLAGGED UNDELETED")
    numbers = (found[0] or b"").split()[:_AT_ONCE]
    for number in numbers:
        _, sizes = client.uid("FETCH", number.decode("ascii"), "(RFC822.SIZE)")
        size = _size(sizes)
        _, parts = client.uid("FETCH", number.decode("ascii"), f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        content = next((part[1] for part in parts if isinstance(part, tuple)), b"")
        if not content or taking.take(content) is Taken.LATER:
            continue
        client.uid("STORE", number.decode("ascii"), "+FLAGS", r"(\Flagged)" if size > MOST_BYTES else r"(\Deleted)")
    if numbers:
        client.expunge()
    return bool(numbers)


def _size(sizes: list[Any]) -> int:
    found = _SIZE.search(b" ".join(one for one in sizes if isinstance(one, bytes)))
    return int(found[1]) if found else 0
