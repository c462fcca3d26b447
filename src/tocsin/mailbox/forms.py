"""What people fill in: a desk, what somebody told them, an answer."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.alerts import words as alerts
from tocsin.mailbox import words
from tocsin.mailbox.models import Desk, Letter
from tocsin.people.models import Person

# The languages of the door.
LANGUAGES: Final = ("en", "fr", "es", "ar", "ru", "zh", "tr", "fa", "pt")
_QUIET = {"autocomplete": "off"}


def _choices(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


class NewDeskForm(forms.Form):
    """What a new desk is called."""

    name = forms.CharField(
        label=_("What the team calls it"), max_length=80, help_text=_("Colleagues with other desks see this name.")
    )


class DoorForm(forms.Form):
    """What the door shows of a desk."""

    name = forms.CharField(label=_("What the team calls it"), max_length=80)
    at_door = forms.BooleanField(label=_("People can write to it at the door"), required=False)
    languages = forms.MultipleChoiceField(
        label=_("Languages in which somebody here reads and answers"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    named = forms.TypedMultipleChoiceField(
        label=_("Members whose names the door shows"),
        help_text=_("So that a sender can say: not this person. The whole desk is then passed over."),
        widget=forms.CheckboxSelectMultiple,
        coerce=int,
        required=False,
    )

    def __init__(self, team: Iterable[Person], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        _choices(self, "languages", [(code, alerts.language_name(code)) for code in LANGUAGES])
        _choices(self, "named", [(one.pk, one.name) for one in team])
        for code in LANGUAGES:
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Its name at the door: %(language)s") % {"language": alerts.language_name(code)},
                max_length=80,
                required=False,
                widget=forms.TextInput({"lang": code, "dir": "auto", **_QUIET}),
            )

    def names(self) -> dict[str, str]:
        """The names that were given, by language."""
        given = {code: str(self.cleaned_data.get(f"name_{code}", "")).strip() for code in LANGUAGES}
        return {code: name for code, name in given.items() if name}


class MemberForm(forms.Form):
    """Who is let in."""

    person = forms.TypedChoiceField(label=_("Who"), coerce=int)

    def __init__(self, people: Iterable[Person], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        _choices(self, "person", [(one.pk, one.name) for one in people])


class TypedForm(forms.Form):
    """What somebody says to a member of staff."""

    desk = forms.ChoiceField(label=_("Which desk"))
    text = forms.CharField(
        label=_("What they say, in their words"),
        max_length=20_000,
        strip=True,
        widget=forms.Textarea({"rows": 10, "dir": "auto", **_QUIET}),
    )
    kind = forms.ChoiceField(label=_("What it is about"), choices=list(words.KINDS.items()))
    safe = forms.ChoiceField(label=_("Are they safe now?"), choices=[("", "–"), *words.SAFE.items()], required=False)
    urgency = forms.ChoiceField(
        label=_("When help is needed"), choices=[one for one in words.URGENCY.items() if one[0] != "bulk"]
    )
    language = forms.ChoiceField(label=_("Their language"))
    where = forms.CharField(
        label=_("How to reach them safely"), max_length=1000, required=False, widget=forms.TextInput(_QUIET)
    )
    when = forms.CharField(label=_("When"), max_length=1000, required=False, widget=forms.TextInput(_QUIET))
    say = forms.CharField(
        label=_("What to say, and what never to say"), max_length=1000, required=False, widget=forms.TextInput(_QUIET)
    )
    excluded = forms.TypedMultipleChoiceField(
        label=_("Who must not see it"), widget=forms.CheckboxSelectMultiple, coerce=int, required=False
    )

    def __init__(self, shown: Iterable[Desk], people: Iterable[Person], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        _choices(self, "desk", [(one.public_id, one.name) for one in shown])
        _choices(self, "language", [(code, alerts.language_name(code)) for code in LANGUAGES] + [("", _("another"))])
        self.fields["language"].required = False
        _choices(self, "excluded", [(one.pk, one.name) for one in people])

    def content(self) -> dict[str, Any]:
        """What is sealed."""
        given = self.cleaned_data
        answer = {"how": "channel", "where": given["where"], "when": given["when"], "say": given["say"]}
        kept = {name: given[name] for name in ("text", "kind", "safe", "urgency", "language")}
        return {**kept, "what": "first", "answer": answer, "files": []}


class IntoForm(forms.Form):
    """Which case a letter goes into."""

    case = forms.ChoiceField(label=_("Case"), required=False)
    line = forms.CharField(
        label=_("What the new case is about, in a line without a name"),
        max_length=300,
        required=False,
        widget=forms.TextInput(_QUIET),
    )

    def __init__(self, cases: Iterable[tuple[str, str]], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        _choices(self, "case", [("", _("a new case")), *cases])

    def clean(self) -> dict[str, Any]:
        """A new case needs its line."""
        given = super().clean() or {}
        if not given.get("case") and not str(given.get("line", "")).strip():
            raise forms.ValidationError(_("Say in a line what the new case is about."))
        return given


class ReplyForm(forms.Form):
    """An answer of substance."""

    subject = forms.CharField(
        label=_("Subject"), max_length=120, required=False, help_text=_("It stands in clear on every mail server.")
    )
    text = forms.CharField(
        label=_("Your answer"), max_length=20_000, widget=forms.Textarea({"rows": 8, "dir": "auto", **_QUIET})
    )


class ConflictForm(forms.Form):
    """Who must not see a letter."""

    person = forms.TypedChoiceField(label=_("Who"), coerce=int)

    def __init__(self, people: Iterable[Person], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        _choices(self, "person", [(one.pk, one.name) for one in people])


class AsideForm(forms.Form):
    """Why a letter is no report for this desk."""

    why = forms.ChoiceField(label=_("Because it is"), choices=Letter.Aside.choices)
