"""What one-time links open: joining, and setting a new password."""

from allauth.account.utils import perform_login
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from tocsin.people import actions
from tocsin.people.access import open_invitation, open_reset_link
from tocsin.people.forms import JoinForm, ResetForm
from tocsin.people.secrets import InviteToken, ResetToken


@never_cache
@rate_limit(action="signup")  # type: ignore[untyped-decorator]  # allauth has no types
@sensitive_post_parameters("password")
def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """Make an account with an invitation, then set up the second factor."""
    invite = InviteToken(token)
    if not open_invitation(invite).exists():
        return _dead_link(request)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.join(invite, **form.cleaned_data)
        except actions.LinkError:
            return _dead_link(request)
        except actions.AddressError:
            form.add_error("email", _("This address can’t be used here. Take another one, or ask who invited you."))
        else:
            logout(request)
            response: HttpResponseBase = perform_login(request, person, redirect_url=reverse("mfa_index"))
            return response
    return render(request, "people/join.html", {"form": form})


@never_cache
@rate_limit(action="reset_password_from_key")  # type: ignore[untyped-decorator]  # allauth has no types
@sensitive_post_parameters("password")
def reset(request: HttpRequest, token: str) -> HttpResponseBase:
    """Set a new password with a link that a lead made."""
    secret = ResetToken(token)
    link = open_reset_link(secret).select_related("person").first()
    if link is None:
        return _dead_link(request)
    form = ResetForm(request.POST or None, person=link.person)
    if request.method == "POST" and form.is_valid():
        try:
            actions.use_reset_link(secret, form.cleaned_data["password"])
        except actions.LinkError:
            return _dead_link(request)
        logout(request)
        messages.success(request, _("The new password is set. Sign in with it."))
        return redirect("account_login")
    return render(request, "people/reset.html", {"form": form, "second_factor": link.second_factor})


def _dead_link(request: HttpRequest) -> HttpResponse:
    # Unknown, used and too old look the same.
    return render(request, "people/dead_link.html", status=404)
