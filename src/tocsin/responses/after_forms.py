"""What people fill in about a plan's people, drills, debrief and lessons, and about what was missed."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tocsin.analysis import taxonomy
from tocsin.lib import territories
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import drills, phrases
from tocsin.responses.limits import Bounded
from tocsin.responses.log.acts import Changes, Debriefed
from tocsin.responses.log.content import TEXT_MOST, State, WrongError
from tocsin.rollcalls.forms import RollCallForm

CHANGES = {
    Changes.RULE: _("a rule that pages"),
    Changes.THRESHOLD: _("a threshold"),
    Changes.PLAYBOOK: _("a playbook"),
    Changes.ROTA: _("a rota"),
    Changes.SOURCE: _("a source"),
    Changes.TRAINING: _("training"),
    Changes.OTHER: _("something else"),
}


def _area(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, **more)


def _team() -> list[tuple[int, str]]:
    return [(one.pk, one.name) for one in Person.objects.filter(is_active=True).exclude(roles=0).order_by("name", "pk")]


def _writers() -> list[tuple[int, str]]:
    rows = Person.objects.filter(is_active=True).exclude(roles=0).order_by("name", "pk")
    return [(one.pk, one.name) for one in rows if one.may(Right.PLANS) or one.may(Right.READ)]


class Refusable(Bounded):
    """A form that can show what a verb found wrong, at the field that it is about."""

    def wrong(self, error: WrongError) -> None:
        """Show it."""
        self.add_error(error.name if error.name in self.fields else None, error.words)


class DebriefForm(Refusable):
    """What was planned, what happened, and what it was like."""

    expected = forms.CharField(
        label=_("What we expected"), required=False, max_length=TEXT_MOST, widget=_area(),
        help_text=_("What the plan was meant to reach, and what we took for granted."),
    )  # fmt: skip
    happened = forms.CharField(
        label=_("What happened"), max_length=TEXT_MOST, widget=_area(6),
        help_text=_("As those who were there saw it. What made sense to them then, not whose fault it was."),
    )  # fmt: skip
    helped = forms.CharField(label=_("What helped"), required=False, max_length=TEXT_MOST, widget=_area())
    hurt = forms.CharField(
        label=_("What hurt, or came near to it"), required=False, max_length=TEXT_MOST, widget=_area()
    )
    luck = forms.CharField(
        label=_("What was luck"), required=False, max_length=TEXT_MOST, widget=_area(),
        help_text=_("What could as well have gone the other way, and must not rest on luck again."),
    )  # fmt: skip
    people = forms.CharField(
        label=_("How we are"), required=False, max_length=TEXT_MOST, widget=_area(3),
        help_text=_("Only what people want to say here. Who needs rest takes it: the rota can see to that."),
    )  # fmt: skip
    base = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def debrief(self) -> Debriefed:
        """What was written, once it is valid."""
        return Debriefed(**self.cleaned_data)


class LessonForm(Refusable):
    """What is to change, who sees to it, and until when."""

    text = forms.CharField(label=_("What will be different"), max_length=300)
    changes = forms.ChoiceField(label=_("It changes"), choices=[(str(key), words) for key, words in CHANGES.items()])
    target = forms.CharField(
        label=_("Which one"), required=False, max_length=200, help_text=_("Its name, or the address of its page.")
    )
    owner = forms.TypedChoiceField(
        label=_("Who sees to it"), coerce=int, error_messages={"required": _("Choose who sees to it.")}
    )
    due = _moment(_("Until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the team, nobody of it beforehand, and a fortnight."""
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", _("choose somebody")), *_writers()]  # type: ignore[attr-defined]
        self.fields["due"].initial = timezone.localtime() + timedelta(days=14)


class LessonMoveForm(Refusable):
    """A lesson was done, or will not be."""

    state = forms.ChoiceField(
        label=_("It is"),
        choices=[
            (State.DONE, _("done")),
            (State.DROPPED, _("not done, and will not be")),
            (State.OPEN, _("open again")),
        ],
    )
    words = forms.CharField(
        label=_("What changed, or why not"), max_length=2_000, widget=_area(3), help_text=_("With a link to it.")
    )


class MusterForm(RollCallForm):
    """Whom to ask whether they can help with a plan: a roll-call of those who chose that question."""

    function = forms.ChoiceField(
        label=_("For"), choices=[(str(key), words) for key, words in phrases.FUNCTIONS.items()]
    )
    field_order = ("function", "languages", "skills", "countries", "zones", "minutes", "once")

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        """Leave out what is the same for every call for help."""
        super().__init__(person, *args, **kwargs)
        for name, value in (("question", "help"), ("again_minutes", "20"), ("silence_minutes", "45")):
            self.fields[name].widget = forms.HiddenInput()
            self.fields[name].initial = value
        for name in ("policy", "readers", "situation"):
            self.fields[name].widget = forms.HiddenInput() if name != "readers" else forms.MultipleHiddenInput()


class ArriveForm(Refusable):
    """Who is on it from now on."""

    person = forms.TypedChoiceField(label=_("Who"), coerce=int)
    function = forms.ChoiceField(label=_("As"), choices=[(str(key), words) for key, words in phrases.FUNCTIONS.items()])
    until = _moment(_("Until about"), required=False)

    def __init__(self, people: list[tuple[int, str]] | None, *args: Any, **kwargs: Any) -> None:
        """Offer these people, or the team."""
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = _team() if people is None else people  # type: ignore[attr-defined]


