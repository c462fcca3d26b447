"""Keeps the doors apart from sessions: what comes in by a link or from a provider is nobody who is signed in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]
DOORS = ("/a/", "/r/", "/s/", "/alerts/doors/", "/alerts/in/")


def cookieless(answer: Answer) -> Answer:
    """Take the cookies away before anything looks at them.

    A session that ended would otherwise send somebody who only wants to say "I have it" to the sign-in page.
    """

    def opened(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(DOORS):
            request.META.pop("HTTP_COOKIE", None)
        return answer(request)

    return opened
