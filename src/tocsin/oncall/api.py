"""Duty for programs: everything that its pages can do.

A person needs no right for their own duty, but a token does: one that may only read gives nobody's duty away.
"""

from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router

from tocsin.lib.inputs import Id
from tocsin.lib.pages import Listed, after
from tocsin.oncall import access, actions, shown
from tocsin.oncall import api_shapes as shapes
from tocsin.oncall.api_shapes import PublicId
from tocsin.oncall.duty import Roster
from tocsin.oncall.models import Limits, Rest, Rota, Swap
from tocsin.oncall.preview import preview
from tocsin.oncall.resting import shown_why
from tocsin.oncall.toll import fairness, limits_of, strains
from tocsin.people.api_auth import Bearer, by_token, caller, may_by_token
from tocsin.people.models import Person
from tocsin.people.roles import Right

router = Router(tags=["duty"])

_ROTAS = Bearer(Right.ROTAS)
_DUTY = Bearer(Right.DUTY)
_ABSENT_WITHIN = timedelta(days=800)


# Who has duty


@router.get("/duty", response=list[shapes.DutyOut], auth=_ROTAS, summary="Who has duty now")
def on_duty(request: HttpRequest) -> list[shapes.DutyOut]:
    """Each rota with who holds it at this moment."""
    now = timezone.now()
    roster = Roster.load(now=now)
    return [shapes.duty_out(rota, roster.at(rota, now)) for rota in roster.rotas]


@router.get("/duty/mine", response=list[shapes.ShiftOut], auth=_ROTAS, summary="List your shifts")
def mine(request: HttpRequest, ahead: Query[shapes.AheadFilters]) -> list[shapes.ShiftOut]:
    """Your own shifts on every rota."""
    person, now = caller(request), timezone.now()
    roster = Roster.load(now=now)
    until = now + timedelta(weeks=ahead.weeks)
    found = [one for rota in roster.rotas for one in roster.shifts(rota, now, until) if one.person.pk == person.pk]
    return [shapes.shift_out(one) for one in sorted(found, key=lambda one: (one.since, one.rota.pk))]


@router.get("/duty/strains", response=list[shapes.StrainOut], auth=_ROTAS, summary="Where the plan asks too much")
def strained(request: HttpRequest, ahead: Query[shapes.AheadFilters]) -> list[shapes.StrainOut]:
    """Moments at which the plan alone takes somebody past a limit; only your own without the right `duty`."""
    person, now = caller(request), timezone.now()
    found = strains(Roster.load(now=now), now, now + timedelta(weeks=ahead.weeks))
    return [shapes.strain_out(one) for one in found if _arranges(request) or one.person == person]


@router.get("/duty/load", response=list[shapes.MeasureOut], auth=_ROTAS, summary="What duty took from you")
def load(request: HttpRequest) -> list[shapes.MeasureOut]:
    """Your last seven days beside your limits, with what only you may know."""
    now = timezone.now()
    found = shown.measures(caller(request), Roster.load(now=now), now)
    return [shapes.MeasureOut(what=one.what, amount=one.amount, limit=one.limit) for one in found]


@router.post("/duty/load", response={201: shapes.LoadsOut}, auth=_ROTAS, summary="Note what a shift took")
def note(request: HttpRequest, given: shapes.AfterShiftIn) -> shapes.LoadsOut:
    """Time with distressing material, which only you see, and minutes beyond the plan."""
    ids = actions.note_after_shift(caller(request), given.at, given.exposure_minutes, given.extra_minutes)
    return shapes.LoadsOut(ids=ids)


@router.delete("/duty/load/{number}", response={204: None}, auth=_ROTAS, summary="Take back what you noted")
def take_back(request: HttpRequest, number: Id) -> HttpResponse:
    """Only what you noted yourself, of the last seven days."""
    if not actions.take_back_load(caller(request), [number]):
        raise Http404
    return HttpResponse(status=204)


# Rotas


@router.get("/rotas", response=list[shapes.RotaOut], auth=_ROTAS, summary="List rotas")
def rotas(request: HttpRequest) -> list[shapes.RotaOut]:
    """The rotas that have not ended."""
    return [shapes.rota_out(one) for one in access.rotas_for(caller(request))]


@router.post("/rotas", response={201: shapes.RotaOut}, auth=_DUTY, summary="Make a rota")
def create(request: HttpRequest, given: shapes.RotaIn) -> shapes.RotaOut:
    """Nobody holds it before it has a layer."""
    return shapes.rota_out(actions.create_rota(caller(request), given.name, given.time_zone))


