"""How a page gets at the vault that is open in this browser."""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tocsin.keys.directory import ForgedDirectoryError
from tocsin.keys.holder.client import NoKeyholderError
from tocsin.keys.holder.holding import ClosedError
from tocsin.keys.tampering import TamperError
from tocsin.keys.vaults import OpenVault, RolledBackError, UnverifiedError, keyholder
from tocsin.people.access import person_of, signed_in

P = ParamSpec("P")
VaultView: TypeAlias = Callable[Concatenate[HttpRequest, OpenVault, P], HttpResponseBase]
View: TypeAlias = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def cookie_of(request: HttpRequest) -> bytes:
    """What opens a vault in the keyholder; empty when this browser has none."""
    try:
        return base64.urlsafe_b64decode(request.COOKIES.get(settings.VAULT_COOKIE, ""))
    except (binascii.Error, ValueError):
        return b""


def give_cookie(response: HttpResponseBase, cookie: bytes) -> None:
    """Let this browser open a vault, until it is closed."""
    response.set_cookie(
        settings.VAULT_COOKIE,
        base64.urlsafe_b64encode(cookie).decode(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
        path="/",
    )


def vault_of(request: HttpRequest) -> OpenVault | None:
    """The vault of the person who is signed in, if it is open in this browser.

    A part of a page that refreshes itself does not keep it open.

    Raises:
        NoKeyholderError: when nobody can tell.
    """
    person, cookie = person_of(request), cookie_of(request)
    if not cookie:
        return None
    try:
        owner, _ = keyholder().state(cookie)
    except ClosedError:
        return None
    if owner != person.pk:
        return None
    return OpenVault(person.pk, cookie, active=request.headers.get("HX-Request") != "true" or request.method != "GET")


def needs_vault(view: VaultView[P]) -> View[P]:
    """Let a view run with the open vault of whoever is signed in; others are sent to open theirs, and come back."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            vault = vault_of(request)
            if vault is not None:
                response = view(request, vault, *args, **kwargs)
                response["Cache-Control"] = "no-store"
                return response
        except ClosedError:
            pass  # it was locked while the page was made
        except UnverifiedError as unknown:
            # Nothing from or to somebody is believed before the two compared their keys.
            return HttpResponseRedirect(reverse("keys:compare", args=[unknown.person]))
        except (TamperError, RolledBackError, ForgedDirectoryError) as error:
            return _refused(request, error)
        except NoKeyholderError:
            return HttpResponseRedirect(reverse("keys:closed"))
        return to_unlock(request)

    return signed_in(guarded)


def _refused(request: HttpRequest, error: Exception) -> HttpResponseBase:
    """Say so, and which part is missing where it is one; ``mine`` leads those who held it to what they can do."""
    words: dict[str, object] = {}
    if isinstance(error, TamperError) and error.deleted:
        words = {"deleted": error.deleted, "mine": UUID(error.safe)}
    return render(request, "keys/refused.html", words, status=409)


def to_unlock(request: HttpRequest) -> HttpResponseBase:
    """Send somebody to open their vault. A part of a page gets 401 instead, so that the page stays as it is."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401)
    address = reverse("keys:unlock")
    if request.method in {"GET", "HEAD"}:
        address += "?" + urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(address)
