"""Paging people by hand: what is known, a second look at whom it calls, then it goes out."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tocsin.alerts import actions, words
from tocsin.alerts.access import alerts_for
from tocsin.alerts.ahead import stairs
from tocsin.alerts.forms import PageNowForm
from tocsin.alerts.models import Lane, Severity
from tocsin.lib.names import random_name
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right

_PAGED = "paged"
_KEPT = 20


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.ALERTS)
def page_now(request: HttpRequest) -> HttpResponseBase:
    """The form; with ``do=look`` whom it would call; with ``do=send`` it calls them."""
    actions.default_policy()
    person = person_of(request)
    if request.method != "POST":
        return render(request, "alerts/page_now.html", {"form": PageNowForm(initial=_given(request))})
    form = PageNowForm(request.POST)
    if not form.is_valid():
        return render(request, "alerts/page_now.html", {"form": form}, status=422)
    if request.POST.get("do") == "send":
        return _send(request, person, form)
    if request.POST.get("do") == "back":
        return render(request, "alerts/page_now.html", {"form": form})
    return _second_look(request, person, form)


def _given(request: HttpRequest) -> dict[str, Any]:
    """What a link to this page said already, such as a situation's."""
    return {name: request.GET[name][:120] for name in ("reference", "severity", "lane", "whom") if name in request.GET}


def _second_look(request: HttpRequest, person: Person, form: PageNowForm) -> HttpResponse:
    asked = form.asked()
    assert asked.policy is not None
    context = {
        "form": form,
        "asked": asked,
        "severity": Severity(asked.severity).label,
        "bars": words.bars(asked.severity),
        "lane": Lane(asked.lane).label,
        "named": asked.named or asked.lane == Lane.LIFE,
        "policy": asked.policy,
        "stairs": stairs(asked.policy, asked.lane, before=asked.whom),
        "language_name": words.language_name(asked.language) if asked.language else "",
        "urgency_words": words.URGENCY.get(asked.urgency, ""),
        "reference": words.place(asked.reference, person),
        "once": random_name(16),
    }
    return render(request, "alerts/second_look.html", context)


def _send(request: HttpRequest, person: Person, form: PageNowForm) -> HttpResponseBase:
    once = request.POST.get("once", "")[:32]
    sent: dict[str, str] = request.session.get(_PAGED, {})
    # A second tap on a bad network leads to what the first one raised.
    if once in sent and alerts_for(person).filter(public_id=sent[once]).exists():
        return redirect("alerts:alert", sent[once])
    try:
        made = actions.page_now(person, form.asked())
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
        return redirect("alerts:page_now")
    request.session[_PAGED] = dict([*sent.items(), (once, made.public_id)][-_KEPT:])
    messages.success(request, _("It is stored, and goes out now. Below you see who is called, and who answers."))
    return redirect("alerts:alert", made.public_id)
