"""My week: one's own shifts, being away, rest, what a shift took, and calendars; and asking for a swap."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.oncall import actions, shown, undoing, words
from tocsin.oncall.access import absences_of, access_absence, calendar_links, rotas_for
from tocsin.oncall.duty import Roster, Shift
from tocsin.oncall.forms import AfterShiftForm, AwayForm, CalendarForm, RestForm, SpanForm, people
from tocsin.oncall.models import Rest, Rota
from tocsin.oncall.refusals import RefusedError
from tocsin.oncall.toll import strains
from tocsin.oncall.views.answers import attempt, back
from tocsin.people.access import person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right

WEEKS = 4
_BACK_WITHIN = timedelta(weeks=8)
_ROWS = 12
_FAR = timedelta(days=800)


@signed_in
@never_cache
def mine(request: HttpRequest) -> HttpResponseBase:
    """The next four weeks of the reader, and everything that they can do about them."""
    return _week(request)


def _week(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponseBase:
    person, now = person_of(request), timezone.now()
    roster = Roster.load(now=now)
    # From the Monday that the picture begins with; the list leaves out what is over.
    begin = now - timedelta(days=8)
    shifts = _own(roster, person, begin, now + timedelta(weeks=WEEKS))
    ended = _own(roster, person, now - actions.NOTED_WITHIN, now)[::-1]
    tomorrow = timezone.localtime(now).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    context = {
        "shifts": Paginator([one for one in shifts if one.until > now], _ROWS).get_page(request.GET.get("page")),
        "picture": shown.of_person(person, roster, shifts, now, WEEKS),
        "rotas": roster.rotas,
        "clocks": shown.clock_changes(now, WEEKS),
        "measures": shown.measures(person, roster, now),
        "strains": [one for one in strains(roster, now, now + timedelta(weeks=WEEKS)) if one.person == person],
        "absences": absences_of(person, now, now + _FAR),
        "rest": Rest.objects.filter(person=person, ended_at=None, until__gt=now).select_related("substitute").first(),
        "questions": shown.questions(person),
        "links": calendar_links(person),
        "away": AwayForm(initial={"since": tomorrow, "until": tomorrow + timedelta(days=7)}),
        "rest_form": RestForm(initial={"hours": 24}),
        "after": AfterShiftForm(shifts=_choices(ended)) if ended else None,
        "calendar": CalendarForm(rotas=rotas_for(person)),
        "may_undo": undoing.can_undo(request),
        "now": now,
        **forms,
    }
    return render(request, "oncall/mine.html", context, status=status)


def _own(roster: Roster, person: Person, since: datetime, until: datetime) -> list[Shift]:
    found = [one for rota in roster.rotas for one in roster.shifts(rota, since, until) if one.person.pk == person.pk]
    return sorted(found, key=lambda one: (one.since, one.rota.pk))


def _choices(shifts: list[Shift]) -> list[tuple[str, str]]:
    """Shifts that ended, by the moment at which they did."""
    now = timezone.now()
    return [
        (str(int(min(one.until, now).timestamp())), f"{one.rota.name}: {words.span(one.since, min(one.until, now))}")
        for one in shifts
    ]


@require_POST
@signed_in
def away(request: HttpRequest) -> HttpResponseBase:
    """Say that one is away."""
    person = person_of(request)
    form = AwayForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.away(person, person, given["since"], given["until"])
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            undoing.keep(request, "away", absence=made.pk)
            messages.success(request, _("Noted. Your turns go to whoever is next, and nobody asks why."))
            return redirect("oncall:mine")
    return _week(request, 422, away=form)


@require_POST
@signed_in
def is_back(request: HttpRequest, number: int) -> HttpResponseBase:
    """End an absence, or call it off."""
    person = person_of(request)
    row = access_absence(person, number)
    attempt(request, lambda: actions.back(person, row), _("Turns are as they were."))
    return back(request, "oncall:mine")


@require_POST
@signed_in
def rest(request: HttpRequest) -> HttpResponseBase:
    """Ask for rest from now on."""
    person = person_of(request)
    form = RestForm(request.POST)
    if form.is_valid():
        try:
            made = actions.ask_rest(person, form.cleaned_data["hours"])
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            undoing.keep(request, "rest", rest=made.public_id)
            messages.success(request, _("You rest. Ordinary alerts go round you from now on."))
            return redirect("oncall:mine")
    return _week(request, 422, rest_form=form)


@require_POST
@signed_in
def after_shift(request: HttpRequest) -> HttpResponseBase:
    """Note what a shift took."""
    person, now = person_of(request), timezone.now()
    ended = _own(Roster.load(now=now), person, now - actions.NOTED_WITHIN, now)
    form = AfterShiftForm(request.POST, shifts=_choices(ended))
    if form.is_valid():
        given = form.cleaned_data
        at = datetime.fromtimestamp(int(given["shift"]), tz=now.tzinfo)
        try:
            loads = actions.note_after_shift(person, at, given["exposure"], given["extra"])
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            undoing.keep(request, "load", loads=loads)
            messages.success(request, _("Noted. Thank you for telling."))
            return redirect("oncall:mine")
    return _week(request, 422, after=form)


# Calendars


@require_POST
@signed_in
@never_cache
def make_calendar(request: HttpRequest) -> HttpResponseBase:
    """Make a calendar link, and show it this one time."""
    person = person_of(request)
    form = CalendarForm(request.POST, rotas=rotas_for(person))
    if not form.is_valid():
        return _week(request, 422, calendar=form)
    try:
        link, token = actions.make_calendar_link(person, form.cleaned_data["rota"])
    except RefusedError as refusal:
        form.add_error(None, refusal.args[0])
        return _week(request, 422, calendar=form)
    address = settings.PUBLIC_URL.rstrip("/") + reverse("oncall:feed", args=[token])
    return render(request, "oncall/calendar_made.html", {"link": link, "address": address})


@require_POST
@signed_in
def end_calendar(request: HttpRequest, number: int) -> HttpResponseBase:
    """End one of one's own calendar links."""
    if actions.revoke_calendar_link(person_of(request), number):
        messages.success(request, _("The link has ended. Calendars that use it get nothing more."))
    return redirect("oncall:mine")


