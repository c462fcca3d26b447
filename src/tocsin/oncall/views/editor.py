"""The editor of layers, in two steps: look at the four weeks that a change would bring, then save it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.oncall import actions, shown, undoing
from tocsin.oncall.access import access_layer, access_rota
from tocsin.oncall.actions import Turns
from tocsin.oncall.forms import Places, TurnsForm, fingerprint, initial_of, new_turns, people
from tocsin.oncall.models import Layer, Rota
from tocsin.oncall.preview import AHEAD, preview
from tocsin.oncall.refusals import RefusedError
from tocsin.oncall.views.answers import back
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DUTY)
@never_cache
def layer(request: HttpRequest, public_id: str, number: int = 0) -> HttpResponseBase:
    """A layer's turns. Buttons move people; “look” shows what would be; only what was looked at is saved."""
    person = person_of(request)
    rota = access_rota(person, public_id)
    row = access_layer(person, rota, number) if number else None
    if request.method != "POST":
        turns = actions.turns_of(row) if row is not None else new_turns(rota.time_zone)
        return _editor(request, rota, row, TurnsForm(initial=initial_of(turns)), Places(turns.people))
    places = Places.read(request.POST)
    do = request.POST.get("do", "look")
    if places.press(do, request.POST.get("person", "")):
        return _editor(request, rota, row, TurnsForm(initial=_typed(request)), places)
    form = TurnsForm(request.POST)
    if not form.is_valid():
        return _editor(request, rota, row, form, places, status=422)
    turns = form.turns(places.people)
    try:
        if do == "save" and request.POST.get("looked") == fingerprint(turns):
            return _save(request, person, rota, row, turns)
        looked = _looked(rota, person, lambda: _apply(person, rota, row, turns))
    except RefusedError as refusal:
        form.add_error(None, refusal.args[0])
        return _editor(request, rota, row, form, places, status=422)
    return _editor(request, rota, row, form, places, looked=fingerprint(turns), **looked)


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What stands in the form, unchecked, to show it again."""
    return {**request.POST.dict(), "weekdays": request.POST.getlist("weekdays")}


def _editor(
    request: HttpRequest, rota: Rota, row: Layer | None, form: TurnsForm, places: Places, status: int = 200, **more: Any
) -> HttpResponseBase:
    context = {"rota": rota, "layer": row, "form": form, "places": places.rows(), "people": people(), **more}
    return render(request, "oncall/layer.html", context, status=status)


def _apply(person: Person, rota: Rota, row: Layer | None, turns: Turns) -> Layer:
    return actions.change_layer(person, row, turns) if row is not None else actions.add_layer(person, rota, turns)


def _looked(rota: Rota, person: Person, act: Callable[[], object]) -> dict[str, Any]:
    """What a change would bring, as a page shows it."""
    found = preview(rota, act)
    return {
        "preview": found,
        "gap_words": shown.gap_words(found.gaps) if found.gaps else "",
        "gaps": found.gaps[:5],
        "changes": found.changes[:12],
        "more_changes": max(0, len(found.changes) - 12),
        "picture": shown.of_rota(rota, found.roster, person, timezone.now(), AHEAD.days // 7, found.positions),
    }


def _save(request: HttpRequest, person: Person, rota: Rota, row: Layer | None, turns: Turns) -> HttpResponseBase:
    before = actions.turns_of(row) if row is not None else None
    made = _apply(person, rota, row, turns)
    if before is None:
        undoing.keep(request, "add", rota=rota.public_id, layer=made.pk)
    else:
        undoing.keep(request, "change", rota=rota.public_id, layer=made.pk, turns=undoing.plain(before))
    messages.success(request, _("Saved. It holds from now on, or from its first hand-over."))
    return redirect("oncall:rota", rota.public_id)


@require_POST
@needs(Right.DUTY)
@never_cache
def arrange(request: HttpRequest, public_id: str, number: int, verb: str) -> HttpResponseBase:
    """Move a layer up or down, or take it out: first what that would bring, then, with ``sure``, the act."""
    person = person_of(request)
    rota = access_rota(person, public_id)
    row = access_layer(person, rota, number)
    if verb not in {"up", "down", "remove"}:
        raise Http404
    try:
        if request.POST.get("sure") == "yes":
            _do(request, person, rota, row, verb)
            messages.success(request, _("Done. It holds from now on."))
            return redirect("oncall:rota", rota.public_id)
        looked = _looked(rota, person, lambda: _verb(person, row, verb))
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
        return back(request, "oncall:index")
    return render(request, "oncall/arrange.html", {"rota": rota, "layer": row, "verb": verb, **looked})


def _verb(person: Person, row: Layer, verb: str) -> None:
    if verb == "remove":
        actions.remove_layer(person, row)
    else:
        actions.move_layer(person, row, up=verb == "up")


def _do(request: HttpRequest, person: Person, rota: Rota, row: Layer, verb: str) -> None:
    others = Layer.objects.filter(rota=rota, closed_at=None)
    above = others.filter(position__gt=row.position).count()
    turns = undoing.plain(actions.turns_of(row))
    _verb(person, row, verb)
    if verb == "remove":
        undoing.keep(request, "remove", rota=rota.public_id, turns=turns, above=above)
        return
    # Moving opens both layers anew: the one that was moved stands at the place of the other now.
    order = list(others.order_by("-position").values_list("pk", flat=True))
    at = min(len(order) - 1, max(0, above + (-1 if verb == "up" else 1)))
    undoing.keep(request, "move", rota=rota.public_id, layer=order[at], up=verb == "down")
