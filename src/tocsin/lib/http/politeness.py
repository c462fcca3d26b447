"""Leaves hosts time between requests, and works out when to try again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tocsin.lib.http.errors import Code, HttpError

_LONGEST_REST = timedelta(days=1)
_KEPT_HOSTS = 4096


def backoff(failures: int, *, base: timedelta, cap: timedelta, random: Callable[[], float]) -> timedelta:
    """How long to wait after ``failures`` failures in a row: a random part of a doubling ceiling (full jitter).

    ``random`` gives a float in [0, 1). No failure, no wait. Source: M. Brooker, "Exponential Backoff And Jitter",
    AWS Architecture Blog, 2015.
    """
    if failures <= 0:
        return timedelta(0)
    ceiling = min(cap, base * float(2 ** min(failures - 1, 30)))
    return ceiling * random()


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Read a Retry-After header: seconds or a date. None if unreadable; never below zero, never over a day."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), _LONGEST_REST)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max(when - now, timedelta(0)), _LONGEST_REST)


@dataclass(slots=True)
class _Host:
    busy: threading.Lock = field(default_factory=threading.Lock)
    next_at: float = 0.0
    waiting: int = 0


class Politeness:
    """One request at a time per host, with ``interval`` between the end of one and the start of the next.

    Lives in one process; share one object between all clients of it. ``clock`` gives seconds that never jump.
    """

    def __init__(
        self,
        interval: timedelta = timedelta(seconds=1),
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = interval.total_seconds()
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._guard = threading.Lock()

    @contextmanager
    def turn(self, host: str, patience: float) -> Iterator[float]:
        """Hold the turn at a host for the length of a with-block; gives the seconds that were spent waiting for it.

        Raises:
            HttpError: ``wait`` if the turn would not come within ``patience`` seconds; its ``retry_after`` says when.
        """
        began = self._clock()
        state = self._enter(host)
        try:
            if not state.busy.acquire(timeout=max(patience, 0.0)):
                raise _not_yet(timedelta(seconds=max(self._interval, 1.0)))
            try:
                self._wait(state, patience - (self._clock() - began))
                try:
                    yield self._clock() - began
                finally:
                    state.next_at = max(state.next_at, self._clock() + self._interval)
            finally:
                state.busy.release()
        finally:
            with self._guard:
                state.waiting -= 1

    def rest(self, host: str, pause: timedelta) -> None:
        """Leave a host alone for a while, because it asked for it."""
        state = self._enter(host)
        with self._guard:
            state.next_at = max(state.next_at, self._clock() + pause.total_seconds())
            state.waiting -= 1

    def _wait(self, state: _Host, patience: float) -> None:
        left = state.next_at - self._clock()
        if left > patience:
            raise _not_yet(timedelta(seconds=left))
        if left > 0:
            self._sleep(left)

    def _enter(self, host: str) -> _Host:
        with self._guard:
            if len(self._hosts) >= _KEPT_HOSTS:
                self._forget_idle()
            state = self._hosts.setdefault(host.lower(), _Host())
            state.waiting += 1
            return state

    def _forget_idle(self) -> None:
        now = self._clock()
        idle = [name for name, state in self._hosts.items() if not state.waiting and state.next_at <= now]
        for name in idle:
            del self._hosts[name]


def _not_yet(pause: timedelta) -> HttpError:
    return HttpError(Code.WAIT, "This host asked to be left alone for now. It is tried again later.", retry_after=pause)
