"""Months that wait to be counted, what would be shown of one, and which countries are named by their region."""

from collections.abc import Callable, Collection, Mapping, Sequence
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
from tocsin.reports.counting import Forbidden
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


@dataclass(frozen=True, slots=True)
class Counted:
    """A month that was counted, and what is shown of it: by what threatened, and by what helped."""

    row: CountedMonth
    named: str
    lines: list[Line]
    helped: list[Line]


@require_safe
@needs(Right.REPORTS)
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Months that wait, and what is shown of those that were counted."""
    rows = list(CountedMonth.objects.select_related("decided_by").order_by("-month")[:36])
    context = {
        "waiting": [(month, words.month(counting.first_day(month))) for month in counting.waiting()],
        "counted": [_counted(row) for row in rows if row.blocks],
        "silent": [words.month(counting.first_day(row.month)) for row in rows if not row.blocks],
        "least": counting.LEAST_SHOWN,
        "may_count": person_of(request).may(Right.RELEASE),
    }
    return render(request, "reports/counting.html", context)


def _counted(row: CountedMonth) -> Counted:
    return Counted(
        row,
        words.month(counting.first_day(row.month)),
        _lines(counting.blocks_of([row]), counting.KINDS, counting.kind_name),
        _lines(counting.supports_of([row]), counting.SUPPORTS, counting.support_name),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.RELEASE)
@never_cache
@needs_vault
def month(request: HttpRequest, vault: OpenVault, month: str) -> HttpResponseBase:
    """What would be shown of one month, in the session of whoever counts; forbid cells, look again, count for good."""
    if month not in counting.waiting():
        raise Http404
    never = Forbidden(_cells(request, "never", month), _cells(request, "never_help", month))
    if request.method == "POST" and request.POST.get("do") == "count":
        said = _("Counted. What is shown of this month will never change.")
        if tried(request, lambda: counting.decide(person_of(request), vault, month, never), said):
            return redirect("reports:counting")
    counts = counting.cases_of(vault, month)
    shown = counting.would_show(counts, never)
    context = {
        "month": month,
        "named": words.month(counting.first_day(month)),
        "total": sum(counts.kinds.values()),
        "lines": _lines(shown.kinds, counting.KINDS, counting.kind_name),
        "helped": _lines(shown.supports, counting.SUPPORTS, counting.support_name),
        "hidden": breakdown(shown.kinds, lambda cell: cell.place).elsewhere,
        "choices": _choices(counts.kinds, never.kinds, counting.kind_name),
        "help_choices": _choices(counts.supports, never.supports, counting.support_name),
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


def _cells(request: HttpRequest, name: str, month: str) -> frozenset[Cell]:
    found = (one.partition("/") for one in request.POST.getlist(name))
    return frozenset(Cell(month, place[:3], kind[:20]) for place, _slash, kind in found)


def _choices(counts: Mapping[Cell, int], forbidden: Collection[Cell], named: Callable[[str], str]) -> list[Choice]:
    return [
        Choice(f"{one.place}/{one.kind}", counting.place_name(one.place), named(one.kind), count, one in forbidden)
        for one, count in sorted(counts.items()) if count
    ]  # fmt: skip


_MOST = 6


def _lines(blocks: Sequence[Block], all_kinds: Sequence[str], named: Callable[[str], str]) -> list[Line]:
    found = []
    for block in sorted(blocks, key=lambda one: -one.total):
        places = sorted({cell.place for cell in block.cells})
        kinds = sorted({cell.kind for cell in block.cells})
        few = tuple(counting.place_name(one) for one in places[:_MOST])
        said = tuple(named(one) for one in kinds) if len(kinds) < len(all_kinds) else ()
        found.append(Line(block.total, few, said, max(0, len(places) - _MOST)))
    return found
