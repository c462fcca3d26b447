"""What a person fills in about a situation."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tocsin.situations.actions import Judgement
from tocsin.situations.models import Assessment


def _in_two_weeks() -> date:
    return timezone.localdate() + timedelta(days=14)


class AssessmentForm(forms.Form):
    """A judgement: how likely, how grave, how sure, why, and what else it could be."""

    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    probability = forms.IntegerField(
        label=_("Probability, in percent"),
        min_value=0,
        max_value=100,
        help_text=_(
            "1–5 almost no chance, 5–20 very unlikely, 20–45 unlikely, 45–55 roughly even, 55–80 likely, "
            "80–95 very likely, 95–99 almost certain"
        ),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    impact = forms.TypedChoiceField(
        label=_("Impact, if it is so"),
        coerce=int,
        choices=[
            (1, _("1 · hardly any")),
            (2, _("2 · some trouble")),
            (3, _("3 · serious for a few, or trouble for many")),
            (4, _("4 · somebody's liberty or livelihood")),
            (5, _("5 · somebody's life, or a whole community")),
        ],
    )
    confidence = forms.ChoiceField(
        label=_("Confidence in this judgement"),
        choices=Assessment.Confidence.choices,
        help_text=_("How good the sources and reasons are; not how likely it is."),
    )
    reasons = forms.CharField(label=_("Reasons"), widget=forms.Textarea(attrs={"rows": 4}), max_length=5000)
    rivals = forms.CharField(
        label=_("What else could it be?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
        help_text=_("Other explanations that you considered, and what speaks against each."),
    )
    would_change = forms.CharField(
        label=_("What would change our mind?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
    )
    review_on = forms.DateField(
        label=_("Look at it again on"), initial=_in_two_weeks, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_review_on(self) -> date:
        """A review lies ahead, and not for ever."""
        day: date = self.cleaned_data["review_on"]
        today = timezone.localdate()
        if not today <= day <= today + timedelta(days=366):
            raise forms.ValidationError(_("Choose a day between today and a year from now."))
        return day

    def repeats(self, last: Assessment | None) -> bool:
        """Whether this is the last version sent once more, as a second tap on a slow network does."""
        return last is not None and all(
            getattr(last, name) == value for name, value in asdict(self.judgement()).items()
        )

    def missed(self, last: Assessment | None) -> bool:
        """Whether somebody assessed while this form was open; it then counts from the newer version on."""
        based_on, newest = self.cleaned_data.get("based_on"), last.version if last is not None else 0
        return based_on is not None and based_on != newest

    def judgement(self) -> Judgement:
        """What was filled in, once it is valid."""
        given: dict[str, Any] = self.cleaned_data
        return Judgement(
            probability=given["probability"] / 100,
            impact=given["impact"],
            confidence=given["confidence"],
            reasons=given["reasons"],
            rivals=given["rivals"],
            would_change=given["would_change"],
            review_on=given["review_on"],
        )


class MergeForm(forms.Form):
    """Another situation that is the same development."""

    other = forms.CharField(
        label=_("Address or number of the other situation"),
        max_length=300,
        help_text=_("Paste its address. Everything in it comes here; its links lead here; you can undo it."),
    )
    reason = forms.CharField(label=_("Why are they the same?"), max_length=300, required=False)

    def public_id(self) -> str:
        """The other situation's id, also out of a whole address."""
        text: str = self.cleaned_data["other"].strip().rstrip("/")
        return text.rsplit("/", 1)[-1]


class RenameForm(forms.Form):
    """A title in a person's words."""

    title = forms.CharField(
        label=_("Title"), max_length=500, required=False, help_text=_("Empty: the machine's title comes back.")
    )
