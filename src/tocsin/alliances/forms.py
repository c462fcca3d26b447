"""What people fill in about allies."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tocsin.alliances import reading, regions, words
from tocsin.alliances.drafts import NAME, REASON, WORDS, ContactDraft, ReachDraft, VerificationDraft
from tocsin.alliances.models import Contact, Verification
from tocsin.alliances.refusals import RefusedError
from tocsin.lib import territories
from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person

LARGEST_LIST = 1_000_000
_TICKS = forms.CheckboxSelectMultiple
_NUMBER = {"inputmode": "numeric"}
_PLAIN = {"autocomplete": "off"}
_COUNTRIES = _("Names or codes with commas between, such as: Kenya, TZ")
USUAL_HOLD = timedelta(days=180)


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **_PLAIN})


def _offer(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def _number(text: str) -> int:
    return int(text) if text else 0


class Refusable(forms.Form):
    """A form that can show why a verb refused."""

    def refuse(self, error: RefusedError) -> None:
        """Show it at the field that it is about."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


class ContactForm(Refusable):
    """Who an ally is and what they can do."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME,
        help_text=_("Of the person or organisation. Where a name alone would endanger them, the one that they chose."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    organisation = forms.CharField(label=_("Organisation"), max_length=NAME, required=False)
    kinds = forms.MultipleChoiceField(label=_("Who they are"), choices=words.KINDS.items(), widget=_TICKS)
    helps = forms.MultipleChoiceField(
        label=_("What they can do"), choices=[(key, one.words) for key, one in words.HELPS.items()], widget=_TICKS
    )
    help_words = forms.CharField(
        label=_("In words"), max_length=WORDS, required=False, widget=_area(),
        help_text=_("What exactly, for whom, how much, and what they can’t."),
    )  # fmt: skip
    countries = forms.CharField(label=_("Countries"), max_length=2_000, required=False, help_text=_COUNTRIES)
    regions = forms.MultipleChoiceField(label=_("Or whole regions"), required=False, widget=_TICKS)
    languages = forms.CharField(
        label=_("Languages"), max_length=400, required=False,
        help_text=_("Names or codes with commas between, such as: Persian, ku"),
    )  # fmt: skip
    within_hours = forms.IntegerField(
        label=_("They answer within hours"), required=False, min_value=1, max_value=720,
        widget=forms.NumberInput(attrs=_NUMBER),
    )  # fmt: skip
    by_night = forms.BooleanField(label=_("By night and on days of rest too"), required=False)
    tlp = forms.ChoiceField(
        label=_("What they may be told, at most"), choices=[(one.value, words.CEILINGS[one]) for one in Tlp],
        initial=Tlp.CLEAR.value,
    )  # fmt: skip
    fees = forms.ChoiceField(label=_("Money"), choices=words.FEES.items(), required=False)
    fee_words = forms.CharField(label=_("Money, in words"), max_length=200, required=False)
    conflict_countries = forms.CharField(
        label=_("In conflict with countries"), max_length=2_000, required=False,
        help_text=_("Where turning to them could harm, since they depend on the authorities or are hunted by them."),
    )  # fmt: skip
    conflict_organisations = forms.CharField(
        label=_("In conflict with organisations"), max_length=2_000, required=False,
        help_text=_("Names with commas between: opponents in court, former employers, rival groups."),
    )  # fmt: skip
    conflict_words = forms.CharField(label=_("Conflicts, in words"), max_length=WORDS, required=False, widget=_area())
    owner = forms.TypedChoiceField(label=_("Who looks after them"), coerce=_number)
    protected = forms.BooleanField(
        label=_("Protect how they are reached"),
        required=False,
        help_text=_("For somebody whom exposure would endanger. Only who looks after them and whoever leads sees it, "
                    "and every look is recorded. It is not sealed: see the docs."),
    )  # fmt: skip

    def __init__(self, team: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer the team and the regions."""
        super().__init__(*args, **kwargs)
        _offer(self, "owner", [("", _("choose")), *((one.pk, one.name) for one in team)])
        _offer(self, "regions", regions.choices(_here()))

    def draft(self) -> ContactDraft:
        """What was written, once it is valid."""
        given = self.cleaned_data
        return ContactDraft(
            name=given["name"],
            organisation=given["organisation"],
            kinds=tuple(given["kinds"]),
            helps=tuple(given["helps"]),
            help_words=given["help_words"],
            countries=reading.country_codes(given["countries"], _here()),
            regions=tuple(given["regions"]),
            languages=reading.language_codes(given["languages"]),
            within_hours=given["within_hours"],
            by_night=given["by_night"],
            tlp=given["tlp"],
            fees=given["fees"],
            fee_words=given["fee_words"],
            conflict_countries=reading.country_codes(given["conflict_countries"], _here()),
            conflict_organisations=reading.entries(given["conflict_organisations"]),
            conflict_words=given["conflict_words"],
            protected=given["protected"],
            owner=given["owner"],
        )


