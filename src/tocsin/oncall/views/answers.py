"""What views of duty share: doing a verb and saying what came of it, and where to go back to."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from tocsin.oncall.refusals import RefusedError


def attempt(request: HttpRequest, act: Callable[[], Any], done: str) -> Any:
    """Do it and say so; if it is refused say why, and give None."""
    try:
        found = act()
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
        return None
    messages.success(request, done)
    return True if found is None else found


def back(request: HttpRequest, otherwise: str) -> HttpResponseBase:
    """To the page of duty that the form stood on."""
    asked = request.POST.get("next", "")
    own = asked.startswith("/duty/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return redirect(asked if own else otherwise)
