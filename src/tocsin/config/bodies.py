"""Turns bodies away that are too large, before the first byte of them is kept anywhere.

Django reads a whole body, onto the disk if it is long, before any of its own parts looks at the request.
"""

import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from tocsin.config.api_errors import ANSWERS, BODY_BYTES, FILES
from tocsin.people.api_auth import may_by_token
from tocsin.people.roles import Right

ORDINARY_BYTES = 5_000_000
UPLOAD_BYTES = 120_000_000
WORDS = "This is too large to be taken here. Go back and send less at once.\n"

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


class _TooLarge(Exception):  # noqa: N818  # never leaves this module
    """More came than may come."""


def limited(application: Application) -> Application:
    """The application behind a limit on bodies, in bytes; what is larger gets 413 and is not read on.

    The API takes ``BODY_BYTES``, everything else ``ORDINARY_BYTES``. Only the upload of documents takes more, from
    somebody who says the length beforehand and is known: ``UPLOAD_BYTES`` on the page, where a session is open, and
    what ``FILES`` says by the API, where the token has the right that stands there or a session is open.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        stated, most = _stated(scope), await _most(scope)
        if stated > most:
            await _refuse(scope, send)
            return
        came, begun = 0, False

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await application(scope, counted, noted)
        except _TooLarge:
            if begun:
                raise
            await _refuse(scope, send)

    return answer


async def _most(scope: Scope) -> int:
    path, stated = scope["path"], _stated(scope)
    if path.startswith("/api/"):
        if stated <= BODY_BYTES or scope["method"] != "POST" or path not in FILES:
            return BODY_BYTES
        most, right = FILES[path]
        return most if await _may_bring(scope, right) else BODY_BYTES
    large = stated > ORDINARY_BYTES and scope["method"] == "POST" and path == reverse("streams:upload")
    return UPLOAD_BYTES if large and await _is_signed_in(scope) else ORDINARY_BYTES


async def _may_bring(scope: Scope, right: Right) -> bool:
    if header := _header(scope, b"authorization"):
        return await sync_to_async(may_by_token)(header, right)
    return await _is_signed_in(scope)


def _stated(scope: Scope) -> int:
    text = _header(scope, b"content-length")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


async def _is_signed_in(scope: Scope) -> bool:
    # Anybody can send some cookie; only a session that is known to be somebody's opens the door.
    try:
        cookie = SimpleCookie(_header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return False
    if cookie is None or not cookie.value:
        return False
    return await sync_to_async(SessionStore(cookie.value).get)(SESSION_KEY) is not None


def _header(scope: Scope, name: bytes) -> str:
    return b"; ".join(value for one, value in scope["headers"] if one == name).decode("latin-1")


async def _refuse(scope: Scope, send: Send) -> None:
    kind, body = "text/plain; charset=utf-8", WORDS
    if scope["path"].startswith("/api/"):
        kind, body = "application/json", json.dumps({"detail": ANSWERS[413], "fields": []})
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body.encode())).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
