"""What people fill in about evidence."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.cases.evidence.actions import Draft
from tocsin.cases.evidence.items import Evidence, Harm

HOW = (
    ("", _("not known")),
    ("camera", _("with a camera or a phone")),
    ("screen", _("a picture of a screen")),
    ("saved", _("saved from the web or a chat")),
    ("scan", _("a scan or a photo of paper")),
    ("made", _("written or made by themselves")),
    ("official", _("issued by an authority")),
)
HARM = (
    (Harm.UNKNOWN.value, _("nobody has looked yet")),
    (Harm.DISTRESSING.value, _("it distresses whoever looks")),
    (Harm.PLAIN.value, _("it distresses nobody")),
)

_ELSEWHERE = _("stands in a part that you don’t hold")


class DescriptionForm(forms.Form):
    """What a file is, before anybody looks."""

    description = forms.CharField(
        label=_("What it shows, in words"),
        help_text=_("So that others need not look. Say what is hard to see in it before anything else."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    harm = forms.ChoiceField(label=_("What it does to who looks"), choices=HARM, initial=Harm.UNKNOWN.value)
    source = forms.CharField(
        label=_("Who gave it to us"), help_text=_("And by what way: by Signal from her sister."), max_length=300
    )
    captured_on = forms.DateField(
        label=_("Made on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    captured_by = forms.CharField(label=_("Made by"), required=False, max_length=300)
    captured_how = forms.ChoiceField(label=_("How it was made"), required=False, choices=HOW)
    about = forms.ChoiceField(
        label=_("Belongs to"), required=False, help_text=_("The record with which it came. It is shown there, too.")
    )

    def __init__(self, *words: Any, records: Sequence[tuple[str, str]] = (), **names: Any) -> None:
        super().__init__(*words, **names)
        self.records = tuple(records)
        field = self.fields["about"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("none")), *records]

    def draft(self) -> Draft:
        """What was said, as far as it can stand."""
        given = self.cleaned_data
        return Draft(
            description=given.get("description") or "",
            source=given.get("source") or "",
            captured_on=given.get("captured_on"),
            captured_by=given.get("captured_by") or "",
            captured_how=given.get("captured_how") or "",
            harm=Harm(given.get("harm") or Harm.UNKNOWN),
            about=given.get("about") or "",
        )


class ChangeForm(DescriptionForm):
    """The same, of something that is here already, and why it is said otherwise now."""

    why = forms.CharField(label=_("Why it is described otherwise"), min_length=3, max_length=300)
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, one: Evidence, version: int, records: Sequence[tuple[str, str]]) -> "ChangeForm":
        """As it stands."""
        words = {name: getattr(one, name) for name in Draft.__slots__}
        # Who can't read the record with which it came keeps it there.
        known = records if not one.about or one.about in dict(records) else [*records, (one.about, str(_ELSEWHERE))]
        return cls(records=known, initial={**words, "harm": one.harm.value, "version": version})

    def sent(self, data: Any) -> "ChangeForm":
        """The same form, filled."""
        return type(self)(data, records=self.records)


class LookForm(forms.Form):
    """Opened on purpose."""

    why = forms.CharField(label=_("What do you look for?"), min_length=3, max_length=300)
    large = forms.BooleanField(label=_("Large and in colour"), required=False)

    def __init__(self, *words: Any, plain: bool, **names: Any) -> None:
        super().__init__(*words, **names)
        if not plain:
            self.fields["large"].help_text = _("Without this it is small and grey. Try that first.")


class CopyForm(forms.Form):
    """A copy, for work here or for somebody outside."""

    what = forms.ChoiceField(
        label=_("Which copy"),
        choices=[("clean", _("without what it tells beside what it shows")), ("original", _("the file as it came"))],
        widget=forms.RadioSelect,
    )
    why = forms.CharField(label=_("What is it for?"), max_length=300, min_length=3)
    to = forms.CharField(
        label=_("Who outside gets it"),
        help_text=_("Leave this empty if it stays here."),
        required=False,
        max_length=200,
    )
    consent = forms.ChoiceField(
        label=_("The consent that this rests on"),
        help_text=_("Needed when it goes outside. Without one, give the reason above in a full sentence."),
        required=False,
    )

    def __init__(self, *words: Any, consents: list[tuple[str, str]], clean: bool, **names: Any) -> None:
        super().__init__(*words, **names)
        field = self.fields["consent"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("none")), *consents]
        if not clean:
            which = self.fields["what"]
            assert isinstance(which, forms.ChoiceField)
            which.choices = [("original", _("the file as it came"))]


class ReasonForm(forms.Form):
    """A reason."""

    why = forms.CharField(label=_("Why"), help_text=_("In a full sentence."), min_length=15, max_length=300)
