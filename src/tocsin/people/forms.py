"""What people fill in: signing in, joining, settings, inviting, tokens."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache as counted
from django.utils.translation import gettext_lazy as _

from tocsin.people import zones
from tocsin.people.actions import TOKEN_DAYS
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role, rights

ROLE_WORDS = {
    Role.LEAD: _("Lead: decides, assesses, answers alerts, arranges duty, manages people and sources"),
    Role.ANALYST: _("Analyst: assesses, corrects, answers alerts, manages sources, writes plans and reports"),
    Role.RESPONDER: _("Responder: reads, assesses, answers alerts, takes on cases, writes plans and reports"),
    Role.STAKEHOLDER: _("Stakeholder: reads what is open"),
    Role.APPROVER: _("Approver: reads, approves plans of any severity, releases reports"),
    Role.EXECUTIVE: _("Executive: reads, approves plans of any severity, releases reports"),
    Role.AUDITOR: _("Auditor: reads the record of who did what"),
    Role.COUNSEL: _("Counsel: reads what is open, orders that something is kept"),
    Role.ALONE: _("Alone: may approve what they wrote themselves; give it rarely"),
}
RIGHT_WORDS = {
    Right.READ: _("Read situations, signals and sources"),
    Right.ASSESS: _("Assess, correct, merge, split, undo"),
    Right.SOURCES: _("Add and change sources, upload documents"),
    Right.REQUIRE: _("State what we need to know"),
    Right.PEOPLE: _("Manage people"),
    Right.AUDIT: _("Read the record"),
    Right.ALERTS: _("See and answer the team's alerts, page now"),
    Right.ROTAS: _("See who is on duty"),
    Right.DUTY: _("Arrange rotas, policies, rules and integrations"),
    Right.ROLLCALLS: _("Ask and answer roll-calls"),
    Right.HOLD: _("Order that something is kept"),
    Right.ALLIES: _("See whom we turn to for others, propose somebody new"),
    Right.CASES: _("Take on cases of people at risk"),
    Right.VET: _("Verify, change, suspend and let go whom we turn to"),
    Right.PLANS: _("Write response plans, do and hand out their tasks"),
    Right.APPROVE: _("Approve plans that others wrote"),
    Right.APPROVE_GRAVE: _("Approve severe and extreme plans that others wrote"),
    Right.APPROVE_OWN: _("Approve what one wrote oneself"),
    Right.REPORTS: _("Draw up and edit reports"),
    Right.RELEASE: _("Release reports"),
    Right.RESILIENCE: _("Read and write about communities and their risks"),
    Right.STEWARD: _("Take context in and back, put communities away, erase them"),
}
_NO_ROOM_FOR_SPACES = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", **_NO_ROOM_FOR_SPACES}


class _Plain(forms.Form):
    """Labels say what a field is; a placeholder that repeats it would only vanish while typing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class LoginForm(_Plain, account_forms.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Email address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Email address")
        self.fields["login"].widget.attrs.update({"autocomplete": "username webauthn", **_NO_ROOM_FOR_SPACES})


class ConfirmPasswordForm(_Plain, account_forms.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The password once more, before something that matters."""


class ChangePasswordForm(_Plain, account_forms.ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """The old password and the new one, typed once: the browser can show what is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Present password")
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = PASSWORD_HELP
        del self.fields["password2"]


class _OnceOnly(forms.Form):
    """Takes a code of the authenticator app only once, for as long as it could be right."""

    authenticator: Authenticator

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # of allauth's form beside it
        if self.authenticator.type == Authenticator.Type.TOTP:
            valid_for = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
            digits = "".join(filter(str.isdigit, code))
            if not counted.add(f"people.code.{self.authenticator.pk}.{digits}", 1, timeout=valid_for):
                raise get_mfa_adapter().validation_error("incorrect_code")
        return code


class _Code(_Plain):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(_CODE)


class SignInCodeForm(_Code, _OnceOnly, mfa_forms.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code of the app, or a recovery code, after the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code from your app, or a recovery code")
        self.fields["code"].widget.attrs["autofocus"] = True


class ConfirmCodeForm(_Code, _OnceOnly, mfa_forms.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code from your app, or a recovery code")


class ActivateAppForm(_Code, totp_forms.ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code that the app shows now")


class AddPasskeyForm(_Plain, webauthn_forms.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A name for a new passkey, and whether it is enough by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name, so that you can tell it from others")
        self.fields["name"].widget.attrs["maxlength"] = 80
        self.fields["passwordless"].label = _("Sign in with this alone")
        self.fields["passwordless"].help_text = _("It will ask for a finger, a face or its PIN instead of a password.")
        self.fields["passwordless"].initial = True


class RenamePasskeyForm(_Plain, webauthn_forms.EditWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")


PASSWORD_HELP = _("At least 12 characters. Four random words are strong and easy to keep in mind.")


class _NewPassword(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        help_text=PASSWORD_HELP,
        strip=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def whose(self) -> Person:
        """The person that the password must not resemble."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if password := self.cleaned_data.get("password"):
            try:
                validate_password(password, self.whose())
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


class JoinForm(_NewPassword):
    """A new account."""

    name = forms.CharField(label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("You sign in with it. A page goes to it only while you can be reached by nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "username", **_NO_ROOM_FOR_SPACES}),
    )
    time_zone = forms.ChoiceField(
        label=_("Your time zone"),
        required=False,
        help_text=_("Your nights, your duty and every time on a page follow it. You can change it in the settings."),
    )
    field_order = ["name", "email", "password", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = _zone_choices()  # type: ignore[attr-defined]  # a choice field
        self.fields["time_zone"].initial = settings.CONFIGURATION.time_zone

    def whose(self) -> Person:
        return Person(name=self.cleaned_data.get("name", ""), email=self.cleaned_data.get("email", ""))


class ResetForm(_NewPassword):
    """A new password for somebody who lost theirs."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["password"].label = _("New password")

    def whose(self) -> Person:
        return self.person


def _zone_choices() -> list[tuple[str, Any]]:
    usual = settings.CONFIGURATION.time_zone
    return [("", _("As this server says (%(zone)s)") % {"zone": usual}), *zones.offered(usual)]


def _role_choices() -> list[tuple[int, Any]]:
    return [(int(role), words) for role, words in ROLE_WORDS.items()]


class RolesForm(forms.Form):
    """Which roles somebody holds."""

    roles = forms.TypedMultipleChoiceField(
        label=_("Roles"),
        choices=_role_choices,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Somebody without a role can sign in, and sees only their own part in roll-calls."),
    )

    def role_set(self) -> Role:
        """The ticked roles as one set."""
        return Role(sum(self.cleaned_data["roles"]))


class InviteForm(RolesForm):
    """A new invitation."""

    note = forms.CharField(
        label=_("Note"), required=False, max_length=120, help_text=_("For you, to tell invitations apart.")
    )


class ResetLinkForm(forms.Form):
    """What somebody lost."""

    second_factor = forms.BooleanField(
        label=_("The second factor is lost too"),
        required=False,
        help_text=_("Takes away passkeys, app and recovery codes. Make sure in person or by voice who is asking."),
    )


class PreferencesForm(forms.Form):
    """A person's own settings."""

    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    theme = forms.ChoiceField(
        label=_("Colours"),
        required=False,
        choices=[("", _("As the device says")), ("light", _("Light")), ("dark", _("Dark"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = _zone_choices()  # type: ignore[attr-defined]  # a choice field
        self.fields["language"].choices = [("", _("As the browser says")), *settings.LANGUAGES]  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(label=_("What it is for"), max_length=80)
    rights = forms.TypedMultipleChoiceField(label=_("Rights"), coerce=Right, widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(label=_("Days that it lasts"), min_value=1, max_value=TOKEN_DAYS, initial=90)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = rights(person.role_set)
        self.fields["rights"].choices = [(one, words) for one, words in RIGHT_WORDS.items() if one in held]  # type: ignore[attr-defined]
