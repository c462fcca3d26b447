"""An event: the silences inside a measured shutdown, as far as the reader may know of them."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert
from tocsin.lib import territories
from tocsin.people.access import person_of, signed_in
from tocsin.rollcalls import access, shown
from tocsin.rollcalls import silences as events
from tocsin.rollcalls.freshness import polled
from tocsin.rollcalls.views.acting import tried


@require_safe
@signed_in
@polled
def silence(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who is silent, and what each wants done first."""
    person = person_of(request)
    row, parts = access.access_silence(person, public_id)
    raised = alerts_for(person).filter(pk__in=row.raised.values("alert")).exclude(state=Alert.State.RESOLVED)
    found = shown.missing(parts)
    context = {
        "silence": row,
        "country": territories.name(row.country, get_language() or "en"),
        "together": [one for one in found if one.part.apart_at is None],
        "apart": [one for one in found if one.part.apart_at is not None],
        "alerts": raised,
        "situation": access.situation_for(person, row.situation),
        "live": True,
    }
    return render(request, "rollcalls/silence.html", context)


@require_POST
@signed_in
def take_out(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """This silence has another cause."""
    person = person_of(request)
    row, _parts = access.access_silence(person, public_id)
    part = access.access_part(person, row, number)
    said = _("Taken out: it stands for itself, and those who watch are called. You can undo this below.")
    tried(request, lambda: events.take_out(person, part), said)
    return redirect("rollcalls:silence", row.public_id)


@require_POST
@signed_in
def put_back(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """Undo it."""
    person = person_of(request)
    row, _parts = access.access_silence(person, public_id)
    part = access.access_part(person, row, number)
    said = _("Put back. An alert that it raised goes on until somebody resolves it.")
    tried(request, lambda: events.put_back(person, part), said)
    return redirect("rollcalls:silence", row.public_id)


@require_POST
@signed_in
def split(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Let each silence that this reader may know of stand for itself."""
    person = person_of(request)
    row, parts = access.access_silence(person, public_id)
    for part in parts:
        events.take_out(person, part)
    tried(request, lambda: None, _("Each stands for itself now, and calls those who watch. You can undo each below."))
    return redirect("rollcalls:silence", row.public_id)
