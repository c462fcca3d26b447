"""What people fill in to open and keep their vault."""

from django import forms
from django.utils.translation import gettext_lazy as _

_SECRET = {"autocomplete": "off", "autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class PassphraseForm(forms.Form):
    """The six words."""

    passphrase = forms.CharField(
        label=_("Your six words"), max_length=200, strip=False, widget=forms.PasswordInput(attrs=_SECRET)
    )


class ComparedForm(forms.Form):
    """Two people read the words to each other, and say so."""

    how = forms.ChoiceField(
        label=_("How did you compare them?"),
        choices=[
            ("", _("Choose …")),
            ("met", _("Face to face")),
            ("call", _("By a call, and I know the voice")),
            ("other", _("By another way that isn’t Tocsin")),
        ],
    )
    same = forms.BooleanField(label=_("All eight words were the same on both sides"))
