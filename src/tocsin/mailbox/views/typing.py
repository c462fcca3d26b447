"""What somebody says to a member of staff, typed in for them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.mailbox import actions, arriving
from tocsin.mailbox.forms import TypedForm
from tocsin.mailbox.models import Desk
from tocsin.mailbox.refusals import RefusedError
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Right.READ)
def type_in(request: HttpRequest) -> HttpResponseBase:
    """Type in what somebody says. Whoever types needs no vault: it is sealed to the desk, and read there alone."""
    person = person_of(request)
    shown = [one for one in Desk.objects.filter(ended_on=None).order_by("name", "pk") if arriving.members(one)]
    people = Person.objects.filter(is_active=True).exclude(roles=0).order_by("name", "pk")
    form = TypedForm(shown, people, request.POST or None, initial={"urgency": "today", "language": person.language})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        desk = next(one for one in shown if one.public_id == given["desk"])
        try:
            actions.type_in(person, desk, form.content(), given["excluded"])
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            messages.success(request, _("Sealed. The desk is being called now. Nothing of it stays with you."))
            return redirect("mailbox:type")
    context = {"form": form, "desks": shown}
    return render(request, "mailbox/type.html", context, status=422 if form.errors else 200)
