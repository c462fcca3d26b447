"""The part that takes mail for people at risk: what the operator set becomes a listener, a fetcher, or both."""

import logging
import ssl
from collections.abc import Callable
from typing import Protocol

from django.conf import settings

from tocsin.config.configuration import Configuration, secret
from tocsin.config.refusal import RefusalError
from tocsin.mailbox.mail import receiving
from tocsin.mailbox.mail.receiving import Account

logger = logging.getLogger("tocsin.letters")

_EVERY = 15.0


class Ending(Protocol):
    """Becomes true when the part is asked to end."""

    def __bool__(self) -> bool:
        """Whether it is."""

    def wait(self, seconds: float, /) -> bool:
        """Sleep, but not past that moment."""


def wanted(made: Configuration) -> bool:
    """Whether there is anything to do for this part."""
    return bool(made.emergency_address and (made.emergency_imap or made.emergency_smtp))


def run(ending: Ending, fetch: Callable[[Account], bool] = receiving.fetch) -> None:
    """Take mail in until asked to end.

    Raises:
        RefusalError: when the port or the certificate can't be used.
    """
    made: Configuration = settings.CONFIGURATION
    if not wanted(made):
        raise RefusalError("No emergency address is set. Set emergency_address, and emergency_imap or emergency_smtp.")
    account = account_of(made)
    listening = receiving.listening(made.emergency_smtp, made.emergency_address, _certificate(made))
    if listening is not None:
        try:
            listening.start()
        except OSError as error:
            line = f"{made.emergency_smtp} can't be used for mail. End what uses it, or set another emergency_smtp."
            raise RefusalError(line) from error
    try:
        while not ending:
            busy = account is not None and fetch(account)
            ending.wait(0 if busy else _EVERY)
    finally:
        if listening is not None:
            listening.stop()


def account_of(made: Configuration) -> Account | None:
    """Where mail is fetched from; None where nothing is set."""
    host, colon, port = made.emergency_imap.strip().rpartition(":")
    if not colon or not port.isdecimal():
        return None
    return Account(host.strip("[]"), int(port), made.emergency_user, secret(settings.HOME, "emergency_password"))


def _certificate(made: Configuration) -> ssl.SSLContext | None:
    if not made.emergency_certificate:
        return None
    try:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(made.emergency_certificate)
    except (OSError, ssl.SSLError) as error:
        line = "The file of emergency_certificate can't be used. It needs a certificate and its key, in PEM."
        raise RefusalError(line) from error
    return trust
