"""Forms of this room, made from the fields of each kind of record."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tocsin.alerts.models import Policy
from tocsin.alliances.words import CEILINGS
from tocsin.cases import questions, zones
from tocsin.cases.entries import Entry
from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Ask, Kind, Shape, WrongError
from tocsin.cases.kinds.reporters import Task
from tocsin.cases.kinds.safety import CheckIn
from tocsin.cases.names import code_name
from tocsin.cases.roles import COMPARTMENTS, PURPOSES, ROLES
from tocsin.lib.tlp import Tlp
from tocsin.mailbox.words import KINDS, URGENCY
from tocsin.people.models import Person

_FEW = 5
_LOCAL = "%Y-%m-%dT%H:%M"


class RecordForm(forms.Form):
    """The fields of a kind of record that one form asks for."""

    def __init__(
        self,
        kind: type[Kind],
        names: Iterable[str],
        members: Mapping[int, str],
        found: Sequence[Entry],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Ask for the fields ``names``; people are chosen among ``members``, records among ``found``."""
        super().__init__(*args, **kwargs)
        self.kind, self.names = kind, tuple(names)
        known = base.asks(kind)
        for name in self.names:
            self.fields[name] = _field(known[name], members, found)

    def values(self) -> dict[str, Any]:
        """What was given, as the kind holds it."""
        known = base.asks(self.kind)
        found = {name: _value(known[name].shape, self.cleaned_data[name]) for name in self.names}
        return {**found, **self._beside(found)}

    def _beside(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """What the form of a check-in asks beside: whom it calls, and in whose time."""
        given = self.cleaned_data
        beside: dict[str, Any] = {name: given[name] for name in ("policy", "first", "zone") if name in self.fields}
        if given.get("told_in") == zones.THERE and given.get("zone"):
            beside["next_at"] = zones.meant(found["next_at"], given["zone"])
        return beside

    def clean(self) -> dict[str, Any]:
        """Their time can't be meant where nobody says which."""
        given = super().clean() or self.cleaned_data
        if given.get("told_in") == zones.THERE and not given.get("zone"):
            self.add_error("zone", _("Choose the zone where they are, or tell the moment in your time."))
        return given

    def refuse(self, error: WrongError) -> None:
        """Show what is wrong beside its field."""
        self.add_error(error.name if error.name in self.fields else None, str(error.words))


def _field(ask: Ask, members: Mapping[int, str], found: Sequence[Entry]) -> forms.Field:
    common: dict[str, Any] = {"label": ask.label, "help_text": ask.help, "required": ask.needed}
    made: forms.Field
    match ask.shape:
        case Shape.TEXT:
            made = forms.CharField(
                max_length=ask.most, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}), **common
            )
        case Shape.DAY:
            made = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common)
        case Shape.MOMENT:
            widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL)
            made = forms.DateTimeField(input_formats=[_LOCAL], widget=widget, **common)
        case Shape.NUMBER:
            number = forms.NumberInput(attrs={"inputmode": "numeric"})
            made = forms.IntegerField(min_value=0, max_value=ask.most, widget=number, **(common | {"required": False}))
        case Shape.TICK:
            made = forms.BooleanField(**(common | {"required": False}))
        case Shape.CHOICE:
            made = _choice(ask.choices, common)
        case Shape.CHOICES:
            made = forms.MultipleChoiceField(choices=ask.choices, widget=forms.CheckboxSelectMultiple, **common)
        case Shape.PERSON:
            made = forms.TypedChoiceField(
                choices=[(0, _("nobody yet")), *members.items()], coerce=int, empty_value="", **common
            )
        case Shape.LINK:
            made = forms.ChoiceField(choices=[("", _("none")), *_links(ask, found)], **common)
        case _:
            made = forms.CharField(
                max_length=ask.most, widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}), **common
            )
    return made


def _choice(choices: base.Choices, common: dict[str, Any]) -> forms.Field:
    if len(choices) <= _FEW:
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    return forms.ChoiceField(choices=[("", _("choose")), *choices], **common)


def _links(ask: Ask, found: Sequence[Entry]) -> list[tuple[str, str]]:
    mine = [one for one in found if one.what.kind in ask.of]
    return [(str(one.id), f"{one.what.headline[:80]} ({one.what.standing})") for one in mine]


def _value(shape: Shape, value: Any) -> Any:
    if shape in {Shape.LINE, Shape.TEXT}:
        return value.replace("\r\n", "\n").strip()
    if shape == Shape.CHOICES:
        return tuple(value)
    if shape in {Shape.NUMBER, Shape.PERSON}:
        return int(value or 0)
    return value if value is not None or shape in {Shape.DAY, Shape.MOMENT} else ""


def initial(one: Kind, names: Iterable[str]) -> dict[str, Any]:
    """What a form shows of a record that stands already."""
    known, shown = base.asks(type(one)), {}
    for name in names:
        value = getattr(one, name)
        if known[name].shape == Shape.MOMENT and isinstance(value, datetime):
            value = timezone.localtime(value)
        shown[name] = list(value) if isinstance(value, tuple) else value
    return shown


