"""What people fill in about duty. Moments are times on the reader's clock, whatever clocks do."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.oncall.actions import Bounds, Turns
from tocsin.oncall.models import EVERY_DAY, Layer, Rota
from tocsin.oncall.walltime import moment
from tocsin.people import zones
from tocsin.people.models import Person
from tocsin.people.roles import Role

_MOST_PLACES = 100
_WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


class MomentField(forms.Field):
    """A date and time on the reader's clock, as a moment. Of a time that comes twice the first one counts."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M")

    def prepare_value(self, value: Any) -> Any:
        """A moment as the browser's field wants it."""
        return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        """The moment, aware."""
        if value in self.empty_values:
            return None
        try:
            given = parse_datetime(str(value))
        except ValueError:
            given = None
        if given is None or not 1990 < given.year < 2200:
            raise forms.ValidationError(_("Give a date and a time, such as 2026-01-31 09:00."))
        if given.tzinfo is not None:
            return given
        return moment(given.date(), given.time(), ZoneInfo(timezone.get_current_timezone_name()))


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """Somebody whose account is open and who has a role."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Person.objects.none(), **{"empty_label": None, **kwargs})

    def offer(self, *but: int) -> None:
        """Fill in who can be chosen."""
        self.queryset = people().exclude(pk__in=but)


def people() -> Any:
    """Everybody who can take part in duty, by name."""
    return Person.objects.filter(is_active=True).exclude(roles__in=(0, int(Role.AUDITOR))).order_by("name", "pk")


class SpanForm(forms.Form):
    """From when until when."""

    since = MomentField(label=gettext_lazy("From"))
    until = MomentField(label=gettext_lazy("Until"))


class OverrideForm(SpanForm):
    """Who holds a rota between two moments, whatever the layers say."""

    field_order = ("person", "since", "until")
    person = PersonField(label=gettext_lazy("Who"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].offer()  # type: ignore[attr-defined]


class AwayForm(SpanForm):
    """When somebody is away. A lead may say it of somebody else."""

    field_order = ("person", "since", "until")
    person = PersonField(label=gettext_lazy("Who"), required=False)

    def __init__(self, *args: Any, others: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if others:
            self.fields["person"].required = True
            self.fields["person"].offer()  # type: ignore[attr-defined]
        else:
            del self.fields["person"]


class RestForm(forms.Form):
    """For how long somebody asks to rest."""

    hours = forms.IntegerField(label=gettext_lazy("Hours of rest"), min_value=1, max_value=168, initial=24)


class AfterShiftForm(forms.Form):
    """What a shift took beside its hours."""

    shift = forms.ChoiceField(label=gettext_lazy("Which shift"))
    exposure = forms.IntegerField(
        label=gettext_lazy("Minutes with distressing material"),
        min_value=0,
        max_value=1_440,
        initial=0,
        help_text=gettext_lazy("About is good enough. Only you see this number; it counts for your rest."),
    )
    extra = forms.IntegerField(
        label=gettext_lazy("Minutes beyond the plan"),
        min_value=0,
        max_value=1_440,
        initial=0,
        help_text=gettext_lazy("They count as hours on duty, like all others."),
    )

    def __init__(self, *args: Any, shifts: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shift"].choices = list(shifts)  # type: ignore[attr-defined]


class LimitsForm(forms.Form):
    """What duty may ask within seven days."""

    hours = forms.IntegerField(label=gettext_lazy("Hours on duty"), min_value=1, max_value=168)
    nights = forms.IntegerField(label=gettext_lazy("Nights on duty"), min_value=1, max_value=7)
    night_pages = forms.IntegerField(label=gettext_lazy("Pages at night"), min_value=1, max_value=200)
    exposure_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes with distressing material"), min_value=1, max_value=10_080
    )
    rest_hours = forms.IntegerField(label=gettext_lazy("Hours of rest after a limit"), min_value=8, max_value=168)

    def bounds(self) -> Bounds:
        """What was filled in, once it is valid."""
        return Bounds(**self.cleaned_data)


class RotaForm(forms.Form):
    """The name of a rota, and the zone that it is shown in where nobody's own counts."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones.offer(self)


