"""One rota: the picture and the table behind it, hand-overs, overrides, what happened to it; its name and its end."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.oncall import actions, history, schedule, shown, undoing
from tocsin.oncall.access import access_override, access_rota, layers_of, overrides_of, rests_for
from tocsin.oncall.duty import Roster
from tocsin.oncall.forms import OverrideForm, RotaForm
from tocsin.oncall.models import Rota
from tocsin.oncall.refusals import RefusedError
from tocsin.oncall.toll import strains
from tocsin.oncall.views.answers import attempt
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right

WEEKS = (2, 4, 8)
_ROWS = 50
_HANDOVERS = 12
_OVERRIDES = 50


@require_safe
@needs(Right.ROTAS)
@never_cache
def rota(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Who holds it over the coming weeks."""
    return _shown(request, access_rota(person_of(request), public_id))


def _shown(request: HttpRequest, row: Rota, form: OverrideForm | None = None, status: int = 200) -> HttpResponseBase:
    person, now = person_of(request), timezone.now()
    asked = request.GET.get("weeks", "")
    weeks = int(asked) if asked in {str(one) for one in WEEKS} else WEEKS[1]
    until = now + timedelta(weeks=weeks)
    roster = Roster.load([row], now=now)
    listed = Paginator(_stretches(roster, row, now, until), _ROWS).get_page(request.GET.get("page"))
    soon = timezone.localtime(now).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    overrides = overrides_of(row, now)
    context = {
        "rota": row,
        "now": now,
        "holder": roster.at(row, now) if row.ended_at is None else None,
        "weeks": weeks,
        "choices": WEEKS,
        "picture": shown.of_rota(row, roster, person, now, weeks),
        "clocks": shown.clock_changes(now, weeks),
        "listed": listed,
        "handovers": roster.handovers(row, now, until)[:_HANDOVERS],
        "gaps": roster.gaps(row, now, until)[:6],
        "gap_words": shown.gap_words(found) if (found := roster.gaps(row, now, until)) else "",
        "layers": _layers(row, now),
        "overrides": overrides[:_OVERRIDES],
        "rests": [one for one in rests_for(person) if one.person_id in roster.people],
        "strains": _strains(person, row, now, until),
        "form": form or OverrideForm(initial={"since": soon, "until": soon + timedelta(hours=8)}),
        "may_arrange": person.may(Right.DUTY) and row.ended_at is None,
        "may_undo": undoing.can_undo(request),
    }
    return render(request, "oncall/rota.html", context, status=status)


def _stretches(roster: Roster, row: Rota, now: datetime, until: datetime) -> list[dict[str, Any]]:
    """Shifts and gaps in order of time, each with the reason in words."""
    found: list[dict[str, Any]] = [{"one": one, "person": one.person} for one in roster.shifts(row, now, until)]
    found += [{"one": one, "person": None} for one in roster.gaps(row, now, until)]
    return sorted(found, key=lambda line: line["one"].since)


def _strains(person: Person, row: Rota, now: datetime, until: datetime) -> list[Any]:
    """For whoever arranges turns; one's own for everybody."""
    roster = Roster.load(now=now)
    if row not in roster.rotas:
        return []
    inside = {one for layer in roster.plan(row).layers for one in layer.people}
    all_of = [one for one in strains(roster, now, until) if one.person.pk in inside]
    return [one for one in all_of if person.may(Right.DUTY) or one.person == person]


def _layers(row: Rota, now: datetime) -> list[dict[str, Any]]:
    """Each layer, the highest first, with its people, and what is to take its place."""
    found = []
    for layer in layers_of(row, now).prefetch_related("people__person"):
        names = [place.person.name for place in sorted(layer.people.all(), key=lambda one: one.position)]
        found.append({"layer": layer, "names": names, "days": _days(layer.weekdays), "open": layer.closed_at is None})
    return found


def _days(weekdays: int) -> list[int]:
    return [] if weekdays == 0b1111111 else [day for day in range(7) if weekdays >> day & 1]


@require_POST
@needs(Right.DUTY)
def override(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Let somebody hold it between two moments."""
    person = person_of(request)
    row = access_rota(person, public_id)
    form = OverrideForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.override(person, row, given["person"], given["since"], given["until"])
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            undoing.keep(request, "override", rota=row.public_id, override=made.pk)
            messages.success(request, _("%(name)s holds it then.") % {"name": made.person.name})
            return redirect("oncall:rota", row.public_id)
    return _shown(request, row, form, 422)


@require_POST
@needs(Right.DUTY)
def cancel(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """End an override."""
    person = person_of(request)
    row = access_rota(person, public_id)
    found = access_override(person, row, number)
    done = attempt(request, lambda: actions.cancel(person, found), _("Cancelled. Turns are as they were."))
    if done and found.swap_id is None:
        since, until = found.since.isoformat(), found.until.isoformat()
        undoing.keep(request, "cancel", rota=row.public_id, person=found.person_id, since=since, until=until)
    return redirect("oncall:rota", row.public_id)


@require_safe
@needs(Right.ROTAS)
@never_cache
def past(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """What was arranged, newest first."""
    row = access_rota(person_of(request), public_id)
    page = Paginator(history.entries(row), _ROWS).get_page(request.GET.get("page"))
    return render(request, "oncall/history.html", {"rota": row, "page": page, "lines": history.lines(page.object_list)})


@needs(Right.DUTY)
@never_cache
def create(request: HttpRequest) -> HttpResponseBase:
    """A new rota; its first layer comes next."""
    person = person_of(request)
    form = RotaForm(request.POST or None, initial={"time_zone": timezone.get_current_timezone_name()})
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.create_rota(person, **form.cleaned_data)
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            messages.success(request, _("The rota stands, and nobody holds it yet. Say whose turns it has."))
            return redirect("oncall:layer_new", row.public_id)
    return render(request, "oncall/rota_form.html", {"form": form}, status=422 if form.errors else 200)


@needs(Right.DUTY)
@never_cache
def rename(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Another name, or another zone."""
    person = person_of(request)
    row = access_rota(person, public_id)
    before = {"name": row.name, "time_zone": row.time_zone}
    form = RotaForm(request.POST or None, initial=before)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_rota(person, row, **form.cleaned_data)
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            undoing.keep(request, "rota", rota=row.public_id, **before)
            messages.success(request, _("Saved."))
            return redirect("oncall:rota", row.public_id)
    status = 422 if form.errors else 200
    return render(request, "oncall/rota_form.html", {"form": form, "rota": row}, status=status)


@needs(Right.DUTY)
@never_cache
def end(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """End a rota, after saying what that means."""
    person = person_of(request)
    row = access_rota(person, public_id)
    if request.method == "POST":
        if attempt(request, lambda: actions.end_rota(person, row), _("It has ended. What was stays on record.")):
            return redirect("oncall:index")
        return redirect("oncall:end", row.public_id)
    now = timezone.now()
    duty = Roster.load([row], now=now).at(row, now)
    swaps = overrides_of(row, now).count()
    is_held = duty.because not in {schedule.Because.NOBODY, schedule.Because.ALL_AWAY}
    context = {"rota": row, "holder": duty, "is_held": is_held, "is_asked": actions.is_asked(row), "overrides": swaps}
    return render(request, "oncall/end.html", context)
