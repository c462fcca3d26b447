"""Follows the number that whoever locks everything raises, in a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from django.db import DatabaseError, connection

from tocsin.keys import vaults

log = logging.getLogger("tocsin.keyholder")

_EVERY: Final = 0.5
_BELIEVED: Final = 5.0


class Watch:
    """The newest number, as long as it is believed: a keyholder that can't ask opens nothing."""

    def __init__(self, ask: Callable[[], int] = vaults.generation) -> None:
        self._ask = ask
        self._seen: tuple[int, float] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Watch":
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def __call__(self) -> int | None:
        """The number; None while nobody can tell."""
        seen = self._seen
        return seen[0] if seen and time.monotonic() < seen[1] + _BELIEVED else None

    def _run(self) -> None:
        while not self._ended.wait(_EVERY):
            self._look()
        connection.close()

    def _look(self) -> None:
        try:
            self._seen = (self._ask(), time.monotonic())
        except DatabaseError:
            connection.close()
            log.warning("the database does not answer; vaults open again once it does")
