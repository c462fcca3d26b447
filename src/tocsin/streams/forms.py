"""What people fill in: sources, lists of feeds, documents, requirements."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from tocsin.analysis.taxonomy import HARMS
from tocsin.lib import territories
from tocsin.lib.tlp import RELIABILITY, Tlp
from tocsin.people.forms import ROLE_WORDS
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role, rights
from tocsin.streams.documents import Brought
from tocsin.streams.drafts import ALLOWED_INSIDE, RefusedError, RequirementDraft, SourceDraft
from tocsin.streams.imports import Common
from tocsin.streams.models import Occasion, Requirement, Source
from tocsin.streams.occasions import OccasionDraft
from tocsin.streams.sources import kinds
from tocsin.streams.sources.base import Kind, Option

MINUTE, HOUR, DAY = 60, 3_600, 86_400
_INTERVALS = {
    5 * MINUTE: _("5 minutes"),
    15 * MINUTE: _("15 minutes"),
    30 * MINUTE: _("30 minutes"),
    HOUR: _("an hour"),
    3 * HOUR: _("3 hours"),
    6 * HOUR: _("6 hours"),
    12 * HOUR: _("12 hours"),
    DAY: _("a day"),
    2 * DAY: _("2 days"),
    7 * DAY: _("a week"),
    30 * DAY: _("a month"),
}
_TLP_WORDS = {
    Tlp.CLEAR: _("TLP:CLEAR, anyone"),
    Tlp.GREEN: _("TLP:GREEN, our wider community"),
    Tlp.AMBER: _("TLP:AMBER, our organisation and those it serves"),
    Tlp.AMBER_STRICT: _("TLP:AMBER+STRICT, our organisation only"),
    Tlp.RED: _("TLP:RED, named people only"),
}
_SEPARATORS = re.compile(r"[\s,;]+")


def interval_words(span: timedelta) -> str:
    """A time span in words, such as “6 hours”."""
    seconds = int(span.total_seconds())
    return str(_INTERVALS.get(seconds) or ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds})


def role_names(mask: int) -> str:
    """The roles in a set of bits, in words."""
    return ", ".join(str(ROLE_WORDS[role]).partition(":")[0] for role in Role if role & mask)


class CodesField(forms.CharField):
    """Codes parted by blanks, commas or lines."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, max_length=4_000, **more)

    def clean(self, value: Any) -> tuple[str, ...]:
        return tuple(code for code in _SEPARATORS.split(super().clean(value)) if code)

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list | tuple) else value


