"""What people fill in about playbooks and authorities."""

from typing import Any

from django import forms
from django.utils.functional import lazystr
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tocsin.lib import territories
from tocsin.responses.limits import Bounded, at_most
from tocsin.responses.playbook_models import Authority, Disclosure
from tocsin.responses.playbooks.actions import LEAST_REASON
from tocsin.responses.playbooks.authorities import NOTE, Given, Told
from tocsin.responses.playbooks.reading import LARGEST, ReadingError
from tocsin.responses.playbooks.refusals import RefusedError
from tocsin.responses.playbooks.words import FUNCTIONS, fault

_PLAIN = {"autocomplete": "off"}
_CHOOSE = ("", _("choose"))
_BOOK_HOW = _(
    "Steps are lines such as: - [1 h] legal · approval: What to do. Names of sections, functions and protections stay "
    "in English in every language. An entry has at most 1,000 letters."
)
_TABLE_HOW = _(
    "Each protection begins with a line [[protection]]; then one name a line, an equals sign, and words in double "
    "quotes, a number, or true or false. A value has at most 1,000 letters."
)


class Refusable(Bounded):
    """A form that can show why a verb refused; it keeps what was typed."""

    def refuse(self, error: RefusedError) -> None:
        """Show it at the field that it is about."""
        self.add_error(error.field if error.field in self.fields else None, error.message)

    def name_faults(self, error: ReadingError) -> None:
        """Show each fault of a text with its line."""
        for one in error.faults:
            self.add_error("text", fault(one))


class TextForm(Refusable):
    """A text, and what is new in it."""

    # How long it may be is for the reader to say: it counts as it is stored, without a browser's line ends.
    text = forms.CharField(
        label=_("Text"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "true", "dir": "auto", "class": "source", **_PLAIN}),
    )
    note = forms.CharField(
        label=_("What is new, and why"),
        max_length=300,
        min_length=10,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("For whoever looks at it next."),
    )
    current = forms.BooleanField(
        label=_("These words say what the original says now"),
        required=False,
        help_text=_("It counts as made from the original in force, and is shown as older no longer."),
    )
    base = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)

    def __init__(self, table: bool, *args: Any, stale: bool = False, **kwargs: Any) -> None:
        """Say how a table is written, where it is one; offer to catch up to those whose original moved on."""
        super().__init__(*args, **kwargs)
        if not stale:
            del self.fields["current"]
        how = _TABLE_HOW if table else _BOOK_HOW
        self.fields["text"].help_text = lazystr(f"{how} {at_most(LARGEST)}")

    def only_text(self) -> bool:
        """Whether the text alone can be tried; what is new may be said later."""
        self.is_valid()
        for name in [one for one in self.errors if one != "text"]:
            del self.errors[name]
        return not self.errors


class NewForm(Refusable):
    """The short name of a playbook that there is not yet."""

    key = forms.SlugField(
        label=_("Short name"),
        max_length=40,
        help_text=_(
            "3 to 40 small letters, digits and dashes, with a letter first. It stands in the address and never changes."
        ),
        widget=forms.TextInput(attrs={"spellcheck": "false", **_PLAIN}),
    )


class LanguageForm(Refusable):
    """Into which language."""

    language = forms.RegexField(
        r"^[a-z]{2,3}(-[a-z0-9]{2,8})?$",
        label=_("Translate into"),
        max_length=12,
        help_text=_("A code of small letters, such as: pt or zh-hant."),
        widget=forms.TextInput(attrs={"size": 8, "spellcheck": "false", **_PLAIN}),
    )


class WhyForm(Refusable):
    """Why a version is put aside."""

    why = forms.CharField(
        label=_("Why not"),
        min_length=LEAST_REASON,
        max_length=300,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("Somebody gave their time for it."),
    )


class AuthorityForm(Refusable):
    """What holds for the authorities of a country."""

    police = forms.ChoiceField(
        label=_("May the police be told?"),
        choices=Authority.Police.choices,
        initial=Authority.Police.UNKNOWN,
        widget=forms.RadioSelect,
        help_text=_("About somebody at risk because of what they contribute. Yes counts only after somebody else has "
                    "verified it, and for 180 days."),
    )  # fmt: skip
    by_function = forms.ChoiceField(
        label=_("Who tells them"), required=False, help_text=_("Needed where the answer is yes.")
    )
    ally = forms.ChoiceField(
        label=_("Instead, or before: a lawyer or hotline"),
        required=False,
        help_text=_("One of our allies. Nobody to choose from? Propose one under Allies first."),
    )
    note = forms.CharField(
        label=_("What to know"),
        required=False,
        max_length=NOTE,
        widget=forms.Textarea(attrs={"rows": 6, **_PLAIN}),
        help_text=_("Which police, which law, what happened to others. Never about a person, never a name."),
    )

    def __init__(self, allies: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """Offer the functions, and these allies."""
        super().__init__(*args, **kwargs)
        _offer(self, "by_function", [("", _("nobody")), *((one.value, words) for one, words in FUNCTIONS.items())])
        _offer(self, "ally", [("", _("nobody yet")), *allies])

    def given(self) -> Given:
        """What was written, once it is valid."""
        data = self.cleaned_data
        return Given(data["police"], data["by_function"], data["ally"], data["note"])


class DisclosureForm(Refusable):
    """That something was told to an authority. There is no field for what, nor for whom."""

    country = forms.ChoiceField(label=_("Country of the authority"))
    kind = forms.ChoiceField(label=_("Which authority"), choices=[_CHOOSE, *Disclosure.Kind.choices])
    class_of_data = forms.ChoiceField(
        label=_("What class of data, at most"),
        choices=[_CHOOSE, *Disclosure.Data.choices],
        help_text=_("The gravest of what was told. Never what it said: that stays in the case."),
    )
    basis = forms.ChoiceField(label=_("On which ground"), choices=[_CHOOSE, *Disclosure.Basis.choices])
    on = forms.DateField(
        label=_("On which day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("At the latest tomorrow, where it is about to be told."),
    )
    plan = forms.SlugField(
        label=_("Plan"), required=False, max_length=12,
        help_text=_("The name in the address of an open plan. Leave it empty for a sealed one, which must not be known "
                    "here."),
        widget=forms.TextInput(attrs={"spellcheck": "false", **_PLAIN}),
    )  # fmt: skip
    once = forms.RegexField(r"^[0-9a-z]{8,32}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the countries."""
        super().__init__(*args, **kwargs)
        _offer(self, "country", [_CHOOSE, *territories.choices(get_language() or "en")])

    def told(self) -> Told:
        """What was written, once it is valid."""
        data = self.cleaned_data
        return Told(data["country"], data["kind"], data["class_of_data"], data["basis"], data["on"], data["plan"])


def _offer(form: forms.Form, name: str, choices: list[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
