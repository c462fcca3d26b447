"""Who may do what, asked the same way everywhere."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from tocsin.people.models import Invitation, Person, ResetLink
from tocsin.people.roles import Right
from tocsin.people.secrets import InviteToken, ResetToken

P = ParamSpec("P")
View: TypeAlias = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# An invited person may try this many addresses that have an account already; more would be asking who is here.
ADDRESSES_REFUSED = 5
SET_UP_HERE = "second_factor_set_up"
_SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


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
    """Let a view run only for a signed-in person with the right; a stranger is sent to sign in and comes back."""

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if isinstance(request.user, AnonymousUser):
                return to_sign_in(request)
            require(person_of(request), right)
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def signed_in(view: View[P]) -> View[P]:
    """Let a view run for whoever is signed in, whatever their roles."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if isinstance(request.user, AnonymousUser):
            return to_sign_in(request)
        person_of(request)
        return view(request, *args, **kwargs)

    return guarded


def to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Send a stranger to sign in. The way back is kept for pages only: a form's answer can't be asked for again.

    A part of a page that refreshes itself gets 401 instead, so that the page around it stays as it is.
    """
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401)
    address = reverse("account_login")
    if request.method in {"GET", "HEAD"}:
        address += "?" + urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(address)


def require(person: Person, right: Right) -> None:
    """Stop here unless the person has the right.

    Raises:
        PermissionDenied: when not.
    """
    if not person.may(right):
        raise PermissionDenied


def readable(person: Person) -> Q:
    """Rows with a ``readers`` column that this person may see: open ones, and those for one of the person's roles."""
    return Q(readers=0) | Q(readers__in=reader_sets(person.roles))


def reader_sets(roles: int) -> list[int]:
    """Every set of readers that somebody with these roles belongs to."""
    # Seven roles make 127 sets of readers: a list is portable across databases and can use an index.
    return [readers for readers in range(1, 128) if readers & roles]


def second_factors(person: Person) -> QuerySet[Any]:
    """The passkeys and the authenticator app of a person; recovery codes are not one by themselves."""
    factors: QuerySet[Any] = Authenticator.objects.filter(user=person, type__in=_SECOND_FACTORS)
    return factors


def with_second_factor(people: Iterable[Person]) -> set[int]:
    """The ids of those among these people who set up a second factor."""
    factors: QuerySet[Any] = Authenticator.objects.filter(user__in=list(people), type__in=_SECOND_FACTORS)
    return set(factors.values_list("user_id", flat=True))


def gave_second_factor(request: HttpRequest) -> bool:
    """Whether this very session gave a second factor, or set up the person's first one."""
    if request.session.get(SET_UP_HERE) == request.user.pk:
        return True
    return any(one.get("method") == "mfa" for one in get_authentication_records(request, request.user))


def open_invitation(token: InviteToken) -> QuerySet[Invitation]:
    """The invitation that a link opens: one row, or none if it is unknown, used or too old, which look the same."""
    return Invitation.objects.filter(
        token_hash=token.digest, used_at=None, expires_at__gt=timezone.now(), refused__lt=ADDRESSES_REFUSED
    )


def open_reset_link(token: ResetToken) -> QuerySet[ResetLink]:
    """The reset link that this token opens: one row, or none."""
    return ResetLink.objects.filter(
        token_hash=token.digest, used_at=None, expires_at__gt=timezone.now(), person__is_active=True
    )
