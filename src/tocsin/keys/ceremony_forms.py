"""What people fill in when keys are entrusted, asked for, shredded or kept."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.people.models import Person

Choices = Iterable[tuple[int, str]]


def names_of(people: Iterable[int]) -> list[tuple[int, str]]:
    """Ids and names, by name."""
    return list(Person.objects.filter(pk__in=set(people)).order_by("name", "pk").values_list("pk", "name"))


class CustodiansForm(forms.Form):
    """Who keeps shares, and how many of them are enough."""

    people = forms.TypedMultipleChoiceField(
        label=_("Custodians"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only people whose keys you compared. Choose none to entrust nothing."),
    )
    quorum = forms.IntegerField(
        label=_("How many of them are enough"), min_value=2, max_value=16, initial=2, help_text=_("At least two.")
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = list(choices)  # type: ignore[attr-defined]


class AskForm(forms.Form):
    """Who shall hold it, for how long, and why."""

    holder = forms.TypedChoiceField(label=_("Who shall get the keys"), coerce=int)
    length = forms.ChoiceField(
        label=_("For how long"),
        choices=[
            ("good", _("For good: somebody lost their words, or can’t be reached")),
            ("4", _("For 4 hours")),
            ("12", _("For 12 hours")),
            ("48", _("For 2 days")),
        ],
    )
    life = forms.BooleanField(label=_("Life or liberty is at stake now"), required=False)
    reason = forms.CharField(
        label=_("Why"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Sealed to the custodians and to everybody in it; nobody else reads it."),
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].choices = [("", _("Choose …")), *choices]  # type: ignore[attr-defined]


class ConflictForm(forms.Form):
    """Who is in conflict with it, or no longer is, and why."""

    person = forms.TypedChoiceField(label=_("Who"), coerce=int)
    act = forms.ChoiceField(
        label=_("What holds from now on"),
        choices=[("bar", _("They are in conflict: keep them out")), ("free", _("They no longer are"))],
        widget=forms.RadioSelect,
        initial="bar",
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Sealed to those who read its log."),
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", _("Choose …")), *choices]  # type: ignore[attr-defined]


class ShredForm(forms.Form):
    """What is to be shredded; typed, so that it is never a slip."""

    what = forms.ChoiceField(label=_("What"))
    sure = forms.CharField(
        label=_("Type SHRED"),
        max_length=10,
        help_text=_("Nobody can undo it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, compartments: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole = ("", _("All of it"))
        self.fields["what"].required = False
        self.fields["what"].choices = [whole, *((one, one) for one in compartments)]  # type: ignore[attr-defined]

    def clean_sure(self) -> str:
        if self.cleaned_data["sure"].strip().upper() != "SHRED":
            raise forms.ValidationError(_("Type SHRED if you mean it."))
        return "SHRED"


class LossForm(forms.Form):
    """That somebody means it."""

    sure = forms.CharField(
        label=_("Type LOST"),
        max_length=10,
        help_text=_("Nobody can undo it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_sure(self) -> str:
        if self.cleaned_data["sure"].strip().upper() != "LOST":
            raise forms.ValidationError(_("Type LOST if you mean it."))
        return "LOST"


class HoldForm(forms.Form):
    """What is to be kept, until when, by which reference."""

    scope = forms.ChoiceField(
        label=_("What is kept"),
        choices=[("all", _("Everything")), ("class", _("All of one class")), ("safe", _("One, by its number"))],
    )
    kind = forms.CharField(label=_("Class"), max_length=20, required=False, help_text=_("Such as case or desk."))
    safe = forms.UUIDField(label=_("Number"), required=False, help_text=_("It stands on the page of its custodians."))
    until = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    reference = forms.CharField(
        label=_("Reference"), max_length=200, help_text=_("Sealed to you alone; others see who and until when.")
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        scope = cleaned.get("scope")
        if scope == "class" and not cleaned.get("kind"):
            self.add_error("kind", _("Name the class."))
        if scope == "safe" and not cleaned.get("safe"):
            self.add_error("safe", _("Give its number."))
        return cleaned


class RetentionForm(forms.Form):
    """For how long a class is kept once its time runs."""

    policy = forms.CharField(label=_("Class"), max_length=40)
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=36_500)