@router.get("/rotas/{public_id}", response=shapes.RotaOut, auth=_ROTAS, summary="Read one rota")
def one(request: HttpRequest, public_id: PublicId) -> shapes.RotaOut:
    """One rota, ended or not."""
    return shapes.rota_out(access.access_rota(caller(request), public_id))


@router.put("/rotas/{public_id}", response=shapes.RotaOut, auth=_DUTY, summary="Rename a rota")
def change(request: HttpRequest, public_id: PublicId, given: shapes.RotaIn) -> shapes.RotaOut:
    """Another name, or another zone to be shown in; hand-overs stay where they are."""
    person = caller(request)
    row = access.access_rota(person, public_id)
    return shapes.rota_out(actions.change_rota(person, row, given.name, given.time_zone))


@router.post("/rotas/{public_id}/end", response=shapes.RotaOut, auth=_DUTY, summary="End a rota")
def end(request: HttpRequest, public_id: PublicId) -> shapes.RotaOut:
    """Refused while a policy calls whoever is on duty there."""
    person = caller(request)
    actions.end_rota(person, access.access_rota(person, public_id))
    return shapes.rota_out(access.access_rota(person, public_id))


@router.get("/rotas/{public_id}/shifts", response=list[shapes.ShiftOut], auth=_ROTAS, summary="List a rota's shifts")
def shifts(request: HttpRequest, public_id: PublicId, ahead: Query[shapes.AheadFilters]) -> list[shapes.ShiftOut]:
    """Everybody's stretches in order, and the gaps between them."""
    roster, row, now, until = _ahead(request, public_id, ahead)
    found = [shapes.shift_out(one) for one in roster.shifts(row, now, until)]
    found += [shapes.shift_out(one) for one in roster.gaps(row, now, until)]
    return sorted(found, key=lambda one: one.since)


@router.get("/rotas/{public_id}/gaps", response=list[shapes.ShiftOut], auth=_ROTAS, summary="List a rota's gaps")
def gaps(request: HttpRequest, public_id: PublicId, ahead: Query[shapes.AheadFilters]) -> list[shapes.ShiftOut]:
    """The stretches that nobody holds."""
    roster, row, now, until = _ahead(request, public_id, ahead)
    return [shapes.shift_out(one) for one in roster.gaps(row, now, until)]


@router.get("/rotas/{public_id}/handovers", response=list[shapes.HandoverOut], auth=_ROTAS, summary="List hand-overs")
def handovers(request: HttpRequest, public_id: PublicId, ahead: Query[shapes.AheadFilters]) -> list[shapes.HandoverOut]:
    """Each change of hands, on the clocks of both."""
    roster, row, now, until = _ahead(request, public_id, ahead)
    return [shapes.handover_out(one) for one in roster.handovers(row, now, until)]


@router.get("/rotas/{public_id}/shares", response=list[shapes.ShareOut], auth=_ROTAS, summary="How duty fell")
def shares(request: HttpRequest, public_id: PublicId, back: Query[shapes.BackFilters]) -> list[shapes.ShareOut]:
    """Each person's part beside an equal share; only your own without the right `duty`."""
    person = caller(request)
    found = fairness(access.access_rota(person, public_id), timezone.now(), back.weeks)
    return [shapes.share_out(one) for one in found if _arranges(request) or one.person.pk == person.pk]


def _ahead(request: HttpRequest, public_id: str, ahead: shapes.AheadFilters) -> tuple[Roster, Rota, Any, Any]:
    row, now = access.access_rota(caller(request), public_id), timezone.now()
    return Roster.load([row], now=now), row, now, now + timedelta(weeks=ahead.weeks)


# Layers


@router.get("/rotas/{public_id}/layers", response=list[shapes.LayerOut], auth=_ROTAS, summary="List layers")
def layers(request: HttpRequest, public_id: PublicId) -> list[shapes.LayerOut]:
    """The highest first. One with `closed_at` makes room for the next version."""
    row = access.access_rota(caller(request), public_id)
    found = access.layers_of(row, timezone.now()).prefetch_related("people")
    return [shapes.layer_out(layer) for layer in found]


