"""Makes pages: small, alike in length, needing no script, with relative links only, so that any address serves them."""

import secrets
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine

from tocsin.intake import phrases
from tocsin.intake.configured import (
    ANSWER_WITHIN_HOURS,
    LONGEST_TEXT,
    MEGABYTE,
    READ_WITHIN_MINUTES,
    WITHDRAW_AFTER_DAYS,
    door,
)
from tocsin.intake.phrases import RIGHT_TO_LEFT, Words
from tocsin.intake.queueing import LOOK_AGAIN

# Every page has a length of so many bytes, or a multiple. What a box holds does not show in it, within a step.
STEP: Final = 7_168
_HERE: Final = Path(__file__).resolve().parent
_BYTES_A_PAGE: Final = 3_500
_OPENING: Final = b"<!-- "
_CLOSING: Final = b" -->\n"


def words(language: str) -> Words:
    """The words of a language, with the door's own numbers."""
    return Words(
        language,
        minutes=READ_WITHIN_MINUTES,
        hours=ANSWER_WITHIN_HOURS,
        days=WITHDRAW_AFTER_DAYS,
        seconds=LOOK_AGAIN,
        pages=max(2, LONGEST_TEXT // _BYTES_A_PAGE),
        size=size(door().file_bytes),
    )


def size(count: int) -> str:
    """Bytes in words that people know."""
    gigabyte = 1024 * MEGABYTE
    return f"{count // gigabyte} GB" if count >= gigabyte else f"{max(1, count // MEGABYTE)} MB"


def root(request: HttpRequest) -> str:
    """The way from this page to the first one."""
    return "../" * (request.path.count("/") - 1) or "./"


def language_of(request: HttpRequest) -> str:
    """The language that the browser asks for."""
    return phrases.preferred(request.headers.get("Accept-Language", ""))


def page(request: HttpRequest, template: str, language: str, status: int = 200, **context: Any) -> HttpResponse:
    """A whole page, padded."""
    said = words(language)
    values = {
        "w": said,
        "seconds": LOOK_AGAIN,
        "problem": _problem(said, context.get("fault", "")),
        "notice": said[context["done"]] if context.get("done") else "",
        "language": language,
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "languages": phrases.languages(),
        "root": root(request),
        "here": f"{root(request)}{language}/",
        "leave": door().leave,
        "played": door().exercise,
        **context,
    }
    if "heading" in context:
        values["heading"] = said[context["heading"]]
    text = _engine().get_template(template).render(Context(values))
    body = padded(text.encode())
    made = HttpResponse(body, status=status, content_type="text/html; charset=utf-8")
    made["Content-Length"] = str(len(body))
    return made


def _problem(said: Words, fault: str) -> str:
    if fault == "error_total":
        return said.filled(fault, size=size(door().total_bytes))
    return said[fault] if fault else ""


def padded(content: bytes) -> bytes:
    """The page with a comment behind it that fills it up to the next step. It is random, so it doesn't compress."""
    least = len(content) + len(_OPENING) + len(_CLOSING)
    missing = -least % STEP
    return content + _OPENING + secrets.token_hex(missing)[:missing].encode() + _CLOSING


@cache
def style() -> bytes:
    """The one style sheet."""
    return (_HERE / "static" / "door.css").read_bytes()


@cache
def script() -> bytes:
    """The one script."""
    return (_HERE / "static" / "door.js").read_bytes()


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(_HERE / "templates" / "intake")], autoescape=True)
