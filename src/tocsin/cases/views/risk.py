"""A form for any member of staff: what they fear for somebody. It is sealed to a desk as it comes, and read there."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.cases.forms import RiskForm
from tocsin.mailbox import actions as mailbox
from tocsin.mailbox.arriving import members
from tocsin.mailbox.models import Desk
from tocsin.mailbox.refusals import RefusedError
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Right.READ)
def report(request: HttpRequest) -> HttpResponseBase:
    """Report a risk inside the house. Whoever reports needs no vault; nothing of it stays in clear, or with them."""
    person = person_of(request)
    desks = [one for one in Desk.objects.filter(ended_on=None).order_by("name", "pk") if members(one)]
    people = Person.objects.filter(is_active=True).exclude(roles=0).exclude(pk=person.pk).order_by("name", "pk")
    form = RiskForm([(one.public_id, one.name) for one in desks], people, request.POST or None)
    if request.method == "POST" and form.is_valid():
        desk = next(one for one in desks if one.public_id == form.cleaned_data["desk"])
        try:
            mailbox.type_in(person, desk, form.content(person.language), form.cleaned_data["excluded"])
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            messages.success(request, _("Sealed. The desk is being called now. Nothing of it stays with you."))
            return redirect("cases:risk")
    return render(request, "cases/risk.html", {"form": form, "desks": desks}, status=422 if form.errors else 200)
