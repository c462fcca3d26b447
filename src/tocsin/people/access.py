"""Who may do what, asked the same way everywhere."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from tocsin.people.models import Person
from tocsin.people.roles import Right

P = ParamSpec("P")
View: TypeAlias = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def person_of(request: HttpRequest) -> Person:
    """The person who is signed in.

    Raises:
        PermissionDenied: when nobody is.
    """
    user = request.user
    if isinstance(user, Person) and user.is_active:
        return user
    raise PermissionDenied


def needs(right: Right) -> Callable[[View[P]], View[P]]:
    """Let a view run only for a signed-in person with the right; a stranger is sent to sign in."""

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if isinstance(request.user, AnonymousUser):
                return redirect(f"{settings.LOGIN_URL}", permanent=False)
            require(person_of(request), right)
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def require(person: Person, right: Right) -> None:
    """Stop here unless the person has the right.

    Raises:
        PermissionDenied: when not.
    """
    if not person.may(right):
        raise PermissionDenied


def readable(person: Person) -> Q:
    """Rows with a ``readers`` column that this person may see: open ones, and those for one of the person's roles."""
    return Q(readers=0) | Q(readers__in=_sets_with(person.roles))


def _sets_with(roles: int) -> list[int]:
    # Seven roles make 127 sets of readers: a list is portable across databases and can use an index.
    return [readers for readers in range(1, 128) if readers & roles]
