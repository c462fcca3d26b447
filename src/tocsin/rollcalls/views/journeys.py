"""Journeys: planning one, one's own while it lasts, and those that one watches."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import clock
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert
from tocsin.alerts.reach import zone_of
from tocsin.people.access import person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls import access, shown, travelling, words
from tocsin.rollcalls.forms import JourneyForm
from tocsin.rollcalls.freshness import polled
from tocsin.rollcalls.models import Journey, Participant
from tocsin.rollcalls.refusals import RefusedError
from tocsin.rollcalls.views.acting import tried


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """Plan a journey: one's own, or, with the right to hold roll-calls, one that the traveller then agrees to."""
    person = person_of(request)
    travellers = travellers_of(person)
    if not travellers:
        return render(request, "rollcalls/journey_new.html", {"form": None})
    form = JourneyForm(person, travellers, request.POST or None, initial=_initial(person, travellers))
    if request.method == "POST" and form.is_valid():
        traveller = next(one for one in travellers if one.pk == form.cleaned_data["person"])
        try:
            made = travelling.plan(person, traveller, form.plan())
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            return redirect("rollcalls:journey", made.public_id)
    return render(request, "rollcalls/journey_new.html", {"form": form}, status=422 if form.errors else 200)


def travellers_of(person: Person) -> list[Person]:
    """For whom this person may plan: for themselves if they take part; with the right, for whoever does."""
    rows = Participant.objects.filter(safe_check=True, person__is_active=True).select_related("person")
    if not person.may(Right.ROLLCALLS):
        rows = rows.filter(person=person)
    return [one.person for one in rows.order_by("person__name", "pk")]


def _initial(person: Person, travellers: list[Person]) -> dict[str, object]:
    zone = zone_of(person)
    here = clock.now().astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
    own = access.part_of(person)
    return {
        "person": person.pk if person in travellers else travellers[0].pk,
        "starts_at": here,
        "ends_at": here + timedelta(days=1),
        "time_zone": str(zone),
        "every_hours": 6,
        "country": own.country if own is not None else "",
        "fallback": own.fallback if own is not None else "contact",
        "fallback_hours": own.fallback_hours if own is not None else None,
        "contact": own.contact_id if own is not None else "",
    }


@require_safe
@signed_in
@polled
def journey(request: HttpRequest, public_id: str) -> HttpResponse:
    """One journey: for the traveller what to press, for a watcher how it stands."""
    person = person_of(request)
    row = access.access_journey(person, public_id)
    own = row.person_id == person.pk
    raised = alerts_for(person).filter(pk__in=row.raised.values("alert")).exclude(state=Alert.State.RESOLVED)
    found = shown.stops(row)
    context = {
        "journey": row,
        "own": own,
        "zone": str(ZoneInfo(row.time_zone)),
        "stops": found,
        "said": [(one.checkin, shown.own_state(one.checkin)) for one in found] if own else [],
        "watchers": Person.objects.filter(pk__in=row.watchers.values("person")).order_by("name"),
        "first": shown.first_of(row),
        "alerts": raised if not own else Alert.objects.none(),
        "ended": words.ENDED.get(row.ended_how, ""),
        "live": True,
    }
    return render(request, "rollcalls/journey.html", context)


def _own(do: Callable[[HttpRequest, Journey], str]) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """A view in which the traveller does one thing."""

    @require_POST
    @signed_in
    def view(request: HttpRequest, public_id: str) -> HttpResponseBase:
        row = access.access_own_journey(person_of(request), public_id)
        said: list[str] = []
        if tried(request, lambda: said.append(do(request, row)), ""):
            tried(request, lambda: None, said[0])
        standing = Journey.objects.filter(pk=row.pk).exists()
        return redirect("rollcalls:journey", row.public_id) if standing else redirect("rollcalls:index")

    return view


def _agree(request: HttpRequest, row: Journey) -> str:
    travelling.agree(row)
    return _("You agreed. You can call it off at any moment.")


def _decline(request: HttpRequest, row: Journey) -> str:
    travelling.decline(row)
    return _("Nothing of it is kept.")


def _well(request: HttpRequest, row: Journey) -> str:
    travelling.well(row)
    return _("Thank you. It is noted that you are well.")


def _help(request: HttpRequest, row: Journey) -> str:
    travelling.need_help(row)
    return _("Those who watch are called now.")


agree, decline, well, need_help = _own(_agree), _own(_decline), _own(_well), _own(_help)


@require_POST
@signed_in
def end(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The traveller arrived or calls it off, or a watcher heard from them."""
    person = person_of(request)
    row = access.access_journey(person, public_id)
    how = "heard"
    if row.person_id == person.pk:
        how = "off" if request.POST.get("how") == "off" else "arrived"
    tried(request, lambda: travelling.end(person, row, how), _("It is over. Nothing further is asked."))
    return redirect("rollcalls:journey", row.public_id)


@require_POST
@signed_in
def helped(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """A watcher looked after a call for help, or did not after all."""
    return _watched(request, public_id, number, travelling.helped)


@require_POST
@signed_in
def heard(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """A watcher heard from the traveller, whose answer came from the phone number alone, or did not after all."""
    return _watched(request, public_id, number, travelling.heard)


def _watched(request: HttpRequest, public_id: str, number: int, verb: Callable[..., None]) -> HttpResponseBase:
    person = person_of(request)
    row = access.access_journey(person, public_id)
    if row.person_id != person.pk:
        checkin = access.access_checkin(person, row, number)
        done = request.POST.get("undo") != "1"
        said = _("Noted. You can take it back below.") if done else _("Taken back.")
        tried(request, lambda: verb(person, checkin, done=done), said)
    return redirect("rollcalls:journey", row.public_id)