@router.post("/rotas/{public_id}/layers", response={201: shapes.LayerOut}, auth=_DUTY, summary="Add a layer")
def add_layer(request: HttpRequest, public_id: PublicId, given: shapes.LayerIn) -> shapes.LayerOut:
    """On top of the others. Look first: `POST /rotas/{public_id}/preview`."""
    person = caller(request)
    return shapes.layer_out(actions.add_layer(person, access.access_rota(person, public_id), given.turns()))


@router.post("/rotas/{public_id}/preview", response=shapes.PreviewOut, auth=_DUTY, summary="What a layer would bring")
def look(
    request: HttpRequest, public_id: PublicId, given: shapes.LayerIn, layer: Id | None = None
) -> shapes.PreviewOut:
    """Four weeks as they would be with this layer in place of `layer`, or on top. Nothing is saved."""
    person = caller(request)
    row = access.access_rota(person, public_id)
    if layer is None:
        return shapes.preview_out(preview(row, lambda: actions.add_layer(person, row, given.turns())))
    old = access.access_layer(person, row, layer)
    return shapes.preview_out(preview(row, lambda: actions.change_layer(person, old, given.turns())))


@router.put("/rotas/{public_id}/layers/{number}", response=shapes.LayerOut, auth=_DUTY, summary="Change a layer")
def change_layer(request: HttpRequest, public_id: PublicId, number: Id, given: shapes.LayerIn) -> shapes.LayerOut:
    """From now on, or from its first hand-over if that is later. The layer has another id then."""
    person = caller(request)
    layer = access.access_layer(person, access.access_rota(person, public_id), number)
    return shapes.layer_out(actions.change_layer(person, layer, given.turns()))


@router.delete("/rotas/{public_id}/layers/{number}", response={204: None}, auth=_DUTY, summary="Take a layer out")
def remove_layer(request: HttpRequest, public_id: PublicId, number: Id) -> HttpResponse:
    """From now on it covers nothing; what was stays on record."""
    person = caller(request)
    actions.remove_layer(person, access.access_layer(person, access.access_rota(person, public_id), number))
    return HttpResponse(status=204)


@router.post(
    "/rotas/{public_id}/layers/{number}/{verb}", response=list[shapes.LayerOut], auth=_DUTY, summary="Move a layer"
)
def move_layer(
    request: HttpRequest, public_id: PublicId, number: Id, verb: Literal["up", "down"]
) -> list[shapes.LayerOut]:
    """Change places with the one above or below; both have other ids then."""
    person = caller(request)
    layer = access.access_layer(person, access.access_rota(person, public_id), number)
    actions.move_layer(person, layer, up=verb == "up")
    return layers(request, public_id)


# Overrides


@router.get("/rotas/{public_id}/overrides", response=list[shapes.OverrideOut], auth=_ROTAS, summary="List overrides")
def overrides(request: HttpRequest, public_id: PublicId) -> list[shapes.OverrideOut]:
    """Those that hold now or later."""
    row = access.access_rota(caller(request), public_id)
    return [shapes.override_out(found) for found in access.overrides_of(row, timezone.now())]


@router.post("/rotas/{public_id}/overrides", response={201: shapes.OverrideOut}, auth=_DUTY, summary="Override a rota")
def override(request: HttpRequest, public_id: PublicId, given: shapes.OverrideIn) -> shapes.OverrideOut:
    """Let somebody hold it between two moments, whatever the layers say."""
    person = caller(request)
    row = access.access_rota(person, public_id)
    made = actions.override(person, row, _somebody(given.person), given.since, given.until)
    return shapes.override_out(made)


@router.delete("/rotas/{public_id}/overrides/{number}", response={204: None}, auth=_DUTY, summary="Cancel an override")
def cancel(request: HttpRequest, public_id: PublicId, number: Id) -> HttpResponse:
    """Of an agreed swap all of its hours."""
    person = caller(request)
    row = access.access_rota(person, public_id)
    actions.cancel(person, access.access_override(person, row, number))
    return HttpResponse(status=204)


# Swaps


@router.get("/swaps", response=Listed[shapes.SwapOut], auth=_ROTAS, summary="List swaps")
def swaps(request: HttpRequest, filters: Query[shapes.SwapFilters]) -> Listed[shapes.SwapOut]:
    """Your own, newest first; everybody's with the right `duty`."""
    rows = _swaps(request)
    rows = rows if filters.state == "all" else rows.filter(state=filters.state)
    found, following = after(rows, filters.cursor, filters.limit)
    return Listed[shapes.SwapOut](items=[shapes.swap_out(row) for row in found], next=following)


