"""Django's SQLite backend with a queue in front of the one writer.

SQLite lets one connection write at a time and makes the others poll, which starves whoever is unlucky. Here every
writer first waits on an exclusive ``flock`` of a file beside the database; the kernel wakes waiters as the holder lets
go, so a pager's short commit does not starve beside long ones. Reads outside a transaction never wait.
"""

import fcntl
import os
from typing import Any

from django.db.backends.sqlite3 import base

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER")


class _Queue:
    """An exclusive lock on a file, held by one connection at a time and re-entrant within it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None

    def enter(self) -> None:
        if self._file is not None:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except BaseException:
            os.close(file)
            raise
        self._file = file

    def leave(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            os.close(file)


class Cursor(base.SQLiteCursorWrapper):
    """Takes the queue around a single write that stands outside a transaction."""

    wrapper: "DatabaseWrapper"

    def execute(self, query: str, params: Any = None) -> Any:
        with self.wrapper.queued_write(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self.wrapper.queued_write(query):
            return super().executemany(query, param_list)


class _Held:
    def __init__(self, queue: _Queue | None) -> None:
        self._queue = queue

    def __enter__(self) -> None:
        if self._queue is not None:
            self._queue.enter()

    def __exit__(self, *exc: object) -> None:
        if self._queue is not None:
            self._queue.leave()


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with writers queued."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._queue: _Queue | None = None

    @property
    def write_queue(self) -> _Queue | None:
        """The lock before every write; none for a database in memory, which has no second process."""
        name = str(self.settings_dict["NAME"])
        if ":memory:" in name or "mode=memory" in name:
            return None
        if self._queue is None:
            self._queue = _Queue(name + ".queue")
        return self._queue

    def queued_write(self, query: str) -> _Held:
        """Hold the queue for one statement, if it writes and no transaction holds it already."""
        if self.connection is None or self.connection.in_transaction:
            return _Held(None)
        writes = query.lstrip().upper().startswith(_WRITES)
        return _Held(self.write_queue if writes else None)

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = self.connection.cursor(factory=Cursor)
        cursor.wrapper = self
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        queue = self.write_queue
        if queue is not None:
            queue.enter()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            if queue is not None:
                queue.leave()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._leave_when_done()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave_when_done()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            if self._queue is not None:
                self._queue.leave()

    def _leave_when_done(self) -> None:
        # A commit that failed with "busy" leaves the transaction open: the lock stays until the rollback.
        if self._queue is not None and not (self.connection is not None and self.connection.in_transaction):
            self._queue.leave()
