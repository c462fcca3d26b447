"""What people fill in: a standing report, who gets it, an agreement."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tocsin.analysis.taxonomy import HARMS
from tocsin.lib import territories
from tocsin.people import zones
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports.arranging import Wanted
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.models import Cadence, Report, Way
from tocsin.reports.versions import name_of_language
from tocsin.situations.access import situations_for

_CODES = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}

_BY_MAIL = [(one.value, one.label) for one in (Way.MAIL, Way.LINK)]


class ReportForm(forms.Form):
    """A standing report."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=32)
    title = forms.CharField(label=_("Title"), max_length=120)
    audience = forms.ChoiceField(label=_("For whom"), widget=forms.RadioSelect)
    cadence = forms.ChoiceField(label=_("How often"), choices=Cadence.choices, initial=Cadence.WEEKLY)
    situation = forms.ChoiceField(
        label=_("About one situation"), required=False, help_text=_("Needed where it is due after an event.")
    )
    places = forms.MultipleChoiceField(label=_("Countries"), required=False, help_text=_("None chosen: everywhere."))
    harms = forms.MultipleChoiceField(label=_("Kinds of harm"), required=False, help_text=_("None chosen: all."))
    language = forms.CharField(
        label=_("Language"),
        max_length=16,
        initial="en",
        help_text=_("Its code, such as en, ar or pt-BR. What Tocsin has no words in is gathered in English, and you "
                    "translate the sentences."),
        widget=forms.TextInput(attrs=_CODES),
    )  # fmt: skip
    languages = forms.CharField(
        label=_("Also in these languages"),
        max_length=200,
        required=False,
        help_text=_("Codes with spaces between, such as ar fa. Each released issue then waits for its translation."),
        widget=forms.TextInput(attrs=_CODES),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), initial="UTC")
    hour = forms.IntegerField(label=_("Drafted at this hour of the day"), min_value=0, max_value=23, initial=6)
    roles = forms.MultipleChoiceField(
        label=_("Only for some of the team"),
        required=False,
        help_text=_("A report for the team may then hold what rests on sources for these roles alone."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        """Offer the situations that this person may read."""
        super().__init__(*args, **kwargs)
        zones.offer(self)
        for name in self.fields.keys() & {"audience", "audiences"}:
            _offer(self, name, [(one.key, f"{one.name}: {one.what_for}") for one in AUDIENCES.values()])
        rows = situations_for(person).order_by("-rank")[:200]
        _offer(self, "situation", [("", _("none")), *((one.public_id, one.title) for one in rows)])
        _offer(self, "places", territories.choices(get_language() or "en"))
        _offer(self, "harms", [(one.key, one.title) for one in HARMS])
        own = [one for one in Role if one & person.roles]
        if "roles" in self.fields:
            _offer(self, "roles", [(str(one.value), (one.name or "").lower()) for one in own])

    def wanted(self, *, exercise: bool) -> Wanted:
        """What was chosen, once it is valid."""
        given = self.cleaned_data
        return Wanted(
            title=given["title"],
            audience=given.get("audience", ""),
            cadence=given["cadence"],
            once=given["once"],
            language=given["language"],
            time_zone=given["time_zone"],
            hour=given["hour"],
            places=tuple(given["places"]),
            harms=tuple(given["harms"]),
            situation=given["situation"],
            readers=sum(int(one) for one in given.get("roles", ())),
            exercise=exercise,
            languages=tuple(dict.fromkeys(given["languages"].replace(",", " ").split())),
        )


class SetForm(ReportForm):
    """Reports for several audiences about the same."""

    audience = None  # type: ignore[assignment]
    roles = None  # type: ignore[assignment]
    audiences = forms.MultipleChoiceField(
        label=_("For whom"),
        help_text=_("Each becomes a draft of its own, from the same facts."),
        widget=forms.CheckboxSelectMultiple,
    )
    first = forms.DateField(label=_("Draft now, from"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("to"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("once", "title", "audiences", "cadence", "first", "last")

    @property
    def rest(self) -> list[forms.BoundField]:
        """What most sets leave as it is."""
        return [self[name] for name in self.fields if name not in self.field_order]

    def clean(self) -> dict[str, Any]:
        """Both days, or none."""
        given = super().clean() or {}
        if (given.get("first") is None) != (given.get("last") is None):
            self.add_error("last", _("Choose both days, or none."))
        return given


class RecipientForm(forms.Form):
    """Who gets a report from now on."""

    name = forms.CharField(label=_("Who"), max_length=120)
    address = forms.EmailField(label=_("Mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    way = forms.ChoiceField(
        label=_("How"),
        choices=_BY_MAIL,
        widget=forms.RadioSelect,
        initial=Way.MAIL,
    )
    key = forms.CharField(
        label=_("OpenPGP key"),
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 3, **_CODES}),
        help_text=_("With it the whole issue goes by mail, sealed. Without it what is above TLP:GREEN goes by a link."),
    )
    language = forms.ChoiceField(label=_("In which language"), required=False)

    def __init__(self, report: Report, *args: Any, **kwargs: Any) -> None:
        """Offer the languages of the report; where it has one alone nothing is asked."""
        super().__init__(*args, **kwargs)
        others = [(one, name_of_language(one)) for one in report.languages]
        _offer(self, "language", [("", name_of_language(report.language)), *others])
        if not others:
            self.fields["language"].widget = forms.HiddenInput()


class AgreementForm(forms.Form):
    """Who of the affected community agreed."""

    with_whom = forms.CharField(
        label=_("Who agreed"), max_length=200, help_text=_("A group or a role; never the name of a person at risk.")
    )
    how = forms.CharField(label=_("How you asked"), max_length=300)
    agreed_on = forms.DateField(label=_("On which day"), widget=forms.DateInput(attrs={"type": "date"}))


class WrongForm(forms.Form):
    """What was wrong with an issue."""

    wrong = forms.CharField(
        label=_("What was wrong"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands at the top of the new issue, which goes to exactly those who got the old one."),
    )


class TitleForm(forms.Form):
    """A title of one's own, or none."""

    title = forms.CharField(label=_("Title"), max_length=160, required=False)


def _offer(form: forms.Form, name: str, choices: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)
