"""Runs work in a child process that dies, or hangs, at the n-th moment at which something changes outside its memory.

Moments are counted: before each write to the database outside a transaction, within a transaction before its first
write and before its commit, when all that it wrote still counts for nothing, after each commit, and before each change
of a file. One that hangs does so before each transaction as well, where others may go on in its place. A child that
dies takes the way of a pulled plug: SIGKILL, nothing is cleaned up. One that hangs stops outside any
transaction, as a machine does whose disk or power manager sleeps, and goes on later as if nothing had been.
"""

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import Atomic

from tocsin.lib import claims
from tocsin.lib.models import Lease
from tocsin.reports.models import Delivery
from tocsin.streams.models import Source

Work = Callable[[], object]

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_FILE_CHANGES = ("replace", "rename", "unlink", "mkdir")
LONG_AGO = "2001-01-01T00:00:00+00:00"


@dataclass(slots=True)
class Fate:
    """What happens to this process at the n-th moment; ``stops`` counts those outside transactions alone."""

    at: int
    signal: signal.Signals
    passed: int = 0
    in_transaction: bool = False
    written: int = 0

    def moment(self) -> None:
        """Something is about to change, or has just changed, for others to see."""
        if self.signal == signal.SIGSTOP and self.in_transaction:
            return
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), self.signal)

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """A wrapper of ``connection.execute_wrapper``. Of a transaction's writes the first stands for all: killed
        between any two of them, the same is undone as before its commit."""
        if sql.lstrip().upper().startswith(_WRITES):
            self.written += 1
            if not self.in_transaction or self.written == 1:
                self.moment()
        return execute(sql, params, many, context)


def dies_at(moment: int, work: Work) -> bool:
    """Run the work in a child that is killed at a moment; False when it was over before that moment came.

    Raises:
        AssertionError: when the work itself fails.
    """
    status = _ended(_fork(Fate(moment, signal.SIGKILL), work))
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert status == 0, f"the work failed with {status}; its error is above"
    return False


@contextmanager
def hanging_at(moment: int, work: Work) -> Iterator[bool]:
    """While the block runs, a child hangs at a moment of its work; afterwards it goes on to its end.

    Gives False when the work was over before that moment came.
    """
    child = _fork(Fate(moment, signal.SIGSTOP), work)
    _, status = os.waitpid(child, os.WUNTRACED)
    try:
        yield os.WIFSTOPPED(status)
    finally:
        if os.WIFSTOPPED(status):
            os.kill(child, signal.SIGCONT)
            status = _ended(child)
    assert status == 0, f"the work failed with {status}; its error is above"


def lives(work: Work) -> None:
    """Run the work in a child to its end, as a process that was started anew."""
    assert not dies_at(0, work)


def side_by_side(*works: Work) -> None:
    """Run each in a process of its own, all at once, to their ends.

    Raises:
        AssertionError: when one fails.
    """
    children = [_fork(Fate(0, signal.SIGKILL), work) for work in works]
    statuses = [_ended(child) for child in children]
    assert statuses == [0] * len(works), "a process failed; its error is above"


def time_passes() -> None:
    """Every lease and every claim lapses, as it would for a holder that is dead or hangs."""
    Lease.objects.update(until=LONG_AGO)
    Source.objects.filter(claimed_until__isnull=False).update(claimed_until=LONG_AGO)
    Delivery.objects.filter(leased_until__isnull=False).update(leased_until=LONG_AGO)


def _fork(fate: Fate, work: Work) -> int:
    # A connection must not be shared with a child: it opens its own.
    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        _leave_to_parent()
        _bind(fate)
        with connection.execute_wrapper(fate.statement):
            work()
        connections.close_all()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


_parents: list[object] = []


def _leave_to_parent() -> None:
    """In the child alone: use no connection of the parent, and close none.

    While a browser's event loop runs, Django keeps connections for it apart. A child has no loop, and would find those
    of the thread, which nobody closed: two processes would speak over one.
    """
    for one in connections.all(initialized_only=True):
        _parents.append(one.connection)
        one.connection = None


def _ended(child: int) -> int:
    return os.waitpid(child, 0)[1]


def _bind(fate: Fate) -> None:
    """In the child alone: hold leases under a name of its own, and count what statements do not show."""
    own_name = (f"child:{os.getpid()}",)
    claims.take_lease.__defaults__ = claims.drop_lease.__defaults__ = own_name
    claims._held.clear()
    own: Any = type(connections["default"])
    enter, commit, rollback = Atomic.__enter__, own._commit, own._rollback

    def counted_enter(self: Atomic) -> None:
        if not fate.in_transaction:
            fate.written = 0
            if fate.signal == signal.SIGSTOP:
                # Killed here, it leaves what it left after the commit before.
                fate.moment()
        enter(self)
        fate.in_transaction = True

    def counted_commit(self: BaseDatabaseWrapper) -> None:
        fate.moment()
        commit(self)
        fate.in_transaction = False
        fate.moment()

    def noted_rollback(self: BaseDatabaseWrapper) -> None:
        rollback(self)
        fate.in_transaction = False

    for name, method in (("_commit", counted_commit), ("_rollback", noted_rollback)):
        setattr(own, name, method)
    Atomic.__enter__ = counted_enter  # type: ignore[method-assign]
    for name in _FILE_CHANGES:
        setattr(os, name, _counted(fate, getattr(os, name)))
    os.fsync = _counted(fate, lambda file: None)


def _counted(fate: Fate, change: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*args: Any, **more: Any) -> Any:
        fate.moment()
        return change(*args, **more)

    return counted
