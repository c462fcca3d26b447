"""The part that takes mail and Signal for people at risk: what the operator set becomes listeners and fetchers."""

import logging
import ssl
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from django.conf import settings

from tocsin.alerts.channels import addresses, signal
from tocsin.config.configuration import Configuration, secret
from tocsin.config.refusal import RefusalError
from tocsin.mailbox.mail import receiving
from tocsin.mailbox.mail.receiving import Account
from tocsin.mailbox.signal.receiving import Number, Receiver

logger = logging.getLogger("tocsin.letters")

_EVERY = 15.0
_SIGNAL_EVERY = 3.0


class Ending(Protocol):
    """Becomes true when the part is asked to end."""

    def __bool__(self) -> bool:
        """Whether it is."""

    def wait(self, seconds: float, /) -> bool:
        """Sleep, but not past that moment."""


def wanted(made: Configuration) -> bool:
    """Whether there is anything to do for this part."""
    mail = made.emergency_address and (made.emergency_imap or made.emergency_smtp)
    return bool(mail or made.emergency_signal)


def run(ending: Ending, fetch: Callable[[Account], bool] = receiving.fetch) -> None:
    """Take mail and messages in until asked to end.

    Raises:
        RefusalError: when the port, the certificate or the service of Signal can't be used.
    """
    made: Configuration = settings.CONFIGURATION
    if not wanted(made):
        raise RefusalError(
            "No emergency address is set. Set emergency_address, and emergency_imap or emergency_smtp; or set "
            "emergency_signal."
        )
    account, number = account_of(made) if made.emergency_address else None, number_of(made)
    smtp = made.emergency_smtp if made.emergency_address else ""
    listening = receiving.listening(smtp, made.emergency_address, _certificate(made))
    if listening is not None:
        try:
            listening.start()
        except OSError as error:
            line = f"{made.emergency_smtp} can't be used for mail. End what uses it, or set another emergency_smtp."
            raise RefusalError(line) from error
    receiver = Receiver(number) if number is not None else None
    try:
        _take_in(ending, receiver, (lambda: fetch(account)) if account is not None else None)
    finally:
        if listening is not None:
            listening.stop()
        if receiver is not None:
            receiver.close()


def _take_in(ending: Ending, receiver: Receiver | None, fetch: Callable[[], bool] | None) -> None:
    """Ask Signal often and the mail server now and then, each at once again while something comes."""
    mail_due = 0.0
    while not ending:
        busy = receiver is not None and receiver.step()
        if fetch is not None and monotonic() >= mail_due:
            came = fetch()
            mail_due = 0.0 if came else monotonic() + _EVERY
            busy = busy or came
        ending.wait(0 if busy else _SIGNAL_EVERY if receiver is not None else _EVERY)


def number_of(made: Configuration) -> Number | None:
    """Where messages to the desk's Signal number are fetched from; None where none is set.

    Raises:
        RefusalError: when anybody else could reach the service, or the number is the pager's.
    """
    if not made.emergency_signal:
        return None
    if not made.signal_url or not signal.is_private(made.signal_url):
        raise RefusalError(
            "emergency_signal needs signal_url, and that must lead to this machine (http://127.0.0.1:8080) or to a "
            "Unix socket (unix:/run/signal/api.sock): the service lets everybody who reaches it send and read."
        )
    number = addresses.phone(made.emergency_signal)
    if made.signal_number and number == addresses.phone(made.signal_number):
        raise RefusalError(
            "emergency_signal must be another number than signal_number: what comes to that one is read in clear, for "
            "answers to pages."
        )
    base, socket = signal.where(made.signal_url)
    return Number(base, number, socket)


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
