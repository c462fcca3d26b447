"""The pages on which nothing is said: the first one, the style, and what is shown when something is wrong."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tocsin.intake import desks, pages, phrases
from tocsin.intake.configured import door


@require_safe
def start(request: HttpRequest, language: str = "") -> HttpResponse:
    """What happens next, what we can't promise, and the two ways on."""
    language = language or pages.language_of(request)
    if not desks.read(door().folder).usable:
        return closed(request, language)
    return pages.page(request, "start.html", language)


def closed(request: HttpRequest, language: str) -> HttpResponse:
    """Nothing can be sealed now, so nothing is taken."""
    lines = desks.read(door().folder).lines(language)
    return pages.page(request, "closed.html", language, status=503, lines=lines)


def wrong(request: HttpRequest, language: str, sentence: str, status: int = 400) -> HttpResponse:
    """A page that says what is wrong, where no form can be given back."""
    return pages.page(request, "wrong.html", language, status=status, heading="error_title", fault=sentence)


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """The style sheet."""
    return HttpResponse(pages.style(), content_type="text/css; charset=utf-8")


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The one script, which nothing needs."""
    return HttpResponse(pages.script(), content_type="text/javascript; charset=utf-8")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """For the machine that watches: whether the door is open."""
    is_open = bool(desks.read(door().folder).usable)
    return HttpResponse(
        b"open\n" if is_open else b"closed\n", status=200 if is_open else 503, content_type="text/plain"
    )


def missing(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """No such page."""
    return _said(request, 404, "error_missing_title", "error_missing")


def failed(request: HttpRequest) -> HttpResponse:
    """Our fault."""
    return _said(request, 500, "error_title", "error_ours")


def _said(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    first = request.path.strip("/").partition("/")[0]
    language = first if first in phrases.languages() else pages.language_of(request)
    return pages.page(request, "wrong.html", language, status=status, heading=title, fault=sentence)
