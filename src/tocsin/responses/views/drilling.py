"""A drill: its start, its clock, who takes part, what came and how it was met, and its end."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.alerts import clock
from tocsin.people.models import Person
from tocsin.responses import drills, mobilising
from tocsin.responses.after_forms import DrillForm, EndDrillForm, JoinForm, ObserveForm
from tocsin.responses.log import acts
from tocsin.responses.log.content import Function
from tocsin.responses.log.folding import Plan
from tocsin.responses.views.opening import Opened, done, page, whole, writes


@require_http_methods(["GET", "HEAD", "POST"])
@whole
def drill(request: HttpRequest, opened: Opened) -> HttpResponse:
    """A drill under way: its clock, what came, how it was met, what comes; or its start."""
    if not opened.plan.begun.drill:
        raise Http404
    if request.method == "POST":
        return _did(request, opened)
    return _drill(request, opened)


def _did(request: HttpRequest, opened: Opened) -> HttpResponse:
    book, person = opened.book, opened.person
    do = request.POST.get("do", "start")
    if do != "join" and not opened.may_write:
        raise Http404
    verb: Callable[[], object]
    match do:
        case "start":
            start = DrillForm(opened.plan.begun.playbook, request.POST)
            if not start.is_valid():
                return _drill(request, opened, 422, form=start)
            given = start.cleaned_data
            said = _("It runs. What happens comes by itself; look here, and act as you would.")
            meant = given.get("anyway", False)
            verb = lambda: drills.start(book, person, given["scenario"], given["speed"], anyway=meant)  # noqa: E731
        case "join":
            join = JoinForm(request.POST)
            if not join.is_valid():
                return _drill(request, opened, 422, join=join)
            function, said = Function(join.cleaned_data["function"]), _("You are in it.")
            verb = lambda: mobilising.arrive(book, person, person, function)  # noqa: E731
        case "rest":
            said = _("Its clock stands still. Nothing comes due until it goes on.")
            verb = lambda: drills.rest(book, person)  # noqa: E731
        case "go_on":
            said = _("It goes on where it stood.")
            verb = lambda: drills.go_on(book, person)  # noqa: E731
        case "end":
            end = EndDrillForm(request.POST)
            if not end.is_valid():
                return _drill(request, opened, 422, end=end)
            words, met = end.cleaned_data["reached"], end.cleaned_data["met"]
            said = _("The drill is over. What was open is dropped. Write down what you saw while you remember it.")
            verb = lambda: drills.end(book, person, words, met=met)  # noqa: E731
        case _:
            raise Http404
    return done(request, opened, verb, said, opened.url("debrief" if do == "end" else "drill"))


def _drill(request: HttpRequest, opened: Opened, status: int = 200, **forms: Any) -> HttpResponse:
    plan = _caught_up(opened)
    started = plan.of(acts.Started)
    scenario = drills.scenarios().get(started[-1][1].scenario) if started else None
    seen = {act.key: act for _line, act in plan.of(acts.Observed)}
    expects = {one.key: one.expects for one in scenario.injects} if scenario is not None else {}
    came = [(line, act, seen.get(act.key), expects.get(act.key, "")) for line, act in plan.of(acts.Injected)]
    joined = drills.joined(plan)
    context: dict[str, Any] = {
        "plan": plan,
        "form": DrillForm(plan.begun.playbook),
        "join": JoinForm(),
        "end": EndDrillForm(),
        "scenario": scenario,
        "started": started[-1] if started else None,
        "came": list(reversed(came)),
        "left": len(scenario.injects) - len(came) if scenario is not None else 0,
        "observe": ObserveForm(),
        "watches": _watches(opened),
        "judged": len(seen),
        "met": sum(1 for one in seen.values() if one.met),
        "joined": Person.objects.filter(pk__in=joined).order_by("name", "pk"),
        "am_in": opened.person.pk in joined,
        "packs": [(key, one.title) for key, one in drills.suited(plan.begun.playbook)],
        "drill_page": True,
        **forms,
    }
    return page(request, opened, "drill", status, **context)


def _watches(opened: Opened) -> bool:
    """Whether this person says how turns were met: who began it; where nobody did, whoever writes plans."""
    owner = opened.plan.owner
    return owner == opened.person.pk or (not owner and opened.may_write)


def _caught_up(opened: Opened) -> Plan:
    """The plan, with the turns of a sealed drill that are due: no worker can open it, so its members bring them."""
    plan = opened.plan
    if opened.vault is None or not opened.may_write:
        return plan
    now = plan.pace.told(clock.now())
    if any(due <= now for _inject, due in drills.waiting(plan)) and drills.inject(opened.book, opened.person.pk):
        return opened.book.read()
    return plan


@require_POST
@writes
def observe(request: HttpRequest, opened: Opened) -> HttpResponse:
    """How a turn of events was met."""
    form = ObserveForm(request.POST)
    if not form.is_valid() or not _watches(opened):
        raise Http404
    given = form.cleaned_data
    return done(
        request,
        opened,
        lambda: drills.observe(opened.book, opened.person, given["key"], given["words"], met=given["met"]),
        _("It is written down."),
        opened.url("drill"),
    )
