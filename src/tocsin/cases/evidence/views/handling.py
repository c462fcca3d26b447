"""The list of a case's evidence, bringing a file, and what is done with one."""

import re
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.cases.actions import open_or_refuse
from tocsin.cases.evidence import actions, tickets
from tocsin.cases.evidence.access import COMPARTMENT, access_evidence, belongs_to, piece, pieces
from tocsin.cases.evidence.arrivals import arrival, arrivals
from tocsin.cases.evidence.forms import ChangeForm, DescriptionForm, ReasonForm
from tocsin.cases.looking import read
from tocsin.cases.names import code_name
from tocsin.cases.refusals import RefusedError
from tocsin.cases.views.opening import page
from tocsin.keys.access import needs_vault
from tocsin.keys.safes import OpenSafe
from tocsin.keys.streaming import MAY, Arriving, Door, Stage, asked
from tocsin.keys.uploads import Fault, Posted
from tocsin.keys.vaults import OpenVault

FILE_BYTES: Final = 2 * 1024**3
_TAKES: Final = re.compile(r"/cases/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/evidence/")
# What the layer before the framework takes, and where it seals it.
DOOR: Final = Door(lambda path: _TAKES.fullmatch(path) is not None, actions.folder, FILE_BYTES)


# Whoever sends a file has a ticket of the form, which is bound to their session and the case: no other token is read,
# because the body never reaches this framework.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def index(request: HttpRequest, vault: OpenVault, case: UUID) -> HttpResponseBase:
    """All of it; a POST brings a file."""
    safe = access_evidence(vault, case)
    if request.method == "POST":
        return _came(request, vault, case)
    found = pieces(safe)
    waiting, arrived = len(actions.stale(safe)), arrivals(safe)
    return page(request, safe, "evidence/index", current=COMPARTMENT, pieces=found, waiting=waiting, arrived=arrived)


@require_safe
@needs_vault
def new(request: HttpRequest, vault: OpenVault, case: UUID) -> HttpResponseBase:
    """The form for one file."""
    safe = access_evidence(vault, case)
    try:
        open_or_refuse(safe)
    except RefusedError as refused:
        return _refused(request, case, refused.args[0])
    about = {"about": request.GET.get("about", "")}
    return _form(request, safe, DescriptionForm(records=belongs_to(safe), initial=about))


