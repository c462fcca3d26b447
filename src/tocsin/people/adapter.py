"""What allauth asks us: who may sign in, where to go next, how a second factor is kept."""

import logging
import secrets
import time
from base64 import b32encode, urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.people import actions
from tocsin.people.access import SET_UP_HERE, second_factors
from tocsin.people.lockout import address_of
from tocsin.people.models import Person

logger = logging.getLogger(__name__)

STARTED = "session_started"
_ASKED_AS = "sign_in_asked_as"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Signing in by password and passkey, with the same answer to whoever is wrong, unknown or deactivated."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def is_safe_url(self, url: str) -> bool:
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        # Wrong passwords are counted by axes, for one name from one address. allauth would count them for the name
        # alone, and so let a stranger keep the one on call out.
        return

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        self._login_failed_rl_usage = None
        person = super().authenticate(request, **credentials)
        return person if isinstance(person, Person) and person.is_active else None

    def _rollback_login_failed_rl_usage(self) -> None:
        return

    def reauthenticate(self, user: Person, password: str) -> bool:
        person = self.authenticate(context.request, email=user.email, password=password)
        return person is not None and person.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        if _sets_up_the_first(context.request):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def pre_login(self, request: HttpRequest, user: Person, **kwargs: Any) -> HttpResponseBase | None:
        request.session[_ASKED_AS] = user.get_session_auth_hash()
        return super().pre_login(request, user, **kwargs)  # type: ignore[no-any-return]

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponseBase:
        messages.error(request, self.error_messages["email_password_mismatch"])
        return HttpResponseRedirect(reverse("account_login"))

    def login(self, request: HttpRequest, user: Person) -> None:
        """Start the session, unless the account changed between the password and the second factor."""
        asked_as = request.session.pop(_ASKED_AS, "")
        user.refresh_from_db()
        if not user.is_active or not constant_time_compare(asked_as, user.get_session_auth_hash()):
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        records = get_authentication_records(request, user)
        method = records[-1].get("type") or records[-1]["method"] if records else "invitation"
        with transaction.atomic():
            super().login(request, user)
            request.session[STARTED] = time.time()
            actions.signed_in(user, method)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("people_settings")

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("That address and password don’t belong together. Check both."),
        "too_many_login_attempts": gettext_lazy("Too many wrong codes. Wait five minutes, then try again."),
    }


def _sets_up_the_first(request: HttpRequest) -> bool:
    """Whether somebody who has just typed the password is setting up the first second factor: no need to ask again."""
    person, session = request.user, request.session
    fresh = time.time() - session.get(STARTED, 0) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    if not fresh or not isinstance(person, Person):
        return False
    return session.get(SET_UP_HERE) == person.pk or not second_factors(person).exists()


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Keeps the secrets of second factors encrypted, so that a copy of the database does not give them away."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("That did not work. Wait for a new code, or try again."),
        "cannot_delete_authenticator": gettext_lazy("This is your only second factor. Add another one first."),
    }

    def encrypt(self, text: str) -> str:
        return _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; one that no code fits, new each time, if it was kept under a key that is no longer here."""
        cipher = _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        try:
            return cipher.decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.error(  # what failed says nothing more
                "a second factor was kept under another secret_key: put that back, or make recovery links"
            )
            return b32encode(secrets.token_bytes(20)).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return second_factors(authenticator.user).exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user: Person, type: str) -> str:  # noqa: A002  # the name that allauth uses
        number = second_factors(user).filter(type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().rpartition(":")[0] or context.request.get_host(), "name": "Tocsin"}


@lru_cache(maxsize=4)
def _cipher(*secret_keys: str) -> MultiFernet:
    keys = (blake2b(one.encode(), digest_size=32, person=b"second-factors").digest() for one in secret_keys)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])
