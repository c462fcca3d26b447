"""Setting up, changing and removing one's own second factor. Each change is audited with itself."""

from typing import Any

import qrcode  # type: ignore[import-untyped]  # it comes with allauth
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from tocsin.audit.actions import record
from tocsin.people.access import SET_UP_HERE, person_of, second_factors
from tocsin.people.models import Person


class _Audited:
    """Runs the change and its entry in one transaction, one change of a person's second factors at a time."""

    verb = ""
    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        person = person_of(self.request)
        with transaction.atomic():
            Person.objects.select_for_update().get(pk=person.pk)
            if (refusal := self.refused(person)) is not None:
                return refusal
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]  # of allauth's view beside it
            record(person.pk, self.verb, f"person:{person.pk}")
        return response

    def refused(self, person: Person) -> HttpResponse | None:
        """Another answer instead of the change, if it must not be made."""
        return None


class _SetsUp(_Audited):
    """The session that sets up a second factor need not give it again."""

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        self.request.session[SET_UP_HERE] = self.request.user.pk
        return response


@method_decorator(never_cache, name="dispatch")
class _Index(mfa.IndexView):  # type: ignore[misc]  # allauth has no types
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = person_of(self.request)
        host = self.request.get_host()
        return {
            **super().get_context_data(**kwargs),
            "required": not second_factors(person).exists(),
            "passkeys_work": _takes_passkeys(self.request),
            "localhost": "http://localhost" + host[host.rfind(":") :] if ":" in host else "http://localhost",
        }


index = _Index.as_view()


def _takes_passkeys(request: HttpRequest) -> bool:
    # Browsers tie a passkey to a name, never to a numeric address, and want https except on localhost.
    host = request.get_host().rsplit(":", 1)[0]
    named = any(letter.isalpha() for letter in host) and "[" not in host
    return named and (request.is_secure() or host == "localhost" or host.endswith(".localhost"))


@method_decorator(never_cache, name="dispatch")
class _ActivateApp(_SetsUp, totp.ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    verb = "people.app_added"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        matrix = _modules(context["totp_url"])
        secret = context["form"].secret
        grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        return {**context, "qr_path": _path(matrix), "qr_size": len(matrix), "secret": grouped}


activate_app = _ActivateApp.as_view()


def _modules(text: str) -> list[list[bool]]:
    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    return code.get_matrix()  # type: ignore[no-any-return]  # qrcode has no types


def _path(matrix: list[list[bool]]) -> str:
    """An SVG path that draws every dark module as a square of 1."""
    dark = ((x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module)
    return "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)


@method_decorator(never_cache, name="dispatch")
class _RemoveApp(_Audited, totp.DeactivateTOTPView):  # type: ignore[misc]  # allauth has no types
    verb = "people.app_removed"


remove_app = _RemoveApp.as_view()


@method_decorator(never_cache, name="dispatch")
class _AddPasskey(_SetsUp, webauthn.AddWebAuthnView):  # type: ignore[misc]  # allauth has no types
    verb = "people.passkey_added"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # allauth drops the bound form here, and with it what was wrong.
        form = kwargs.get("form") or self.get_form()
        return {**super().get_context_data(**kwargs), "form": form}


add_passkey = _AddPasskey.as_view()


@method_decorator(never_cache, name="dispatch")
class _RenamePasskey(_Audited, webauthn.EditWebAuthnView):  # type: ignore[misc]  # allauth has no types
    verb = "people.passkey_renamed"


rename_passkey = _RenamePasskey.as_view()


@method_decorator(never_cache, name="dispatch")
class _RemovePasskey(_Audited, webauthn.RemoveWebAuthnView):  # type: ignore[misc]  # allauth has no types
    verb = "people.passkey_removed"

    def refused(self, person: Person) -> HttpResponse | None:
        if second_factors(person).exclude(pk=self.kwargs["pk"]).exists():
            return None
        messages.error(self.request, _("This is your only second factor. Add another one first."))
        return HttpResponseRedirect(reverse("mfa_list_webauthn"))


remove_passkey = _RemovePasskey.as_view()
passkeys = never_cache(webauthn.list_webauthn)


@method_decorator(never_cache, name="dispatch")
class _NewCodes(_Audited, codes.GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth has no types
    verb = "people.recovery_codes_made"


new_codes = _NewCodes.as_view()
show_codes = never_cache(codes.view_recovery_codes)
download_codes = codes.download_recovery_codes
