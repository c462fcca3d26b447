"""What we need to know, who looks, and where nobody does."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.streams import access, actions
from tocsin.streams.coverage import Cover
from tocsin.streams.coverage import coverage as coverage_for
from tocsin.streams.drafts import RefusedError
from tocsin.streams.forms import RequirementForm
from tocsin.streams.models import Health

A_PAGE = 50


@needs(Right.READ)
def coverage(request: HttpRequest) -> HttpResponseBase:
    """For each requirement, which sources cover it, and where nobody looks."""
    person = person_of(request)
    rows = coverage_for(person)
    order = [Cover.NOBODY, Cover.STALE, Cover.LIVE]
    words = {
        "rows": sorted(rows, key=lambda row: order.index(row.worst)),
        "holes": sum(row.worst is Cover.NOBODY for row in rows),
        "may_require": person.may(Right.REQUIRE),
    }
    return render(request, "streams/coverage.html", words)


@needs(Right.READ)
def requirements(request: HttpRequest) -> HttpResponseBase:
    """Every requirement, the open ones first."""
    person = person_of(request)
    rows = access.requirements_for(person)
    words = {
        "open": rows.filter(closed_at=None),
        "closed": rows.filter(closed_at__isnull=False)[:50],
        "may_require": person.may(Right.REQUIRE),
    }
    return render(request, "streams/requirements.html", words)


@needs(Right.REQUIRE)
def add(request: HttpRequest) -> HttpResponseBase:
    """State what we need to know."""
    form = RequirementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_requirement(person_of(request), form.draft())
            messages.success(request, _("Added. Below you see who looks there."))
            return redirect("streams:coverage")
        except RefusedError as error:
            form.refuse(error)
    return render(request, "streams/requirement.html", {"form": form, "requirement": None})


@needs(Right.REQUIRE)
def edit(request: HttpRequest, number: int) -> HttpResponseBase:
    """Change a requirement."""
    row = access.access_requirement(person_of(request), number)
    form = RequirementForm(request.POST or None, requirement=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_requirement(person_of(request), row, form.draft())
            messages.success(request, _("Saved."))
            return redirect("streams:requirements")
        except RefusedError as error:
            form.refuse(error)
    return render(request, "streams/requirement.html", {"form": form, "requirement": row})


@needs(Right.REQUIRE)
@require_POST
def close(request: HttpRequest, number: int) -> HttpResponseBase:
    """We need this no more."""
    row = access.access_requirement(person_of(request), number)
    actions.close_requirement(person_of(request), row)
    messages.success(request, _("Closed. It can be reopened below."))
    return redirect("streams:requirements")


@needs(Right.REQUIRE)
@require_POST
def reopen(request: HttpRequest, number: int) -> HttpResponseBase:
    """Take the closing back."""
    row = access.access_requirement(person_of(request), number)
    actions.reopen_requirement(person_of(request), row)
    messages.success(request, _("It is open again."))
    return redirect("streams:requirements")


@needs(Right.READ)
def blind_spots(request: HttpRequest) -> HttpResponseBase:
    """Where we do not see at present, and where we did not before."""
    rows = access.blind_spots_for(person_of(request))
    past = Paginator(rows.filter(until__isnull=False), A_PAGE).get_page(request.GET.get("page"))
    # A source that broke, or never answered yet, is not silent by its clock, and looks nowhere all the same.
    mute = access.sources_for(person_of(request)).filter(paused=False, health__in=[Health.NEW, Health.BROKEN])
    mute = mute.exclude(blind_spots__in=rows.filter(until=None)).order_by("name")
    context = {"open": rows.filter(until=None)[:500], "page": past, "mute": mute[:500]}
    return render(request, "streams/blind_spots.html", context)
