"""Stands before Django and reads every body itself, because Django would write a long one to the disk in clear.

Django gets a request without a body; what was read stands in its scope. This also puts the door's headers on every
answer, whatever made it.
"""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from tocsin.intake import desks, drafts, storing
from tocsin.intake.configured import FILES_AT_MOST, door
from tocsin.keys.uploads import Fault, Form, Limits, Parts, Posted, form_of, header

POSTED: Final = "tocsin.posted"
# Somebody whose line is bad may take hours, but some byte must come within so many seconds.
SILENT_AT_MOST: Final = 120.0
# So many may bring files at once. When one more comes, the slowest that had its chance gives way.
BRINGING_AT_MOST: Final = 64
_A_CHANCE: Final = 60.0
# What is read past after a fault, unparsed: a browser reads the answer when it has sent all, but a flood is cut off.
_READ_PAST: Final = 4 * 1024 * 1024

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

HEADERS: Final = (
    (b"cache-control", b"no-store, no-transform"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; "
        b"frame-ancestors 'none'",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), browsing-topics=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"x-robots-tag", b"noindex, noarchive"),
)
_OURS: Final = frozenset(name for name, _ in HEADERS) | {b"set-cookie", b"server", b"vary", b"etag", b"last-modified"}


class _Gone(Exception):  # noqa: N818  # never leaves this module
    """Whoever was sending is no longer there, or had to give way."""


class Bodies:
    """The layer. One per process."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._bringing: dict[asyncio.Task[Any], _Pace] = {}
        self._disk = ThreadPoolExecutor(4, "files")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        try:
            posted = await self._posted(scope, headers, receive)
        except _Gone:
            return
        scope = {**scope, POSTED: posted, "headers": _without_body(scope["headers"])}
        try:
            await self._application(scope, _Silence(), _dressed(send))
        finally:
            if posted is not None:
                await self._aside(posted.discard)

    async def _posted(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Posted | None:
        if scope["method"] != "POST" or not _may_be_read(scope["path"]):
            return None
        if header(headers, b"sec-fetch-site") in {b"cross-site", b"same-site"}:
            return Posted(fault=Fault.FOREIGN)
        pace = _Pace()
        form = form_of(header(headers, b"content-type"), lambda boundary: self._parts(boundary, pace, headers))
        if form is None:
            return Posted(fault=Fault.BROKEN)
        task = asyncio.current_task()
        assert task is not None
        try:
            return await self._read(form, pace, receive)
        except (_Gone, TimeoutError, asyncio.CancelledError):
            await self._aside(form.posted.discard)
            raise _Gone from None
        except BaseException:
            await self._aside(form.posted.discard)
            raise
        finally:
            self._bringing.pop(task, None)

    def _parts(self, boundary: bytes, pace: "_Pace", headers: dict[bytes, bytes]) -> Form:
        made, task = door(), asyncio.current_task()
        assert task is not None
        stated = header(headers, b"content-length")
        expected = int(stated) if stated.isdigit() and len(stated) < 20 else 0

        def may_bring(posted: Posted) -> bool:
            pace.brings = True
            return is_open() and drafts.may_bring(posted)

        def room() -> bool:
            return shutil.disk_usage(made.folder).free - expected > made.spare_bytes

        def store(name: str, kind: str) -> storing.Incoming:
            return storing.Incoming(made.files, name, kind)

        limits = Limits(made.file_bytes, made.total_bytes, FILES_AT_MOST)
        return Parts(boundary, limits, store, may_bring, room)

    async def _read(self, form: Form, pace: "_Pace", receive: Receive) -> Posted:
        past = 0
        while True:
            message = await asyncio.wait_for(receive(), SILENT_AT_MOST)
            if message["type"] != "http.request":
                raise _Gone
            data = message.get("body", b"")
            pace.bytes += len(data)
            if form.posted.fault is not None:
                past += len(data)
            else:
                brought = pace.brings
                await self._aside(form.feed, data)
                if pace.brings and not brought and not self._may_stay(pace):
                    form.posted.fault = Fault.BUSY
                    await self._aside(form.posted.discard)
            if not message.get("more_body") or past > _READ_PAST:
                done: Posted = await self._aside(form.end)
                return done

    def _may_stay(self, pace: "_Pace") -> bool:
        """Whether one more may bring files; the slowest of the others has to go if there are too many."""
        task = asyncio.current_task()
        assert task is not None
        if len(self._bringing) >= BRINGING_AT_MOST:
            slowest = min(self._bringing, key=lambda one: self._bringing[one].rate())
            if self._bringing[slowest].age() < _A_CHANCE:
                return False
            del self._bringing[slowest]
            slowest.cancel()
        self._bringing[task] = pace
        return True

    async def _aside(self, call: Callable[..., Any], *words: Any) -> Any:
        """Do what may wait for the disk beside the loop that serves everybody."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, call, *words)


class _Pace:
    """How fast somebody sends."""

    def __init__(self) -> None:
        self.bytes, self.brings, self._since = 0, False, time.monotonic()

    def age(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._since

    def rate(self) -> float:
        """Bytes a second."""
        return self.bytes / max(self.age(), 0.001)


class _Silence:
    """What Django hears: an empty body, and then nothing."""

    def __init__(self) -> None:
        self._told = False

    async def __call__(self) -> Message:
        if not self._told:
            self._told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        # Django listens for the end of the connection beside its work, and cancels this when it is done.
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}


def is_open() -> bool:
    """Whether what comes could be sealed now."""
    return bool(desks.read(door().folder).usable)


def _may_be_read(path: str) -> bool:
    # An answer can be read when nothing can be sealed. Nothing else is even listened to then.
    return path.endswith("/box") or (path.endswith("/tell") and is_open())


def _without_body(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    bodily = {b"content-length", b"content-type", b"transfer-encoding", b"cookie"}
    return [(name, value) for name, value in headers if name not in bodily]


def _dressed(send: Send) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in _OURS]
            message = {**message, "headers": [*kept, *HEADERS]}
        await send(message)

    return dressed