class LinesField(forms.CharField):
    """One entry a line."""

    widget = forms.Textarea

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=40_000, widget=forms.Textarea(attrs={"rows": 4}), **more)

    def clean(self, value: Any) -> list[str]:
        return [entry.strip() for entry in super().clean(value).splitlines() if entry.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


class RolesField(forms.MultipleChoiceField):
    """Roles as ticks; the value is their bits."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **more: Any) -> None:
        readers = [role for role in Role if role is not Role.AUDITOR]
        choices = [(int(role), str(ROLE_WORDS[role]).partition(":")[0]) for role in readers]
        super().__init__(required=False, choices=choices, label=_("Only for these roles"), **more)

    def clean(self, value: Any) -> int:
        return sum(int(one) for one in super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return [int(role) for role in Role if role & value] if isinstance(value, int) else value


class IntervalField(forms.ChoiceField):
    """A time span out of a few; the value is a timedelta."""

    def __init__(self, now: timedelta | None = None, **more: Any) -> None:
        seconds = int(now.total_seconds()) if now else DAY
        words: dict[int, Any] = dict(_INTERVALS)
        if seconds not in words:
            words[seconds] = interval_words(timedelta(seconds=seconds))
        super().__init__(choices=sorted(words.items(), key=lambda pair: pair[0]), initial=seconds, **more)

    def clean(self, value: Any) -> timedelta:
        return timedelta(seconds=int(super().clean(value)))


def _tlp_field(initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Who may receive it"),
        choices=[(one.value, words) for one, words in _TLP_WORDS.items()],
        initial=initial,
    )


def _reliability_field(initial: str = "F") -> forms.ChoiceField:
    grades = [(grade, f"{grade}: {gettext(words)}") for grade, words in RELIABILITY.items()]
    return forms.ChoiceField(label=_("Reliability"), choices=grades, initial=initial)


class _Refusable(forms.Form):
    def refuse(self, error: RefusedError) -> None:
        """Show why the write was refused, at the field that it is about."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


class SourceForm(_Refusable):
    """A source of one kind, with the options of that kind."""

    def __init__(self, kind: Kind, *args: Any, source: Source | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind = kind
        self._source = source
        brought = source is not None and not source.url
        self.fields["name"] = forms.CharField(label=_("Name"), max_length=200)
        if not brought:
            self.fields["url"] = forms.CharField(
                label=_("Address"), max_length=1_000, help_text=gettext(kind.address_help), initial=kind.default_url
            )
        for option in kind.options:
            self.fields[f"option_{option.name}"] = _option_field(option)
        self._add_common(source)
        if not brought:
            self.fields["allow_private"] = forms.CharField(
                label=gettext(ALLOWED_INSIDE),
                max_length=200,
                required=False,
                help_text=_(
                    "Host and port of the address, such as feeds.internal:8080, if a server inside is meant. "
                    "Only the lead may fill this in."
                ),
            )
        if source is not None:
            self._fill(source)

    def _add_common(self, source: Source | None) -> None:
        every = source.expected_every if source else self.kind.default_every
        help_text = _("Two-letter codes such as KE, parted by blanks.")
        if self.kind.worldwide:
            help_text = _("Two-letter codes such as KE, parted by blanks. Empty: the whole world.")
        self.fields["countries"] = CodesField(label=_("Countries that it covers"), help_text=help_text)
        self.fields["languages"] = CodesField(
            label=_("Languages that it covers"), help_text=_("Codes such as am or fa, parted by blanks.")
        )
        self.fields["expected_every"] = IntervalField(
            every,
            label=_("Something new at least every"),
            help_text=_("After three times as long without news it counts as silent, and as a blind spot."),
        )
        self.fields["reliability"] = _reliability_field()
        if not self.kind.measures:
            self.fields["tlp"] = _tlp_field(Tlp.CLEAR)
            self.fields["readers"] = RolesField(help_text=_("None ticked: everybody who may read."))
        self.fields["owner"] = forms.ModelChoiceField(
            label=_("Who looks after it"), queryset=_keepers(), required=False, empty_label=_("nobody yet")
        )

    def _fill(self, source: Source) -> None:
        target = dict(source.options)
        for name, field in self.fields.items():
            if name.startswith("option_"):
                field.initial = target.get(name.removeprefix("option_"), field.initial)
            elif name == "owner":
                field.initial = source.owner_id
            elif name != "expected_every":
                field.initial = getattr(source, name)

    def draft(self) -> SourceDraft:
        """What was filled in."""
        data = self.cleaned_data
        names = [option.name for option in self.kind.options]
        owner = data.get("owner")
        return SourceDraft(
            name=data["name"],
            kind=self.kind.name,
            url=data.get("url", ""),
            options={name: data.get(f"option_{name}") for name in names},
            countries=data["countries"],
            languages=data["languages"],
            reliability=data["reliability"],
            tlp=data.get("tlp", Tlp.CLEAR),
            readers=data.get("readers", 0),
            expected_every=data["expected_every"],
            owner=owner.pk if owner else None,
            allow_private=data.get("allow_private", ""),
            exercise=self._source.exercise if self._source else False,
        )


def _keepers() -> Any:
    keepers = [role for role in Role if _may_keep(role)]
    people = Person.objects.filter(is_active=True).order_by("name", "pk")
    return people.filter(pk__in=[one.pk for one in people if any(role & one.roles for role in keepers)])


def _may_keep(role: Role) -> bool:
    return Right.SOURCES in rights(role)


def _option_field(option: Option) -> forms.Field:
    common: dict[str, Any] = {
        "label": gettext(option.label),
        "help_text": gettext(option.help) if option.help else "",
        "required": option.required,
        "initial": option.default,
    }
    if option.shape == "list":
        return LinesField(**common)
    if option.shape == "choice":
        return forms.ChoiceField(choices=[(value, gettext(words)) for value, words in option.choices], **common)
    if option.shape == "number":
        return forms.IntegerField(min_value=option.least, max_value=option.most, **common)
    if option.shape == "yes-no":
        return forms.BooleanField(**{**common, "required": False})
    return forms.CharField(max_length=500, **common)


class ImportForm(_Refusable):
    """A list of feeds, and what every source of it is given."""

    file = forms.FileField(label=_("List of feeds (OPML)"), help_text=_("Nothing is added before you have seen it."))
    countries = CodesField(label=_("Countries that they cover"), help_text=_("Two-letter codes, parted by blanks."))
    languages = CodesField(label=_("Languages"), help_text=_("Empty: what the list itself says."))
    expected_every = IntervalField(label=_("Something new at least every"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["reliability"] = _reliability_field()
        self.fields["tlp"] = _tlp_field(Tlp.CLEAR)
        self.fields["readers"] = RolesField(help_text=_("None ticked: everybody who may read."))
        self.fields["allow_private"] = forms.CharField(
            label=gettext(ALLOWED_INSIDE),
            max_length=200,
            required=False,
            help_text=_(
                "Host and port of one server inside, such as feeds.internal:8080: feeds of the list that stand there "
                "may reach it, no others. Only the lead may fill this in."
            ),
        )

    def common(self) -> Common:
        """What every source of the list is given."""
        names = ("reliability", "tlp", "readers", "countries", "languages", "expected_every", "allow_private")
        return Common(**{name: self.cleaned_data[name] for name in names})


class _FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once. What is wrong with one of them is found where it is read, so that the others are taken."""

    widget = _FilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[bytes]]":
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one is not None]
        if not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return given


class UploadForm(_Refusable):
    """Documents with who may read them."""

    documents = FilesField(
        label=_("Documents"), help_text=_("PDF, DOCX, HTML or text, up to 25 MB each. Several at once.")
    )
    language = forms.CharField(
        label=_("Language"), max_length=16, required=False, help_text=_("A code such as am, if you know it.")
    )
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, if it is about one.")
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["tlp"] = _tlp_field(Tlp.AMBER)
        help_text = _("Others see neither the document nor that it exists. None ticked: everybody who may read.")
        self.fields["readers"] = RolesField(help_text=help_text, initial=int(Role.LEAD | Role.ANALYST))

    def brought(self) -> list[Brought]:
        """The documents, each with its limits."""
        data = self.cleaned_data
        return [
            Brought(
                name=one.name or "",
                body=one.read(),
                tlp=data["tlp"],
                readers=data["readers"],
                language=data["language"],
                country=data["country"],
            )
            for one in data["documents"]
        ]


class RequirementForm(_Refusable):
    """What we need to know."""

    question = forms.CharField(label=_("What do we need to know?"), max_length=300)
    asked_by = forms.CharField(label=_("Who asks?"), max_length=120)
    why = forms.CharField(
        label=_("What will be decided with it?"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    countries = CodesField(label=_("Countries"), help_text=_("Two-letter codes, parted by blanks. Empty: anywhere."))
    languages = CodesField(label=_("Languages"), help_text=_("Codes such as am or fa, parted by blanks."))
    review_on = forms.DateField(
        label=_("Look at it again on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, requirement: Requirement | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        ticks = forms.CheckboxSelectMultiple
        self.fields["harms"] = forms.MultipleChoiceField(
            label=_("Kinds of harm"),
            required=False,
            widget=ticks,
            choices=[(harm.key, gettext(harm.title)) for harm in HARMS],
        )
        self.fields["streams"] = forms.MultipleChoiceField(
            label=_("Kinds of source that would tell"),
            required=False,
            widget=ticks,
            choices=[(one.name, gettext(one.title)) for one in kinds()],
        )
        if requirement is not None:
            for name, field in self.fields.items():
                field.initial = getattr(requirement, name)

    def draft(self) -> RequirementDraft:
        """What was filled in."""
        data: Mapping[str, Any] = self.cleaned_data
        return RequirementDraft(
            question=data["question"],
            asked_by=data["asked_by"],
            why=data["why"],
            countries=data["countries"],
            languages=data["languages"],
            harms=tuple(data["harms"]),
            streams=tuple(data["streams"]),
            review_on=data["review_on"],
        )


def _day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    shown = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=shown, help_text=help_text)


def _countries() -> list[tuple[str, str]]:
    return [("", ""), *territories.choices(get_language() or "en")]


class OccasionForm(_Refusable):
    """One occasion in the calendar of a country."""

    name = forms.CharField(label=_("What is it?"), max_length=120)
    country = forms.ChoiceField(label=_("Country"), choices=_countries)
    sort = forms.ChoiceField(label=_("Sort"), choices=Occasion.Sort.choices)
    first = _day_field(_("First day"))
    last = _day_field(_("Last day"), required=False, help_text=_("Empty: one day."))

    def __init__(self, *args: Any, occasion: Occasion | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        if occasion is not None:
            for name, field in self.fields.items():
                field.initial = getattr(occasion, name)

    def draft(self) -> OccasionDraft:
        """What was filled in."""
        return OccasionDraft(**self.cleaned_data)


class CalendarForm(_Refusable):
    """A calendar file, and what its days are."""

    file = forms.FileField(label=_("Calendar file"), help_text=_("An .ics file, up to 2 MB."))
    country = forms.ChoiceField(label=_("Country"), choices=_countries)
    sort = forms.ChoiceField(label=_("Sort"), choices=Occasion.Sort.choices)