# Swaps


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def ask_swap(request: HttpRequest) -> HttpResponseBase:
    """Offer a shift of one's own: which part of it, to whom, for which hours back. The address says how far it is."""
    person, now = person_of(request), timezone.now()
    sent = request.POST if request.method == "POST" else request.GET
    rota = Rota.objects.filter(public_id=sent.get("rota", "")[:12], ended_at=None).first()
    since, until = _moment(sent.get("shift_since", "")), _moment(sent.get("shift_until", ""))
    if rota is None or since is None or until is None or until <= since:
        raise Http404
    roster = Roster.load([rota], now=now)
    if not any(one.person.pk == person.pk for one in roster.shifts(rota, since, min(until, since + _BACK_WITHIN))):
        raise Http404
    taker = _taker(sent.get("taker", ""), person)
    hours = SpanForm(sent if "since" in sent else None, initial={"since": since, "until": until})
    good = hours.is_bound and hours.is_valid()
    begin, end = (hours.cleaned_data["since"], hours.cleaned_data["until"]) if good else (since, until)
    context = {
        "rota": rota, "since": since, "until": until, "hours": hours, "taker": taker, "part": (begin, end),
        "takers": _takers(roster, rota, person, begin, end), "error": "", "chosen_back": sent.get("back", ""),
    }  # fmt: skip
    if taker is not None and (good or not hours.is_bound):
        context["returns"] = _returns(roster, rota, taker, begin, end, now)
        if request.method == "POST":
            try:
                return _asked(request, rota, person, taker, (begin, end), sent.get("back", ""))
            except RefusedError as refusal:
                context["error"] = refusal.args[0]
    else:
        context["taker"] = None
        if taker is None and good:
            context["error"] = _("Say who takes them.")
    return render(request, "oncall/swap_new.html", context, status=422 if context["error"] else 200)


def _asked(
    request: HttpRequest, rota: Rota, person: Person, taker: Person, hours: tuple[datetime, datetime], chosen: str
) -> HttpResponseBase:
    first, _slash, last = chosen.partition("/")
    returned = (_moment(first), _moment(last)) if chosen else (None, None)
    swap = actions.ask_swap(person, rota, person, taker, *hours, *returned)
    undoing.keep(request, "swap", swap=swap.public_id)
    messages.success(request, _("Asked. It holds once %(name)s has said yes.") % {"name": taker.name})
    return redirect("oncall:swap", swap.public_id)


def _taker(text: str, person: Person) -> Person | None:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    found: Person | None = people().exclude(pk=person.pk).filter(pk=number).first()
    return found


def _takers(roster: Roster, rota: Rota, person: Person, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Who could take it: those of the rota first; whoever is away or rests then is named so."""
    plan, inside = roster.plan(rota), set(roster.people)
    away = {one.person for one in plan.absences if one.since < until and since < one.until}
    resting = {one.person for one in plan.rests if one.since < until and since < one.until}
    rows = [one for one in people().exclude(pk=person.pk) if one.pk in inside or one.may(Right.ROTAS)]
    found = [
        {
            "person": one,
            "why_not": _("away then") if one.pk in away else _("rests then") if one.pk in resting else "",
            "inside": one.pk in inside,
        }
        for one in rows
    ]
    return sorted(found, key=lambda one: (bool(one["why_not"]), not one["inside"], one["person"].name))


def _returns(
    roster: Roster, rota: Rota, taker: Person, since: datetime, until: datetime, now: datetime
) -> list[dict[str, str]]:
    """The taker's own shifts to come, apart from the hours that are given."""
    found = [one for one in roster.shifts(rota, now, now + _BACK_WITHIN) if one.person.pk == taker.pk]
    return [
        {"value": f"{one.since.isoformat()}/{one.until.isoformat()}", "said": words.span(one.since, one.until)}
        for one in found
        if one.since > now and not (one.since < until and since < one.until)
    ][:30]


def _moment(text: str) -> datetime | None:
    """A moment out of an address; None if it is none."""
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None and 1990 < found.year < 2200 else None
