"""Bounds how many documents one process reads at once for people who wait, so that pages still answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from tocsin.streams.drafts import RefusedError

AT_ONCE = 2
PATIENCE = 20.0  # seconds to wait for a turn

_TURNS = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Hold one of the few turns of this process.

    Raises:
        RefusedError: when none came free within the patience.
    """
    if not _TURNS.acquire(timeout=PATIENCE):
        raise RefusedError(_("Others are reading documents just now. Try again in a minute."))
    try:
        yield
    finally:
        _TURNS.release()