def place(form: forms.Form, kind: type[Kind], readers: Mapping[str, str], chosen: str) -> None:
    """Let the form ask where a record stands, and say who reads it there; ``readers`` are names by compartment."""
    open_here = [name for name in kind.compartments if name in readers]
    choices = [(name, f"{COMPARTMENTS[name]}: {readers[name]}") for name in open_here]
    field = forms.ChoiceField(label=_("Where it stands, and who reads it there"), choices=choices)
    field.widget = forms.RadioSelect(choices=choices) if len(choices) > 1 else forms.HiddenInput()
    field.initial = chosen if chosen in open_here else (open_here[0] if open_here else "")
    form.fields = {"compartment": field, **form.fields}


def ask_requirement(form: forms.Form) -> None:
    """Let the form of a task ask which requirement it serves."""
    form.fields["requirement"] = forms.ChoiceField(
        label=str(base.asks(Task)["requirement"].label),
        choices=[("", _("none of these")), *questions.standing()],
        required=False,
        help_text=_("It stands here alone: nothing tells there that a reporter was asked."),
    )


def ask_zone(form: "RecordForm", country: str) -> None:
    """Let the form of a check-in ask in whose time its moment is told, and where they are."""
    near = zones.of_country(country)
    here = zones.said(timezone.get_current_timezone_name())
    theirs = zones.said(near[0]) if len(near) == 1 else _("the time where they are, as chosen below")
    form.fields["told_in"] = forms.ChoiceField(
        label=_("In whose time"),
        choices=[(zones.HERE, _("yours: %(zone)s") % {"zone": here}), (zones.THERE, _("theirs: %s") % theirs)],
        initial=zones.HERE,
        required=False,
        widget=forms.RadioSelect,
    )
    form.fields["zone"] = forms.ChoiceField(
        label=_("Time zone where they are"),
        choices=zones.choices(country),
        initial=near[0] if len(near) == 1 else "",
        required=False,
        help_text=_("The duty sheet shows each check-in in this time, too."),
    )
    names = list(form.fields)
    at = names.index("next_at") + 1
    form.order_fields([*names[:at], "told_in", "zone", *names[at:]])


def ask_policy(form: forms.Form, owners: Sequence[tuple[int, str]]) -> None:
    """Let the form of a check-in ask whom silence calls: an owner first, then a policy."""
    form.fields["first"] = forms.TypedChoiceField(
        label=_("Whom silence wakes first"),
        choices=[*owners, (0, _("nobody: at once whoever is on duty"))],
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("An owner of this case, whether they are on duty or not. After them it goes on to those below."),
    )
    rows = Policy.objects.filter(ended_at=None).order_by("-is_default", "name")
    choices = [(one.public_id, one.name) for one in rows]
    form.fields["policy"] = forms.ChoiceField(
        label=_("Whom silence calls"),
        choices=choices or [("", _("whoever leads"))],
        required=False,
        help_text=_("They learn that somebody must be looked after, and open the duty sheet if they hold it."),
    )


def record_form(
    kind: type[Kind],
    members: Mapping[int, str],
    found: Sequence[Entry],
    data: Any = None,
    start: Any = None,
    owners: Sequence[int] = (),
    country: str = "",
) -> RecordForm:
    """The form that begins a record of a kind."""
    names = base.first_fields(kind)
    known = base.asks(kind)
    today = timezone.localdate()
    fresh: dict[str, Any] = {}
    for name in names:
        if known[name].shape == Shape.NUMBER:
            fresh[name] = kind.__dataclass_fields__[name].default
        if name in {"given_on", "on", "since"} and kind.kind in {"consent", "harm"}:
            fresh[name] = today
    form = RecordForm(kind, names, members, found, data, initial={**fresh, **(start or {})})
    if kind is Task:
        ask_requirement(form)
    if kind is CheckIn:
        ask_zone(form, country)
        ask_policy(form, [(one, members[one]) for one in owners])
    return form


class FoundForm(forms.Form):
    """The beginning of a case: few questions, since somebody may be on the telephone."""

    line = forms.CharField(label=_("In a line, without names"), max_length=200)
    what = forms.CharField(
        label=_("What happened, as it was told"), max_length=base.TEXT_MOST, widget=forms.Textarea(attrs={"rows": 5})
    )
    urgent = forms.ChoiceField(label=_("How urgent"), widget=forms.RadioSelect)
    source = forms.ChoiceField(label=_("Who says so"))
    retention = forms.ChoiceField(label=_("Kept for"), widget=forms.RadioSelect, initial="usual")
    second = forms.TypedChoiceField(
        label=_("A second owner, who can open everything as you can"),
        coerce=int,
        required=False,
        empty_value="",
        help_text=_(
            "Only people whose keys you compared stand here. With nobody, the case is lost if you lose your six words."
        ),
    )

    def __init__(
        self, choices: Mapping[str, base.Choices], people: Iterable[Person], *args: Any, **kwargs: Any
    ) -> None:
        """Offer these choices and people."""
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ChoiceField)
            chosen.choices = list(offered)
        second = self.fields["second"]
        assert isinstance(second, forms.ChoiceField)
        second.choices = [(0, _("nobody yet")), *((one.pk, one.name) for one in people)]


