"""The pages of integrations: what comes in from other systems, and how each is set up."""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tocsin.alerts.actions import RefusedError
from tocsin.alerts.integrations import actions
from tocsin.alerts.integrations.access import access_integration, integrations_for
from tocsin.alerts.integrations.forms import IntegrationForm
from tocsin.alerts.integrations.shapes import SHAPES
from tocsin.alerts.integrations.snippets import KEY_GOES_HERE, TOKEN_GOES_HERE, snippets
from tocsin.alerts.models import Integration, Lane
from tocsin.alerts.rules import Precision, precision
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right


@dataclass(frozen=True, slots=True)
class Row:
    """An integration as the list shows it. About life and liberty nothing is counted: ``precision`` is None."""

    integration: Integration
    shape: str
    precision: Precision | None


@needs(Right.DUTY)
@never_cache
def index(request: HttpRequest) -> HttpResponseBase:
    """Every integration with when it was used, what it refused, and how often it was right."""
    rows = [_row(one) for one in integrations_for(person_of(request))[:200]]
    standing = [row for row in rows if row.integration.revoked_at is None]
    ended = [row for row in rows if row.integration.revoked_at is not None]
    return render(request, "alerts/integrations/index.html", {"rows": standing, "ended": ended})


def _row(one: Integration) -> Row:
    return Row(one, SHAPES[one.shape].title, None if one.lane == Lane.LIFE else precision(one.rule))


@needs(Right.DUTY)
@never_cache
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth has no types
def new(request: HttpRequest) -> HttpResponseBase:
    """Make an integration, and show its secrets this one time."""
    form = IntegrationForm(request.POST or None, new=True)
    if request.method == "POST" and form.is_valid():
        try:
            opened = actions.create(person_of(request), form.cleaned_data["shape"], form.wanted())
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            return _made(request, opened)
    return render(request, "alerts/integrations/new.html", {"form": form})


def _made(request: HttpRequest, opened: actions.Opened) -> HttpResponse:
    row = opened.integration
    context = {
        "row": row,
        "address": _address(request, row),
        "secret": opened.key if row.signed else opened.token,
        "snippets": snippets(row, _address(request, row), opened.token, opened.key),
    }
    return render(request, "alerts/integrations/made.html", context)


def _address(request: HttpRequest, row: Integration) -> str:
    return request.build_absolute_uri(reverse("alerts:knock", args=[row.public_id]))


@needs(Right.DUTY)
@never_cache
def integration(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One integration: how it does, how it is set up, and what it may do."""
    person = person_of(request)
    row = access_integration(person, public_id)
    form = IntegrationForm.of(row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(person, row, form.wanted())
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            messages.success(request, _("Saved."))
            return redirect("alerts:integration", public_id)
    address = _address(request, row)
    context = {
        "line": _row(row),
        "row": row,
        "form": form,
        "address": address,
        "snippets": snippets(row, address, TOKEN_GOES_HERE, KEY_GOES_HERE),
    }
    return render(request, "alerts/integrations/integration.html", context)


@needs(Right.DUTY)
@require_POST
def test(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Send a drill as if it had come by this integration."""
    person = person_of(request)
    row = access_integration(person, public_id)
    try:
        actions.send_test(person, row)
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
    else:
        messages.success(request, _("The test is on its way to the people whom its alerts would reach, as a drill."))
    return redirect("alerts:integration", public_id)


@needs(Right.DUTY)
@never_cache
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth has no types
def rotate(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Ask first, then make new secrets and show them this one time."""
    return _ask_first(request, public_id, "rotate", lambda row: _made(request, actions.rotate(person_of(request), row)))


@needs(Right.DUTY)
@never_cache
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth has no types
def key(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Ask first, then show the signing key."""

    def shown(row: Integration) -> HttpResponse:
        secret = actions.show_key(person_of(request), row)
        made = snippets(row, _address(request, row), TOKEN_GOES_HERE, secret)
        return render(request, "alerts/integrations/key.html", {"row": row, "secret": secret, "snippets": made})

    return _ask_first(request, public_id, "key", shown)


@needs(Right.DUTY)
@never_cache
def revoke(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Say in full what ends, then end it."""

    def revoked(row: Integration) -> HttpResponse:
        actions.revoke(person_of(request), row)
        messages.success(request, _("%(name)s can no longer hand over alerts.") % {"name": row.name})
        return redirect("alerts:integrations")

    return _ask_first(request, public_id, "revoke", revoked)


def _ask_first(
    request: HttpRequest, public_id: str, page: str, done: Callable[[Integration], HttpResponse]
) -> HttpResponse:
    row = access_integration(person_of(request), public_id)
    if request.method == "POST":
        try:
            return done(row)
        except RefusedError as refusal:
            messages.error(request, refusal.args[0])
            return redirect("alerts:integration", public_id)
    return render(request, f"alerts/integrations/{page}.html", {"row": row, "line": _row(row)})
