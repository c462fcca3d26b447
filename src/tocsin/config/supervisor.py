"""Starts the parts of ``tocsin up`` as child processes, restarts one that dies, and ends them all together."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from tocsin.config.logfiles import LogFile
from tocsin.config.processes import BEGIN_ANEW, SUPERVISOR

# A part may finish what it is at, then is asked again and drops it, then is stopped: all in under five seconds.
ASK_AGAIN, STOP, LAST = 2.5, 3.8, 0.6
# The first part has the machine to itself until it answers, or for this long.
HEAD_START = 5.0
FIRST_PAUSE, LONGEST_PAUSE, PROVEN = 0.5, 30.0, 60.0


@dataclass(slots=True, eq=False)
class Part:
    """One child: its name, the words of its command, the files that it inherits.

    One that ``serves_others`` starts with the first and ends after the rest, so that none finds it gone.
    """

    name: str
    arguments: list[str]
    files: tuple[int, ...] = ()
    module: str = "tocsin.config.cli"
    serves_others: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    restarts: int = field(default=0)


class Supervisor:
    """Runs parts until it is told to end. One thread, woken by output, signals and a slow tick."""

    def __init__(self, parts: Iterable[Part], logs: Path, say: Callable[[str], None], debug: bool = False) -> None:
        self._parts = list(parts)
        self._say = say
        self._logs = {part.name: LogFile(logs / f"{part.name}.log", part.name, say, debug) for part in self._parts}
        self._asked = 0
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def run(self, ready: Callable[[], bool], on_ready: Callable[[], None]) -> int:
        """Run until a signal. ``ready`` is asked until true; then the other parts start and ``on_ready`` is called."""
        self._catch_signals()
        for part in self._parts[1:]:
            part.due = 0.0 if part.serves_others else time.monotonic() + HEAD_START
        waiting = True
        while not self._asked:
            self._reap()
            self._start_due()
            self._listen(0.1 if waiting else 1.0)
            if waiting and ready():
                waiting = False
                for part in self._parts:
                    part.due = 0.0 if part.process is None and not part.restarts else part.due
                on_ready()
        self._end()
        return 0

    def pids(self) -> dict[str, int]:
        """The process ids of the parts that run."""
        return {part.name: part.process.pid for part in self._parts if part.process is not None}

    def _catch_signals(self) -> None:
        # The pipe wakes the selector, so that a signal between two checks is not slept over.
        signal.set_wakeup_fd(self._woken)
        self._selector.register(self._wake, selectors.EVENT_READ, None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1

    def _start_due(self) -> None:
        now = time.monotonic()
        for part in self._parts:
            if part.process is None and part.due <= now:
                self._start(part, now)

    def _start(self, part: Part, now: float) -> None:
        environment = {**os.environ, SUPERVISOR: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        part.process = subprocess.Popen(
            [sys.executable, "-m", part.module, *part.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=part.files,
            # Of its own session: Ctrl-C reaches the supervisor alone, which ends the parts in order.
            start_new_session=True,
        )
        part.started = now
        assert part.process.stdout is not None
        os.set_blocking(part.process.stdout.fileno(), False)
        self._selector.register(part.process.stdout, selectors.EVENT_READ, part)

    def _listen(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                _drain(self._wake)
            else:
                self._read(key.data)

    def _read(self, part: Part) -> None:
        if part.process is None or part.process.stdout is None:
            return
        try:
            data = os.read(part.process.stdout.fileno(), 65_536)
        except BlockingIOError:
            return
        if data:
            self._logs[part.name].take(data)
        else:
            self._selector.unregister(part.process.stdout)

    def _reap(self) -> None:
        for part in self._parts:
            if part.process is None or part.process.poll() is None:
                continue
            lived = time.monotonic() - part.started
            part.pause = FIRST_PAUSE if lived > PROVEN else part.pause
            code = part.process.returncode
            self._forget(part)
            part.due, part.restarts = time.monotonic() + part.pause, part.restarts + 1
            if code == BEGIN_ANEW:
                self._say(f"{part.name} closed what it held, as it was told, and starts anew.")
                continue
            why = f"signal {-code}" if code < 0 else f"exit code {code}"
            self._say(f"{part.name} stopped by itself ({why}). It starts again in {part.pause:g} s; see its log.")
            part.pause = min(part.pause * 2, LONGEST_PAUSE)

    def _forget(self, part: Part) -> None:
        process, part.process = part.process, None
        if process is not None and process.stdout is not None:
            self._logs[part.name].take(_rest(process.stdout))
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(process.stdout)
            process.stdout.close()

    def _end(self) -> None:
        self._say("Ending …")
        first = [part for part in self._parts if not part.serves_others]
        last = [part for part in self._parts if part.serves_others]
        late = self._end_these(first, ASK_AGAIN, STOP - ASK_AGAIN) + self._end_these(last, LAST)
        for part in self._parts:
            if part.process is not None:
                part.process.wait()
                self._forget(part)
            self._logs[part.name].close()
        signal.set_wakeup_fd(-1)
        self._say(
            "Ended." if not late else f"Ended; cut short: {', '.join(part.name for part in late)}. Nothing is lost."
        )

    def _end_these(self, parts: list[Part], *patience: float) -> list[Part]:
        """Ask them once for each patience, then stop the rest; gives those that had to be stopped."""
        for seconds in patience:
            self._ask(parts)
            self._wait_for_end(parts, seconds)
        late = [part for part in self._running() if part in parts]
        for part in late:
            self._kill(part)
        return late

    def _wait_for_end(self, parts: list[Part], seconds: float) -> None:
        until = time.monotonic() + seconds
        while any(part in parts for part in self._running()) and time.monotonic() < until and self._asked < 2:
            self._listen(0.05)

    def _running(self) -> list[Part]:
        return [part for part in self._parts if part.process is not None and part.process.poll() is None]

    def _ask(self, parts: list[Part]) -> None:
        for part in self._running():
            if part in parts and part.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    part.process.send_signal(signal.SIGTERM)

    def _kill(self, part: Part) -> None:
        # The whole session: a parser that a collector started ends with it.
        if part.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(part.process.pid, signal.SIGKILL)


def _drain(file: int) -> None:
    with contextlib.suppress(BlockingIOError):
        while os.read(file, 1024):
            pass


def _rest(stream: IO[bytes]) -> bytes:
    """What a dead child had still written, without waiting for a grandchild that holds the pipe."""
    pieces = []
    with contextlib.suppress(BlockingIOError):
        while piece := os.read(stream.fileno(), 65_536):
            pieces.append(piece)
    return b"".join(pieces)
