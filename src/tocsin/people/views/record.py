"""The record of who did what, for auditors. It shows ids and facts; of people also their names."""

import re
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from tocsin.audit import access
from tocsin.people.access import needs
from tocsin.people.models import Person
from tocsin.people.roles import Right

_A_PAGE = 50
_DIGITS = re.compile(r"[0-9]{1,18}")


class _Filters(forms.Form):
    who = forms.TypedChoiceField(label=_("Who"), required=False, coerce=int, empty_value=None)
    verb = forms.CharField(label=_("Did what"), required=False, max_length=80, help_text=_("Its beginning: people."))
    target = forms.CharField(label=_("To what"), required=False, max_length=120, help_text=_("person:3, or person"))
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, people: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(people.items(), key=lambda item: item[1])
        self.fields["who"].choices = [("", _("Anybody")), (0, _("The system")), *names]  # type: ignore[attr-defined]

    def wanted(self) -> access.Wanted:
        data = self.cleaned_data
        until = data["until"] + timedelta(days=1) if data["until"] else None
        return access.Wanted(
            actor=data["who"],
            verb=data["verb"],
            target=data["target"],
            since=_midnight(data["since"]),
            until=_midnight(until),
        )


def _midnight(day: Any) -> datetime | None:
    return timezone.make_aware(datetime(day.year, day.month, day.day)) if day else None  # noqa: DTZ001


@needs(Right.AUDIT)
@never_cache
def record(request: HttpRequest) -> HttpResponseBase:
    """Entries, newest first, with filters and the state of the chain."""
    people = dict(Person.objects.values_list("pk", "name"))
    form = _Filters(request.GET or None, people=people)
    wanted = form.wanted() if form.is_valid() else access.Wanted()
    before = request.GET.get("before", "")
    found = access.entries(wanted, before=int(before) if _DIGITS.fullmatch(before) else None, limit=_A_PAGE + 1)
    rows = [_row(one, people) for one in found[:_A_PAGE]]
    older = request.GET.copy()
    older["before"] = str(found[_A_PAGE - 1].entry.pk) if len(found) > _A_PAGE else ""
    context = {
        "rows": rows,
        "form": form,
        "older": older.urlencode() if older["before"] else "",
        "chain": access.chain_state(),
        "witness": access.witness_state(),
    }
    return render(request, "people/record.html", context)


def _row(shown: access.Shown, people: dict[int, str]) -> dict[str, Any]:
    entry = shown.entry
    kind, _colon, number = entry.target.partition(":")
    named = people.get(int(number)) if kind == "person" and _DIGITS.fullmatch(number) else None
    return {
        "entry": entry,
        "sequence": shown.sequence,
        "actor": people.get(entry.actor) if entry.actor is not None else None,
        "target_name": named,
        "facts": sorted(entry.facts.items()),
    }
