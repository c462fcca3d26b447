"""The box of somebody who has a receipt: what is new, write more, take back."""

import os
import re
import secrets
from functools import cache, partial
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from tocsin.intake import actions, desks, drafts, pages, proofs, receipts, storing
from tocsin.intake.actions import Shown
from tocsin.intake.configured import LONGEST_TEXT, door
from tocsin.intake.drafts import Opened
from tocsin.intake.envelopes import Receipt
from tocsin.intake.queueing import Line, Lost, Waiting
from tocsin.intake.views.plain import closed
from tocsin.intake.views.telling import FAULTS
from tocsin.keys.uploads import Posted

_LONGEST_WORDS = 1_000
_PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_AHEAD = re.compile("prefetch|prerender|preview")


@require_http_methods(["GET", "HEAD", "POST"])
async def box(request: HttpRequest, language: str) -> HttpResponse:
    """Asks for the words; then shows, takes more words, or takes back."""
    posted: Posted | None = request.scope.get("tocsin.posted")  # type: ignore[attr-defined]  # an ASGI request
    if request.method != "POST":
        return _ask(request, language)
    if posted is None:
        return closed(request, language)
    if posted.one("go") in {"write", "withdraw"} or posted.one("opened"):
        return await _go_on(request, language, posted)
    if posted.fault is not None:
        return _ask(request, language, FAULTS[posted.fault])
    words = posted.one("words")[:_LONGEST_WORDS]
    if not words.strip():
        return _ask(request, language, "box_missing")
    try:
        found = await line().enter(partial(receipts.read, door(), words), proofs.holds(posted.one("proof")))
    except Lost:
        return _ask(request, language, "wait_lost", status=503)
    return await _found(request, language, found)


@require_GET
async def wait(request: HttpRequest, language: str, ticket: str) -> HttpResponse:
    """Whether it is one's turn. Looking keeps the place; what it shows is gone then, so only a person's look counts."""
    if _looks_ahead(request):
        return HttpResponse(status=503, content_type="text/plain")
    try:
        found = await line().look(ticket)
    except Lost:
        return _ask(request, language, "wait_lost", status=404)
    return await _found(request, language, found)


def _looks_ahead(request: HttpRequest) -> bool:
    """Whether a browser fetches it before anybody wants to see it."""
    return any(_AHEAD.search(request.headers.get(name, "").lower()) for name in _PURPOSES)


@cache
def line() -> Line[Receipt]:
    """The line of those who try words: at most half of the processors."""
    return Line(max(1, (os.cpu_count() or 2) // 2))


def _ask(request: HttpRequest, language: str, fault: str = "", status: int = 0) -> HttpResponse:
    status = status or (400 if fault else 200)
    ask = proofs.challenge(proofs.bits_for(line().waiting()))
    return pages.page(request, "ask.html", language, status=status, fault=fault, rest="box", ask=ask)


async def _found(request: HttpRequest, language: str, found: Receipt | Waiting) -> HttpResponse:
    if isinstance(found, Waiting):
        return pages.page(request, "wait.html", language, ticket=found.ticket)
    shown = await sync_to_async(actions.show)(found)
    if not shown.found:
        return _ask(request, language, "box_missing", status=200)
    opened = Opened(secrets.token_hex(16), found.lookup.hex(), found.public.hex(), shown.desk, shown.hidden)
    return _box(request, language, opened, _texts(shown, language), first=True)


def _texts(shown: Shown, language: str) -> list[tuple[str, str | None]]:
    words = pages.words(language)
    return [(words.filled("box_message", day=day.isoformat()), text) for day, text in shown.texts]


def _box(request: HttpRequest, language: str, opened: Opened, texts: Any = (), **context: Any) -> HttpResponse:
    status = 400 if context.get("fault") else 200
    return pages.page(
        request, "box.html", language, status=status, texts=texts, sealed=drafts.close_box(opened), **context
    )


async def _go_on(request: HttpRequest, language: str, posted: Posted) -> HttpResponse:
    opened = drafts.reopen_box(posted.one("opened"))
    if opened is None:
        return _ask(request, language, "box_expired")
    if posted.fault is not None:
        return _box(request, language, opened, fault=FAULTS[posted.fault], text=posted.one("text"))
    if posted.one("go") == "withdraw":
        return await _withdraw(request, language, opened, posted.one("wish"))
    return await _write(request, language, opened, posted)


async def _withdraw(request: HttpRequest, language: str, opened: Opened, wish: str) -> HttpResponse:
    if wish not in {"stop", "delete"}:
        return _box(request, language, opened, fault="error_choice")
    await sync_to_async(actions.withdraw)(opened, wish == "delete")
    return _box(request, language, opened, done="withdraw_done")


async def _write(request: HttpRequest, language: str, opened: Opened, posted: Posted) -> HttpResponse:
    text = posted.one("text").replace("\r\n", "\n").strip()
    if not text and not posted.files:
        return _box(request, language, opened, fault="error_empty")
    if len(text.encode()) > LONGEST_TEXT:
        return _box(request, language, opened, fault="error_long", text=text)
    found = desks.read(door().folder)
    if not found.usable:
        return closed(request, language)
    desk = found.again(opened.desk, language, desks.named(opened.hidden)) if opened.desk else None
    if desk is None:
        return _box(request, language, opened, fault="who_none_left", text=text)
    if not await sync_to_async(actions.add)(opened, text, language, desk, storing.sealed_of(posted)):
        return _ask(request, language, "box_missing")
    again = Opened(secrets.token_hex(16), opened.lookup, opened.public, opened.desk, opened.hidden)
    return _box(request, language, again, done="box_written")
