"""What every long-running process does alike: die with its supervisor, end on a signal, say that it lives."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

SUPERVISOR = "TOCSIN_SUPERVISOR"
_PARENT_DEATH_SIGNAL = 1


def supervised() -> bool:
    """Whether ``tocsin up`` started this process."""
    return SUPERVISOR in os.environ


def follow_supervisor() -> None:
    """Ask the kernel to end this process when its supervisor dies, however it dies; ends at once if it has already."""
    parent = os.environ.get(SUPERVISOR, "")
    if not parent.isdigit():
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, int(signal.SIGTERM))
    if os.getppid() != int(parent):
        sys.exit(0)


class Ending:
    """Becomes true when the process is asked to end (SIGTERM, SIGINT, SIGHUP); ``also`` is called at that moment.

    Asked a second time, it ends at once: what is under way is rolled back and done anew after the next start.
    """

    def __init__(self, also: Callable[[], None] | None = None) -> None:
        self._also = also
        self._event = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self._event.is_set():
            sys.exit(0)
        self._event.set()
        if self._also is not None:
            self._also()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep, but not past the moment of being asked to end."""
        return self._event.wait(seconds)
