"""The page on which somebody who leads a safe says who is in conflict with it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tocsin.keys import conflicts
from tocsin.keys.access import needs_vault
from tocsin.keys.ceremony_forms import ConflictForm, names_of
from tocsin.keys.custodians import BarredError
from tocsin.keys.expiring import NotLastingError
from tocsin.keys.safes import ChangedError, NotInError, OpenSafe
from tocsin.keys.vaults import OpenVault, UnverifiedError
from tocsin.people.models import Person


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def barred(request: HttpRequest, vault: OpenVault, safe: UUID) -> HttpResponseBase:
    """Who is kept out, and keeping somebody out or no longer: for who holds all of it."""
    try:
        opened = OpenSafe(vault, safe)
    except NotInError:
        raise Http404 from None
    if not opened.leads:
        raise Http404
    out = opened.head.barred
    everybody = set(Person.objects.filter(is_active=True).values_list("pk", flat=True)) | out
    choices = names_of(everybody - opened.head.members.keys())
    form = ConflictForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            conflicts.change(vault, safe, given["person"], given["reason"], out=given["act"] == "bar")
        except NotLastingError:
            form.add_error(None, _("You are in it for a while. Let somebody do this who stays."))
        except BarredError:
            form.add_error("person", _("They are in it or keep a share of it. Put them out, or choose others, first."))
        except UnverifiedError:
            form.add_error(None, _("Compare keys with everybody in it and with every custodian first."))
        except ChangedError:
            form.add_error(None, _("Somebody changed it at this moment. Try again."))
        else:
            messages.success(request, _("Saved. The log of it has the reason."))
            return redirect("keys:barred", safe)
    context = {"form": form, "safe": safe, "out": names_of(out)}
    return render(request, "keys/barred.html", context, status=422 if form.errors else 200)
