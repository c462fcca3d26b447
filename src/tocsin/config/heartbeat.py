"""Which processes live, as leases by the database's clock, so that every node sees those of all."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import connection

from tocsin.lib.claims import HOLDER, database_now, take_lease
from tocsin.lib.models import Lease

# A long step may keep a process from saying that it lives; only after this is it called gone.
SECONDS = 120
EVERY = 10.0
logger = logging.getLogger("tocsin.heartbeat")

FAILING = "failing "
_FORGOTTEN = timedelta(hours=1)
_PREFIX = "alive:"


@dataclass(frozen=True, slots=True)
class Beat:
    """One process that said it lives.

    Its part, its state ("full": waits for room on the disk; "failing NAME": that step fails again and again; empty: it
    works), until when it counts.
    """

    part: str
    state: str
    until: datetime
    alive: bool


def beat(part: str, state: str = "", seconds: float = SECONDS) -> None:
    """Say that this process lives, for so many seconds; ``state`` is that of ``Beat``."""
    name = f"{_name(part)}:{state}"
    Lease.objects.filter(name__startswith=f"{_name(part)}:").exclude(name=name).delete()
    take_lease(name, seconds)
    Lease.objects.filter(name__startswith=_PREFIX, until__lt=database_now() - _FORGOTTEN).delete()


def stop(part: str) -> None:
    """Say that this process ends as it should."""
    Lease.objects.filter(name__startswith=f"{_name(part)}:").delete()


@contextmanager
def beating(part: str, state: Callable[[], str]) -> Iterator[None]:
    """Say that this process lives, from a thread of its own, while the block runs."""
    ended = threading.Event()

    def keep() -> None:
        while not ended.is_set():
            try:
                beat(part, state())
            except DatabaseError:
                logger.warning("the heartbeat could not be written", extra={"part": part})
            finally:
                connection.close()
            ended.wait(EVERY)

    thread = threading.Thread(target=keep, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        stop(part)


def beats() -> list[Beat]:
    """Every process heard of in the last hour."""
    now = database_now()
    found = []
    for lease in Lease.objects.filter(name__startswith=_PREFIX).order_by("name"):
        _, part, *_rest, state = lease.name.split(":")
        found.append(Beat(part, state, lease.until, lease.until > now))
    return found


def _name(part: str) -> str:
    return f"{_PREFIX}{part}:{HOLDER}"
