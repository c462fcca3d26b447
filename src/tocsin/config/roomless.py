"""Says plainly that the disk is full where a page wanted to store something and could not."""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# A file that may not grow is told by SQLite as a write that failed.
_SQLITE: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})
_POSTGRESQL: Final = "53100"  # disk_full
_INSUFFICIENT_STORAGE: Final = 507


class Roomless:
    """Middleware. What could not be stored was stored in no part: each write is one transaction."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer as it is."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer in place of an error of the server, where there is no room."""
        if not is_told_by(exception):
            return None
        return render(request, "507.html", status=_INSUFFICIENT_STORAGE)


def is_told_by(error: Exception) -> bool:
    """Whether an error tells that there is no room, by what caused it."""
    return any(map(_no_room, _causes(error)))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _no_room(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return getattr(error, "sqlite_errorcode", 0) in _SQLITE or getattr(error, "sqlstate", "") == _POSTGRESQL
