"""What people fill in about their own addresses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.alerts.channels.here import channels, usable

_PLAIN = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class AddressForm(forms.Form):
    """A new address."""

    channel = forms.ChoiceField(label=_("By"))
    value = forms.CharField(
        label=_("Number or address"),
        max_length=300,
        help_text=_("A phone number with its country, such as +41 44 668 18 00; a mail address; a topic; a link."),
        widget=forms.TextInput(attrs={"autocomplete": "off", **_PLAIN}),
    )
    label = forms.CharField(
        label=_("What you call it"), max_length=60, required=False, help_text=_("Only you see it, such as: work phone.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what is set up here, what wakes first."""
        super().__init__(*args, **kwargs)
        known = channels()
        offered = sorted(usable(), key=lambda key: not known[key].wakes)
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, _title(key)) for key in offered]


def _title(key: str) -> str:
    channel = channels()[key]
    if channel.leaks:
        return _("%(name)s (others may read along)") % {"name": channel.title}
    return _("%(name)s (can wake you)") % {"name": channel.title} if channel.wakes else str(channel.title)


class CodeForm(forms.Form):
    """The code that came to an address."""

    code = forms.CharField(
        label=_("The six digits that came"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", **_PLAIN}),
    )


class WordsForm(forms.Form):
    """How an address is called, and how much its messages say."""

    label = forms.CharField(label=_("What you call it"), max_length=60, required=False)
    says_severity = forms.BooleanField(
        label=_("Messages say how severe it is"),
        required=False,
        help_text=_("Others who see this screen then know it too. Without it they carry a code, a link and a number."),
    )
