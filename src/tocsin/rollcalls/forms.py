"""What people fill in: how they take part, whom they ask, where they travel."""

import re
from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tocsin.alerts import words as alerts
from tocsin.alerts.channels.here import channels
from tocsin.alerts.models import Address, Policy
from tocsin.alerts.reach import zone_of
from tocsin.lib import territories
from tocsin.people import zones
from tocsin.people.models import Person
from tocsin.rollcalls.asking import Asked
from tocsin.rollcalls.models import Fallback, Participant, Question
from tocsin.rollcalls.taking_part import LONGEST_WORDS, Part, contacts, plain_addresses
from tocsin.rollcalls.travelling import Plan
from tocsin.rollcalls.words import SKILLS

_LANGUAGES = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_CODES = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
_WORDS = {"autocomplete": "off"}
_TICKS = forms.CheckboxSelectMultiple
_NUMBER = {"inputmode": "numeric"}


def _choices(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def _people(rows: Iterable[Person]) -> list[tuple[int, str]]:
    return [(one.pk, one.name) for one in rows]


def _number(text: str) -> int:
    return int(text) if text else 0


class PartForm(forms.Form):
    """How somebody takes part."""

    safe_check = forms.BooleanField(label=_("You may ask me whether I am safe"), required=False)
    can_help = forms.BooleanField(label=_("You may ask me whether I can help"), required=False)
    manner = forms.ChoiceField(
        label=_("How messages to me look"),
        choices=Participant.Manner.choices,
        widget=forms.RadioSelect,
        help_text=_("Choose the first if anybody could ever take your phone and hold a tie to us against you."),
    )
    own_words = forms.CharField(
        label=_("My words for “Are you safe?”"),
        max_length=LONGEST_WORDS,
        required=False,
        help_text=_("Something that a friend could write, such as: Shall we have tea? You answer 1: safe, or 2: help."),
        widget=forms.TextInput(attrs=_WORDS),
    )
    help_words = forms.CharField(
        label=_("My words for “Can you help?”"),
        max_length=LONGEST_WORDS,
        required=False,
        help_text=_("Other words than those above. You answer 1: I can, 2: later today, 3: not this time."),
        widget=forms.TextInput(attrs=_WORDS),
    )
    address = forms.TypedChoiceField(label=_("My words come to"), required=False, coerce=_number)
    second_address = forms.TypedChoiceField(label=_("And if I don’t answer, to"), required=False, coerce=_number)
    languages = forms.CharField(
        label=_("Languages that I speak"),
        max_length=120,
        required=False,
        help_text=_("Codes with commas between, such as: tr, ku, en"),
        widget=forms.TextInput(attrs=_CODES),
    )
    skills = forms.MultipleChoiceField(label=_("What I can do"), required=False, choices=SKILLS.items(), widget=_TICKS)
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        help_text=_("Only if you want silence inside a network shutdown there to be understood as one."),
    )
    fallback = forms.ChoiceField(
        label=_("If I am silent, first"), choices=Fallback.choices, help_text=_("Nothing of it goes to your phone.")
    )
    fallback_hours = forms.IntegerField(
        label=_("Hours to wait, if waiting comes first"), required=False, min_value=0, max_value=72,
        widget=forms.NumberInput(attrs=_NUMBER),
    )  # fmt: skip
    contact = forms.TypedChoiceField(
        label=_("My contact in the team"),
        required=False,
        coerce=_number,
        help_text=_("Agree with them in person what to do. What you agree is not written here."),
    )

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        """Offer the person's own phones, and the contacts that they may choose."""
        super().__init__(*args, **kwargs)
        nothing = [("", _("none"))]
        phones = [(one.pk, _phone(one)) for one in plain_addresses(person)]
        _choices(self, "address", [*nothing, *phones])
        _choices(self, "second_address", [*nothing, *phones])
        _choices(self, "country", [("", _("not said")), *territories.choices(get_language() or "en")])
        _choices(self, "contact", [*nothing, *_people(contacts(person))])

    def clean_languages(self) -> tuple[str, ...]:
        """The codes."""
        found = tuple(one for one in re.split(r"[\s,;]+", self.cleaned_data["languages"]) if one)
        if any(not _LANGUAGES.fullmatch(one) for one in found):
            raise forms.ValidationError(_("Write codes of two or three small letters, such as: tr, ku, en"))
        return found

    def part(self) -> Part:
        """What was chosen, once it is valid."""
        given = self.cleaned_data
        return Part(
            safe_check=given["safe_check"],
            can_help=given["can_help"],
            manner=Participant.Manner(given["manner"]),
            languages=given["languages"],
            skills=tuple(given["skills"]),
            country=given["country"],
            own_words=given["own_words"],
            help_words=given["help_words"],
            address=given["address"] or 0,
            second_address=given["second_address"] or 0,
            fallback=Fallback(given["fallback"]),
            fallback_hours=given["fallback_hours"] or 0,
            contact=given["contact"] or 0,
        )


