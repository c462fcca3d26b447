"""Months that wait to be counted, what would be shown of one, and which countries are named by their region."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.keys.access import needs_vault
from tocsin.keys.vaults import OpenVault
from tocsin.lib import territories
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.reports import coarsening, counting
from tocsin.reports.disclosure import Block, Cell, breakdown
from tocsin.reports.gathering import words
from tocsin.reports.models import CountedMonth
from tocsin.reports.views.acting import tried


@dataclass(frozen=True, slots=True)
class Line:
    """What is shown together: a sum, and of which places and kinds."""

    total: int
    places: tuple[str, ...]
    kinds: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One cell that has cases: it may be forbidden."""

    value: str
    place: str
    kind: str
    count: int
    forbidden: bool


@require_safe
@needs(Right.REPORTS)
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Months that wait, and what is shown of those that were counted."""
    rows = CountedMonth.objects.select_related("decided_by").order_by("-month")[:36]
    context = {
        "waiting": [(month, words.month(counting.first_day(month))) for month in counting.waiting()],
        "counted": [
            (row, words.month(counting.first_day(row.month)), _lines(counting.blocks_of([row]))) for row in rows
        ],
        "least": counting.LEAST_SHOWN,
        "may_count": person_of(request).may(Right.RELEASE),
    }
    return render(request, "reports/counting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.RELEASE)
@never_cache
@needs_vault
def month(request: HttpRequest, vault: OpenVault, month: str) -> HttpResponseBase:
    """What would be shown of one month, in the session of whoever counts; forbid cells, look again, count for good."""
    if month not in counting.waiting():
        raise Http404
    never = frozenset(_pair(one) for one in request.POST.getlist("never"))
    if request.method == "POST" and request.POST.get("do") == "count":
        said = _("Counted. What is shown of this month will never change.")
        if tried(request, lambda: counting.decide(person_of(request), vault, month, never), said):
            return redirect("reports:counting")
    cells = counting.cases_of(vault, month)
    forbidden = {Cell(month, place, kind) for place, kind in never}
    blocks = counting.would_show(cells, forbidden)
    context = {
        "month": month,
        "named": words.month(counting.first_day(month)),
        "total": sum(cells.values()),
        "lines": _lines(blocks),
        "hidden": breakdown(blocks, lambda cell: cell.place).elsewhere,
        "choices": [_choice(cell, count, forbidden) for cell, count in sorted(cells.items()) if count],
        "least": counting.LEAST_SHOWN,
    }
    return render(request, "reports/count_month.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.REPORTS)
@never_cache
def protected(request: HttpRequest) -> HttpResponseBase:
    """The countries that readers outside see as their region; whoever leads may change the list."""
    person = person_of(request)
    if request.method == "POST":
        codes = request.POST.get("codes", "").upper().replace(",", " ").split()
        reason = " ".join(request.POST.get("reason", "").split())
        if tried(request, lambda: coarsening.change(person, codes, reason), _("It holds from now on.")):
            return redirect("reports:protected")
    codes = sorted(coarsening.protected(), key=territories.name)
    context = {
        "codes": " ".join(sorted(codes)),
        "countries": [(words.place(code), coarsening.named(code)) for code in codes],
        "row": coarsening.newest(),
        "shipped": coarsening.shipped(),
        "may_change": person.may(Right.RELEASE) and person.may(Right.DUTY),
    }
    return render(request, "reports/protected.html", context)


def _pair(text: str) -> tuple[str, str]:
    place, _slash, kind = text.partition("/")
    return place[:3], kind[:20]


def _choice(cell: Cell, count: int, forbidden: set[Cell]) -> Choice:
    place, kind = counting.place_name(cell.place), counting.kind_name(cell.kind)
    return Choice(f"{cell.place}/{cell.kind}", place, kind, count, cell in forbidden)


_MOST = 6


def _lines(blocks: Sequence[Block]) -> list[Line]:
    found = []
    for block in sorted(blocks, key=lambda one: -one.total):
        places = sorted({cell.place for cell in block.cells})
        kinds = sorted({cell.kind for cell in block.cells})
        few = tuple(counting.place_name(one) for one in places[:_MOST])
        named = tuple(counting.kind_name(one) for one in kinds) if len(kinds) < len(counting.KINDS) else ()
        found.append(Line(block.total, few, named, max(0, len(places) - _MOST)))
    return found
