"""How a request to the REST API says whose it is: by a token, or by the session of a browser."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBearer
from ninja.utils import check_csrf

from tocsin.people.access import gave_second_factor, second_factors
from tocsin.people.models import Person, Token
from tocsin.people.roles import Right, rights
from tocsin.people.secrets import ApiToken

_NOTE_USE_EVERY = timedelta(minutes=1)


class Bearer(HttpBearer):
    """Lets a call through if its token, or its session, holds ``right`` at this moment; ``request.auth`` is the Person.

    Answers 401 to a token or session that is none, 403 to one without the right. A call with a token never falls back
    to a session. A call by session must carry the CSRF token unless it only reads. Without ``right``, whoever holds any
    right at all is let through: for what concerns nobody but the caller.
    """

    def __init__(self, right: Right | None) -> None:
        self.right = right
        super().__init__()

    def __call__(self, request: HttpRequest) -> Any:
        if request.headers.get(self.header):
            return super().__call__(request)
        return self._by_session(request)

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        now = timezone.now()
        row = _working(token)
        if row is None:
            return None
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - _NOTE_USE_EVERY)
        Token.objects.filter(unnoted, pk=row.pk).update(last_used_at=now)
        if self.right is not None and self.right not in row.rights:
            raise HttpError(403, "This token does not hold the right that this call needs.")
        return self._with_right(row.person)

    def _by_session(self, request: HttpRequest) -> Person | None:
        person = request.user
        if not isinstance(person, Person) or not person.is_active:
            return None
        if not (second_factors(person).exists() and gave_second_factor(request)):
            return None
        if check_csrf(request) is not None:
            raise HttpError(403, "The CSRF token is missing or wrong. Send it as the header X-CSRFToken.")
        return self._with_right(person)

    def _with_right(self, person: Person) -> Person:
        held = rights(person.role_set)
        if not held or (self.right is not None and self.right not in held):
            raise HttpError(403, "Your roles don't include the right that this call needs.")
        return person


def _working(token: str) -> Token | None:
    known = Token.objects.select_related("person").filter(token_hash=ApiToken(token).digest, revoked_at=None)
    return known.filter(expires_at__gt=timezone.now(), person__is_active=True).first()


def may_by_token(header: str, right: Right) -> bool:
    """Whether an ``Authorization`` header holds a token that works and carries the right, its person too."""
    scheme, _, token = header.partition(" ")
    row = _working(token) if scheme.lower() == "bearer" else None
    return row is not None and right in row.rights and row.person.may(right)


def by_token(request: HttpRequest) -> bool:
    """Whether a program with a token calls, not a person in a browser."""
    return bool(request.headers.get(Bearer.header))


def caller(request: HttpRequest) -> Person:
    """Whose call this is, once ``Bearer`` let it through.

    Raises:
        PermissionDenied: on a route that nobody guards.
    """
    person = getattr(request, "auth", None)
    if not isinstance(person, Person):
        raise PermissionDenied
    return person
