"""On the way: how severe it is, how it stands, what was decided, its end, and its going on after all."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tocsin.responses import actions, dropping
from tocsin.responses.forms import CloseForm, DecideForm, DropForm, GradeForm, UpdateForm, WordsForm
from tocsin.responses.views.opening import Opened, page, tried, writes

Given = Mapping[str, Any]


def _grade(opened: Opened, given: Given) -> object:
    return actions.grade(opened.book, opened.person, given["severity"], privileged=given["privileged"])


def _update(opened: Opened, given: Given) -> object:
    return actions.update(opened.book, opened.person, given["text"])


def _decide(opened: Opened, given: Given) -> object:
    return actions.decide(opened.book, opened.person, given["what"], given["why"])


def _drop(opened: Opened, given: Given) -> object:
    return dropping.drop(opened.book, opened.person, given["tasks"], given["words"])


def _close(opened: Opened, given: Given) -> object:
    return actions.close(opened.book, opened.person, given["reached"], met=given["met"] == "yes")


def _reopen(opened: Opened, given: Given) -> object:
    return actions.reopen(opened.book, opened.person, given["words"])


_VERBS: Mapping[str, tuple[Callable[[Opened, Given], object], Any]] = {
    "grade": (_grade, gettext_lazy("Noted.")),
    "update": (_update, gettext_lazy("Told. The clock of the next update began anew.")),
    "decide": (_decide, gettext_lazy("Written down.")),
    "drop": (_drop, gettext_lazy("Dropped. Each stands in the log with the reason.")),
    "close": (_close, gettext_lazy("Closed.")),
    "reopen": (_reopen, gettext_lazy("It goes on.")),
}


@require_http_methods(["GET", "HEAD", "POST"])
@writes
def standing(request: HttpRequest, opened: Opened) -> HttpResponse:
    """One page for what a lead does on the way."""
    do = request.POST.get("do", "") if request.method == "POST" else ""
    now = {"severity": opened.plan.severity, "privileged": opened.plan.privileged}
    found: dict[str, forms.Form] = {
        "update": UpdateForm(request.POST if do == "update" else None),
        "decide": DecideForm(request.POST if do == "decide" else None),
        "grade": GradeForm(request.POST if do == "grade" else None, initial=now),
        "drop": DropForm(opened.plan.open_tasks, request.POST if do == "drop" else None, auto_id="drop_%s"),
        "close": CloseForm(request.POST if do == "close" else None),
        "reopen": WordsForm(gettext_lazy("Why it goes on"), request.POST if do == "reopen" else None),
    }
    if do in _VERBS and found[do].is_valid():
        verb, said = _VERBS[do]
        went = tried(request, lambda: verb(opened, found[do].cleaned_data), str(said))
        if isinstance(went, HttpResponse):
            return went
        if went:
            return redirect(f"{opened.url('standing')}#close" if do == "drop" else opened.url("plan"))
    wrong = do in found and bool(found[do].errors)
    return page(request, opened, "standing", status=422 if wrong else 200, forms=found, wrong=_(do) if wrong else "")
