"""What people fill in about a plan. A version's form has parts that repeat; it works without scripts."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.responses import phrases
from tocsin.responses.log.content import (
    LINE_MOST,
    MANY,
    TEXT_MOST,
    Content,
    For,
    Function,
    Indicator,
    Option,
    Stakeholder,
    Task,
    Wording,
)

Choices = list[tuple[Any, Any]]
_LOCAL = "%Y-%m-%dT%H:%M"
_PLAIN = {"autocapitalize": "none", "autocorrect": "off"}
_FUNCTIONS = [(str(key), said) for key, said in phrases.FUNCTIONS.items()]
_AUDIENCES = [(str(key), said) for key, said in phrases.AUDIENCES.items()]


def _number(text: str) -> int:
    return int(text) if text else 0


def _text(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": f"rows-{rows}"})


def _words(label: Any, hint: Any = "", *, rows: int = 3, needed: bool = False) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, required=needed, max_length=TEXT_MOST, widget=_text(rows))


def _line(label: Any, hint: Any = "", *, needed: bool = False) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, required=needed, max_length=LINE_MOST)


def choices(form: forms.Form, name: str, offered: Iterable[tuple[Any, Any]]) -> None:
    """Offer these in a field of choices."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(offered)


class NewForm(forms.Form):
    """A plan's beginning."""

    title = _line(_("Title"), _("A few words. It stands in lists, so it says nothing about a person."), needed=True)
    objective = _line(
        _("Objective"),
        _("What is to be reached, in one line. You can write it later; nobody can be asked for a yes without it."),
    )
    severity = forms.TypedChoiceField(
        label=_("How severe is it?"), choices=list(phrases.SEVERITIES.items()), coerce=int, initial=3,
        help_text=_("This decides who may approve, and how soon they are asked to answer."),
    )  # fmt: skip
    drill = forms.BooleanField(label=_("This is a drill"), required=False)


class HeadForm(forms.Form):
    """The parts of a version that stand once."""

    title = _line(_("Title"), needed=True)
    objective = _line(_("Objective"), _("What is to be reached, in one line."))
    reasons = _words(_("Why the chosen option, and not another"), _("Needed as soon as one is chosen."))
    exit_condition = _words(_("Over when"), _("The exit condition: what must be true before this plan ends."))
    not_to_do = _words(_("What not to do"), rows=5)
    resources = _words(_("Resources"), _("Whose time, what money, what else."))
    update_hours = forms.IntegerField(label=_("Hours between updates"), min_value=1, max_value=24 * 14, initial=24)
    note = _line(_("What you changed, for whoever reads the versions"))
    base = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class OptionForm(forms.Form):
    """One option."""

    key = forms.SlugField(widget=forms.HiddenInput, max_length=12)
    title = _line(_("Name"))
    benefit = _words(_("Benefit"), rows=2)
    risk = _words(_("Risk to the person"), _("Even if that is nothing."), rows=2)
    cost = _words(_("Cost"), rows=2)
    reversible = _words(_("Can it be taken back?"), rows=2)
    objections = _words(_("Who objects, and why"), rows=2)
    gone = forms.BooleanField(label=_("Take this option out"), required=False)


class StakeholderForm(forms.Form):
    """Somebody with a part in it."""

    function = forms.ChoiceField(label=_("Function"), choices=_FUNCTIONS)
    person = forms.TypedChoiceField(label=_("Who"), coerce=_number, empty_value=None, required=False)
    name = _line(_("Or somebody outside"))
    part = _words(_("Their part"), rows=2)
    gone = forms.BooleanField(label=_("Take this part out"), required=False)


class WordingForm(forms.Form):
    """Words for somebody."""

    audience = forms.ChoiceField(label=_("For whom"), choices=_AUDIENCES)
    language = forms.RegexField(
        label=_("Language"), regex=r"^[a-zA-Z]{2,3}(-[A-Za-z0-9]{2,8})*$", initial="en", max_length=20,
        help_text=_("A code, such as: en"), widget=forms.TextInput(attrs=_PLAIN),
    )  # fmt: skip
    text = _words(_("Words"))
    gone = forms.BooleanField(label=_("Take these words out"), required=False)


class IndicatorForm(forms.Form):
    """Something to watch."""

    text = _words(_("What to watch"), rows=2)
    series = _line(
        _("Measured as"), _("The name of a series, such as findings:XX:blocking. Empty where a person looks.")
    )
    gone = forms.BooleanField(label=_("Take it out"), required=False)


_PARTS: Mapping[str, tuple[type[forms.Form], type[Any]]] = {
    "options": (OptionForm, Option),
    "stakeholders": (StakeholderForm, Stakeholder),
    "words": (WordingForm, Wording),
    "indicators": (IndicatorForm, Indicator),
}
# Rows in which only these are filled in say nothing.
_SAYS_NOTHING = {"key", "function", "person", "audience", "language", "gone"}


