"""Lists of feeds: look through one, take it in, take it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.streams import access, imports
from tocsin.streams.drafts import RefusedError
from tocsin.streams.forms import ImportForm


@needs(Right.SOURCES)
def start(request: HttpRequest) -> HttpResponseBase:
    """Give a list; it is looked through, and nothing is added yet."""
    person = person_of(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = imports.propose(person, form.cleaned_data["file"].read(imports.LARGEST + 1), form.common())
            return redirect("streams:import", row.pk)
        except RefusedError as error:
            form.refuse(error)
    mine = access.imports_for(person)[:20]
    return render(request, "streams/import_start.html", {"form": form, "imports": mine})


@needs(Right.SOURCES)
def report(request: HttpRequest, number: int) -> HttpResponseBase:
    """What a list holds, what is refused and why, and the next step."""
    row = access.access_import(person_of(request), number)
    sources = access.sources_for(person_of(request)).filter(imported=row).order_by("name", "pk")
    return render(request, "streams/import_report.html", {"list": row, "sources": sources[:200]})


@needs(Right.SOURCES)
@require_POST
def take(request: HttpRequest, number: int) -> HttpResponseBase:
    """Add the feeds of a list."""
    row = access.access_import(person_of(request), number)
    try:
        added = imports.take(person_of(request), row)
        words = ngettext("%(n)s source was added.", "%(n)s sources were added.", added)
        messages.success(request, words % {"n": added})
    except RefusedError as error:
        messages.error(request, error.message)
    return redirect("streams:import", row.pk)


@needs(Right.SOURCES)
@require_POST
def undo(request: HttpRequest, number: int) -> HttpResponseBase:
    """Take a list back."""
    row = access.access_import(person_of(request), number)
    try:
        deleted, hidden = imports.undo(person_of(request), row)
        words = _("Taken back: %(deleted)s deleted, %(hidden)s hidden until what they delivered expires.")
        messages.success(request, words % {"deleted": deleted, "hidden": hidden})
    except RefusedError as error:
        messages.error(request, error.message)
    return redirect("streams:import", row.pk)