@router.post("/swaps", response={201: shapes.SwapOut}, auth=_ROTAS, summary="Ask for a swap")
def ask_swap(request: HttpRequest, given: shapes.SwapIn) -> shapes.SwapOut:
    """Whoever asks has said yes; it holds once the other has too."""
    person = caller(request)
    giver = _somebody(given.giver) if given.giver is not None else person
    if given.giver not in (None, person.pk) and given.taker != person.pk and not _arranges(request):
        raise Http404
    rota = access.access_rota(person, given.rota)
    taker = _somebody(given.taker)
    made = actions.ask_swap(
        person, rota, giver, taker, given.since, given.until, given.back_since, given.back_until
    )  # fmt: skip
    return shapes.swap_out(made)


@router.get("/swaps/{public_id}", response=shapes.SwapOut, auth=_ROTAS, summary="Read one swap")
def swap(request: HttpRequest, public_id: PublicId) -> shapes.SwapOut:
    """One swap of yours."""
    return shapes.swap_out(get_object_or_404(_swaps(request), public_id=public_id))


@router.post("/swaps/{public_id}/{verb}", response=shapes.SwapOut, auth=_ROTAS, summary="Answer a swap")
def answer_swap(
    request: HttpRequest, public_id: PublicId, verb: Literal["agree", "decline", "withdraw"]
) -> shapes.SwapOut:
    """Say yes or no, or take it back."""
    person = caller(request)
    row = get_object_or_404(_swaps(request), public_id=public_id)
    {"agree": actions.agree, "decline": actions.decline, "withdraw": actions.withdraw}[verb](row, person)
    return shapes.swap_out(access.access_swap(person, public_id))


# Away and rest


@router.get("/absences", response=list[shapes.AbsenceOut], auth=_ROTAS, summary="List when you are away")
def absences(request: HttpRequest) -> list[shapes.AbsenceOut]:
    """Your own, to come or under way."""
    person, now = caller(request), timezone.now()
    rows = access.absences_of(person, now, now + _ABSENT_WITHIN).select_related("person")
    return [shapes.absence_out(row) for row in rows]


@router.post("/absences", response={201: shapes.AbsenceOut}, auth=_ROTAS, summary="Say that somebody is away")
def away(request: HttpRequest, given: shapes.AbsenceIn) -> shapes.AbsenceOut:
    """You, or with the right `duty` somebody else. Nobody asks why."""
    person = caller(request)
    other = person if given.person is None else _whose(request, given.person)
    return shapes.absence_out(actions.away(person, other, given.since, given.until))


@router.delete("/absences/{number}", response={204: None}, auth=_ROTAS, summary="End an absence")
def back(request: HttpRequest, number: Id) -> HttpResponse:
    """From now on the person is there."""
    person = caller(request)
    absence = access.access_absence(person, number)
    if absence.person_id != person.pk and not _arranges(request):
        raise Http404
    actions.back(person, absence)
    return HttpResponse(status=204)


@router.get("/rests", response=list[shapes.RestOut], auth=_ROTAS, summary="List who rests")
def rests(request: HttpRequest) -> list[shapes.RestOut]:
    """Everybody's open rests. Why is told to the one who rests."""
    person = caller(request)
    return [_rest(row, person) for row in access.rests_for(person)]


@router.post("/rests", response={201: shapes.RestOut}, auth=_ROTAS, summary="Ask for rest")
def ask_rest(request: HttpRequest, given: shapes.RestIn) -> shapes.RestOut:
    """From now on ordinary alerts go round you."""
    person = caller(request)
    return _rest(actions.ask_rest(person, given.hours), person)


@router.post("/rests/{public_id}/propose", response=shapes.RestOut, auth=_DUTY, summary="Ask somebody to stand in")
def propose(request: HttpRequest, public_id: PublicId, given: shapes.WhoIn) -> shapes.RestOut:
    """Whoever had accepted is free again."""
    person = caller(request)
    rest = access.access_rest(person, public_id)
    return _rest(actions.propose_substitute(person, rest, _somebody(given.person)), person)


@router.post("/rests/{public_id}/{verb}", response={204: None}, auth=_ROTAS, summary="Answer a rest")
def answer_rest(request: HttpRequest, public_id: PublicId, verb: Literal["accept", "decline", "end"]) -> HttpResponse:
    """Stand in or not; or end it, your own or with the right `duty`."""
    person = caller(request)
    rest = access.access_rest(person, public_id)
    if verb == "accept":
        actions.accept_rest(rest, person)
    elif verb == "decline":
        actions.decline_rest(rest, person)
    elif rest.person_id == person.pk or _arranges(request):
        actions.end_rest(person, rest)
    else:
        raise Http404
    return HttpResponse(status=204)


