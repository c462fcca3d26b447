"""What people fill in about alerts and policies."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tocsin.alerts import words
from tocsin.alerts.access import answerers
from tocsin.alerts.actions import PageNow
from tocsin.alerts.models import Alert, Lane, Policy, Severity, Target
from tocsin.alerts.policies import MOST_AIMS, MOST_STEPS, Aim, Draft, Step
from tocsin.oncall.models import Rota
from tocsin.people import zones
from tocsin.people.models import Person
from tocsin.people.roles import Role

_REFERENCE = re.compile(r"[a-z]{1,20}:[0-9A-Za-z-]{1,40}")
_ROOMS = {"situations": "situation", "sources": "source", "signals": "signal", "alerts": "alert"}
_WORDS_OF_LANES = {
    Lane.LIFE: gettext_lazy("Life or liberty: somebody may be hurt or arrested. Only those who are called know of it."),
    Lane.WAKE: gettext_lazy("At any hour: it wakes whoever is on duty."),
    Lane.QUIET: gettext_lazy("By day: it wakes nobody."),
}
_WORDS_OF_SEVERITIES = {
    Severity.EXTREME: gettext_lazy("extreme: lives, or the whole movement"),
    Severity.SEVERE: gettext_lazy("severe: people or projects are in danger now"),
    Severity.MODERATE: gettext_lazy("moderate: it may become so"),
    Severity.MINOR: gettext_lazy("minor: somebody should know"),
}
ROLES = {
    Role.LEAD: gettext_lazy("everyone who leads"),
    Role.ANALYST: gettext_lazy("every analyst"),
    Role.RESPONDER: gettext_lazy("every responder"),
}


class PageNowForm(forms.Form):
    """Calling people by hand: how bad and whom. No words of one's own: they could hold a name."""

    severity = forms.TypedChoiceField(
        label=gettext_lazy("How bad is it?"),
        coerce=int,
        choices=[(int(one), said) for one, said in _WORDS_OF_SEVERITIES.items()],
        initial=int(Severity.SEVERE),
        widget=forms.RadioSelect,
    )
    lane = forms.ChoiceField(
        label=gettext_lazy("May it wake people?"),
        choices=list(_WORDS_OF_LANES.items()),
        initial=Lane.WAKE,
        widget=forms.RadioSelect,
    )
    whom = forms.TypedChoiceField(
        label=gettext_lazy("One person first"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", pgettext_lazy("x", "–"))],
        help_text=gettext_lazy("Called now by their own addresses. If they don’t answer, the policy follows."),
    )
    policy = forms.ModelChoiceField(
        label=gettext_lazy("Whom to call"),
        queryset=Policy.objects.none(),
        to_field_name="public_id",
        empty_label=None,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of whoever needs help"), required=False, choices=[("", pgettext_lazy("x", "–"))]
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("How soon must somebody act?"),
        required=False,
        choices=[("", pgettext_lazy("x", "–")), *words.URGENCY.items()],
    )
    reference = forms.CharField(
        label=gettext_lazy("What it is about"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Paste the address of a situation or a source. Nothing else: no names, no places."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    named = forms.BooleanField(
        label=gettext_lazy("It is about a person"),
        required=False,
        help_text=gettext_lazy("Then only those who are called may know of it. Life or liberty always is."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = Policy.objects.filter(ended_at=None).order_by("-is_default", "name", "pk")
        policy, language, whom = self.fields["policy"], self.fields["language"], self.fields["whom"]
        self._answerers = {one.pk: one for one in answerers()}
        people = [(one.pk, one.name) for one in self._answerers.values()]
        whom.choices = [("", "–"), *people]  # type: ignore[attr-defined]
        policy.queryset = standing  # type: ignore[attr-defined]
        names = {code: name for code, name in words.languages().items() if len(code) <= 3}
        language.choices = [("", "–"), *sorted(names.items(), key=lambda one: one[1])]  # type: ignore[attr-defined]

    def clean_reference(self) -> str:
        """An address of this console, or ``kind:id``; never free text."""
        return reference_of(self.cleaned_data["reference"])

    def asked(self) -> PageNow:
        """What was filled in, once it is valid."""
        given = self.cleaned_data
        return PageNow(
            severity=Severity(given["severity"]),
            lane=Lane(given["lane"]),
            policy=given["policy"],
            whom=self._answerers.get(given["whom"]),
            named=given["named"],
            language=given["language"],
            urgency=given["urgency"],
            reference=given["reference"],
        )


def reference_of(text: str) -> str:
    """A reference ``kind:id`` out of an address of the console, or as it stands.

    Raises:
        ValidationError: for anything else, since free text could hold a name.
    """
    given = text.strip()
    if not given or _REFERENCE.fullmatch(given):
        return given
    parts = [part for part in urlsplit(given).path.split("/") if part]
    if len(parts) >= 2 and parts[0] in _ROOMS and re.fullmatch(r"[0-9A-Za-z-]{1,40}", parts[1]):
        return f"{_ROOMS[parts[0]]}:{parts[1]}"
    raise forms.ValidationError(_("Paste the address of a page of this console, and nothing else."))


class SnoozeForm(forms.Form):
    """Until when it can wait, and why."""

    until = forms.ChoiceField(
        label=gettext_lazy("Put off for"),
        choices=[
            ("30", gettext_lazy("30 minutes")),
            ("60", gettext_lazy("1 hour")),
            ("180", gettext_lazy("3 hours")),
            ("morning", gettext_lazy("until 08:00")),
        ],
        initial="60",
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why it can wait"),
        choices=list(words.REASONS.items()),
    )

    def moment(self, now: datetime) -> datetime:
        """The moment that was chosen, from the reader's own zone."""
        chosen = self.cleaned_data["until"]
        if chosen != "morning":
            return now + timedelta(minutes=int(chosen))
        here = timezone.localtime(now)
        morning = here.replace(hour=8, minute=0, second=0, microsecond=0)
        return morning if morning > here else morning + timedelta(days=1)

    def why(self) -> str:
        """The reason as its key."""
        chosen: str = self.cleaned_data["reason"]
        return chosen


class OutcomeForm(forms.Form):
    """What it turned out to be."""

    outcome = forms.ChoiceField(choices=Alert.Outcome.choices)


class PolicyForm(forms.Form):
    """What a policy says beside its steps."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    wider_after = forms.IntegerField(
        label=gettext_lazy("Call the wider circle after so many rounds"),
        min_value=1,
        max_value=20,
        help_text=gettext_lazy("About life and liberty after one round, whatever stands here."),
    )
    remind_minutes = forms.IntegerField(
        label=gettext_lazy("Remind whoever has it after so many minutes"),
        min_value=15,
        max_value=7 * 24 * 60,
        help_text=gettext_lazy("After two reminders without an outcome it calls everybody again."),
    )
    drill_weekday = forms.TypedChoiceField(
        label=gettext_lazy("Weekly drill"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", gettext_lazy("no drill")),
            (0, gettext_lazy("Mondays")),
            (1, gettext_lazy("Tuesdays")),
            (2, gettext_lazy("Wednesdays")),
            (3, gettext_lazy("Thursdays")),
            (4, gettext_lazy("Fridays")),
            (5, gettext_lazy("Saturdays")),
            (6, gettext_lazy("Sundays")),
        ],
    )
    drill_hour = forms.IntegerField(label=gettext_lazy("Hour of the drill"), min_value=0, max_value=23)
    time_zone = forms.ChoiceField(label=gettext_lazy("In the time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones.offer(self)


class Steps:
    """The steps of a policy as fields of a page that works without scripts: buttons add and remove rows."""

    def __init__(self, draft: Draft) -> None:
        self.steps = [list(step.aims) for step in draft.steps]
        self.waits = [step.wait_minutes for step in draft.steps]
        self.wider = list(draft.wider)

    @classmethod
    def read(cls, sent: QueryDict) -> "Steps":
        """What a page sent; what can't be read is left out."""
        made = cls(Draft("", ()))
        count = min(_whole(sent.get("steps", ""), 0), MOST_STEPS)
        for number in range(count):
            made.waits.append(_whole(sent.get(f"wait-{number}", ""), 5))
            made.steps.append(list(aims(sent.getlist(f"aim-{number}"))))
        made.wider = list(aims(sent.getlist("wider")))
        return made

    def press(self, button: str) -> bool:
        """Do what a button of the page says; False for the one that saves."""
        what, _colon, where = button.partition(":")
        row, _dot, place = where.partition(".")
        number, at = _whole(row, -1), _whole(place, -1)
        if what == "step" and len(self.steps) < MOST_STEPS:
            self.steps.append([])
            self.waits.append(5)
        elif what == "unstep" and 0 <= number < len(self.steps):
            del self.steps[number], self.waits[number]
        elif what == "unaim" and 0 <= number < len(self.steps) and 0 <= at < len(self.steps[number]):
            del self.steps[number][at]
        elif what == "unwider" and 0 <= number < len(self.wider):
            del self.wider[number]
        elif what == "up" and 0 < number < len(self.steps):
            self.steps.insert(number - 1, self.steps.pop(number))
            self.waits.insert(number - 1, self.waits.pop(number))
        return what != "save"

    def draft(self, form: PolicyForm) -> Draft:
        """The whole policy, once the form beside it is valid."""
        given = form.cleaned_data
        return Draft(
            name=given["name"],
            steps=tuple(
                Step(wait, tuple(dict.fromkeys(aims)))
                for wait, aims in zip(self.waits, self.steps, strict=True)
            ),
            wider=tuple(dict.fromkeys(self.wider)),
            wider_after=given["wider_after"],
            remind_minutes=given["remind_minutes"],
            drill_weekday=given["drill_weekday"],
            drill_hour=given["drill_hour"],
            time_zone=given["time_zone"],
        )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """Each step for the page: its wait, whom it calls, and one empty place more."""
        return [
            {
                "number": number,
                "wait": wait,
                "aims": [value(aim) for aim in dict.fromkeys(aims)],
                "room": len(aims) < MOST_AIMS,
            }
            for number, (wait, aims) in enumerate(zip(self.waits, self.steps, strict=True))
        ]

    def wider_values(self) -> list[str]:
        """The wider circle for the page."""
        return [value(aim) for aim in self.wider]


def value(aim: Aim) -> str:
    """An aim as the value of a field."""
    return f"{aim.kind.value}:{aim.rota or aim.person or aim.role}"


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything that a step may call, in groups."""
    rotas = list(Rota.objects.filter(ended_at=None).order_by("name", "pk"))
    people = Person.objects.filter(is_active=True).exclude(roles=0).order_by("name", "pk")
    return [
        (_("On duty now"), [(f"duty:{one.public_id}", _("on duty: %(rota)s") % {"rota": one.name}) for one in rotas]),
        (_("On duty next"), [(f"next:{one.public_id}", _("next: %(rota)s") % {"rota": one.name}) for one in rotas]),
        (_("A role"), [(f"role:{int(role)}", str(said)) for role, said in _roles()]),
        (_("A person"), [(f"person:{one.pk}", one.name) for one in people]),
    ]


def _roles() -> Iterator[tuple[int, Any]]:
    yield from ((int(role), said) for role, said in ROLES.items())
    yield int(Role.ANALYST | Role.RESPONDER), gettext_lazy("every analyst and responder")


def aims(values: list[str]) -> Iterator[Aim]:
    for text in values[: MOST_AIMS + 1]:
        kind, _colon, what = text.partition(":")
        if kind in {Target.Kind.ON_DUTY.value, Target.Kind.NEXT.value} and re.fullmatch(r"[0-9a-z]{1,12}", what):
            yield Aim(Target.Kind(kind), rota=what)
        elif kind == Target.Kind.PERSON.value and _whole(what, 0):
            yield Aim(Target.Kind.PERSON, person=_whole(what, 0))
        elif kind == Target.Kind.ROLE.value and _whole(what, 0):
            yield Aim(Target.Kind.ROLE, role=_whole(what, 0))


def _whole(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else otherwise