class PurposeForm(forms.Form):
    """Why an identity is opened."""

    purpose = forms.ChoiceField(
        label=_("What do you need it for?"), choices=list(PURPOSES.items()), widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In a few words"), max_length=200, required=False, help_text=_("Sealed with the identity itself.")
    )


class LetInForm(forms.Form):
    """Somebody to let in, and as what."""

    person = forms.TypedChoiceField(label=_("Who"), coerce=int)
    role = forms.ChoiceField(label=_("As"), choices=list(ROLES.items()), initial="caseworker")

    def __init__(self, people: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer these people."""
        super().__init__(*args, **kwargs)
        chosen = self.fields["person"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [(one.pk, one.name) for one in people]


class KeepOutForm(forms.Form):
    """Somebody who must never be let in, and why."""

    person = forms.TypedChoiceField(label=_("Who"), coerce=int)
    why = forms.CharField(label=_("Why"), max_length=base.LINE_MOST)

    def __init__(self, people: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer these people."""
        super().__init__(*args, **kwargs)
        chosen = self.fields["person"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [(one.pk, one.name) for one in people]


class ShareForm(forms.Form):
    """For how long an ally can open what they are told, and what they may do with it."""

    days = forms.IntegerField(label=_("For so many days"), min_value=1, max_value=90, initial=14)
    tlp = forms.ChoiceField(label=_("Who of them may know"), choices=list(CEILINGS.items()), initial=Tlp.AMBER_STRICT)


class ExtendForm(forms.Form):
    """Until when a closed case is kept, and why so long."""

    until = forms.DateField(label=_("Keep it until"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("Why so long"), max_length=base.LINE_MOST)
    prefix = "longer"


class EndForm(forms.Form):
    """Why a closed case is to be shredded before its time."""

    why = forms.CharField(label=_("Why now"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}))
    prefix = "ask"


class SureForm(forms.Form):
    """That somebody means it: typed, so that it is never a slip."""

    sure = forms.CharField(
        label=_("Type SHRED"),
        max_length=10,
        help_text=_("Nobody can undo it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_sure(self) -> str:
        """The word itself."""
        if self.cleaned_data["sure"].strip().upper() != "SHRED":
            raise forms.ValidationError(_("Type SHRED if you mean it."))
        return "SHRED"


class HeardForm(forms.Form):
    """The word that they said."""

    word = forms.CharField(
        label=_("The word that they said"),
        max_length=base.LINE_MOST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )


class RiskForm(forms.Form):
    """What somebody of the house fears for another, or for themselves."""

    desk = forms.ChoiceField(label=_("Which desk"))
    what = forms.CharField(
        label=_("What may happen, to whom"),
        max_length=base.TEXT_MOST // 2,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "autocomplete": "off"}),
    )
    how = forms.CharField(
        label=_("How you know, and how sure you are"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "autocomplete": "off"}),
    )
    known = forms.CharField(
        label=_("Do they know that you report it?"), max_length=base.LINE_MOST, required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("What it is about"), choices=list(KINDS.items()))
    urgency = forms.ChoiceField(
        label=_("When help is needed"), choices=[one for one in URGENCY.items() if one[0] != "bulk"], initial="today"
    )
    where = forms.CharField(
        label=_("How to reach you about it"), max_length=1000, required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )  # fmt: skip
    excluded = forms.TypedMultipleChoiceField(
        label=_("Who must not see it"),
        help_text=_("Such as somebody whom it is about, or who stands too near."),
        widget=forms.CheckboxSelectMultiple,
        coerce=int,
        required=False,
    )

    def __init__(self, desks: Sequence[tuple[str, str]], people: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer these desks and people."""
        super().__init__(*args, **kwargs)
        for name, offered in (("desk", list(desks)), ("excluded", [(one.pk, one.name) for one in people])):
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ChoiceField)
            chosen.choices = offered

    def content(self, language: str) -> dict[str, Any]:
        """What is sealed, as a letter that somebody told to a colleague."""
        given = self.cleaned_data
        parts = [_("A risk that a colleague reports"), given["what"], f"{self['how'].label}: {given['how']}"]
        parts += [f"{self['known'].label} {given['known']}"] if given["known"] else []
        answer = {"how": "channel", "where": given["where"], "when": "", "say": ""}
        kept = {"kind": given["kind"], "urgency": given["urgency"], "safe": "other", "language": language}
        return {**kept, "text": "\n\n".join(str(one) for one in parts), "what": "first", "answer": answer, "files": []}


class ContactForm(RecordForm):
    """A contact, from the desk: the case, then what was said."""

    def __init__(self, cases: Iterable[Any], kind: type[Kind], *args: Any, **kwargs: Any) -> None:
        """Offer these cases."""
        super().__init__(kind, base.first_fields(kind), {}, (), *args, **kwargs)
        del self.fields["next_who"]
        self.names = tuple(name for name in self.names if name != "next_who")
        choices = [(str(one), code_name(one)) for one in cases]
        self.fields = {"case": forms.ChoiceField(label=_("Which case"), choices=choices), **self.fields}
