"""Occasions: what stands in the calendar of each country, and what to add, change or take out."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.streams import occasions
from tocsin.streams.drafts import RefusedError
from tocsin.streams.forms import CalendarForm, OccasionForm

A_PAGE = 100


@needs(Right.READ)
def index(request: HttpRequest) -> HttpResponseBase:
    """What comes, country by country, and what was."""
    person = person_of(request)
    rows, today = occasions.occasions_for(person), timezone.localdate()
    past = request.GET.get("past") == "1"
    wanted = rows.filter(last__lt=today).order_by("-first", "pk") if past else rows.filter(last__gte=today)
    context = {
        "page": Paginator(wanted, A_PAGE).get_page(request.GET.get("page")),
        "past": past,
        "may_change": person.may(Right.REQUIRE),
    }
    return render(request, "streams/occasions.html", context)


@needs(Right.REQUIRE)
def add(request: HttpRequest) -> HttpResponseBase:
    """Enter an occasion by hand."""
    form = OccasionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            occasions.add(person_of(request), form.draft())
            messages.success(request, _("Added."))
            return redirect("streams:occasions")
        except RefusedError as error:
            form.refuse(error)
    return render(request, "streams/occasion.html", {"form": form, "occasion": None})


@needs(Right.REQUIRE)
def edit(request: HttpRequest, number: int) -> HttpResponseBase:
    """Change an occasion."""
    person = person_of(request)
    row = occasions.access_occasion(person, number)
    form = OccasionForm(request.POST or None, occasion=row)
    if request.method == "POST" and form.is_valid():
        try:
            occasions.edit(person, row, form.draft())
            messages.success(request, _("Saved."))
            return redirect("streams:occasions")
        except RefusedError as error:
            form.refuse(error)
    return render(request, "streams/occasion.html", {"form": form, "occasion": row})


@needs(Right.REQUIRE)
@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponseBase:
    """Take an occasion out; it says how to take that back."""
    person = person_of(request)
    row = occasions.access_occasion(person, number)
    occasions.remove(person, row)
    return render(request, "streams/occasion_removed.html", {"occasion": row})


@needs(Right.REQUIRE)
@require_POST
def restore(request: HttpRequest, number: int) -> HttpResponseBase:
    """Take a removal back."""
    occasions.restore(person_of(request), number)
    messages.success(request, _("It is back."))
    return redirect("streams:occasions")


@needs(Right.REQUIRE)
def bring(request: HttpRequest) -> HttpResponseBase:
    """Take the days of a calendar file."""
    form = CalendarForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            found = occasions.bring(person_of(request), given["file"].read(), given["country"], given["sort"])
            messages.success(request, " ".join(_told(found)))
            return redirect("streams:occasions")
        except RefusedError as error:
            form.refuse(error)
    return render(request, "streams/occasion_bring.html", {"form": form})


def _told(found: occasions.Brought) -> list[str]:
    lines = [ngettext("%(n)s occasion was added.", "%(n)s occasions were added.", found.new) % {"n": found.new}]
    if found.known:
        lines.append(_("%(n)s were there already.") % {"n": found.known})
    if found.lost:
        lines.append(_("%(n)s can’t be read and were left out.") % {"n": found.lost})
    if found.first_only:
        lines.append(
            _("%(n)s repeat in a way that is not followed: only the first day was taken.") % {"n": found.first_only}
        )
    return lines