def _form(
    request: HttpRequest, safe: OpenSafe, form: DescriptionForm, words: str = "", status: int = 200
) -> HttpResponse:
    ticket = tickets.give(request, "upload", safe.id)
    return page(
        request, safe, "evidence/new", status=status, current=COMPARTMENT, form=form, ticket=ticket, words=words
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def adopt(request: HttpRequest, vault: OpenVault, case: UUID, row: UUID, number: int) -> HttpResponseBase:
    """Make evidence of a file that came with a letter."""
    safe = access_evidence(vault, case)
    one = arrival(safe, row, number)
    source = _("A letter that came on %(day)s") % {"day": one.came[:10]}
    form = DescriptionForm(request.POST or None, records=belongs_to(safe), initial={"source": source})
    if form.is_valid():
        try:
            made = actions.adopt(vault, case, form.draft(), one)
        except RefusedError as refused:
            return _refused(request, case, refused.args[0])
        return redirect("cases:evidence:item", case, made)
    status = 400 if form.is_bound else 200
    return page(request, safe, "evidence/adopt", status=status, current=COMPARTMENT, form=form, one=one)


def _came(request: HttpRequest, vault: OpenVault, case: UUID) -> HttpResponseBase:
    """The answers to the layer that reads the file: may it come, may the rest come, here it is."""
    came = asked(request)
    if came is None:
        return HttpResponse(status=400)
    if came is Stage.GO_ON:
        return HttpResponse(status=MAY)
    if came is Stage.BEGIN:
        return _begin(request, vault, case)
    assert isinstance(came, Posted)
    records = belongs_to(access_evidence(vault, case))
    form = DescriptionForm({name: came.one(name) for name in came.fields}, records=records)
    whole = form.is_valid()
    if came.fault is not None or len(came.files) != 1:
        status = 413 if came.fault is Fault.FILE else 400
        return _form(request, access_evidence(vault, case), form, _fault(came), status)
    (arrived,) = came.files
    assert isinstance(arrived, Arriving)
    try:
        # A word that is missing is no reason to send two gigabytes again.
        row = actions.take(vault, case, form.draft(), arrived, arrived.name, arrived.kind)
    except RefusedError as refused:
        return _refused(request, case, refused.args[0])
    if not whole:
        messages.warning(request, _("The file is sealed. Something of its description is missing: complete it here."))
        return redirect("cases:evidence:describe", case, row)
    messages.success(request, _("The file is sealed."))
    return redirect("cases:evidence:item", case, row)


def _begin(request: HttpRequest, vault: OpenVault, case: UUID) -> HttpResponse:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return HttpResponse(status=403)
    safe = access_evidence(vault, case)
    try:
        open_or_refuse(safe)
    except RefusedError as refused:
        return _refused(request, case, refused.args[0])
    if not tickets.use(request, request.GET.get("ticket", ""), tickets.UPLOAD_WITHIN, "upload", case):
        words = _("This form was sent already, or is older than an hour. Nothing was taken. Choose the file again.")
        return _form(request, safe, DescriptionForm(records=belongs_to(safe)), words, 409)
    return HttpResponse(status=MAY)


def _fault(came: Posted) -> str:
    return {
        Fault.FILE: _("The file is larger than 2 GB. Nothing of it was kept. Cut it into parts, and bring each."),
        Fault.TOTAL: _("One file at a time. Nothing was kept. Bring each by itself."),
        Fault.ROOM: _("There is no room left on the disk. Nothing was kept. Tell an operator."),
        Fault.LONG: _("The words are too long. Nothing was kept. Shorten them, and choose the file again."),
        Fault.BUSY: _("Too many files are on their way. Nothing was kept. Try again in a few minutes."),
        None: _("No file came. Choose one."),
    }.get(came.fault, _("The file did not come whole. Nothing of it was kept. Choose it again."))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def describe(request: HttpRequest, vault: OpenVault, case: UUID, row: UUID) -> HttpResponseBase:
    """Say something else of a piece."""
    safe = access_evidence(vault, case)
    kept, records = piece(safe, row), belongs_to(safe)
    read(request, safe, row)
    form = ChangeForm.of(kept.piece, kept.version, records)
    if request.method == "POST":
        form = form.sent(request.POST)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.describe(vault, case, row, given["version"], form.draft(), given["why"])
        except RefusedError as refused:
            return _refused(request, case, refused.args[0])
        return redirect("cases:evidence:item", case, row)
    context = {"case": case, "name": code_name(case), "row": row, "form": form}
    return render(request, "cases/evidence/describe.html", context, status=400 if form.is_bound else 200)


@require_POST
@needs_vault
def check(request: HttpRequest, vault: OpenVault, case: UUID, row: UUID) -> HttpResponseBase:
    """Read the whole file again and compare."""
    kept = piece(access_evidence(vault, case), row)
    if kept.piece.gone or not actions.untouched(kept.piece):
        messages.error(request, _("It is not as it was received, or no longer here. Tell the owner of the case now."))
    elif kept.piece.stamp and settings.TIMESTAMPS and not actions.stamp_holds(kept.piece):
        messages.error(request, _("The file is as it was received, but its stamp does not hold. Tell the owner."))
    else:
        messages.success(request, _("Every byte is as it was received, and its custody has no gap."))
    return redirect("cases:evidence:item", case, row)


@require_POST
@needs_vault
def stamp(request: HttpRequest, vault: OpenVault, case: UUID, row: UUID) -> HttpResponseBase:
    """Have the hash stamped."""
    access_evidence(vault, case)
    try:
        actions.stamp(vault, case, row)
    except RefusedError as refused:
        return _refused(request, case, refused.args[0])
    messages.success(request, _("The hash is stamped."))
    return redirect("cases:evidence:item", case, row)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def remove(request: HttpRequest, vault: OpenVault, case: UUID, row: UUID) -> HttpResponseBase:
    """Take a file out for good."""
    safe = access_evidence(vault, case)
    kept = piece(safe, row)
    read(request, safe, row)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.remove(vault, case, row, form.cleaned_data["why"])
        except RefusedError as refused:
            return _refused(request, case, refused.args[0])
        messages.success(request, _("The file is gone. Its description and custody stay."))
        return redirect("cases:evidence:item", case, row)
    context = {"case": case, "name": code_name(case), "row": row, "form": form, "one": kept.piece}
    return render(request, "cases/evidence/remove.html", context, status=400 if form.is_bound else 200)


@require_POST
@needs_vault
def reseal(request: HttpRequest, vault: OpenVault, case: UUID) -> HttpResponseBase:
    """Seal one file anew; the page says how many are left."""
    access_evidence(vault, case)
    try:
        left = actions.reseal(vault, case)
    except RefusedError as refused:
        return _refused(request, case, refused.args[0])
    if not left:
        messages.success(request, _("Every file is sealed under the keys of now."))
    return redirect("cases:evidence:index", case)


def _refused(request: HttpRequest, case: UUID, words: str) -> HttpResponse:
    context = {"case": case, "name": code_name(case), "words": words}
    return render(request, "cases/evidence/refused.html", context, status=409)
