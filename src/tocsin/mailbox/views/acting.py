"""What the pages of this room share: who may see one, and how an act ends."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tocsin.keys.access import needs_vault
from tocsin.keys.safes import ChangedError, NotInError
from tocsin.keys.vaults import OpenVault, UnverifiedError
from tocsin.mailbox.refusals import RefusedError

P = ParamSpec("P")
VaultView = Callable[Concatenate[HttpRequest, OpenVault, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_members(view: VaultView[P]) -> View[P]:
    """Let a view run in an open vault. What is missing and what is not for this person look the same."""

    @wraps(view)
    def guarded(request: HttpRequest, vault: OpenVault, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, vault, *args, **kwargs)
        except NotInError:
            raise Http404 from None
        except UnverifiedError as error:
            return redirect("keys:compare", error.person)

    return needs_vault(guarded)


def tried(request: HttpRequest, verb: Callable[[], object], said: str) -> bool:
    """Do it; False when it was refused, which the next page says."""
    try:
        verb()
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
        return False
    except ChangedError:
        messages.error(request, _("Somebody else changed it at the same moment. Look again, then try again."))
        return False
    if said:
        messages.success(request, said)
    return True