def begin(row: Contact) -> dict[str, Any]:
    """What the form holds at first: what stands about an ally."""
    plain = (
        "name",
        "organisation",
        "kinds",
        "helps",
        "help_words",
        "regions",
        "within_hours",
        "by_night",
        "tlp",
        "fees",
    )
    more = ("fee_words", "conflict_words", "protected")
    return {
        **{name: getattr(row, name) for name in (*plain, *more)},
        "countries": ", ".join(row.countries),
        "languages": ", ".join(row.languages),
        "conflict_countries": ", ".join(row.conflict_countries),
        "conflict_organisations": ", ".join(row.conflict_organisations),
        "owner": row.owner_id or "",
    }


class ReachForm(Refusable):
    """How an ally is reached."""

    ways = forms.CharField(
        label=_("How to reach them"), max_length=WORDS, required=False, widget=_area(4),
        help_text=_("One way a line, the safest first, such as: Signal +254 …"),
    )  # fmt: skip
    instructions = forms.CharField(
        label=_("What to mind"), max_length=WORDS, required=False, widget=_area(3),
        help_text=_("When, with which first words, what never to write, a word by which they know us."),
    )  # fmt: skip

    def reach(self) -> ReachDraft:
        """How to reach them, once it is valid."""
        return ReachDraft(self.cleaned_data["ways"], self.cleaned_data["instructions"])


class NewForm(ContactForm, ReachForm):
    """A new ally."""

    once = forms.RegexField(regex=r"^[0-9a-z]{8,32}$", widget=forms.HiddenInput)
    field_order = ["name", "organisation", "kinds", "helps", "help_words", "ways", "instructions", "protected"]


class VerifyForm(Refusable):
    """How somebody made sure of an ally."""

    identity = forms.ChoiceField(
        label=_("Who they are"), choices=Verification.Check.choices, widget=forms.RadioSelect,
        help_text=_("Met, called back by a number from elsewhere, vouched for by somebody whom we know."),
    )  # fmt: skip
    reputation = forms.ChoiceField(
        label=_("How they are spoken of"), choices=Verification.Check.choices, widget=forms.RadioSelect
    )
    references = forms.ChoiceField(
        label=_("Whom they helped before"), choices=Verification.Check.choices, widget=forms.RadioSelect
    )
    how = forms.CharField(
        label=_("How you made sure"), max_length=WORDS, widget=_area(4), help_text=_("Name nobody who is at risk.")
    )
    outcome = forms.ChoiceField(
        label=_("What it gives in all"), choices=Verification.Outcome.choices, widget=forms.RadioSelect
    )
    next_due = forms.DateField(
        label=_("Verify again on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Propose half a year."""
        super().__init__(*args, **kwargs)
        self.fields["next_due"].initial = timezone.localdate() + USUAL_HOLD

    def draft(self) -> VerificationDraft:
        """What was written, once it is valid."""
        return VerificationDraft(**self.cleaned_data)


class ReasonForm(Refusable):
    """Why somebody is suspended, let go, or taken back."""

    reason = forms.CharField(
        label=_("Why"), max_length=REASON, help_text=_("The team reads it. Name nobody who is at risk."),
        widget=forms.TextInput(attrs=_PLAIN),
    )  # fmt: skip


class PurposeForm(Refusable):
    """What a protected ally's ways are opened for."""

    purpose = forms.ChoiceField(label=_("What do you need it for?"), choices=words.PURPOSES.items())


class FindForm(forms.Form):
    """A need. Nothing of it is stored."""

    help = forms.ChoiceField(
        label=_("What is needed"), required=False,
        choices=[("", _("anything")), *((key, one.words) for key, one in words.HELPS.items())],
    )  # fmt: skip
    country = forms.ChoiceField(label=_("Where"), required=False)
    language = forms.CharField(label=_("In which language"), required=False, max_length=60)
    tlp = forms.ChoiceField(
        label=_("What they must be told"), required=False,
        choices=[("", _("not known yet")), *((one.value, f"TLP:{one.value.upper()}") for one in Tlp)],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the countries."""
        super().__init__(*args, **kwargs)
        _offer(self, "country", [("", _("anywhere")), *territories.choices(_here())])

    def clean_language(self) -> str:
        """The code of one language."""
        found = reading.language_codes(self.cleaned_data["language"])
        if len(found) > 1 or any(len(one) > 16 or " " in one for one in found):
            raise forms.ValidationError(_("Write one language, by its name or its code, such as: fa"))
        return found[0] if found else ""


class ImportForm(Refusable):
    """A list of allies."""

    file = forms.FileField(label=_("File (CSV, UTF-8)"), help_text=_("At most 1 MB."))
    owner = forms.TypedChoiceField(label=_("Who looks after them"), coerce=_number)

    def __init__(self, team: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer the team."""
        super().__init__(*args, **kwargs)
        _offer(self, "owner", [("", _("choose")), *((one.pk, one.name) for one in team)])

    def clean_file(self) -> bytes:
        """What is in it."""
        given: UploadedFile[bytes] = self.cleaned_data["file"]
        if (given.size or 0) > LARGEST_LIST:
            raise forms.ValidationError(_("The list is larger than 1 MB. Split it."))
        return bytes(given.read())


def _here() -> str:
    return get_language() or "en"
