"""The calendars that programs fetch: the secret in the address opens one, and nothing else does."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from tocsin.oncall import calendar
from tocsin.oncall.secrets import CalendarToken
from tocsin.people.lockout import address_of

_LONGEST = 80
_TRIES, _SECONDS = 60, 60
_NOT_HERE = b"There is no such calendar.\n"


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """One calendar. Unknown, revoked and forbidden look the same, to the byte."""
    if not _allowed(address_of(request)):
        slow = HttpResponse(
            b"Too often. Try again in a minute.\n", status=429, content_type="text/plain; charset=utf-8"
        )
        slow.headers["Retry-After"] = str(_SECONDS)
        return _private(slow)
    found = calendar.feed(CalendarToken(token)) if token.isascii() and len(token) <= _LONGEST else None
    if found is None:
        return _private(HttpResponse(_NOT_HERE, status=404, content_type="text/plain; charset=utf-8"))
    tag = f'"{found.etag}"'
    if tag in [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]:
        answer = HttpResponse(status=304)
        del answer.headers["Content-Type"]
    else:
        answer = HttpResponse(found.body, content_type="text/calendar; charset=utf-8")
        answer.headers["Content-Disposition"] = 'inline; filename="duty.ics"'
    answer.headers["ETag"] = tag
    return _private(answer)


def _private(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "no-store, private"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _allowed(who: str) -> bool:
    """Count one fetch, in the database, so that it holds across processes."""
    key = f"oncall.feed.{who}"
    if cache.add(key, 1, _SECONDS):
        return True
    try:
        return cache.incr(key) <= _TRIES
    except ValueError:  # it ended between the two
        return True
