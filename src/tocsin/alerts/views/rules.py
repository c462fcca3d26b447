"""What may raise alerts by itself, drills, and how the pager is."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import actions, listing, rulebook, standing
from tocsin.alerts import drills as drilling
from tocsin.alerts.access import alerts_for
from tocsin.alerts.channels.here import channels
from tocsin.alerts.freshness import polled
from tocsin.alerts.models import Policy, Pulse, Rule, Watcher
from tocsin.alerts.watch import pulses
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right

_LAST = 20
_A_PAGE = 20
_PULSES = 10


@require_safe
@needs(Right.ALERTS)
@polled
def index(request: HttpRequest) -> HttpResponse:
    """Every rule with what it was worth."""
    context = {"rules": rulebook.all_rules(), "may_arrange": person_of(request).may(Right.DUTY), "live": True}
    return render(request, "alerts/rules.html", context)


@require_safe
@needs(Right.ALERTS)
@polled
def rule(request: HttpRequest, number: int) -> HttpResponse:
    """One rule with its last alerts."""
    person = person_of(request)
    row = get_object_or_404(Rule, pk=number)
    rows = list(alerts_for(person).filter(rule=row).select_related(*listing.RELATED).order_by("-pk")[:_LAST])
    context = {
        "worth": rulebook.worth(row),
        "lines": listing.lines(person, rows),
        "may_arrange": person.may(Right.DUTY),
        "live": True,
    }
    return render(request, "alerts/rule.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DUTY)
def trust(request: HttpRequest, number: int) -> HttpResponseBase:
    """Let a stopped rule wake people again, after a look at what that means."""
    row = get_object_or_404(Rule, pk=number)
    if request.method != "POST":
        return render(request, "alerts/trust.html", {"worth": rulebook.worth(row)})
    actions.let_rule_wake(row, person_of(request))
    messages.success(request, _("It may wake people again. What it got wrong before no longer counts."))
    return redirect("alerts:rule", row.pk)


@require_POST
@needs(Right.DUTY)
def budget(request: HttpRequest, number: int) -> HttpResponseBase:
    """How many of a rule's alerts may wake people in a week."""
    row = get_object_or_404(Rule, pk=number)
    given = request.POST.get("per_week", "")
    try:
        per_week = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else -1
        rulebook.set_budget(person_of(request), row, per_week)
        messages.success(request, _("The budget holds from now on."))
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
    return redirect("alerts:rule", row.pk)


@require_safe
@needs(Right.ALERTS)
@polled
def drills(request: HttpRequest) -> HttpResponse:
    """What came of each drill, newest first."""
    page = Paginator(drilling.drills_for(person_of(request)), _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "drills": drilling.history(list(page)),
        "policies": Policy.objects.filter(ended_at=None).order_by("-is_default", "name", "pk"),
        "live": True,
    }
    return render(request, "alerts/drills.html", context)


@require_POST
@needs(Right.ALERTS)
def drill_now(request: HttpRequest) -> HttpResponseBase:
    """Begin a drill."""
    chosen = Policy.objects.filter(public_id=request.POST.get("policy", "")[:12], ended_at=None).first()
    try:
        made = drilling.start(person_of(request), chosen)
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
        return redirect("alerts:drills")
    messages.success(request, _("The drill runs. Below you see who is called, and who answers."))
    return redirect("alerts:alert", made.public_id)


@require_safe
@needs(Right.ALERTS)
@polled
def pager(request: HttpRequest) -> HttpResponse:
    """How the pager is, by which channels it can reach people, and what to do when it stands still."""
    context = {
        "state": standing.pager_state(),
        "channels": [(one, one.ready()) for one in channels().values()],
        "pulses": list(Pulse.objects.order_by("-sent_at", "-pk")[:_PULSES]),
        "pulse_channel": pulses.channel_of(settings.PAGING),
        "watchers": list(Watcher.objects.order_by("number")),
        "may_arrange": person_of(request).may(Right.DUTY),
        "live": True,
    }
    return render(request, "alerts/pager.html", context)
