"""Policies: whom alerts reach, drawn as stairs, and the editor, which works without scripts."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import forms, policies
from tocsin.alerts.actions import RefusedError, default_policy
from tocsin.alerts.ahead import stairs
from tocsin.alerts.forms import PolicyForm, Steps
from tocsin.alerts.freshness import polled
from tocsin.alerts.models import Lane, Policy, Target
from tocsin.alerts.policies import Aim, Draft, Step
from tocsin.alerts.warnings import warnings
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right, Role

_UNDO = "policy_before"
_NEW = Draft("", (Step(5, ()),), (Aim(Target.Kind.ROLE, role=int(Role.LEAD)),))


@require_safe
@needs(Right.ALERTS)
@polled
def index(request: HttpRequest) -> HttpResponse:
    """Every policy with its stairs and what is weak about it."""
    default_policy()
    rows = Policy.objects.filter(ended_at=None).order_by("-is_default", "name", "pk")
    context = {
        "policies": [_shown(one) for one in rows],
        "ended": list(Policy.objects.filter(ended_at__isnull=False).order_by("-ended_at")[:20]),
        "may_arrange": person_of(request).may(Right.DUTY),
        "live": True,
    }
    return render(request, "alerts/policies.html", context)


def _shown(policy: Policy) -> dict[str, Any]:
    climbed = stairs(policy, Lane.WAKE)
    return {"policy": policy, "stairs": climbed, "warnings": warnings(policy, climbed)}


@require_safe
@needs(Right.ALERTS)
@polled
def policy(request: HttpRequest, public_id: str) -> HttpResponse:
    """One policy."""
    row = _get(public_id)
    before = request.session.get(_UNDO, {})
    context = _shown(row) | {
        "may_arrange": person_of(request).may(Right.DUTY),
        "may_undo": before.get("policy") == row.public_id,
        "draft": policies.draft_of(row),
        "live": True,
    }
    return render(request, "alerts/policy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DUTY)
def edit(request: HttpRequest, public_id: str = "") -> HttpResponseBase:
    """The editor. Every button but “Save” gives the page again, with a row more or less."""
    row = _get(public_id) if public_id else None
    draft = policies.draft_of(row) if row is not None else replace(_NEW, time_zone=get_current_timezone_name())
    if request.method != "POST":
        return _editor(request, row, PolicyForm(initial=_initial(draft)), Steps(draft))
    steps = Steps.read(request.POST)
    if steps.press(request.POST.get("do", "save")):
        return _editor(request, row, PolicyForm(initial=request.POST.dict()), steps)
    form = PolicyForm(request.POST)
    if form.is_valid():
        try:
            return _save(request, row, steps.draft(form))
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
    return _editor(request, row, form, steps, status=422)


def _save(request: HttpRequest, row: Policy | None, draft: Draft) -> HttpResponseBase:
    by = person_of(request)
    if row is None:
        row = policies.create(by, draft)
        messages.success(request, _("The policy stands. No alert takes it before you say so."))
    else:
        request.session[_UNDO] = {"policy": row.public_id, "draft": _kept(policies.change(by, row, draft))}
        messages.success(request, _("Changed. It holds from now on."))
    return redirect("alerts:policy", row.public_id)


def _editor(
    request: HttpRequest, row: Policy | None, form: PolicyForm, steps: Steps, status: int = 200
) -> HttpResponse:
    context = {
        "policy": row,
        "form": form,
        "steps": steps,
        "choices": forms.choices(),
        "back": reverse("alerts:policy", args=[row.public_id]) if row is not None else reverse("alerts:policies"),
    }
    return render(request, "alerts/policy_edit.html", context, status=status)


@require_POST
@needs(Right.DUTY)
def undo(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Put back what the policy said before one's own last change."""
    row = _get(public_id)
    before = request.session.pop(_UNDO, {})
    if before.get("policy") != row.public_id:
        messages.error(request, _("There is nothing of yours to undo here."))
        return redirect("alerts:policy", row.public_id)
    try:
        policies.change(person_of(request), row, _unkept(before["draft"]))
        messages.success(request, _("Undone: it says again what it said before."))
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
    return redirect("alerts:policy", row.public_id)


@require_POST
@needs(Right.DUTY)
def make_default(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Let alerts that name no policy take this one."""
    return _do(request, public_id, policies.set_default, _("Alerts that name no policy take this one now."))


@require_POST
@needs(Right.DUTY)
def end(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """End it."""
    return _do(request, public_id, policies.end, _("It has ended. You can bring it back."))


@require_POST
@needs(Right.DUTY)
def bring_back(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Undo an end."""
    return _do(request, public_id, policies.bring_back, _("It is back."))


def _do(request: HttpRequest, public_id: str, verb: Any, done: str) -> HttpResponseBase:
    row = _get(public_id)
    try:
        verb(person_of(request), row)
        messages.success(request, done)
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
    return redirect("alerts:policy", row.public_id)


def _get(public_id: str) -> Policy:
    if len(public_id) > 12:
        raise Http404
    return get_object_or_404(Policy, public_id=public_id)


def _initial(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "wider_after": draft.wider_after,
        "remind_minutes": draft.remind_minutes,
        "drill_weekday": draft.drill_weekday,
        "drill_hour": draft.drill_hour,
        "time_zone": draft.time_zone,
    }


def _kept(draft: Draft) -> dict[str, Any]:
    """A draft as plain values for the session."""
    steps = [[step.wait_minutes, [forms.value(aim) for aim in step.aims]] for step in draft.steps]
    return _initial(draft) | {"steps": steps, "wider": [forms.value(aim) for aim in draft.wider]}


def _unkept(kept: dict[str, Any]) -> Draft:
    steps = tuple(Step(wait, tuple(forms.aims(values))) for wait, values in kept["steps"])
    return Draft(**{**kept, "steps": steps, "wider": tuple(forms.aims(kept["wider"]))})
