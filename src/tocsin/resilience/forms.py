"""What people fill in about communities."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tocsin.alliances import reading
from tocsin.alliances.forms import Refusable
from tocsin.people.models import Person
from tocsin.resilience import importing
from tocsin.resilience.drafts import (
    NAME,
    REASON,
    SOURCE,
    URL,
    WORDS,
    CommunityDraft,
    ConsentDraft,
    DealingDraft,
    StatementDraft,
)
from tocsin.resilience.models import Community, Dealing, Index, Statement

_PLAIN = {"autocomplete": "off"}


def area(rows: int = 3) -> forms.Textarea:
    """A field of several lines."""
    return forms.Textarea(attrs={"rows": rows, **_PLAIN})


def day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A field for a day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def number(text: str) -> int | None:
    """The id that a list gave; none for its empty line."""
    return int(text) if text else None


def offer(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Fill a list."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", _("choose")), *choices]


class CommunityForm(Refusable):
    """Who a community is."""

    name = forms.CharField(label=_("Name"), max_length=NAME, widget=forms.TextInput(attrs=_PLAIN))
    kind = forms.ChoiceField(label=_("What they have in common"), choices=Community.Kind.choices)
    about = forms.CharField(
        label=_("Who they are"), max_length=WORDS, widget=area(4),
        help_text=_("As a whole: how many, where, how they are organised. No list of people, no account."),
    )  # fmt: skip
    countries = forms.CharField(
        label=_("Countries"), max_length=2_000, required=False,
        help_text=_("Names or codes with commas between, such as: Kenya, TZ"),
    )  # fmt: skip
    languages = forms.CharField(
        label=_("Languages"), max_length=600, required=False, help_text=_("Names or codes, such as: Swahili, fa")
    )
    owner = forms.TypedChoiceField(label=_("Who keeps in touch"), coerce=number, empty_value=None)

    def __init__(self, team: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer the team."""
        super().__init__(*args, **kwargs)
        offer(self, "owner", ((one.pk, one.name) for one in team))

    def draft(self) -> CommunityDraft:
        """What was written, once it is valid."""
        given = self.cleaned_data
        return CommunityDraft(
            name=given["name"],
            kind=given["kind"],
            about=given["about"],
            owner=given["owner"],
            countries=reading.country_codes(given["countries"], get_language() or "en"),
            languages=reading.language_codes(given["languages"]),
        )


class NewForm(CommunityForm):
    """A new community."""

    once = forms.RegexField(regex=r"^[0-9a-z]{8,32}$", widget=forms.HiddenInput)


def begin(row: Community) -> dict[str, Any]:
    """What the form holds at first: what stands about a community."""
    plain = {name: getattr(row, name) for name in ("name", "kind", "about")}
    return {
        **plain,
        "countries": ", ".join(row.countries),
        "languages": ", ".join(row.languages),
        "owner": row.owner_id or "",
    }


class StatementForm(Refusable):
    """One dated sentence about where they live."""

    part = forms.ChoiceField(label=_("About"), choices=Statement.Part.choices)
    words = forms.CharField(
        label=_("What holds"), max_length=WORDS, widget=area(), help_text=_("One thing, so that it can be taken back.")
    )
    on = day(_("On which day it held"))
    source = forms.CharField(label=_("Who says so"), max_length=SOURCE, widget=forms.TextInput(attrs=_PLAIN))
    url = forms.CharField(label=_("Where to read it"), max_length=URL, required=False, widget=forms.URLInput())

    def draft(self) -> StatementDraft:
        """What was written, once it is valid."""
        return StatementDraft(**self.cleaned_data)


class DealingForm(Refusable):
    """What they told us, asked for, were promised or got."""

    kind = forms.ChoiceField(label=_("Which way"), choices=Dealing.Kind.choices)
    words = forms.CharField(
        label=_("What"), max_length=WORDS, widget=area(), help_text=_("As they said it. Name nobody who is at risk.")
    )
    on = day(_("When"))
    due = day(_("A promise: kept by"), required=False)
    keeper = forms.TypedChoiceField(label=_("A promise: who keeps it"), coerce=number, required=False, empty_value=None)
    answers = forms.TypedChoiceField(label=_("It answers"), coerce=number, required=False, empty_value=None)

    def __init__(self, community: Community, team: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer the team, and what may be answered."""
        super().__init__(*args, **kwargs)
        offer(self, "keeper", ((one.pk, one.name) for one in team))
        rows = community.dealings.order_by("-on", "-pk")[:100]
        offer(self, "answers", ((one.pk, f"{one.get_kind_display()}: {one.words[:80]}") for one in rows))
        self.fields["on"].initial = timezone.localdate()

    def draft(self) -> DealingDraft:
        """What was written, once it is valid."""
        return DealingDraft(**self.cleaned_data)


class EndForm(Refusable):
    """How a promise ended."""

    kept = forms.ChoiceField(
        label=_("How it ended"),
        choices=[("yes", _("It was kept")), ("no", _("It is not kept"))],
        widget=forms.RadioSelect,
    )
    on = day(_("On which day"))
    reason = forms.CharField(
        label=_("What to know of it"), max_length=REASON, required=False, widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("If it is not kept: why, and what they were told."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Propose today."""
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()


class ConsentForm(Refusable):
    """Whether they want to be named outside the team."""

    consent = forms.ChoiceField(label=_("What they said"), choices=Community.Consent.choices, widget=forms.RadioSelect)
    on = day(_("On which day"), required=False)
    words = forms.CharField(
        label=_("How it was asked, and by which body it was answered"), max_length=REASON, required=False,
        widget=forms.TextInput(attrs=_PLAIN),
    )  # fmt: skip

    def draft(self) -> ConsentDraft:
        """What was written, once it is valid."""
        return ConsentDraft(**self.cleaned_data)


class TieForm(Refusable):
    """An ally whom they trust."""

    contact = forms.TypedChoiceField(label=_("Ally"), coerce=number, empty_value=None)
    words = forms.CharField(label=_("Why they are trusted"), max_length=200, required=False)

    def __init__(self, allies: Iterable[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        """Offer the allies in use."""
        super().__init__(*args, **kwargs)
        offer(self, "contact", allies)


class ReasonForm(Refusable):
    """Why something is taken back or put away."""

    reason = forms.CharField(label=_("Why"), max_length=REASON, widget=forms.TextInput(attrs=_PLAIN))


class ContextForm(Refusable):
    """A file of an index."""

    index = forms.ChoiceField(label=_("Whose file it is"), choices=Index.choices)
    file = forms.FileField(label=_("File (CSV or TSV in UTF-8, or the same as .gz)"), help_text=_("At most 5 MB."))
    on = day(
        _("The day for which it holds"), required=False,
        help_text=_("Needed for the Wikimedia Foundation’s table, which does not say it."),
    )  # fmt: skip

    def clean_file(self) -> tuple[str, bytes]:
        """Its name, and what is in it."""
        given: UploadedFile[bytes] = self.cleaned_data["file"]
        if (given.size or 0) > importing.LARGEST:
            raise forms.ValidationError(_("The file is larger than 5 MB. Split it."))
        return given.name or "", bytes(given.read())
