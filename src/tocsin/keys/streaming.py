"""Stands before the console at the few addresses that take large files for a safe, and seals them while they arrive.

Django would write a long body to the disk in clear before any view sees the request. Here the view is asked first,
with an empty body: it says 204 when these bytes may come, or answers with a page of its own. Then they are read and
sealed, and the view is asked again from time to time, so that a vault that was locked stops them; last it gets what
came in the request's scope. It decides by the session and the vault as with every other request.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from django.http import HttpRequest

from tocsin.keys import files
from tocsin.keys.uploads import Fault, Form, Limits, Parts, Posted, form_of, header

CAME: Final = "tocsin.came"
MAY: Final = 204
SILENT_AT_MOST: Final = 120.0
AT_ONCE: Final = 16
# The view is asked again after so many seconds of one upload.
ASKED_EVERY: Final = 30.0
# What is read past after a refusal, so that a browser, which reads an answer only when it has sent all, gets to see it.
_READ_PAST: Final = 256 * 1024 * 1024
_SPARE: Final = 512 * 1024 * 1024

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


class Stage(Enum):
    """What the view is asked."""

    BEGIN = "may it come?"
    GO_ON = "may the rest come?"


@dataclass(frozen=True, slots=True)
class Door:
    """Which addresses this is for, where files go, and how much may come: in bytes, one file at a time."""

    takes: Callable[[str], bool]
    folder: Callable[[], Path]
    file_bytes: int


class _Gone(Exception):  # noqa: N818  # never leaves this module
    """Whoever was sending is no longer there."""


class _Refused(Exception):  # noqa: N818  # never leaves this module
    """The view said no; its answer is the exception's."""

    def __init__(self, answer: list[Message]) -> None:
        self.answer = answer


def asked(request: HttpRequest) -> Stage | Posted | None:
    """What a view of this layer is asked; None when the request did not come through it, and must be refused."""
    came: Stage | Posted | None = getattr(request, "scope", {}).get(CAME)
    return came


class Streamed:
    """The layer. One per process."""

    def __init__(self, application: Application, door: Door) -> None:
        self._application, self._door = application, door
        self._running = 0
        self._disk = ThreadPoolExecutor(4, "uploads")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "POST" or not self._door.takes(scope["path"]):
            await self._application(scope, receive, send)
            return
        bare = {**scope, "headers": _without_body(scope["headers"])}
        try:
            posted = await self._posted(bare, dict(scope["headers"]), receive)
        except _Gone:
            return
        except _Refused as refused:
            for message in refused.answer:
                await send(message)
            return
        try:
            await self._application({**bare, CAME: posted}, _Silence(), send)
        finally:
            await self._aside(posted.discard)

    async def _posted(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Posted:
        try:
            await self._ask(scope, Stage.BEGIN)
        except _Refused:
            await self._read_past(receive)
            raise
        form = form_of(header(headers, b"content-type"), lambda boundary: self._parts(boundary, headers))
        if form is None or self._running >= AT_ONCE:
            await self._read_past(receive)
            return Posted(fault=Fault.BROKEN if form is None else Fault.BUSY)
        self._running += 1
        try:
            return await self._read(form, scope, receive)
        except BaseException:
            # A cancelled task can't wait for another thread any more; removing a part takes no time.
            form.posted.discard()
            raise
        finally:
            self._running -= 1

    def _parts(self, boundary: bytes, headers: dict[bytes, bytes]) -> Form:
        folder, stated = self._door.folder(), header(headers, b"content-length")
        expected = int(stated) if stated.isdigit() and len(stated) < 20 else 0
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Parts(
            boundary,
            Limits(self._door.file_bytes, self._door.file_bytes, 1),
            lambda name, kind: Arriving(folder, name, kind),
            lambda posted: True,
            lambda: shutil.disk_usage(folder).free - expected > _SPARE,
        )

    async def _read(self, form: Form, scope: Scope, receive: Receive) -> Posted:
        past, again = 0, asyncio.get_running_loop().time() + ASKED_EVERY
        while True:
            try:
                message = await asyncio.wait_for(receive(), SILENT_AT_MOST)
            except TimeoutError:
                raise _Gone from None
            if message["type"] != "http.request":
                raise _Gone
            data = message.get("body", b"")
            if form.posted.fault is not None:
                past += len(data)
            await self._aside(form.feed, data)
            if not message.get("more_body") or past > _READ_PAST:
                posted: Posted = await self._aside(form.end)
                return posted
            if asyncio.get_running_loop().time() > again:
                again = asyncio.get_running_loop().time() + ASKED_EVERY
                await self._ask(scope, Stage.GO_ON)

    async def _ask(self, scope: Scope, stage: Stage) -> None:
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._application({**scope, CAME: stage}, _Silence(), keep)
        if not answer or answer[0].get("status") != MAY:
            raise _Refused(answer)

    async def _read_past(self, receive: Receive) -> None:
        past = 0
        while past < _READ_PAST:
            try:
                message = await asyncio.wait_for(receive(), SILENT_AT_MOST)
            except TimeoutError:
                raise _Gone from None
            if message["type"] != "http.request":
                raise _Gone
            past += len(message.get("body", b""))
            if not message.get("more_body"):
                return

    async def _aside(self, call: Callable[..., Any], *words: Any) -> Any:
        """Do what may wait for the disk beside the loop that serves everybody."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, call, *words)


class Arriving(files.Incoming):
    """A file that arrives, with the name and kind that its sender gave it: foreign words."""

    def __init__(self, folder: Path, name: str, kind: str) -> None:
        super().__init__(folder)
        self.name, self.kind = name, kind


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


def _without_body(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    bodily = {b"content-length", b"content-type", b"transfer-encoding"}
    return [(name, value) for name, value in headers if name not in bodily]
