"""Context from outside: what was taken in, a file that is looked at before it is taken, and all about one country."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import clock
from tocsin.lib import territories
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.resilience import access, actions, contexts, shown, words
from tocsin.resilience.forms import ContextForm
from tocsin.resilience.models import Batch
from tocsin.resilience.views.acting import Asked, ask, given, tried

A_PAGE = 30
_LINES = 100


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def index(request: HttpRequest) -> HttpResponseBase:
    """Files that were taken in, and the way to what they say of a country."""
    person = person_of(request)
    country = territories.code(request.GET.get("country", "")[:60], get_language() or "en")
    if country:
        return redirect("resilience:country", country)
    page = Paginator(access.batches_for(person), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "may_steward": person.may(Right.STEWARD),
        "countries": territories.choices(get_language() or "en"),
    }
    return render(request, "resilience/contexts.html", context)


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def country(request: HttpRequest, code: str) -> HttpResponseBase:
    """What every index ever said of one country, with the communities there."""
    if code not in territories.TERRITORIES:
        raise Http404
    person = person_of(request)
    rows = [(row, words.of(row), words.SOURCES[row.index]) for row in shown.history_of(code)]
    here = access.communities_for(person).filter(put_away_at=None, countries__icontains=f'"{code}"')
    context = {
        "code": code,
        "place": shown.places([code]),
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "communities": here.order_by("name")[:_LINES],
    }
    return render(request, "resilience/country.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.STEWARD)
@never_cache
def look(request: HttpRequest) -> HttpResponseBase:
    """Bring a file to be looked at; nothing is taken yet."""
    person = person_of(request)
    form = ContextForm(given(request), request.FILES or None)
    asked = Asked(
        _("Bring a file of context"), _("Look at it"), reverse("resilience:contexts"),
        _("Looked at. Nothing is taken in yet."),
        _("You see what would be new, what would change and what is refused, by line, before anything is taken in."),
    )  # fmt: skip

    def do() -> str:
        name, body = form.cleaned_data["file"]
        row = actions.look_at(person, form.cleaned_data["index"], body, name, form.cleaned_data["on"])
        return reverse("resilience:batch", args=[row.public_id])

    return ask(request, form, asked, do, "resilience/bring.html")


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def batch(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One file: what it would do, or what it did."""
    person = person_of(request)
    row = access.access_batch(person, public_id)
    waits = row.state in {Batch.State.SEEN, Batch.State.TAKING}
    found = contexts.seen(row, clock.now().date()) if waits else None
    context = {
        "batch": row,
        "waits": waits,
        "found": found,
        "may_steward": person.may(Right.STEWARD),
        "new": [(one, shown.places([one.country]), words.told(row.index, one.word, one.score, one.rank, one.more))
                for one in found.new[:_LINES]] if found else [],
        "changed": [
            (one.read, shown.places([one.read.country]), words.of(one.before),
             words.told(row.index, one.read.word, one.read.score, one.read.rank, one.read.more))
            for one in found.changed[:_LINES]
        ] if found else [],
        "refused": found.refused[:_LINES] if found else [],
        "doubled": found.doubled[:_LINES] if found else [],
        "most": _LINES,
    }  # fmt: skip
    return render(request, "resilience/batch.html", context)


@require_POST
@needs(Right.STEWARD)
@never_cache
def take(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take a file in as it was shown."""
    person = person_of(request)
    row = access.access_batch(person, public_id)
    tried(request, lambda: actions.take(person, row), _("Taken in. You can undo it as a whole."))
    return redirect("resilience:batch", public_id)


@require_POST
@needs(Right.STEWARD)
@never_cache
def undo(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take a file back as a whole."""
    person = person_of(request)
    row = access.access_batch(person, public_id)
    tried(request, lambda: actions.undo_batch(person, row), _("Taken back: nothing of it counts any more."))
    return redirect("resilience:batch", public_id)