def _rest(row: Rest, viewer: Person) -> shapes.RestOut:
    return shapes.rest_out(row, shown_why(row, viewer))


# Limits


@router.get("/limits", response=shapes.LimitsShape, auth=_ROTAS, summary="Read the team's limits")
def team_limits(request: HttpRequest) -> shapes.LimitsShape:
    """What duty may ask of everybody without limits of their own."""
    return shapes.limits_out(Limits.objects.filter(person=None).first() or Limits())


@router.put("/limits", response=shapes.LimitsShape, auth=_DUTY, summary="Set the team's limits")
def set_team_limits(request: HttpRequest, given: shapes.LimitsShape) -> shapes.LimitsShape:
    """They count from now on."""
    actions.set_limits(caller(request), None, given.bounds())
    return team_limits(request)


@router.get("/limits/{number}", response=shapes.LimitsShape, auth=_ROTAS, summary="Read a person's limits")
def limits(request: HttpRequest, number: Id) -> shapes.LimitsShape:
    """Your own; those of others with the right `duty`."""
    other = _whose(request, number)
    return shapes.limits_out(limits_of([other.pk])[other.pk])


@router.put("/limits/{number}", response=shapes.LimitsShape, auth=_ROTAS, summary="Set a person's limits")
def set_limits(request: HttpRequest, number: Id, given: shapes.LimitsShape) -> shapes.LimitsShape:
    """Your own up to the team's; any with the right `duty`."""
    person = caller(request)
    actions.set_limits(person, _whose(request, number), given.bounds())
    return limits(request, number)


@router.delete("/limits/{number}", response={204: None}, auth=_ROTAS, summary="Go back to the team's limits")
def clear_limits(request: HttpRequest, number: Id) -> HttpResponse:
    """Take a person's own limits away."""
    person = caller(request)
    actions.set_limits(person, _whose(request, number), None)
    return HttpResponse(status=204)


# Calendars


@router.get("/calendars", response=list[shapes.CalendarOut], auth=_ROTAS, summary="List your calendar links")
def calendars(request: HttpRequest) -> list[shapes.CalendarOut]:
    """Those that work. Their addresses can't be had again."""
    return [shapes.CalendarOut(**shapes.calendar_fields(row)) for row in access.calendar_links(caller(request))]


@router.post("/calendars", response={201: shapes.CalendarMade}, auth=_ROTAS, summary="Make a calendar link")
def make_calendar(request: HttpRequest, given: shapes.CalendarIn) -> shapes.CalendarMade:
    """Whoever has the address can read the calendar. It is given this one time."""
    person = caller(request)
    rota = access.access_rota(person, given.rota) if given.rota is not None else None
    link, token = actions.make_calendar_link(person, rota)
    address = settings.PUBLIC_URL.rstrip("/") + reverse("oncall:feed", args=[token])
    return shapes.CalendarMade(**shapes.calendar_fields(link), address=address)


@router.delete("/calendars/{number}", response={204: None}, auth=_ROTAS, summary="End a calendar link")
def end_calendar(request: HttpRequest, number: Id) -> HttpResponse:
    """At once, for every program that uses it."""
    if not actions.revoke_calendar_link(caller(request), number):
        raise Http404
    return HttpResponse(status=204)


def _somebody(number: int) -> Person:
    return get_object_or_404(Person, pk=number)


def _whose(request: HttpRequest, number: int) -> Person:
    """Oneself; for whoever arranges duty anybody.

    Raises:
        Http404: for others without the right.
    """
    person = caller(request)
    if number == person.pk:
        return person
    if not _arranges(request):
        raise Http404
    return _somebody(number)


def _swaps(request: HttpRequest) -> QuerySet[Swap]:
    person = caller(request)
    rows = access.swaps_for(person)
    return rows if _arranges(request) else rows.filter(Q(giver=person) | Q(taker=person))


def _arranges(request: HttpRequest) -> bool:
    """Whether this very call may arrange the duty of others: its person may, and its token was given the right."""
    if not caller(request).may(Right.DUTY):
        return False
    return not by_token(request) or may_by_token(request.headers[Bearer.header], Right.DUTY)