class Draft:
    """A version as it is written: one form for what stands once, and rows of forms for what repeats."""

    def __init__(self, people: Mapping[int, str], content: Content | None = None, base: int = 0) -> None:
        self._people: Choices = [(0, _("nobody yet, or outside")), *people.items()]
        self.chosen = ""
        self.head: forms.Form = HeadForm()
        self.rows: dict[str, list[forms.Form]] = {name: [] for name in _PARTS}
        if content is not None:
            self._show(content, base)

    def _show(self, content: Content, base: int) -> None:
        self.chosen = content.chosen
        plain = {name: getattr(content, name) for name in HeadForm.base_fields if hasattr(content, name)}
        self.head = HeadForm(initial={**plain, "base": base})
        for name in _PARTS:
            for number, one in enumerate(getattr(content, name)):
                initial = {field.name: getattr(one, field.name) for field in fields(one)}
                self.rows[name].append(self._row(name, number, initial=initial))

    def _row(self, name: str, number: int, **how: Any) -> forms.Form:
        form = _PARTS[name][0](prefix=f"{name}-{number}", **how)
        if "person" in form.fields:
            choices(form, "person", self._people)
        return form

    @classmethod
    def posted(cls, people: Mapping[int, str], data: QueryDict) -> "Draft":
        """As it was sent, to be checked and stored."""
        draft = cls(people)
        draft.chosen = data.get("chosen", "")[:12]
        draft.head = HeadForm(data)
        for name in _PARTS:
            draft.rows[name] = [draft._row(name, number, data=data) for number in range(_count(data, name))]
        return draft

    @classmethod
    def longer(cls, people: Mapping[int, str], data: QueryDict, add: str) -> "Draft":
        """As it was sent, unchecked, with one more row of one part."""
        draft = cls(people)
        draft.chosen = data.get("chosen", "")[:12]
        draft.head = HeadForm(initial={name: data.get(name, "") for name in HeadForm.base_fields})
        for name, (form, _kind) in _PARTS.items():
            for number in range(_count(data, name)):
                prefix = f"{name}-{number}-"
                initial: dict[str, Any] = {field: data.get(prefix + field, "") for field in form.base_fields}
                draft.rows[name].append(draft._row(name, number, initial=initial | {"gone": prefix + "gone" in data}))
        if add in draft.rows and len(draft.rows[add]) < MANY:
            fresh = {"key": random_name(4)} if add == "options" else {}
            draft.rows[add].append(draft._row(add, len(draft.rows[add]), initial=fresh))
        return draft

    def is_valid(self) -> bool:
        """Whether every part of it can be read."""
        rows = [form.is_valid() for forms_of in self.rows.values() for form in forms_of if not self._empty(form)]
        return self.head.is_valid() and all(rows)

    @staticmethod
    def _empty(form: forms.Form) -> bool:
        given = (form.data.get(form.add_prefix(name), "") for name in form.fields if name not in _SAYS_NOTHING)
        nobody = form.data.get(form.add_prefix("person"), "0") in {"", "0"}
        return nobody and not any(str(one).strip() for one in given)

    def content(self) -> Content:
        """What it says, once it is valid."""
        head = {name: value for name, value in self.head.cleaned_data.items() if name not in {"note", "base"}}
        parts: dict[str, Any] = {name: tuple(self._made(name)) for name in _PARTS}
        keys = {one.key for one in parts["options"]}
        return Content(**head, **parts, chosen=self.chosen if self.chosen in keys else "")

    def _made(self, name: str) -> Iterable[Any]:
        for form in self.rows[name]:
            if not self._empty(form) and not form.cleaned_data["gone"]:
                given = {key: value for key, value in form.cleaned_data.items() if key != "gone"}
                yield _PARTS[name][1](**{key: _typed(key, value) for key, value in given.items()})

    @property
    def base(self) -> int:
        """The version that whoever writes had read."""
        return int(self.head.cleaned_data["base"])

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are of each part."""
        return {name: len(rows) for name, rows in self.rows.items()}


def _typed(name: str, value: Any) -> Any:
    match name:
        case "function":
            return Function(value)
        case "audience":
            return For(value)
        case "person":
            return value or 0
    return value


def _count(data: QueryDict, name: str) -> int:
    text = data.get(f"{name}-count", "0")
    return min(int(text), MANY) if text.isascii() and text.isdecimal() and len(text) < 5 else 0


class TaskForm(forms.Form):
    """One task."""

    title = _line(_("What is to be done"), needed=True)
    function = forms.ChoiceField(label=_("Function"), choices=_FUNCTIONS)
    owner = forms.TypedChoiceField(label=_("Who does it"), coerce=_number, empty_value=None, required=False)
    due = forms.DateTimeField(
        label=_("Due"), required=False, input_formats=[_LOCAL, "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL),
    )  # fmt: skip
    needs = forms.MultipleChoiceField(label=_("Comes after"), required=False, widget=forms.CheckboxSelectMultiple)
    wanted = _line(_("What shows that it is done"), _("Whoever does it must say it then. Empty: nothing is asked."))
    protection = forms.ChoiceField(label=_("Protection on the wikis that it uses"), required=False)
    risk_check = forms.BooleanField(
        label=_("First weigh in writing what it may do to the accused, to informants and to bystanders"), required=False
    )

    def __init__(
        self, people: Mapping[int, str], others: Iterable[Task], protections: Choices, *args: Any, **kwargs: Any
    ) -> None:
        """Offer who may own it, and what may come first."""
        super().__init__(*args, **kwargs)
        choices(self, "owner", [(0, _("nobody yet")), *people.items()])
        before = [(one.key, one.title) for one in others]
        choices(self, "needs", before)
        choices(self, "protection", [("", _("none")), *protections])
        if not before:
            del self.fields["needs"]


class WordsForm(forms.Form):
    """A few words beside an act; ``needed`` says that it can't be without."""

    words = _words(_("In your words"), rows=3)

    def __init__(self, label: Any, *args: Any, hint: Any = "", needed: bool = True, **kwargs: Any) -> None:
        """Ask for them by this label."""
        super().__init__(*args, **kwargs)
        self.fields["words"].label, self.fields["words"].help_text = label, hint
        self.fields["words"].required = needed