def begin(row: Participant | None) -> dict[str, Any]:
    """What the form holds at first: what the person chose before."""
    if row is None:
        return {"safe_check": True, "fallback": Fallback.CONTACT}
    return {
        "safe_check": row.safe_check,
        "can_help": row.can_help,
        "manner": row.manner,
        "own_words": row.own_words,
        "help_words": row.help_words,
        "address": row.address_id or "",
        "second_address": row.second_address_id or "",
        "languages": ", ".join(row.languages),
        "skills": row.skills,
        "country": row.country,
        "fallback": row.fallback,
        "fallback_hours": row.fallback_hours or None,
        "contact": row.contact_id or "",
    }


def _phone(address: Address) -> str:
    known = channels().get(address.channel)
    title = str(known.title) if known is not None else address.channel
    return f"{address.label or address.value} ({title})"


class DigitForm(forms.Form):
    """The digit that means help, unseen. It never shows what was chosen before."""

    digit = forms.TypedChoiceField(
        label=_("My quiet digit"),
        choices=[("", _("none")), *((str(one), str(one)) for one in range(3, 10))],
        coerce=_number,
        empty_value=None,
        required=False,
    )


class RollCallForm(forms.Form):
    """Whom to ask what. Filters offer only what somebody who takes part has."""

    question = forms.ChoiceField(label=_("Ask"), choices=Question.choices, widget=forms.RadioSelect)
    languages = forms.MultipleChoiceField(label=_("Who speaks one of"), required=False, widget=_TICKS)
    skills = forms.MultipleChoiceField(label=_("Who can do one of"), required=False, widget=_TICKS)
    countries = forms.MultipleChoiceField(label=_("Who is in one of"), required=False, widget=_TICKS)
    zones = forms.MultipleChoiceField(label=_("Whose time zone is one of"), required=False, widget=_TICKS)
    minutes = forms.TypedChoiceField(
        label=_("It lasts"),
        coerce=int,
        choices=[(60, _("1 hour")), (120, _("2 hours")), (360, _("6 hours")), (1440, _("1 day")), (4320, _("3 days"))],
        initial=120,
    )
    again_minutes = forms.IntegerField(
        label=_("Ask again after minutes"), initial=10, min_value=1, max_value=600,
        widget=forms.NumberInput(attrs=_NUMBER),
    )  # fmt: skip
    silence_minutes = forms.IntegerField(
        label=_("Call it silence after minutes"),
        initial=30,
        min_value=2,
        max_value=1440,
        help_text=_("Then an alert about life goes to you, to those whom you let in, and on by the policy."),
        widget=forms.NumberInput(attrs=_NUMBER),
    )
    policy = forms.ChoiceField(label=_("Policy, if none of you answers"), required=False)
    readers = forms.TypedMultipleChoiceField(
        label=_("Who holds it with you"), required=False, coerce=int, widget=_TICKS, empty_value=[]
    )
    situation = forms.RegexField(
        label=_("Situation"),
        regex=r"^[0-9a-z]{1,12}$",
        required=False,
        help_text=_("The code at the end of its address."),
        widget=forms.TextInput(attrs=_CODES),
    )
    once = forms.RegexField(regex=r"^[0-9a-z]{8,32}$", widget=forms.HiddenInput)

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        """Offer what there is."""
        super().__init__(*args, **kwargs)
        rows = list(Participant.objects.filter(person__is_active=True).exclude(person=person).select_related("person"))
        spoken = sorted({one for row in rows for one in row.languages})
        able = {one for row in rows for one in row.skills}
        named = {row.country for row in rows if row.country}
        language = get_language() or "en"
        offered: dict[str, list[tuple[Any, Any]]] = {
            "languages": [(one, alerts.language_name(one)) for one in spoken],
            "skills": [(key, words) for key, words in SKILLS.items() if key in able],
            "countries": sorted(((one, territories.name(one, language)) for one in named), key=_by_name),
            "zones": [(one, one) for one in sorted({str(zone_of(row.person)) for row in rows})],
            "readers": _people(contacts(person)),
        }
        standing = Policy.objects.filter(ended_at=None).order_by("-is_default", "name")
        _choices(self, "policy", [("", _("the usual one")), *((one.public_id, one.name) for one in standing)])
        for name, choices in offered.items():
            _choices(self, name, choices)
            if not offered[name]:
                self.fields[name].widget = forms.MultipleHiddenInput()

    def asked(self) -> Asked:
        """What was chosen, once it is valid."""
        given = self.cleaned_data
        return Asked(
            question=Question(given["question"]),
            once=given["once"],
            languages=tuple(given["languages"]),
            skills=tuple(given["skills"]),
            zones=tuple(given["zones"]),
            countries=tuple(given["countries"]),
            situation=given["situation"],
            policy=Policy.objects.filter(public_id=given["policy"], ended_at=None).first() if given["policy"] else None,
            minutes=given["minutes"],
            again_minutes=given["again_minutes"],
            silence_minutes=given["silence_minutes"],
            readers=tuple(given["readers"]),
        )


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1]


