"""Signing in and out, and proving once more who is there."""

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.webauthn import views as webauthn
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from tocsin.audit.actions import record
from tocsin.people.access import person_of, second_factors

login = account.login
logout = account.logout
confirm_password = never_cache(account.reauthenticate)
confirm_code = never_cache(mfa.reauthenticate)
confirm_passkey = never_cache(webauthn.reauthenticate_webauthn)
passkey_login = never_cache(webauthn.login_webauthn)


class _SecondStep(mfa.AuthenticateView):  # type: ignore[misc]  # allauth has no types
    """The second factor after the password; offers only what this person has."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        kinds = set(second_factors(self.stage.login.user).values_list("type", flat=True))
        return {**context, "has_passkey": "webauthn" in kinds, "has_app": "totp" in kinds}


second_step = _SecondStep.as_view()


@method_decorator(never_cache, name="dispatch")
class _ChangePassword(account.PasswordChangeView):  # type: ignore[misc]  # allauth has no types
    """A new password; every other session of this person ends with the old one."""

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
            person = person_of(self.request)
            record(person.pk, "people.password_changed", f"person:{person.pk}")
        return response


change_password = _ChangePassword.as_view()


def lost(request: HttpRequest) -> HttpResponse:
    """What to do without a password or a second factor."""
    return render(request, "people/lost.html")
