"""The loop of the worker and of the collectors: every room's ``step``, again and again, until asked to end."""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from tocsin.config import disk, heartbeat
from tocsin.config.processes import Ending
from tocsin.lib.claims import let_go

logger = logging.getLogger("tocsin.loop")

IDLE = 0.5
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LOOK_AT_DISK = 5.0
# So many failures in a row are more than bad luck: whoever watches is told.
TOLERATED = 5


@dataclass(slots=True)
class Step:
    """One room's work. ``do`` returns whether it did something, so that there may be more."""

    name: str
    do: Callable[[], bool]
    pause: float = FIRST_PAUSE
    resting_until: float = field(default=0.0)
    failures: int = 0


class Loop:
    """Goes round the steps, so that none waits for another's end. What one step raises stops only that step."""

    def __init__(self, name: str, steps: Sequence[Step], ending: Ending, room: Callable[[], bool]) -> None:
        self._name, self._steps, self._ending, self._room = name, list(steps), ending, room
        self._next_beat = self._next_look = 0.0
        self._full = False

    def run(self) -> None:
        """Run until asked to end; the step at hand is finished first."""
        while not self._ending:
            self.keep_house()
            if self._full or not self.once():
                self._ending.wait(IDLE)
        heartbeat.stop(self._name)
        with contextlib.suppress(DatabaseError):
            let_go()  # so that the next worker need not wait until they lapse
        connection.close()

    def once(self) -> bool:
        """Each step once, unless it rests after an error; True when any did something."""
        worked = False
        for step in self._steps:
            if self._ending:
                return False
            if step.resting_until <= time.monotonic():
                worked = self._do(step) or worked
        return worked

    def _do(self, step: Step) -> bool:
        try:
            worked = step.do()
        except Exception as error:  # one room's fault must not stop the others
            if self._ending:
                # Being asked to end interrupts a query of the lake; what was under way is done anew at the next start.
                logger.info("a step was interrupted by the end", extra={"part": step.name}, exc_info=True)
            else:
                self._rest(step, error)
            return False
        if step.failures >= TOLERATED:
            logger.info("a step works again", extra={"part": step.name})
            self._next_beat = 0.0
        step.pause, step.failures = FIRST_PAUSE, 0
        return worked

    def _rest(self, step: Step, error: Exception) -> None:
        # The log line carries the type and the place only: the text may quote what somebody wrote.
        logger.exception("a step failed and rests", extra={"part": step.name, "seconds": step.pause})
        step.resting_until = time.monotonic() + step.pause
        step.pause = min(step.pause * 2, LONGEST_PAUSE)
        step.failures += 1
        if step.failures == TOLERATED:
            self._next_beat = 0.0
        if isinstance(error, DatabaseError):
            connection.close()

    def keep_house(self) -> None:
        """Say that this process lives and how, and look for room on the disk, each when it is time."""
        now = time.monotonic()
        if now >= self._next_beat:
            self._next_beat = now + heartbeat.EVERY
            self._beat()
        if now >= self._next_look:
            self._next_look = now + LOOK_AT_DISK
            self._look_at_disk()

    def _beat(self) -> None:
        close_old_connections()
        try:
            heartbeat.beat(self._name, self._state())
        except DatabaseError:
            logger.warning("the heartbeat could not be written", extra={"part": self._name})
            connection.close()

    def _state(self) -> str:
        if self._full:
            return "full"
        failing = next((step.name for step in self._steps if step.failures >= TOLERATED), "")
        return f"{heartbeat.FAILING}{failing}" if failing else ""

    def _look_at_disk(self) -> None:
        full = not self._room()
        if full != self._full:
            event = "stopped: the disk is nearly full" if full else "goes on: the disk has room again"
            logger.warning(event, extra={"part": self._name, "count": disk.free_mb()})
            self._full, self._next_beat = full, 0.0
