"""Records: adding one, its later steps, correcting it, ticking a protocol, hearing from somebody."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.cases import actions, checkins, forms, referrals
from tocsin.cases.entries import Entry, entries, first
from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Kind, Verb, WrongError
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.registry import KINDS, SINGLE, offered
from tocsin.cases.kinds.safety import CheckIn
from tocsin.cases.kinds.support import Referral
from tocsin.cases.refusals import RefusedError
from tocsin.cases.views.opening import in_case, names, page, readers, tried
from tocsin.keys.safes import OpenSafe
from tocsin.people.access import person_of

_POSTED = ["GET", "HEAD", "POST"]


@require_http_methods(_POSTED)
@in_case
def add(request: HttpRequest, safe: OpenSafe, kind: str) -> HttpResponseBase:
    """Add a record; the form says who reads it before one writes."""
    made = KINDS.get(kind)
    if made is None or kind not in offered(safe.kind) or not set(made.compartments) & safe.compartments:
        raise Http404
    found, known = entries(safe), names(safe)
    _entry, about = first(found, About)
    beside: dict[str, Any] = {"owners": checkins.owners(safe)} if made is CheckIn else {}
    country = about.country if about else ""
    form = forms.record_form(made, known, found, request.POST or None, _start(made, found), country=country, **beside)
    chosen = request.GET.get("in", "")
    forms.place(form, made, readers(safe, known), chosen)
    if request.method == "POST" and form.is_valid():
        values = form.values()
        where = form.cleaned_data["compartment"]
        if _kept(form, lambda: actions.write(safe.vault, safe.id, made(**values), where)):
            return redirect(_tab(safe, where))
    more: dict[str, Any] = {"form": form, "kind": made, "key": kind, "current": chosen}
    if made is Referral:
        need = form["need"].value() or request.GET.get("need", "")
        more["allies"] = referrals.suggestions(person_of(request), need, country)
    more["only"] = readers(safe, known).get(made.compartments[0], "") if len(made.compartments) == 1 else ""
    return page(request, safe, "add", found, status=422 if form.errors else 200, **more)


def _start(made: type[Kind], found: list[Entry]) -> dict[str, Any]:
    """Of what there is one of, the form shows what stands."""
    standing = next((one.what for one in found if type(one.what) is made), None) if made.kind in SINGLE else None
    return forms.initial(standing, base.first_fields(made)) if standing is not None else {}


def _kept(form: forms.RecordForm, verb: Any) -> bool:
    try:
        verb()
    except WrongError as wrong:
        form.refuse(wrong)
    except RefusedError as refusal:
        form.add_error(None, refusal.args[0])
    return not form.errors


def _tab(safe: OpenSafe, compartment: str) -> str:
    if compartment == "identity":
        return reverse("cases:identity", args=[safe.id])
    return reverse("cases:compartment", args=[safe.id, compartment])


@require_http_methods(_POSTED)
@in_case
def step(request: HttpRequest, safe: OpenSafe, row: UUID, verb: str) -> HttpResponseBase:
    """One later step of a record."""
    one = actions.read(safe, row)
    chosen = next((each for each in one.what.verbs if each.name == verb), None)
    if chosen is None or one.compartment == "identity":
        raise Http404
    found, known = entries(safe), names(safe)
    data = request.POST if request.method == "POST" else None
    form = forms.RecordForm(type(one.what), chosen.fields, known, found, data)
    if request.method == "POST" and (form.is_valid() or not chosen.fields):
        version = _number(request.POST.get("version", ""))
        if _kept(form, lambda: actions.do(safe.vault, safe.id, row, version, chosen, form.values())):
            return redirect(_tab(safe, one.compartment))
    return _asked(request, safe, found, one, chosen, form)


def _asked(
    request: HttpRequest, safe: OpenSafe, found: list[Entry], one: Entry, verb: Verb, form: forms.RecordForm
) -> HttpResponse:
    status = 422 if form.errors else 200
    return page(request, safe, "step", found, status=status, entry=one, verb=verb, form=form, current=one.compartment)


@require_http_methods(_POSTED)
@in_case
def correct(request: HttpRequest, safe: OpenSafe, row: UUID) -> HttpResponseBase:
    """Write a record anew. One of the identity is shown to the form's sender only, with the purpose that was given."""
    one = actions.read(safe, row)
    if one.compartment == "identity" and request.method != "POST":
        raise Http404
    found, known = entries(safe), names(safe)
    kept = base.first_fields(type(one.what))
    sent = request.method == "POST" and "version" in request.POST
    start = forms.initial(one.what, kept)
    form = forms.RecordForm(type(one.what), kept, known, found, request.POST if sent else None, initial=start)
    if one.compartment == "identity" and not sent:
        safe.log("identity", purpose="correct", note="")
    if sent and form.is_valid():
        version = _number(request.POST["version"])
        after = type(one.what)(**form.values())
        if _kept(form, lambda: actions.correct(safe.vault, safe.id, row, version, after)):
            return redirect(_tab(safe, one.compartment))
    status = 422 if sent and form.errors else 200
    return page(request, safe, "correct", found, status=status, entry=one, form=form, current=one.compartment)


@require_POST
@in_case
def tick(request: HttpRequest, safe: OpenSafe, row: UUID, key: str) -> HttpResponseBase:
    """Tick a step of a protocol, or take the tick back."""
    one = actions.read(safe, row)
    tried(request, lambda: actions.tick(safe.vault, safe.id, row, key, request.POST.get("said", "")))
    return redirect(_tab(safe, one.compartment))


@require_http_methods(_POSTED)
@in_case
def heard(request: HttpRequest, safe: OpenSafe, row: UUID) -> HttpResponseBase:
    """Somebody heard from them. Whatever word was agreed, the answer looks the same."""
    one = actions.read(safe, row)
    if not isinstance(one.what, CheckIn):
        raise Http404
    form = forms.HeardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            checkins.heard(safe.vault, safe.id, row, form.cleaned_data["word"])
        except RefusedError as refusal:
            form.add_error("word", refusal.args[0])
        else:
            tried(request, lambda: None, _("Noted."))
            return redirect("cases:compartment", safe.id, "duty")
    status = 422 if form.errors else 200
    return page(request, safe, "heard", status=status, entry=one, form=form, current="duty")


@require_http_methods(_POSTED)
@in_case
def share(request: HttpRequest, safe: OpenSafe, row: UUID) -> HttpResponseBase:
    """Make a sealed link for the ally of a referral; link and code are shown this once."""
    one = actions.read(safe, row)
    if not isinstance(one.what, Referral):
        raise Http404
    form, made = forms.ShareForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        days, tlp = form.cleaned_data["days"], form.cleaned_data["tlp"]
        try:
            made = referrals.share(person_of(request), safe.vault, safe.id, row, days, tlp)
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
    status = 422 if form.errors else 200
    return page(request, safe, "share", status=status, entry=one, form=form, made=made, current=one.compartment)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
