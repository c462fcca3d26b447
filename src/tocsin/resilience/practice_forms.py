"""What people fill in about guides."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tocsin.alliances.forms import Refusable
from tocsin.resilience.drafts import WORDS
from tocsin.resilience.forms import area, day, offer
from tocsin.resilience.models import Community
from tocsin.resilience.practices.actions import LINE, TEXT, TITLE, GuideDraft

_USUAL = timedelta(days=365)
_PLAIN = {"autocomplete": "off"}


class GuideForm(Refusable):
    """One version of a guide."""

    title = forms.CharField(label=_("Title"), max_length=TITLE, help_text=_("When somebody needs it, in plain words."))
    text = forms.CharField(
        label=_("What people should do"), max_length=TEXT, widget=area(24),
        help_text=_("Short sentences. ## makes a heading, - a line of a list, **stars** bold words."),
    )  # fmt: skip
    review_by = day(_("Look again whether it still holds, at the latest on"))
    note = forms.CharField(label=_("What is different in this version"), max_length=LINE, required=False)
    caught_up = forms.BooleanField(label=_("It says the English text as that is now"), required=False, initial=True)
    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, original: bool = True, **kwargs: Any) -> None:
        """Ask of a translation alone whether it caught up."""
        super().__init__(*args, **kwargs)
        self.fields["review_by"].initial = timezone.localdate() + _USUAL
        if original:
            del self.fields["caught_up"]

    def draft(self) -> GuideDraft:
        """What was written, once it is valid."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in {"key", "language"}}
        return GuideDraft(**given)


class NewGuideForm(GuideForm):
    """A guide that does not stand here yet."""

    key = forms.CharField(
        label=_("Short name"), max_length=40, widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("Of its address on the site, such as: at-a-border"),
    )  # fmt: skip
    field_order = ("title", "key")


class TranslationForm(Refusable):
    """Into which language a guide is to be said."""

    language = forms.CharField(
        label=_("Language"), max_length=12, widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("Its code, such as: pt or zh-hant"),
    )  # fmt: skip


class ReviewForm(Refusable):
    """Who of the people affected agreed."""

    name = forms.CharField(
        label=_("Who agreed"), max_length=TITLE, widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("The name by which they want to be known among the team. It is never published."),
    )  # fmt: skip
    role = forms.CharField(
        label=_("What makes it theirs to say"), max_length=TITLE, widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("This is published, so it names nobody, such as: photographers who work at protests"),
    )  # fmt: skip
    community = forms.ChoiceField(label=_("Of which community"), required=False, help_text=_("It is not published."))
    on = day(_("On which day"))

    def __init__(self, communities: Iterable[Community], *args: Any, **kwargs: Any) -> None:
        """Offer the communities."""
        super().__init__(*args, **kwargs)
        offer(self, "community", ((one.public_id, one.name) for one in communities))
        self.fields["on"].initial = timezone.localdate()


class AdoptionForm(Refusable):
    """Which community took it up."""

    community = forms.ChoiceField(label=_("Which community or affiliate"))
    on = day(_("Since which day"))
    changed = forms.CharField(
        label=_("What it changed"), max_length=WORDS, widget=area(), required=False,
        help_text=_("For them as a whole. Leave it empty until that can be said."),
    )  # fmt: skip

    def __init__(self, communities: Iterable[Community], *args: Any, **kwargs: Any) -> None:
        """Offer the communities."""
        super().__init__(*args, **kwargs)
        offer(self, "community", ((one.public_id, one.name) for one in communities))
        self.fields["on"].initial = timezone.localdate()
