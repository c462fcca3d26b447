"""Opens the doors that the pager itself keeps: mail in and Signal, each in a thread of its own."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tocsin.alerts.channels import signal, values
from tocsin.alerts.channels.base import Settings
from tocsin.alerts.doors.mail_in import MailIn, address_of
from tocsin.alerts.doors.receive import Receiver
from tocsin.alerts.pager import Part

logger = logging.getLogger("tocsin.alerts.doors")

# How soon a door that could not open, or that closed, is tried again.
EVERY = 10.0
_PAUSE = 2.0


@contextmanager
def open_doors(paging: Settings) -> Iterator[list[Part]]:
    """Open what is set up, for as long as the block runs; gives the parts that keep it open.

    A door that can't open, since its port is taken or its service is down, stops nothing else.
    """
    doors: list[_Mail | _Signal] = []
    if (where := address_of(values.text(paging, "mail_in"))) is not None:
        doors.append(_Mail(*where))
    url, number = values.text(paging, "signal_url"), values.text(paging, "signal_number")
    if url and number and signal.is_private(url):
        doors.append(_Signal(url, number))
    try:
        yield [Part(door.name, door.keep_open, every=EVERY) for door in doors]
    finally:
        for door in doors:
            door.close()


class _Mail:
    """The mail receiver."""

    name = "mail in"

    def __init__(self, host: str, port: int) -> None:
        self._where = host, port
        self._open: MailIn | None = None

    def keep_open(self) -> None:
        """Begin to listen, unless it does."""
        if self._open is None:
            door = MailIn(*self._where)
            door.start()
            self._open = door

    def close(self) -> None:
        """Listen no more."""
        if self._open is not None:
            self._open.stop()


class _Signal:
    """The Signal poller."""

    name = "signal in"

    def __init__(self, url: str, number: str) -> None:
        self._url, self._number = url, number
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def keep_open(self) -> None:
        """Begin to poll, unless it does."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._poll, name="signal-in", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Poll no more; a poll that runs is not waited for longer than it takes."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(timeout=_PAUSE)

    def _poll(self) -> None:
        base, socket = signal.where(self._url)
        receiver = Receiver(base, self._number, socket)
        try:
            while not self._ending.is_set():
                if not receiver.step():
                    self._ending.wait(_PAUSE)
        finally:
            receiver.close()
            connection.close()
