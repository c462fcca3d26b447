"""Sources: the list, one of them, adding and changing."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.streams import access, actions, collecting, imports, masking
from tocsin.streams.drafts import RefusedError
from tocsin.streams.forms import SourceForm, interval_words, role_names
from tocsin.streams.history import history
from tocsin.streams.models import BlindSpot, Health, Source
from tocsin.streams.sources import KINDS, kind, kinds
from tocsin.streams.work import disk_short

A_PAGE = 50
DRAWN = 60


@needs(Right.READ)
def index(request: HttpRequest) -> HttpResponseBase:
    """Every source with its health, those that need somebody first."""
    person = person_of(request)
    rows = access.sources_for(person)
    by_health = dict(rows.values_list("health").annotate(n=Count("pk")))
    found = _filtered(rows, request).select_related("owner").defer("memory").order_by("name", "pk")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    open_spots = access.blind_spots_for(person).filter(until=None)
    words = {
        "page": page,
        "kinds": kinds(),
        "healths": [(health, by_health.get(health.value, 0)) for health in Health],
        "chosen": {name: request.GET.get(name, "") for name in ("health", "kind", "country", "q")},
        "blind": set(open_spots.values_list("source_id", flat=True)),
        "blind_count": open_spots.count(),
        "resting": disk_short() or next((one.message for one in access.collectors() if one.stopped), ""),
        "collecting": bool(access.collectors()),
        "may_change": person.may(Right.SOURCES),
        "total": sum(by_health.values()),
    }
    return render(request, "streams/index.html", words)


def _filtered(rows: QuerySet[Source], request: HttpRequest) -> QuerySet[Source]:
    get = request.GET
    rows = rows.filter(access.health_filter(get.get("health", "")))
    if get.get("kind") in KINDS:
        rows = rows.filter(kind=get["kind"])
    if country := get.get("country", "").strip().upper()[:2]:
        # JSON lists are searched as text, which both databases can; a code never is a part of another.
        rows = rows.filter(countries__icontains=f'"{country}"') if country.isalpha() else rows.none()
    if words := get.get("q", "").replace("\x00", "").strip()[:100]:
        rows = rows.filter(Q(name__icontains=words) | Q(url__icontains=words))
    return rows


@needs(Right.READ)
def source(request: HttpRequest, number: int) -> HttpResponseBase:
    """One source: how it is, what its last fetches brought, what it covers."""
    person = person_of(request)
    row = access.access_source(person, number)
    fetches = list(access.fetches_of(row)[:DRAWN])
    items = access.items_for(person).filter(source=row)
    words = {
        "source": row,
        "kind": kind(row.kind) if row.kind in KINDS else None,
        "fetches": fetches[:20],
        "history": history(fetches),
        "items": items.defer("original", "text").order_by("-pk")[:20],
        "item_count": items.count(),
        "spots": BlindSpot.objects.filter(source=row).order_by("-since")[:10],
        "may_change": person.may(Right.SOURCES),
        "interval": interval_words(row.expected_every),
        "reader_names": role_names(row.readers),
        "options": _options(row),
    }
    return render(request, "streams/source.html", words)


def _options(row: Source) -> list[tuple[str, str]]:
    if row.kind not in KINDS:
        return []
    target = collecting.target_of(row)
    shown = [(gettext(option.label), target.option(option)) for option in kind(row.kind).options]
    return [
        (label, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)) for label, value in shown
    ]


@needs(Right.READ)
def item(request: HttpRequest, number: int) -> HttpResponseBase:
    """One item as it was stored."""
    row = access.access_item(person_of(request), number)
    row.named = [[one.start, one.end] for one in masking.spans_of(row)]
    context = {
        "item": row,
        "versions": _versions(request, row.pk),
        "hidden": bool(row.named),
        "hides_address": masking.address(row) != row.url,
    }
    return render(request, "streams/item.html", context)


@require_POST
@needs(Right.READ)
def names(request: HttpRequest, number: int) -> HttpResponseBase:
    """One item with the names of those whom it says were harmed; that somebody looked is on record."""
    person = person_of(request)
    row = access.access_item(person, number)
    actions.uncover(person, row)
    answer = render(request, "streams/names.html", {"item": row})
    answer["Cache-Control"] = "no-store"
    return answer


def _versions(request: HttpRequest, number: int) -> Any:
    row = access.access_item(person_of(request), number)
    same = access.items_for(person_of(request)).filter(source=row.source_id, key=row.key)
    return same.exclude(pk=row.pk).defer("original", "text").order_by("-pk")[:20]


@needs(Right.SOURCES)
def choose(request: HttpRequest) -> HttpResponseBase:
    """Which kind of source to add."""
    return render(request, "streams/choose.html", {"kinds": kinds()})


@needs(Right.SOURCES)
def add(request: HttpRequest, name: str) -> HttpResponseBase:
    """Fill in a source; try it before it is saved."""
    if name not in KINDS:
        raise Http404
    person = person_of(request)
    form = SourceForm(kind(name), request.POST or None, initial={"owner": person.pk})
    tried = None
    if request.method == "POST" and form.is_valid():
        try:
            if "try" in request.POST:
                tried = actions.try_source(person, form.draft())
            else:
                made = actions.add_source(person, form.draft())
                messages.success(request, _("The source was added. It is fetched within seconds."))
                return redirect("streams:source", made.pk)
        except RefusedError as error:
            form.refuse(error)
    return render(request, "streams/add.html", {"form": form, "kind": kind(name), "tried": tried})


@needs(Right.SOURCES)
def edit(request: HttpRequest, number: int) -> HttpResponseBase:
    """Change a source."""
    person = person_of(request)
    row = access.access_source(person, number)
    form = SourceForm(kind(row.kind), request.POST or None, source=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_source(person, row, form.draft())
            messages.success(request, _("Saved."))
            return redirect("streams:source", row.pk)
        except RefusedError as error:
            form.refuse(error)
    return render(request, "streams/edit.html", {"form": form, "source": row, "kind": kind(row.kind)})


@needs(Right.SOURCES)
@require_POST
def pause(request: HttpRequest, number: int) -> HttpResponseBase:
    """Leave a source alone."""
    return _done(request, number, actions.pause_source, _("Paused. From now on this is a blind spot."))


@needs(Right.SOURCES)
@require_POST
def resume(request: HttpRequest, number: int) -> HttpResponseBase:
    """Fetch a source again."""
    return _done(request, number, actions.resume_source, _("It is fetched again."))


@needs(Right.SOURCES)
@require_POST
def fetch_now(request: HttpRequest, number: int) -> HttpResponseBase:
    """Fetch a source before its time."""
    return _done(request, number, actions.fetch_now, _("It is next in the queue. Look again in a moment."))


@needs(Right.SOURCES)
def remove(request: HttpRequest, number: int) -> HttpResponseBase:
    """Say what removing a source means, then do it."""
    person = person_of(request)
    row = access.access_source(person, number)
    if request.method == "POST":
        actions.remove_source(person, row)
        messages.success(request, _("Removed. Add the same address again, and it comes back."))
        return redirect("streams:index")
    return render(request, "streams/remove.html", {"source": row})


def _done(request: HttpRequest, number: int, verb: Any, words: str) -> HttpResponseBase:
    person = person_of(request)
    row = access.access_source(person, number)
    try:
        verb(person, row)
        messages.success(request, words)
    except RefusedError as error:
        messages.error(request, error.message)
    return redirect("streams:source", row.pk)


@needs(Right.READ)
def export(request: HttpRequest) -> HttpResponseBase:
    """The feeds that this person may know of, as OPML."""
    body = imports.export(access.sources_for(person_of(request)).order_by("name", "pk"))
    headers = {"Content-Disposition": 'attachment; filename="tocsin-feeds.opml"'}
    return HttpResponse(body, content_type="text/x-opml; charset=utf-8", headers=headers)
