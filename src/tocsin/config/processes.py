"""What every long-running process does alike: die with its supervisor, end on a signal, say that it lives."""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

SUPERVISOR = "TOCSIN_SUPERVISOR"
# What a part ends with when it did what it was told to and is to be started anew.
BEGIN_ANEW = 75
_PARENT_DEATH_SIGNAL = 1
_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


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


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def leave_by(seconds: float) -> None:
    """End this process so many seconds after it is first asked to, even in the middle of a wait for a database.

    Signals reach Python's own handlers only between two of its steps, and a wait inside SQLite is one step. So the
    kernel writes to a pipe, and a thread reads it. For processes in which nothing is lost by being killed.
    """
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    signal.set_wakeup_fd(writes, warn_on_full_buffer=False)

    def leave() -> None:
        while os.read(reads, 1)[0] not in _ENDS:
            pass
        time.sleep(seconds)
        os._exit(0)

    threading.Thread(target=leave, daemon=True, name="leaves").start()


class Ending:
    """Becomes true when the process is asked to end (SIGTERM, SIGINT, SIGHUP); ``also`` is called at that moment.

    Asked a second time, it ends at once: what is under way is rolled back and done anew after the next start.
    """

    def __init__(self, also: Callable[[], None] | None = None) -> None:
        self._also = also
        self._event = threading.Event()
        for number in _ENDS:
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