class CalendarForm(forms.Form):
    """Which calendar: one's own shifts, or a whole rota."""

    rota = forms.ModelChoiceField(
        label=gettext_lazy("Which calendar"),
        queryset=Rota.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=gettext_lazy("my own shifts, naming nobody else"),
    )

    def __init__(self, *args: Any, rotas: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rota"].queryset = rotas  # type: ignore[attr-defined]


class TurnsForm(forms.Form):
    """A layer: when it hands over, how long a turn is, and which hours it covers. Its people stand beside it."""

    name = forms.CharField(
        label=gettext_lazy("Name of the layer"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Such as: nights"),
    )
    length = forms.IntegerField(label=gettext_lazy("A turn lasts"), min_value=1, max_value=60, initial=1)
    unit = forms.ChoiceField(label=gettext_lazy("Counted in"), choices=Layer.Unit.choices, initial=Layer.Unit.DAY)
    starts_on = forms.DateField(
        label=gettext_lazy("First hand-over on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("In the past: it holds at once. Later: until then the layer stays as it is."),
    )
    handover_at = forms.TimeField(
        label=gettext_lazy("Hand-over at"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        initial="09:00",
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("On the clock of"))
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days that it covers"),
        coerce=int,
        choices=list(enumerate(_WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple,
        initial=list(range(7)),
    )
    from_time = forms.TimeField(
        label=gettext_lazy("Covers from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("Leave both empty for the whole day."),
    )
    until_time = forms.TimeField(
        label=gettext_lazy("Covers until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("An earlier time than the beginning is on the next day."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones.offer(self)

    def turns(self, places: Iterable[int]) -> Turns:
        """The whole layer, once this form is valid."""
        given = dict(self.cleaned_data)
        days = sum(1 << day for day in given.pop("weekdays"))
        return Turns(people=tuple(places), weekdays=days, **given)


def initial_of(turns: Turns) -> dict[str, Any]:
    """A layer as the form shows it."""
    names = ("name", "length", "unit", "starts_on", "handover_at", "time_zone", "from_time", "until_time")
    days = [day for day in range(7) if turns.weekdays >> day & 1]
    return {name: getattr(turns, name) for name in names} | {"weekdays": days}


def fingerprint(turns: Turns) -> str:
    """A short hash of a layer: what is saved is what was looked at."""
    return hashlib.blake2b(repr(turns).encode(), digest_size=12).hexdigest()


class Places:
    """The people of a layer in the order of their turns, as rows of a page that works without scripts."""

    def __init__(self, people: Iterable[int]) -> None:
        self.people = list(people)

    @classmethod
    def read(cls, sent: QueryDict) -> "Places":
        """What a page sent; what can't be read is left out."""
        found = (_whole(text) for text in sent.getlist("place")[:_MOST_PLACES])
        return cls(one for one in found if one)

    def press(self, button: str, chosen: str) -> bool:
        """Do what a button of the page says; False for a button of the whole form."""
        what, _colon, where = button.partition(":")
        at = _whole(where, -1)
        if what == "add":
            if (person := _whole(chosen)) and len(self.people) < _MOST_PLACES:
                self.people.append(person)
        elif what not in {"up", "down", "out"}:
            return False
        elif 0 <= at < len(self.people):
            person = self.people.pop(at)
            if what != "out":
                self.people.insert(max(0, at + (1 if what == "down" else -1)), person)
        return True

    def rows(self) -> list[dict[str, Any]]:
        """Each place with its person's name."""
        names = dict(Person.objects.filter(pk__in=self.people).values_list("pk", "name"))
        known = [one for one in self.people if one in names]
        last = len(known) - 1
        return [
            {"number": number, "person": one, "name": names[one], "first": number == 0, "last": number == last}
            for number, one in enumerate(known)
        ]


def new_turns(zone: str) -> Turns:
    """What the form of a new layer begins with: daily turns from today."""
    today = timezone.localdate()
    return Turns((), today, datetime.min.time().replace(hour=9), zone, Layer.Unit.DAY, 3, EVERY_DAY)


def _whole(text: str, otherwise: int = 0) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else otherwise