class RelieveForm(Refusable):
    """Whose turn is over, and what the next one needs to know."""

    successor = forms.TypedChoiceField(label=_("Who goes on"), coerce=int, required=False, empty_value=None)
    handover = forms.CharField(
        label=_("Hand-over"), max_length=TEXT_MOST, widget=_area(5),
        help_text=_("What is open, what was promised to whom, what you fear, what you would do next."),
    )  # fmt: skip

    def __init__(self, people: list[tuple[int, str]] | None, *args: Any, **kwargs: Any) -> None:
        """Offer these people, or the team."""
        super().__init__(*args, **kwargs)
        offered = _team() if people is None else people
        self.fields["successor"].choices = [(0, _("nobody for now")), *offered]  # type: ignore[attr-defined]


class DrillForm(Refusable):
    """Against what, and how fast."""

    scenario = forms.ChoiceField(label=_("Scenario"), required=False)
    anyway = forms.BooleanField(label=_("Run one of another kind, and see what the plan lacks"), required=False)
    speed = forms.TypedChoiceField(
        label=_("How fast"),
        coerce=int,
        choices=[
            (1, _("as in life")),
            (6, _("an hour in ten minutes")),
            (12, _("an hour in five minutes")),
            (30, _("an hour in two minutes")),
            (60, _("an hour in a minute")),
        ],
        initial=6,
        help_text=_(
            "All of it runs this fast: when tasks are due, how long an approver has, ratification, updates, turns. "
            "At an hour in five minutes, an approver who has half an hour has two and a half minutes on the watch."
        ),
    )

    def __init__(self, playbook: str, *args: Any, **kwargs: Any) -> None:
        """Offer what there is: first what fits this playbook, then the rest by its own heading."""
        super().__init__(*args, **kwargs)
        known = drills.suited(playbook)
        fitting = [(key, one.title) for key, one in known if drills.fits(one, playbook)]
        self._others = [(key, one.title) for key, one in known[len(fitting) :]]
        rest: list[Any] = [("", _("none: only what the plan holds"))]
        if self._others:
            rest.append((_("About another kind of emergency"), self._others))
        self.fields["scenario"].choices = [*fitting, *rest]  # type: ignore[attr-defined]
        self.fields["scenario"].initial = fitting[0][0] if fitting else ""
        if not self._others:
            del self.fields["anyway"]
            return
        self.fields["scenario"].help_text = (
            _("Those of another kind stand under their own heading: nothing in this plan answers what happens in them.")
            if fitting
            else _("None fits this plan’s playbook: nothing in this plan answers what happens in the others.")
        )

    def clean(self) -> dict[str, Any]:
        """What does not fit is run on purpose alone."""
        given = super().clean() or self.cleaned_data
        if given.get("scenario") in dict(self._others) and not given.get("anyway"):
            self.add_error("anyway", drills.UNFIT)
        return given


class JoinForm(Refusable):
    """As what somebody takes part in a drill."""

    function = forms.ChoiceField(label=_("As"), choices=[(str(key), words) for key, words in phrases.FUNCTIONS.items()])


class EndDrillForm(Refusable):
    """The end of a drill: one press is enough."""

    reached = forms.CharField(label=_("What was reached"), required=False, max_length=TEXT_MOST, widget=_area(2))
    met = forms.BooleanField(label=_("The exit condition was met"), required=False)


class ObserveForm(Refusable):
    """How a turn of events was met."""

    key = forms.RegexField(regex=r"^i[0-9]{1,3}$", widget=forms.HiddenInput)
    met = forms.BooleanField(label=_("Met as a good team would"), required=False)
    words = forms.CharField(label=_("What you saw"), required=False, max_length=2_000, widget=_area(2))


class MissedForm(Refusable):
    """What we learnt of elsewhere first."""

    what = forms.CharField(label=_("What happened"), max_length=300, help_text=_("In one line, without a name."))
    country = forms.ChoiceField(label=_("Where"), required=False)
    harm = forms.ChoiceField(label=_("Kind of harm"), required=False)
    happened_at = _moment(_("It happened"))
    learnt_at = _moment(_("We learnt of it"), help_text=_("Not before it happened."))
    learnt_from = forms.CharField(label=_("From whom, or where"), max_length=200, help_text=_("No person’s name."))
    seen_at = _moment(_("Our own signals showed it"), required=False, help_text=_("Empty: they never did."))
    should_have = forms.CharField(
        label=_("What should have seen it"), max_length=80,
        help_text=_("A rule, a detector or a source; or what there is not yet."),
    )  # fmt: skip
    why_not = forms.CharField(label=_("Why it did not"), required=False, max_length=TEXT_MOST, widget=_area())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer countries and kinds of harm by their names."""
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        places = sorted((territories.name(one, language), one) for one in territories.TERRITORIES)
        self.fields["country"].choices = [("", "—"), *((code, name) for name, code in places)]  # type: ignore[attr-defined]
        kinds = [(one.key, one.title) for one in taxonomy.HARMS]
        self.fields["harm"].choices = [("", "—"), *kinds]  # type: ignore[attr-defined]
