"""Starts web servers and pagers again and again without their seconds of imports, and lets some die at a write.

A process that has imported everything, and opened nothing, forks each of them; what runs in the fork is the same
command as ``tocsin web`` or ``tocsin page``. It reads lines from its input, ``start N`` (N: the write at which the fork
dies, 0 for never) and ``kill PID``, and says ``started PID`` and, of any fork that ended, ``ended PID``.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import Any


class Fate:
    """Dies by SIGKILL at the n-th moment: before each write, before each commit, and after each commit."""

    def __init__(self, at: int) -> None:
        self._left = at

    def moment(self) -> None:
        """Something is about to change for others to see, or just did."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def bind(self) -> None:
        """Count the moments of every connection of this process."""
        from django.db import connections
        from django.db.backends.signals import connection_created

        own: Any = type(connections["default"])
        commit = own._commit

        def counted(wrapper: Any) -> None:
            self.moment()
            commit(wrapper)
            self.moment()

        own._commit = counted
        connection_created.connect(self._wrap, weak=False)

    def _wrap(self, connection: Any, **_more: object) -> None:
        connection.execute_wrappers.append(self._statement)

    def _statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            self.moment()
        return execute(sql, params, many, context)


def main(kind: str, words: list[str]) -> None:
    """Serve until the input ends; every fork ends with this process."""
    if kind == "page":
        os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.pager_settings"
    import django

    django.setup()
    from tocsin.config.commands import page, web

    if kind == "web":
        from django.urls import get_resolver

        import tocsin.config.asgi

        assert get_resolver().url_patterns
        assert tocsin.config.asgi.application is not None
        command: Callable[[list[str]], int] = web.main
    else:
        import tocsin.alerts.pager
        from tocsin.alerts.channels.here import channels

        assert channels()
        assert tocsin.alerts.pager.TICK
        command = page.main
    say("ready")
    waiting = b""
    while True:
        readable, _, _ = select.select([0], [], [], 0.02)
        _reap()
        if not readable:
            continue
        # Read by hand: a line that a buffer had taken in with the one before would never wake ``select``.
        data = os.read(0, 65_536)
        if not data:
            return
        *lines, waiting = (waiting + data).split(b"\n")
        for line in lines:
            verb, number = line.decode().split()
            if verb == "start":
                say(f"started {_fork(command, words, int(number))}")
            else:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(number), signal.SIGKILL)


def _fork(command: Callable[[list[str]], int], words: list[str], at: int) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        if at:
            Fate(at).bind()
        code = command(words)
    finally:
        os._exit(code)


def _reap() -> None:
    while True:
        try:
            ended, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if ended == 0:
            return
        say(f"ended {ended}")


def say(line: str) -> None:
    """One line to whoever started us."""
    os.write(1, line.encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
