"""What the REST API answers when a call can't be done: always one shape, never an exception's own text."""

import logging
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import add_never_cache_headers
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field

from tocsin.config import roomless
from tocsin.lib.inputs import OWN_WORDS
from tocsin.people.roles import Right
from tocsin.streams.sources.calendars.kind import LARGEST as LARGEST_CALENDAR
from tocsin.streams.sources.documents.kind import LARGEST

logger = logging.getLogger(__name__)

BODY_BYTES = 256_000
# Files come as they are at these addresses alone, and may be as large as on the console's pages.
FILE_BYTES = LARGEST
FILES: Mapping[str, tuple[int, Right]] = {
    "/api/documents/file": (FILE_BYTES, Right.SOURCES),
    "/api/occasions/file": (LARGEST_CALENDAR, Right.REQUIRE),
}
"""By address, the most bytes that a file may have, and the right that bringing it needs."""
ANSWERS = {
    400: "The body is not JSON.",
    401: "No token that works, and no signed-in session.",
    403: "The token, or the person, lacks the right that this call needs.",
    404: "There is no such thing, or it is not for you; the two look the same.",
    405: "There is no such method here. The header Allow names those that there are.",
    409: "It can't be done as things stand; the detail says why.",
    411: "A body needs its length: send Content-Length.",
    413: f"The body is larger than {BODY_BYTES:,} bytes; a file sent as it is may have "
    f"{FILE_BYTES:,}, a calendar {LARGEST_CALENDAR:,}.",
    415: "A body must be application/json; a file sent as it is, no form.",
    422: "Something in the call is missing or not allowed; each field that is wrong is named.",
    500: "Something failed here. Try again; if it stays so, tell whoever runs this server. Its log says where.",
    507: "The disk is full. Nothing of this was stored; what was stored before stands.",
}
_FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
_NOT_JSON = "The body can't be read. Send one JSON document in UTF-8."
_TIME = "must be a date and time with its zone, such as 2026-01-31T08:00:00Z"
_DAY = "must be a date, such as 2026-01-31"
_SAYS: Mapping[str, str] = {
    "missing": "is needed",
    "extra_forbidden": "is not known here",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "less_than_equal": "must be {le} or less",
    "greater_than_equal": "must be {ge} or more",
    "string_type": "must be a text",
    "string_unicode": "must be a text in UTF-8",
    "string_too_long": "may have {max_length} characters at most",
    "string_too_short": "must have {min_length} characters or more",
    "string_pattern_mismatch": "has characters, or a form, that can't be taken here",
    "literal_error": "must be one of {expected}",
    "list_type": "must be a list",
    "too_long": "may have {max_length} entries at most",
    "too_short": "must have {min_length} entries or more",
    "model_attributes_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "timezone_aware": _TIME,
}
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")
# How handlers of routes name a whole body, or a whole set of filters: nothing that a caller knows.
_OWN_NAMES = frozenset({"given", "filters", "part"})

View = Callable[..., HttpResponse]


class FieldProblem(Schema):
    """One field that is missing or not allowed."""

    field: str = Field(description="Where it is, such as `query.limit` or `body.reasons`.")
    says: str = Field(description="What is wrong with it.")


class Problem(Schema):
    """The one shape of every answer that is not a success."""

    detail: str = Field(description="What went wrong and what to do, for a person to read.")
    fields: list[FieldProblem] = Field(description="With 422, each field that is wrong; empty otherwise.")


def problem(status: int, detail: str = "", fields: list[FieldProblem] | None = None) -> JsonResponse:
    """An answer in that shape."""
    body = Problem(detail=detail or ANSWERS.get(status, ANSWERS[500]), fields=fields or [])
    return JsonResponse(body.model_dump(), status=status)


def handle(api: NinjaAPI, refusals: list[type[Exception]]) -> None:
    """Give every exception its answer; ``refusals`` carry words for the person who asked."""
    for refusal in refusals:
        api.add_exception_handler(refusal, lambda request, error: _not_so(error))
    api.add_exception_handler(Http404, lambda request, error: problem(404))
    api.add_exception_handler(PermissionDenied, lambda request, error: problem(403))
    api.add_exception_handler(RequestDataTooBig, lambda request, error: problem(413))
    api.add_exception_handler(SuspiciousOperation, lambda request, error: problem(400, _NOT_JSON))
    api.add_exception_handler(HttpError, lambda request, error: _refused(error))
    api.add_exception_handler(ValidationError, lambda request, error: _invalid(error))
    api.add_exception_handler(Exception, _failed)


def guarded(view: View) -> View:
    """The door of every route: refuses bodies that are too large or not JSON, and keeps answers out of caches."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _turned_away(request) or view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = response.headers.get("Allow", "")
            response = problem(405)
            response.headers["Allow"] = allowed
        add_never_cache_headers(response)
        return response

    return answer


def missing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address that no route has."""
    return problem(404)


missing.csrf_exempt = True  # type: ignore[attr-defined]  # it does nothing, and says so in the one shape


def _turned_away(request: HttpRequest) -> HttpResponse | None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and request.headers.get("Transfer-Encoding"):
        return problem(411)
    if not length.isascii() or (length and not length.isdigit()):
        return problem(400, _NOT_JSON)
    if not length.strip("0"):
        return None
    most, _right = FILES.get(request.path, (BODY_BYTES, None))
    if len(length) > 12 or int(length) > most:
        return problem(413)
    taken = request.content_type not in _FORMS if request.path in FILES else request.content_type == "application/json"
    return None if taken else problem(415)


def _not_so(error: Exception | type[Exception]) -> HttpResponse:
    """What a verb refused, in its own words; a 422 where one field is to blame."""
    words = str(getattr(error, "args", ("",))[0])
    field = str(getattr(error, "field", ""))
    if not field:
        return problem(409, words)
    return problem(422, words, [FieldProblem(field=f"body.{field}", says=words)])


def _refused(error: Any) -> HttpResponse:
    if error.status_code in {403, 409}:
        return problem(error.status_code, error.message)
    return problem(error.status_code, _NOT_JSON if error.status_code == 400 else "")


def _invalid(error: Any) -> HttpResponse:
    fields = [FieldProblem(field=_place(one["loc"]), says=_says(one)) for one in error.errors[:20]]
    first = "; ".join(f"{one.field} {one.says}" for one in fields[:3])
    return problem(422, f"This call can't be taken: {first}.", fields)


def _place(location: tuple[Any, ...]) -> str:
    """Where a problem is. A key that a caller made up is not repeated unless it is a plain name."""
    parts = [str(part) for part in location if part not in _OWN_NAMES]
    return ".".join(part if part.isdecimal() or _PLAIN_NAME.fullmatch(part) else "…" for part in parts[:6])


def _says(one: Mapping[str, Any]) -> str:
    kind = str(one["type"])
    if kind == OWN_WORDS:
        return str(one["msg"])
    if kind.startswith(("datetime", "time")):
        return _TIME
    if kind.startswith("date"):
        return _DAY
    # Limits and choices are the schema's own; what was sent is not among them.
    limits = {name: value for name, value in one.get("ctx", {}).items() if name != "error"}
    try:
        return _SAYS.get(kind, "can't be taken").format(**limits)
    except KeyError:
        return "can't be taken"


def _failed(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    match = request.resolver_match
    where = {"path": match.route if match is not None else "", "method": request.method}
    logger.error("an API call failed", exc_info=error if isinstance(error, Exception) else None, extra=where)
    return problem(507 if isinstance(error, Exception) and roomless.is_told_by(error) else 500)