class RiskForm(forms.Form):
    """What a task may do to others."""

    accused = _words(_("What may it do to whoever is accused?"), _("They may be innocent."), needed=True)
    informants = _words(
        _("What may it do to those who could be taken for informants?"),
        _("Who might be suspected of having told us?"), needed=True,
    )  # fmt: skip
    bystanders = _words(_("What may it do to bystanders?"), needed=True)
    go = forms.ChoiceField(
        label=_("What came of it"), choices=[("yes", _("it may be done")), ("no", _("it must not be done"))],
        widget=forms.RadioSelect,
    )  # fmt: skip


class AskForm(forms.Form):
    """Whose yes is asked."""

    approver = forms.TypedChoiceField(label=_("Who is asked"), coerce=int, widget=forms.RadioSelect)
    deputy = forms.TypedChoiceField(
        label=_("Deputy"), coerce=_number, empty_value=None, required=False, initial=0, widget=forms.RadioSelect,
        help_text=_("Called when the first does not answer in time."),
    )  # fmt: skip
    words = _words(_("What they should know first"), rows=2)

    def __init__(self, people: Mapping[int, str], *args: Any, **kwargs: Any) -> None:
        """Offer who may approve. The sheet hides among the deputies whoever is asked: one person is never both."""
        super().__init__(*args, **kwargs)
        choices(self, "approver", people.items())
        choices(self, "deputy", [(0, _("nobody")), *people.items()])
        if len(people) < 2:
            self.fields["approver"].initial = next(iter(people), None)
            del self.fields["deputy"]

    def clean(self) -> dict[str, Any]:
        """Who is asked is no deputy."""
        given = super().clean() or self.cleaned_data
        if given.get("deputy") and given["deputy"] == given.get("approver"):
            self.add_error("deputy", _("Choose somebody else as deputy."))
        return given


class GradeForm(forms.Form):
    """How severe it is."""

    severity = forms.TypedChoiceField(label=_("Severity"), choices=list(phrases.SEVERITIES.items()), coerce=int)
    privileged = forms.BooleanField(
        label=_("Legally privileged"), required=False,
        help_text=_("Then only those with a part in it, leads and counsel see it. Ask counsel."),
    )  # fmt: skip


class UpdateForm(forms.Form):
    """How it stands."""

    text = _words(_("How it stands"), _("That nothing changed is worth saying."), needed=True)


class DecideForm(forms.Form):
    """A line of the decision log."""

    what = _words(_("What was decided"), rows=2, needed=True)
    why = _words(_("Why"), rows=2, needed=True)


class CloseForm(forms.Form):
    """The end."""

    met = forms.ChoiceField(
        label=_("The exit condition"),
        choices=[("yes", _("was met")), ("no", _("was not met"))],
        widget=forms.RadioSelect,
    )
    reached = _words(_("What was reached, and what was not"), needed=True)


class DropForm(forms.Form):
    """Tasks that nobody will do, and the one reason for it."""

    tasks = forms.MultipleChoiceField(label=_("Which"), widget=forms.CheckboxSelectMultiple)
    words = _words(_("Why they are not done"), rows=3, needed=True)

    def __init__(self, open_tasks: Iterable[Task], *args: Any, **kwargs: Any) -> None:
        """Offer what is open."""
        super().__init__(*args, **kwargs)
        choices(self, "tasks", [(one.key, one.title) for one in open_tasks])


class LetInForm(forms.Form):
    """Somebody to let into a sealed plan."""

    person = forms.TypedChoiceField(label=_("Who"), coerce=int)
    role = forms.ChoiceField(
        label=_("As"), initial="member",
        choices=[
            ("member", _("member: reads and writes all of it")),
            ("owner", _("owner: may also let others in and read its log")),
        ],
    )  # fmt: skip

    def __init__(self, people: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer these people."""
        super().__init__(*args, **kwargs)
        choices(self, "person", [(one.pk, one.name) for one in people])
