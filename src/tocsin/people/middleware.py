"""What holds for every signed-in request: how long a session lasts, the second factor, the reader’s zone, language."""

import time
import zoneinfo
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation

from tocsin.people.access import gave_second_factor, second_factors, to_sign_in
from tocsin.people.adapter import STARTED
from tocsin.people.models import Person

Answer = Callable[[HttpRequest], HttpResponseBase]

_SEEN = "session_seen"
_SECONDS_BETWEEN_NOTES = 60

# Where somebody may go who has no second factor yet: to set one up, to leave, and nowhere else.
SET_UP_PAGES = frozenset(
    {
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
    }
)


def session_limits(answer: Answer) -> Answer:
    """End sessions that were left alone for too long, or that are too old whatever was done in them."""

    def limited(request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if _is_call(request) and request.headers.get("Authorization"):
            # A program's token speaks for itself; it never borrows the session of a browser beside it.
            request.user = AnonymousUser()
        elif isinstance(person, Person) and _is_over(request):
            logout(request)
            if not _is_call(request):
                return to_sign_in(request)
        return answer(request)

    return limited


def _is_call(request: HttpRequest) -> bool:
    """Whether this is a call of the REST API, which answers in its own shape to whoever is nobody to it."""
    return request.path.startswith("/api/")


def _is_over(request: HttpRequest) -> bool:
    now, session = time.time(), request.session
    started = session.setdefault(STARTED, now)
    seen = session.setdefault(_SEEN, now)
    if now - started > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_SECONDS:
        return True
    # A page that refreshes itself is not somebody who is there.
    if now - seen > _SECONDS_BETWEEN_NOTES and request.headers.get("HX-Request") != "true":
        session[_SEEN] = now
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
    return False


def second_factor(answer: Answer) -> Answer:
    """Keep somebody who gave no second factor on the pages that set one up."""

    def checked(request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, Person):
            return answer(request)
        has_one = second_factors(person).exists()
        if has_one and gave_second_factor(request):
            return answer(request)
        if has_one:
            # Opened with the password alone, before the second factor was set up elsewhere.
            logout(request)
            return answer(request) if _is_call(request) else to_sign_in(request)
        if _is_call(request):
            request.user = AnonymousUser()
            return answer(request)
        if _name(request) in SET_UP_PAGES:
            return answer(request)
        return HttpResponseRedirect(reverse("mfa_index"))

    return checked


def _name(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None


def preferences(answer: Answer) -> Answer:
    """Show times in the reader's zone and words in the reader's language."""

    def shown(request: HttpRequest) -> HttpResponseBase:
        person = request.user
        own = person if isinstance(person, Person) else None
        with timezone.override(_zone(own)), translation.override(_language(own)):
            return answer(request)

    return shown


def kept_private(answer: Answer) -> Answer:
    """Keep what somebody who is signed in sees out of every cache, unless the page says otherwise itself."""

    def private(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        if isinstance(request.user, Person) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    return private


def _zone(person: Person | None) -> zoneinfo.ZoneInfo:
    for name in ((person.time_zone if person else ""), settings.CONFIGURATION.time_zone):
        try:
            return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return zoneinfo.ZoneInfo("UTC")


def _language(person: Person | None) -> str:
    if person is not None and person.language in dict(settings.LANGUAGES):
        return person.language
    return translation.get_language() or settings.LANGUAGE_CODE
