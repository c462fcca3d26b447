"""The people on a plan: asked, arrived, relieved."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import mobilising
from tocsin.responses.after_forms import ArriveForm, MusterForm, RelieveForm
from tocsin.responses.log import acts
from tocsin.responses.log.content import Function
from tocsin.responses.views.opening import Opened, done, page, whole, writes
from tocsin.rollcalls import asking
from tocsin.rollcalls.refusals import RefusedError as RollCallRefusedError


@require_http_methods(["GET", "HEAD"])
@whole
def team(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Who is on it now, who was asked, and how turns end."""
    return _team(request, opened)


def _offered(opened: Opened) -> list[tuple[int, str]] | None:
    members = opened.members()
    if members is None:
        return None
    return list(Person.objects.filter(pk__in=members, is_active=True).order_by("name").values_list("pk", "name"))


def _team(request: HttpRequest, opened: Opened, status: int = 200, **forms: object) -> HttpResponse:
    plan = opened.plan
    here = mobilising.on_it(plan.lines)
    known = dict(Person.objects.filter(pk__in=[one.person for one in here]).values_list("pk", "name"))
    offered = _offered(opened)
    # Nobody is put into a drill.
    mine = [(opened.person.pk, opened.person.name)]
    context = {
        "here": [(one, known.get(one.person, _("somebody who left"))) for one in here],
        "asked": plan.of(acts.Mustered),
        "may_ask": opened.person.may(Right.ROLLCALLS) and opened.may_write and not plan.begun.drill,
        "arrive": ArriveForm(mine if plan.begun.drill else offered, initial={"person": opened.person.pk}),
        "relieve": RelieveForm(offered),
        "muster": MusterForm(opened.person, initial={"once": random_name(16)}),
        "on_it": any(one.person == opened.person.pk for one in here),
        **forms,
    }
    return page(request, opened, "team", status, **context)


@require_POST
@writes
def muster(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Ask people whether they can help, and write down that they were asked."""
    form = MusterForm(opened.person, request.POST)
    if opened.plan.begun.drill:
        form.add_error(None, _("A drill asks nobody who is not in it. Agree beforehand who plays along."))
    if not form.is_valid():
        return _team(request, opened, 422, muster=form)
    try:
        rollcall = asking.hold(opened.person, form.asked())
    except RollCallRefusedError as refused:
        form.add_error(None, refused.args[0])
        return _team(request, opened, 422, muster=form)
    function = Function(form.cleaned_data["function"])
    if not any(act.rollcall == rollcall.public_id for _line, act in opened.plan.of(acts.Mustered)):
        mobilising.muster(opened.book, opened.person, rollcall.public_id, function)
    messages.success(request, _("They are being asked. Below you see who answers."))
    return redirect("rollcalls:rollcall", rollcall.public_id)


@require_POST
@whole
def arrive(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Somebody is on it from now on."""
    form = ArriveForm(_offered(opened), request.POST)
    if not form.is_valid():
        return _team(request, opened, 422, arrive=form)
    given = form.cleaned_data
    person = _person(given["person"])
    function = Function(given["function"])
    return done(
        request,
        opened,
        lambda: mobilising.arrive(opened.book, opened.person, person, function, given["until"]),
        _("%(name)s is on it.") % {"name": person.name},
        opened.url("team"),
    )


@require_POST
@whole
def relieve(request: HttpRequest, opened: Opened, number: int) -> HttpResponse:
    """Somebody's turn is over."""
    form = RelieveForm(_offered(opened), request.POST)
    if not form.is_valid():
        return _team(request, opened, 422, relieve=form)
    given = form.cleaned_data
    successor = _person(given["successor"]) if given["successor"] else None
    person = _person(number)
    return done(
        request,
        opened,
        lambda: mobilising.relieve(opened.book, opened.person, person, successor, given["handover"]),
        _("The turn is handed over."),
        opened.url("team"),
    )


def _person(number: int) -> Person:
    found = Person.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found
