"""Across plans: what is to change because of debriefs, and what we missed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import clock as time
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.responses import missed
from tocsin.responses.access import plans_for
from tocsin.responses.after_forms import CHANGES, MissedForm
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import vouching
from tocsin.responses.log.content import State, WrongError
from tocsin.responses.models import Lesson
from tocsin.situations.access import situations_for

_PAGE = 50


@require_safe
@needs(Right.READ)
def lessons(request: HttpRequest) -> HttpResponseBase:
    """What is to change, overdue first; done and dropped behind a tab."""
    person = person_of(request)
    over = request.GET.get("show") == "ended"
    open_states = [State.OPEN, State.BEGUN]
    rows = Lesson.objects.filter(plan__in=plans_for(person)).select_related("plan", "owner")
    rows = rows.exclude(state__in=open_states) if over else rows.filter(state__in=open_states)
    rows = rows.order_by("-ended_at" if over else "due_at", "pk")
    found = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    believed = vouching.wholly({one.plan for one in found})
    context = {"rows": found, "ended": over, "now": time.now(), "changes": CHANGES, "believed": believed}
    return render(request, "responses/lessons.html", context)


@require_safe
@needs(Right.READ)
def ledger(request: HttpRequest) -> HttpResponseBase:
    """What we learnt elsewhere first, newest first."""
    person = person_of(request)
    found = Paginator(missed.missed_for(person), _PAGE).get_page(request.GET.get("page"))
    lines = [(one, missed.delay(one)) for one in found]
    may = person.may(Right.ASSESS) or person.may(Right.PLANS)
    return render(request, "responses/missed.html", {"rows": found, "lines": lines, "may_write": may})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.READ)
def note(request: HttpRequest) -> HttpResponseBase:
    """Write down that something was missed."""
    person = person_of(request)
    asked = request.GET.get("situation", "") or request.POST.get("situation", "")
    situation = situations_for(person).filter(public_id=asked[:12]).first() if asked else None
    initial: dict[str, object] = {"learnt_at": timezone.localtime()}
    if situation is not None:
        initial |= {"what": situation.title[:300], "country": situation.country, "harm": situation.harm}
    form = MissedForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            missed.note(person, missed.Event(**form.cleaned_data), situation)
        except WrongError as wrong:
            form.wrong(wrong)
        except RefusedError as refused:
            form.add_error(None, refused.args[0])
        else:
            messages.success(request, _("It is in the ledger. What should see it next time is a lesson worth a date."))
            return redirect("responses:missed")
    status = 422 if request.method == "POST" else 200
    return render(request, "responses/missed_new.html", {"form": form, "situation": situation}, status=status)


@require_POST
@needs(Right.ASSESS)
def take_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a line of the ledger back."""
    person = person_of(request)
    missed.take_back(person, missed.access_missed(person, public_id))
    messages.success(request, _("It was taken back, and counts in no figure."))
    return redirect("responses:missed")