class ExtendForm(forms.Form):
    """By how much a roll-call lasts longer."""

    minutes = forms.TypedChoiceField(
        label=_("Longer by"), coerce=int, choices=[(60, _("1 hour")), (360, _("6 hours")), (1440, _("1 day"))]
    )


class PersonForm(forms.Form):
    """Somebody to let in."""

    person = forms.TypedChoiceField(label=_("Let in"), coerce=int)

    def __init__(self, people: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer these people."""
        super().__init__(*args, **kwargs)
        _choices(self, "person", _people(people))


class JourneyForm(forms.Form):
    """A journey with its check-ins, and who watches."""

    person = forms.TypedChoiceField(label=_("Who travels"), coerce=int)
    starts_at = forms.DateTimeField(label=_("It begins"), input_formats=["%Y-%m-%dT%H:%M"])
    ends_at = forms.DateTimeField(label=_("It ends, with a last check-in"), input_formats=["%Y-%m-%dT%H:%M"])
    time_zone = forms.ChoiceField(label=_("On the clock of"))
    every_hours = forms.IntegerField(
        label=_("Check in every so many hours"), required=False, min_value=1, max_value=48,
        widget=forms.NumberInput(attrs=_NUMBER),
    )  # fmt: skip
    times = forms.CharField(
        label=_("Or at these times of the day"), required=False, max_length=160, help_text=_("Such as: 08:00, 20:00")
    )
    grace_minutes = forms.IntegerField(
        label=_("Minutes of grace"),
        initial=30,
        min_value=10,
        max_value=360,
        help_text=_("Asked again after half of them; then the watchers are called."),
        widget=forms.NumberInput(attrs=_NUMBER),
    )
    watchers = forms.TypedMultipleChoiceField(
        label=_("Who is called"),
        coerce=int,
        widget=_TICKS,
        error_messages={"required": _("Tick at least one person who is called when a check-in is missed.")},
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    fallback = forms.ChoiceField(label=_("In silence, first"), choices=Fallback.choices)
    fallback_hours = forms.IntegerField(
        label=_("Hours to wait, if waiting comes first"), required=False, min_value=0, max_value=72,
        widget=forms.NumberInput(attrs=_NUMBER),
    )  # fmt: skip
    contact = forms.TypedChoiceField(label=_("Contact in the team"), required=False, coerce=_number)

    def __init__(self, by: Person, travellers: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer who may travel and who may watch."""
        super().__init__(*args, **kwargs)
        people = list(travellers)
        _choices(self, "person", _people(people))
        if [one.pk for one in people] == [by.pk]:
            self.fields["person"].widget = forms.HiddenInput()
            self.fields["person"].initial = by.pk
        zones.offer(self)
        _choices(self, "watchers", _people(contacts(Person())))
        _choices(self, "country", [("", _("not said")), *territories.choices(get_language() or "en")])
        _choices(self, "contact", [("", _("none")), *_people(contacts(Person()))])
        for name in ("starts_at", "ends_at"):
            self.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def clean_times(self) -> tuple[time, ...]:
        """The times of the day."""
        found = [one for one in re.split(r"[\s,;]+", self.cleaned_data["times"]) if one]
        if any(not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", one) for one in found):
            raise forms.ValidationError(_("Write times as 08:00, with commas between."))
        return tuple(time.fromisoformat(one.zfill(5)) for one in found)

    def plan(self) -> Plan:
        """What was chosen, once it is valid."""
        given = self.cleaned_data
        zone = ZoneInfo(given["time_zone"])
        return Plan(
            starts_at=_there(given["starts_at"], zone),
            ends_at=_there(given["ends_at"], zone),
            zone=zone,
            watchers=tuple(given["watchers"]),
            every_hours=given["every_hours"] or 0,
            times=given["times"],
            grace_minutes=given["grace_minutes"],
            country=given["country"],
            fallback=Fallback(given["fallback"]),
            fallback_hours=given["fallback_hours"] or 0,
            contact=given["contact"] or 0,
        )


def _there(moment: datetime, zone: ZoneInfo) -> datetime:
    """What was typed, as it stands on the clock of the zone."""
    return moment.replace(tzinfo=zone)
