"""Pages on which something is shredded, on which counsel keeps it, and where certificates stand."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.keys import holds, proofs, retention, shredding
from tocsin.keys.access import needs_vault
from tocsin.keys.ceremony_forms import HoldForm, LossForm, RetentionForm, ShredForm
from tocsin.keys.heads import HEAD
from tocsin.keys.holds import HeldError, Order
from tocsin.keys.logs import LOG
from tocsin.keys.models import Hold, Retention
from tocsin.keys.safes import ChangedError, NotInError, OpenSafe
from tocsin.keys.seen import Seen
from tocsin.keys.vaults import OpenVault
from tocsin.keys.views import ends
from tocsin.people.access import person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def shred(request: HttpRequest, vault: OpenVault, safe: UUID) -> HttpResponseBase:
    """Shred something that I hold; the certificate is shown this one time."""
    try:
        opened = OpenSafe(vault, safe)
    except NotInError:
        raise Http404 from None
    if shredding.is_left_to_room(opened.kind):
        raise Http404
    mine = sorted(opened.compartments - {HEAD, LOG})
    form = ShredForm(request.POST or None, compartments=mine)
    held = holds.over(opened.id, opened.kind)
    if request.method == "POST" and form.is_valid():
        try:
            made = shredding.shred(opened, form.cleaned_data["what"] or None)
            return render(request, "keys/certificate.html", {"made": made, "signature": made.signature.hex()})
        except HeldError:
            held = holds.over(opened.id, opened.kind)
        except NotInError:
            form.add_error("what", _("You don’t hold all of it. Somebody who does must do it."))
        except ChangedError:
            form.add_error(None, _("Somebody changed it at this moment. Look again before you go on."))
    context = {"form": form, "held": _said(held) if held else None, "due": retention.due_on(opened)}
    status = 409 if held and request.method == "POST" else 422 if form.errors else 200
    return render(request, "keys/shred.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def loss(request: HttpRequest, vault: OpenVault, safe: UUID, part: str) -> HttpResponseBase:
    """Sign that a part which somebody deleted is lost, so that the rest opens again."""
    form = LossForm(request.POST or None)
    if part not in vault.memory.safes.get(safe.hex, Seen()).holds.get(vault.person, ()):
        raise Http404
    if request.method == "POST" and form.is_valid():
        try:
            made = shredding.accept_loss(vault, safe, part)
            return render(request, "keys/certificate.html", {"made": made, "signature": made.signature.hex()})
        except HeldError:
            form.add_error(None, _("A legal hold stands over it: what is left may be evidence. Ask counsel."))
        except (NotInError, ValueError):
            form.add_error(None, _("Nothing of it is missing, or you are in it for a while or have new keys."))
        except ChangedError:
            form.add_error(None, _("Somebody changed it at this moment. Try again."))
    return render(request, "keys/loss.html", {"form": form, "part": part}, status=422 if form.errors else 200)


def _said(hold: Hold) -> dict[str, Any]:
    name = Person.objects.filter(pk=hold.set_by).values_list("name", flat=True).first() or ""
    return {"id": hold.pk, "who": name, "since": hold.set_on, "until": hold.until, "what": _what(hold)}


def _what(hold: Hold) -> str:
    if hold.scope == Hold.Scope.ALL:
        return _("Everything")
    return _("All of class “%(kind)s”") % {"kind": hold.kind} if hold.scope == Hold.Scope.CLASS else str(hold.safe)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def index(request: HttpRequest, vault: OpenVault) -> HttpResponseBase:
    """Every hold that stands, and how long each class is kept; counsel and the auditor see them, counsel sets them."""
    person = person_of(request)
    if not (person.may(Right.HOLD) or person.may(Right.AUDIT)):
        raise PermissionDenied
    may = person.may(Right.HOLD)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and may and form.is_valid():
        given = form.cleaned_data
        safe = given["safe"] if given["scope"] == "safe" else None
        kind = given["kind"] if given["scope"] == "class" else ""
        try:
            holds.set_hold(person, vault, Order(given["until"], given["reference"], safe, kind))
        except ValueError:
            form.add_error("until", _("Choose a day to come."))
        else:
            messages.success(request, _("Kept. Nothing within it is shredded until then."))
            return redirect("keys:holds")
    references = holds.references(vault) if may else {}
    rows = [_said(one) | {"reference": references.get(one.pk, "")} for one in holds.standing()]
    kept = Retention.objects.order_by("policy")
    context = {"form": form, "may": may, "rows": rows, "kept": kept, "days_form": RetentionForm()}
    return render(request, "keys/holds.html", context, status=422 if form.errors else 200)


@require_POST
@needs_vault
def lift(request: HttpRequest, vault: OpenVault, hold: UUID) -> HttpResponseBase:
    """Lift a hold."""
    person = person_of(request)
    if not person.may(Right.HOLD):
        raise PermissionDenied
    holds.lift(person, hold)
    messages.success(request, _("Lifted. Timers run on."))
    return redirect("keys:holds")


@require_POST
@needs_vault
def days(request: HttpRequest, vault: OpenVault) -> HttpResponseBase:
    """Say for how long a class is kept."""
    person, form = person_of(request), RetentionForm(request.POST)
    if not person.may(Right.HOLD):
        raise PermissionDenied
    if form.is_valid():
        retention.set_days(person, form.cleaned_data["policy"], form.cleaned_data["days"])
        messages.success(request, _("Saved. Timers that run keep their day."))
    else:
        messages.error(request, _("Name a class, and a number of days from 1 to 36,500."))
    return redirect("keys:holds")


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def certificates(request: HttpRequest, vault: OpenVault) -> HttpResponseBase:
    """What I was in and is no more, with who signed for it; and the certificates that were sealed to me."""
    gone = proofs.whole(vault)
    if request.method == "POST":
        for one in gone:
            if request.POST.get("seen") == str(one.safe):
                vault.forget(one.safe.hex)
        return redirect("keys:certificates")
    found = [(day, one, ends.worth(one.proof, vault.directory)) for day, one in shredding.certificates(vault)]
    return render(request, "keys/certificates.html", {"found": found, "gone": ends.shown(gone)})
