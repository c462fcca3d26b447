"""How duty falls on people: shares beside equal ones, rests, limits, and strains ahead. No private count is here."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.oncall import actions, undoing
from tocsin.oncall.access import absences_of, rests_for, rotas_for
from tocsin.oncall.actions import Bounds
from tocsin.oncall.duty import Roster
from tocsin.oncall.forms import AwayForm, LimitsForm, people
from tocsin.oncall.models import Limits, Rest
from tocsin.oncall.refusals import RefusedError
from tocsin.oncall.resting import shown_why
from tocsin.oncall.toll import fairness, limits_of, strains
from tocsin.people.access import needs, person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right

_WEEKS = (4, 8)
_AHEAD = timedelta(weeks=6)
_NAMES = ("hours", "nights", "night_pages", "exposure_minutes", "rest_hours")


@require_safe
@needs(Right.ROTAS)
@never_cache
def load(request: HttpRequest) -> HttpResponseBase:
    """Shares of the past weeks; for whoever arranges duty everybody's, else one's own."""
    return _load(request)


def _load(request: HttpRequest, status: int = 200, away: AwayForm | None = None) -> HttpResponseBase:
    person, now = person_of(request), timezone.now()
    arranges = person.may(Right.DUTY)
    weeks = 4 if request.GET.get("weeks") == "4" else 8
    roster = Roster.load(now=now)
    soon = timezone.localtime(now).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    team = list(people()) if arranges else [person]
    context = {
        "weeks": weeks,
        "choices": _WEEKS,
        "rotas": [(rota, _shares(person, rota, weeks)) for rota in rotas_for(person)],
        "strains": [one for one in strains(roster, now, now + _AHEAD) if arranges or one.person == person],
        "rests": [_rest(one, person) for one in rests_for(person).filter(until__gt=now)],
        "people": people(),
        "limits": _limits(team),
        "absences": _absences(team) if arranges else [],
        "away_form": away or AwayForm(others=True, initial={"since": soon, "until": soon + timedelta(days=1)}),
        "may_arrange": arranges,
        "may_undo": undoing.can_undo(request),
    }
    return render(request, "oncall/load.html", context, status=status)


def _shares(person: Person, rota: Any, weeks: int) -> list[Any]:
    found = fairness(rota, timezone.now(), weeks)
    return [one for one in found if person.may(Right.DUTY) or one.person.pk == person.pk]


def _rest(rest: Rest, viewer: Person) -> dict[str, Any]:
    return {"rest": rest, "why": shown_why(rest, viewer), "mine": rest.person_id == viewer.pk}


def _limits(team: list[Person]) -> list[tuple[Person, Limits, bool]]:
    own = set(Limits.objects.exclude(person=None).values_list("person_id", flat=True))
    found = limits_of([one.pk for one in team])
    return [(one, found[one.pk], one.pk in own) for one in team]


def _absences(team: list[Person]) -> list[Any]:
    now = timezone.now()
    return [row for one in team for row in absences_of(one, now, now + timedelta(days=400))]


@require_POST
@needs(Right.DUTY)
def away(request: HttpRequest) -> HttpResponseBase:
    """Say that somebody else is away."""
    person = person_of(request)
    form = AwayForm(request.POST, others=True)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.away(person, given["person"], given["since"], given["until"])
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            undoing.keep(request, "away", absence=made.pk)
            messages.success(request, _("Noted. Turns go to whoever is next."))
            return redirect("oncall:load")
    return _load(request, 422, form)


@signed_in
@never_cache
def limits(request: HttpRequest, number: int = 0) -> HttpResponseBase:
    """The limits of the team (0) or of one person. Everybody may set their own, up to the team's."""
    person = person_of(request)
    other = _whose(person, number)
    rows = Limits.objects.filter(person=other)
    own = rows.first()
    holds = own or Limits.objects.filter(person=None).first() or Limits()
    before = {name: getattr(holds, name) for name in _NAMES}
    form = LimitsForm(
        request.POST if request.method == "POST" and "clear" not in request.POST else None, initial=before
    )
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        bounds = form.bounds() if form.is_bound else None
        try:
            actions.set_limits(person, other, bounds)
        except RefusedError as refusal:
            form = LimitsForm(request.POST, initial=before)
            form.add_error(None, refusal.args[0])
        else:
            kept = before if own is not None else None
            undoing.keep(request, "limits", person=other.pk if other else 0, bounds=kept)
            messages.success(request, _("Saved. It counts from now on."))
            return redirect("oncall:load" if person.may(Right.ROTAS) else "oncall:mine")
    context = {"form": form, "other": other, "own": own, "is_mine": other == person, "usual": Bounds()}
    return render(request, "oncall/limits.html", context, status=422 if form.errors else 200)


def _whose(person: Person, number: int) -> Person | None:
    if number == person.pk:
        return person
    if not person.may(Right.DUTY):
        raise Http404
    return get_object_or_404(Person, pk=number) if number else None
