"""Bounds how much one process does at once for people who wait, so that pages still answer.

Reading, and fetching what is only tried, have turns of their own: a slow server must not keep documents waiting.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from tocsin.streams.drafts import RefusedError

AT_ONCE = 2
PATIENCE = 20.0  # seconds to wait for a turn

TRIED_AT_ONCE = 4

_TURNS = threading.BoundedSemaphore(AT_ONCE)
_TRIALS = threading.BoundedSemaphore(TRIED_AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Hold one of the few turns of this process to read something.

    Raises:
        RefusedError: when none came free within the patience.
    """
    if not _TURNS.acquire(timeout=PATIENCE):
        raise RefusedError(_("Others are reading documents just now. Try again in a minute."))
    try:
        yield
    finally:
        _TURNS.release()


@contextmanager
def trial() -> Iterator[None]:
    """Hold one of the few turns of this process to fetch something that is only tried.

    Raises:
        RefusedError: when none is free.
    """
    if not _TRIALS.acquire(blocking=False):
        raise RefusedError(_("Others are trying sources just now. Try again in a minute."))
    try:
        yield
    finally:
        _TRIALS.release()
