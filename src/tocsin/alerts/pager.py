"""The loop of ``tocsin page``: alerts climb, pages go out, and nothing in it may stop the rest for long."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from django.db import DatabaseError, InterfaceError, connection

from tocsin.alerts import clock, escalating, reaching
from tocsin.alerts.sending import Sender

logger = logging.getLogger("tocsin.alerts.pager")

# How long an idle pager sleeps: a page leaves at most so much later than it could.
TICK = 0.1
# What fails is tried again this soon, and never later than the second: a pager may not rest.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 2.0
TOLERATED = 5


class Ending(Protocol):
    """Becomes true when the process is asked to end."""

    def __bool__(self) -> bool: ...

    def wait(self, seconds: float) -> bool:
        """Sleep, but not past that moment."""
        ...


@dataclass(slots=True)
class Part:
    """One thing that the pager does again and again, at most every ``every`` seconds."""

    name: str
    do: Callable[[], object]
    every: float = 0.0
    due: float = 0.0
    pause: float = FIRST_PAUSE
    failures: int = field(default=0)


class Pager:
    """Goes round its parts. What one of them raises stops neither the others nor itself."""

    def __init__(self, sender: Sender, ending: Ending, beside: Sequence[Part] = ()) -> None:
        """``beside`` are further parts: the heartbeat, doors that are asked for answers, drills."""
        self._sender, self._ending = sender, ending
        self._parts = [
            Part("clock", self._watch_clock, every=1.0),
            Part("left alone", escalating.call_anew, every=1.0),
            Part("reach", reaching.call_better, every=1.0),
            Part("climb", escalating.climb),
            Part("send", sender.tick),
            *beside,
        ]

    def run(self) -> None:
        """Run until asked to end; calls that are under way are waited for and written down."""
        while not self._ending:
            if not self.once():
                self._ending.wait(TICK)
        try:
            self._sender.close()
        except (DatabaseError, InterfaceError):
            logger.warning("what came of the last calls could not be written; they go out again")
        connection.close()

    def once(self) -> bool:
        """Each part once; True when one that has no rhythm of its own did something."""
        worked = False
        for part in self._parts:
            if part.due <= time.monotonic():
                worked = self._do(part) or worked
        return worked

    @property
    def failing(self) -> str:
        """The part that fails again and again; empty while all work."""
        return next((part.name for part in self._parts if part.failures >= TOLERATED), "")

    def _do(self, part: Part) -> bool:
        try:
            worked = bool(part.do())
        except Exception as error:  # noqa: BLE001 — one fault must not stop the others
            self._rest(part, error)
            return False
        part.due = time.monotonic() + part.every
        part.pause, part.failures = FIRST_PAUSE, 0
        return worked and not part.every

    def _rest(self, part: Part, error: Exception) -> None:
        # The type and the place only: the text may quote an address.
        logger.exception("a part of the pager failed", extra={"part": part.name, "seconds": part.pause})
        part.due = time.monotonic() + part.pause
        part.pause = min(part.pause * 2, LONGEST_PAUSE)
        part.failures += 1
        if isinstance(error, DatabaseError | InterfaceError):
            connection.close()

    def _watch_clock(self) -> None:
        back = clock.watch()
        if back:
            logger.warning("the clock was set back; what waits was moved with it", extra={"seconds": back.seconds})
